package runtime

import (
	"encoding/binary"
	"math"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

const (
	// secondsToEpoch and daysToEpoch lead from Unix's epoch to PostgreSQL's,
	// 2000-01-01.
	secondsToEpoch = 946_684_800
	daysToEpoch    = 10_957

	microsecondsPerSecond = 1_000_000
	microsecondsPerMinute = 60 * microsecondsPerSecond
	microsecondsPerHour   = 60 * microsecondsPerMinute
)

// Timestamptz reads a timestamp with time zone, in time.Local as pgx does.
// Infinity is an error.
func (r *Row) Timestamptz() time.Time {
	if v := r.peek(); len(v) == 8 {
		r.at++
		return r.instant(int64(binary.BigEndian.Uint64(v)))
	}
	return r.timestamptz(r.next())
}

// NullTimestamptz is [Row.Timestamptz] for values that can be NULL.
func (r *Row) NullTimestamptz() *time.Time {
	if v := r.peek(); len(v) == 8 {
		r.at++
		return r.times.take(r.instant(int64(binary.BigEndian.Uint64(v))), r.many)
	}
	v := r.next()
	if v == nil {
		return nil
	}
	return r.times.take(r.timestamptz(v), r.many)
}

func (r *Row) timestamptz(v []byte) time.Time {
	if len(v) == 8 && !r.text {
		return r.instant(int64(binary.BigEndian.Uint64(v)))
	}
	return r.textTime(Timestamptz, v).Local()
}

// instant is a number of microseconds since 2000 in UTC.
func (r *Row) instant(us int64) time.Time {
	if us == math.MaxInt64 || us == math.MinInt64 {
		return r.infinite()
	}
	seconds, us := us/microsecondsPerSecond, us%microsecondsPerSecond
	return time.Unix(secondsToEpoch+seconds, us*1000)
}

// infinite fails because of a value that time.Time has no place for.
//
//go:noinline
func (r *Row) infinite() time.Time {
	r.fail(errInfinity)
	return time.Time{}
}

// Timestamp reads a timestamp without time zone, as that time in UTC. Infinity
// is an error.
func (r *Row) Timestamp() time.Time { return r.timestamp(r.next()) }

// NullTimestamp is [Row.Timestamp] for values that can be NULL.
func (r *Row) NullTimestamp() *time.Time {
	v := r.next()
	if v == nil {
		return nil
	}
	return r.times.take(r.timestamp(v), r.many)
}

func (r *Row) timestamp(v []byte) time.Time {
	if len(v) == 8 && !r.text {
		return r.instant(int64(binary.BigEndian.Uint64(v))).UTC()
	}
	return r.textTime(Timestamp, v)
}

// Date reads a date, as its midnight in UTC. Infinity is an error.
func (r *Row) Date() time.Time { return r.date(r.next()) }

// NullDate is [Row.Date] for values that can be NULL.
func (r *Row) NullDate() *time.Time {
	v := r.next()
	if v == nil {
		return nil
	}
	return r.times.take(r.date(v), r.many)
}

func (r *Row) date(v []byte) time.Time {
	if len(v) == 4 && !r.text {
		days := int32(binary.BigEndian.Uint32(v))
		if days == math.MaxInt32 || days == math.MinInt32 {
			return r.infinite()
		}
		return time.Unix((int64(days)+daysToEpoch)*86_400, 0).UTC()
	}
	return r.textTime(Date, v)
}

// textTime reads a date or timestamp in text, in UTC.
func (r *Row) textTime(typ Type, v []byte) time.Time {
	if v == nil || !r.text {
		r.bad(typ, v, nil)
		return time.Time{}
	}
	if string(v) == "infinity" || string(v) == "-infinity" {
		return r.infinite()
	}
	t, ok := parseTime(v, typ)
	if !ok {
		r.bad(typ, v, errDateStyle)
		return time.Time{}
	}
	return t
}

// parseTime reads what PostgreSQL prints with DateStyle ISO: a year of four or
// more digits, and after the time and the zone, BC (EncodeDateTime in
// src/backend/utils/adt/datetime.c).
func parseTime(v []byte, typ Type) (time.Time, bool) {
	s := scanner{rest: v}
	bc := s.suffix(" BC")
	year, width := s.digits()
	if width < 4 || width > 7 || !s.skip('-') {
		return time.Time{}, false
	}
	if bc {
		year = 1 - year
	}
	month, width1 := s.digits()
	dash := s.skip('-')
	day, width2 := s.digits()
	if width1 != 2 || width2 != 2 || !dash || month < 1 || month > 12 || day < 1 || day > 31 {
		return time.Time{}, false
	}
	hour, minute, second, us, offset := 0, 0, 0, 0, 0
	if typ != Date {
		var ok bool
		if !s.skip(' ') {
			return time.Time{}, false
		}
		if hour, minute, second, us, ok = s.clock(); !ok || hour > 24 {
			return time.Time{}, false
		}
	}
	if typ == Timestamptz {
		var ok bool
		if offset, ok = s.offset(); !ok {
			return time.Time{}, false
		}
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, us*1000, time.UTC)
	if len(s.rest) != 0 || (hour < 24 && (t.Day() != day && offset == 0)) {
		return time.Time{}, false
	}
	return t.Add(-time.Duration(offset) * time.Second), true
}

// scanner cuts a text value from its beginning.
type scanner struct{ rest []byte }

func (s *scanner) skip(c byte) bool {
	if len(s.rest) == 0 || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

func (s *scanner) suffix(end string) bool {
	n := len(s.rest) - len(end)
	if n < 0 || string(s.rest[n:]) != end {
		return false
	}
	s.rest = s.rest[:n]
	return true
}

// digits reads a number of at most nine digits.
func (s *scanner) digits() (n, width int) {
	for width < len(s.rest) && width < 9 && s.rest[width] >= '0' && s.rest[width] <= '9' {
		n = 10*n + int(s.rest[width]-'0')
		width++
	}
	s.rest = s.rest[width:]
	return n, width
}

// clock reads hh:mm:ss and up to six decimals; hours can have more digits.
func (s *scanner) clock() (hour, minute, second, us int, ok bool) {
	hour, width := s.digits()
	if width < 2 || !s.skip(':') {
		return 0, 0, 0, 0, false
	}
	if minute, width = s.digits(); width != 2 || minute > 59 || !s.skip(':') {
		return 0, 0, 0, 0, false
	}
	if second, width = s.digits(); width != 2 || second > 60 {
		return 0, 0, 0, 0, false
	}
	if s.skip('.') {
		if us, width = s.digits(); width < 1 || width > 6 {
			return 0, 0, 0, 0, false
		}
		for ; width < 6; width++ {
			us *= 10
		}
	}
	return hour, minute, second, us, true
}

// offset reads a zone's offset, +hh, +hh:mm or +hh:mm:ss, in seconds.
func (s *scanner) offset() (seconds int, ok bool) {
	negative := s.skip('-')
	if !negative && !s.skip('+') {
		return 0, false
	}
	hours, width := s.digits()
	if width < 2 || width > 3 {
		return 0, false
	}
	seconds = hours * 3600
	for unit := 60; unit > 0 && s.skip(':'); unit /= 60 {
		n, width := s.digits()
		if width != 2 || n > 59 {
			return 0, false
		}
		seconds += n * unit
	}
	if negative {
		seconds = -seconds
	}
	return seconds, true
}

// Time reads a time without time zone.
func (r *Row) Time() pgtype.Time {
	v := r.next()
	if v == nil {
		r.bad(Time, nil, nil)
		return pgtype.Time{}
	}
	return r.time(v)
}

// NullTime reads a time without time zone.
func (r *Row) NullTime() pgtype.Time {
	v := r.next()
	if v == nil {
		return pgtype.Time{}
	}
	return r.time(v)
}

func (r *Row) time(v []byte) pgtype.Time {
	if !r.text {
		if len(v) == 8 {
			return pgtype.Time{Microseconds: int64(binary.BigEndian.Uint64(v)), Valid: true}
		}
		r.bad(Time, v, nil)
		return pgtype.Time{}
	}
	s := scanner{rest: v}
	hour, minute, second, us, ok := s.clock()
	if !ok || len(s.rest) != 0 || hour > 24 {
		r.bad(Time, v, nil)
		return pgtype.Time{}
	}
	return pgtype.Time{Microseconds: clockMicroseconds(hour, minute, second, us), Valid: true}
}

func clockMicroseconds(hour, minute, second, us int) int64 {
	return int64(hour)*microsecondsPerHour + int64(minute)*microsecondsPerMinute +
		int64(second)*microsecondsPerSecond + int64(us)
}

// Interval reads an interval. Infinity, which PostgreSQL has since 17 and
// pgtype has no name for, is the largest or smallest value of every field, as
// in the server.
func (r *Row) Interval() pgtype.Interval {
	v := r.next()
	if v == nil {
		r.bad(Interval, nil, nil)
		return pgtype.Interval{}
	}
	return r.interval(v)
}

// NullInterval is [Row.Interval] for values that can be NULL.
func (r *Row) NullInterval() pgtype.Interval {
	v := r.next()
	if v == nil {
		return pgtype.Interval{}
	}
	return r.interval(v)
}

func (r *Row) interval(v []byte) pgtype.Interval {
	if !r.text {
		if len(v) != 16 {
			r.bad(Interval, v, nil)
			return pgtype.Interval{}
		}
		return pgtype.Interval{
			Microseconds: int64(binary.BigEndian.Uint64(v)),
			Days:         int32(binary.BigEndian.Uint32(v[8:])),
			Months:       int32(binary.BigEndian.Uint32(v[12:])),
			Valid:        true,
		}
	}
	i, ok := parseInterval(v)
	if !ok {
		r.bad(Interval, v, errIntervalStyle)
	}
	return i
}

// parseInterval reads what PostgreSQL prints with IntervalStyle postgres:
// "1 year 2 mons -3 days +04:05:06.7" (EncodeInterval).
func parseInterval(v []byte) (pgtype.Interval, bool) {
	i := pgtype.Interval{Valid: true}
	switch string(v) {
	case "infinity":
		return pgtype.Interval{Microseconds: math.MaxInt64, Days: math.MaxInt32, Months: math.MaxInt32, Valid: true}, true
	case "-infinity":
		return pgtype.Interval{Microseconds: math.MinInt64, Days: math.MinInt32, Months: math.MinInt32, Valid: true}, true
	}
	var months, days int64
	for rest := v; ; {
		word, after := cutWord(rest)
		if len(after) == 0 {
			// The clock, the only part without a unit.
			var ok bool
			if i.Microseconds, ok = parseClock(word); !ok {
				return pgtype.Interval{}, false
			}
			break
		}
		n, err := strconv.ParseInt(string(word), 10, 32)
		if err != nil {
			return pgtype.Interval{}, false
		}
		word, rest = cutWord(after)
		switch string(word) {
		case "year", "years":
			months += n * 12
		case "mon", "mons":
			months += n
		case "day", "days":
			days += n
		default:
			return pgtype.Interval{}, false
		}
		if len(rest) == 0 {
			break
		}
	}
	if months != int64(int32(months)) || days != int64(int32(days)) {
		return pgtype.Interval{}, false
	}
	i.Months, i.Days = int32(months), int32(days)
	return i, true
}

func cutWord(v []byte) (word, rest []byte) {
	for i, c := range v {
		if c == ' ' {
			return v[:i], v[i+1:]
		}
	}
	return v, nil
}

func parseClock(v []byte) (int64, bool) {
	negative := len(v) > 0 && v[0] == '-'
	if negative || (len(v) > 0 && v[0] == '+') {
		v = v[1:]
	}
	// Hours go up to 2,562,047,788.
	colon := 0
	for colon < len(v) && v[colon] != ':' {
		colon++
	}
	hours, err := strconv.ParseUint(string(v[:colon]), 10, 32)
	if err != nil {
		return 0, false
	}
	s := scanner{rest: append([]byte("00"), v[colon:]...)}
	_, minute, second, us, ok := s.clock()
	if !ok || len(s.rest) != 0 {
		return 0, false
	}
	total := hours*microsecondsPerHour + uint64(clockMicroseconds(0, minute, second, us))
	switch {
	case negative && total <= 1<<63:
		return -int64(total), true
	case !negative && total < 1<<63:
		return int64(total), true
	}
	return 0, false
}

// Timestamptz writes a timestamp with time zone: the instant, to the
// microsecond that has begun.
func (e *Encoder) Timestamptz(v time.Time) {
	e.instant(v, true)
}

// NullTimestamptz is [Encoder.Timestamptz] for values that can be NULL.
func (e *Encoder) NullTimestamptz(v *time.Time) {
	if v == nil {
		e.null()
		return
	}
	e.Timestamptz(*v)
}

// Timestamp writes a timestamp without time zone: what v's calendar and clock
// show, whatever its location.
func (e *Encoder) Timestamp(v time.Time) {
	e.instant(wallClock(v), false)
}

// NullTimestamp is [Encoder.Timestamp] for values that can be NULL.
func (e *Encoder) NullTimestamp(v *time.Time) {
	if v == nil {
		e.null()
		return
	}
	e.Timestamp(*v)
}

// wallClock is the time in UTC that shows what v shows.
func wallClock(v time.Time) time.Time {
	return time.Date(v.Year(), v.Month(), v.Day(), v.Hour(), v.Minute(), v.Second(), v.Nanosecond(), time.UTC)
}

// What a timestamp and a date can hold (src/include/datatype/timestamp.h): from
// 4714-11-24 BC, with months to spare for the server to be exact about, to
// 294276-12-31 and 5874897-12-31.
const (
	firstSecond  = -210_895_056_000
	lastSecond   = 9_224_318_015_999
	firstYear    = -4713
	lastDateYear = 5_874_897
)

func (e *Encoder) instant(v time.Time, zone bool) {
	seconds := v.Unix()
	if seconds < firstSecond || seconds > lastSecond {
		start := e.begin()
		e.fail(errTimeRange)
		e.end(start)
		return
	}
	us := (seconds-secondsToEpoch)*microsecondsPerSecond + int64(v.Nanosecond())/1000
	if e.plain {
		b := e.room(12)
		binary.BigEndian.PutUint32(b, 8)
		binary.BigEndian.PutUint64(b[4:], uint64(us))
		return
	}
	if !e.text {
		e.fixed(8)
		e.buf = binary.BigEndian.AppendUint64(e.buf, uint64(us))
		return
	}
	start := e.begin()
	if v = v.UTC(); zone {
		e.buf = appendTime(e.buf, v, "+00")
	} else {
		e.buf = appendTime(e.buf, v, "")
	}
	e.end(start)
}

// Date writes a date: the day that v's calendar shows, whatever its location.
func (e *Encoder) Date(v time.Time) {
	start := e.begin()
	if v.Year() < firstYear || v.Year() > lastDateYear {
		e.fail(errTimeRange)
	}
	if e.text {
		e.buf = appendDate(e.buf, v)
		e.buf = appendEra(e.buf, v)
	} else {
		midnight := time.Date(v.Year(), v.Month(), v.Day(), 0, 0, 0, 0, time.UTC)
		days := midnight.Unix()/86_400 - daysToEpoch
		e.buf = binary.BigEndian.AppendUint32(e.buf, uint32(int32(days)))
	}
	e.end(start)
}

// NullDate is [Encoder.Date] for values that can be NULL.
func (e *Encoder) NullDate(v *time.Time) {
	if v == nil {
		e.null()
		return
	}
	e.Date(*v)
}

// appendTime appends the text of a timestamp as PostgreSQL prints it.
func appendTime(b []byte, v time.Time, zone string) []byte {
	b = append(appendDate(b, v), ' ')
	b = appendPadded(b, v.Hour(), 2)
	b = appendPadded(append(b, ':'), v.Minute(), 2)
	b = appendPadded(append(b, ':'), v.Second(), 2)
	if us := v.Nanosecond() / 1000; us != 0 {
		b = appendPadded(append(b, '.'), us, 6)
	}
	return appendEra(append(b, zone...), v)
}

func appendDate(b []byte, v time.Time) []byte {
	year, month, day := v.Date()
	if year <= 0 {
		year = 1 - year
	}
	b = append(appendPadded(b, year, 4), '-')
	b = append(appendPadded(b, int(month), 2), '-')
	return appendPadded(b, day, 2)
}

// appendEra marks the years before the first: 1 BC is Go's year 0.
func appendEra(b []byte, v time.Time) []byte {
	if v.Year() <= 0 {
		b = append(b, " BC"...)
	}
	return b
}

func appendPadded(b []byte, n, width int) []byte {
	for limit := 10; width > 1; width-- {
		if n < limit {
			for range width - 1 {
				b = append(b, '0')
			}
			break
		}
		limit *= 10
	}
	return strconv.AppendInt(b, int64(n), 10)
}

// Time writes a time without time zone.
func (e *Encoder) Time(v pgtype.Time) {
	if !v.Valid {
		e.null()
		return
	}
	start := e.begin()
	if v.Microseconds < 0 || v.Microseconds > 24*microsecondsPerHour {
		e.fail(errTimeRange)
	}
	if e.text {
		e.buf = appendClock(e.buf, uint64(v.Microseconds))
	} else {
		e.buf = binary.BigEndian.AppendUint64(e.buf, uint64(v.Microseconds))
	}
	e.end(start)
}

// NullTime is [Encoder.Time].
func (e *Encoder) NullTime(v pgtype.Time) { e.Time(v) }

func appendClock(b []byte, us uint64) []byte {
	b = appendPadded(b, int(us/microsecondsPerHour), 2)
	b = appendPadded(append(b, ':'), int(us/microsecondsPerMinute%60), 2)
	b = appendPadded(append(b, ':'), int(us/microsecondsPerSecond%60), 2)
	if us %= microsecondsPerSecond; us != 0 {
		b = appendPadded(append(b, '.'), int(us), 6)
	}
	return b
}

// Interval writes an interval; see [Row.Interval] for infinity.
func (e *Encoder) Interval(v pgtype.Interval) {
	if !v.Valid {
		e.null()
		return
	}
	start := e.begin()
	if !e.text {
		e.buf = binary.BigEndian.AppendUint64(e.buf, uint64(v.Microseconds))
		e.buf = binary.BigEndian.AppendUint32(e.buf, uint32(v.Days))
		e.buf = binary.BigEndian.AppendUint32(e.buf, uint32(v.Months))
		e.end(start)
		return
	}
	switch {
	case v.Microseconds == math.MaxInt64 && v.Days == math.MaxInt32 && v.Months == math.MaxInt32:
		e.buf = append(e.buf, "infinity"...)
	case v.Microseconds == math.MinInt64 && v.Days == math.MinInt32 && v.Months == math.MinInt32:
		e.buf = append(e.buf, "-infinity"...)
	default:
		e.buf = strconv.AppendInt(e.buf, int64(v.Months), 10)
		e.buf = strconv.AppendInt(append(e.buf, " mons "...), int64(v.Days), 10)
		e.buf = append(e.buf, " days "...)
		us := uint64(v.Microseconds)
		if v.Microseconds < 0 {
			us = -us
			e.buf = append(e.buf, '-')
		}
		e.buf = appendClock(e.buf, us)
	}
	e.end(start)
}

// NullInterval is [Encoder.Interval].
func (e *Encoder) NullInterval(v pgtype.Interval) { e.Interval(v) }
