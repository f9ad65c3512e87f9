package runtime

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/big"
	"math/bits"
	"strconv"

	"github.com/jackc/pgx/v5/pgtype"
)

// A numeric in binary is a header of four 16-bit numbers (the number of digits,
// the weight of the first, the sign, the decimals to show) and digits of base
// 10,000 (numeric_send in src/backend/utils/adt/numeric.c).
const (
	numericHeader   = 8
	numericNegative = 0x4000
	numericNaN      = 0xC000
	numericPlusInf  = 0xD000
	numericMinusInf = 0xF000
	// numericDecimals is the most decimals that a numeric can show
	// (NUMERIC_DSCALE_MAX).
	numericDecimals = 0x3FFF
	// numericSlack is how much is written behind a numeric's end at most, and cut
	// off again.
	numericSlack = 6
)

// Numeric reads a numeric. Its exponent is minus the number of decimals that
// PostgreSQL shows, or, for whole numbers, the number of zeros at the end.
func (r *Row) Numeric() (n pgtype.Numeric) {
	if v := r.peek(); v != nil {
		r.at++
		r.numeric(v, &n)
		return n
	}
	v := r.next()
	if v == nil {
		r.bad(Numeric, nil, nil)
		return n
	}
	r.numeric(v, &n)
	return n
}

// NullNumeric is [Row.Numeric] for values that can be NULL.
func (r *Row) NullNumeric() (n pgtype.Numeric) {
	if v := r.next(); v != nil {
		r.numeric(v, &n)
	}
	return n
}

// numeric sets n, which is zero, to the value v.
func (r *Row) numeric(v []byte, n *pgtype.Numeric) {
	if r.text {
		*n = r.textNumeric(v)
		return
	}
	if len(v) < numericHeader {
		r.bad(Numeric, v, errTruncated)
		return
	}
	header, digits := binary.BigEndian.Uint64(v), v[numericHeader:]
	count, weight := int(header>>48), int(int16(header>>32))
	sign, decimals := uint16(header>>16), int(int16(header))
	if sign&^numericNegative != 0 {
		switch sign {
		case numericNaN:
			n.NaN, n.Valid = true, true
		case numericPlusInf:
			n.InfinityModifier, n.Valid = pgtype.Infinity, true
		case numericMinusInf:
			n.InfinityModifier, n.Valid = pgtype.NegativeInfinity, true
		default:
			r.bad(Numeric, v, nil)
		}
		return
	}
	if decimals < 0 || decimals > numericDecimals || len(digits) != 2*count {
		r.bad(Numeric, v, nil)
		return
	}
	n.Valid = true
	exponent := (weight - count + 1) * 4
	u, ok := uint64(0), count <= 4
	if ok {
		// The last eight bytes end with the digits, whatever stands before them.
		u, exponent, ok = scaleWord(fourDigits(binary.BigEndian.Uint64(v[len(v)-8:]), count), exponent, decimals)
	}
	if ok {
		n.Int, n.Exp = r.number(u), int32(exponent)
	} else {
		n.Int = new(big.Int) // in a slab it would keep its words alive for others
		bigFromDigits(n.Int, digits)
		n.Exp = int32(scaleBig(n.Int, (weight-count+1)*4, decimals))
	}
	if sign == numericNegative {
		n.Int.Neg(n.Int)
	}
}

// fourDigits is the number that the last count, at most four, of four digits of
// base 10,000 are.
func fourDigits(digits uint64, count int) uint64 {
	digits &= 1<<(16*count&127) - 1
	high := digits>>48*10_000 + digits>>32&0xFFFF
	low := digits>>16&0xFFFF*10_000 + digits&0xFFFF
	return high*100_000_000 + low
}

// scaleWord gives u, of which the last digit is worth 10^exponent, the wanted
// number of decimals; or, if that is none, drops the zeros at its end. It is
// not ok if the result does not fit.
func scaleWord(u uint64, exponent, decimals int) (uint64, int, bool) {
	if u == 0 {
		return 0, -decimals, true
	}
	if decimals > 0 {
		for ; exponent > -decimals; exponent-- {
			high, low := bits.Mul64(u, 10)
			if high != 0 {
				return 0, 0, false
			}
			u = low
		}
		switch -decimals - exponent {
		case 1:
			u, exponent = u/10, exponent+1
		case 2:
			u, exponent = u/100, exponent+2
		case 3:
			u, exponent = u/1000, exponent+3
		}
		for ; exponent < -decimals; exponent++ {
			u /= 10
		}
	}
	if exponent >= 0 {
		for u%10 == 0 {
			u /= 10
			exponent++
		}
	}
	return u, exponent, true
}

// scaleBig is scaleWord for numbers of any size.
func scaleBig(x *big.Int, exponent, decimals int) int {
	if x.Sign() == 0 {
		return -decimals
	}
	if decimals > 0 && exponent != -decimals {
		power := new(big.Int)
		if shift := exponent + decimals; shift > 0 {
			x.Mul(x, power.Exp(big.NewInt(10), big.NewInt(int64(shift)), nil))
		} else {
			x.Quo(x, power.Exp(big.NewInt(10), big.NewInt(int64(-shift)), nil))
		}
		exponent = -decimals
	}
	if exponent >= 0 {
		// A number that ends in n zeros is divisible by 2^n.
		for zeros := int(x.TrailingZeroBits()); zeros > 0; {
			step := min(zeros, 1+zeros/2)
			quotient, remainder := new(big.Int), new(big.Int)
			power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(step)), nil)
			if quotient.QuoRem(x, power, remainder); remainder.Sign() == 0 {
				x.Set(quotient)
				exponent += step
				zeros -= step
			} else {
				zeros = step - 1
			}
		}
	}
	return exponent
}

// bigFromDigits sets x to the number that digits of base 10,000 are.
func bigFromDigits(x *big.Int, digits []byte) {
	chunk, factor := new(big.Int), new(big.Int)
	for len(digits) > 0 {
		u, f := uint64(0), uint64(1)
		for range min(4, len(digits)/2) {
			u = u*10_000 + uint64(binary.BigEndian.Uint16(digits))
			f *= 10_000
			digits = digits[2:]
		}
		x.Mul(x, factor.SetUint64(f))
		x.Add(x, chunk.SetUint64(u))
	}
}

// number is an integer with room for a word of digits.
type number struct {
	value big.Int
	word  [1]big.Word
}

// number returns a new number that is u.
func (r *Row) number(u uint64) *big.Int {
	if !r.many || bits.UintSize != 64 {
		return new(big.Int).SetUint64(u)
	}
	n := r.numbers.next(largestSlab)
	n.word[0] = big.Word(u)
	return n.value.SetBits(n.word[:])
}

func (r *Row) textNumeric(v []byte) pgtype.Numeric {
	switch string(v) {
	case "NaN":
		return pgtype.Numeric{NaN: true, Valid: true}
	case "Infinity":
		return pgtype.Numeric{InfinityModifier: pgtype.Infinity, Valid: true}
	case "-Infinity":
		return pgtype.Numeric{InfinityModifier: pgtype.NegativeInfinity, Valid: true}
	}
	digits, negative := v, false
	if len(digits) > 0 && digits[0] == '-' {
		digits, negative = digits[1:], true
	}
	whole, fraction, point := bytes.Cut(digits, []byte("."))
	if len(whole) == 0 || (point && len(fraction) == 0) || !allDigits(whole) || !allDigits(fraction) ||
		len(fraction) > numericDecimals {
		r.bad(Numeric, v, nil)
		return pgtype.Numeric{}
	}
	n := pgtype.Numeric{Exp: -int32(len(fraction)), Valid: true}
	if !point {
		short := bytes.TrimRight(whole, "0")
		if len(short) == 0 {
			short = whole[:1]
		} else {
			n.Exp = int32(len(whole) - len(short))
		}
		whole = short
	}
	text := string(whole) + string(fraction)
	if u, err := strconv.ParseUint(text, 10, 64); err == nil {
		n.Int = r.number(u)
	} else {
		n.Int, _ = new(big.Int).SetString(text, 10) // it has nothing but digits
	}
	if negative {
		n.Int.Neg(n.Int)
	}
	return n
}

func allDigits(v []byte) bool {
	for _, c := range v {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

var errNumericRange = errors.New("numeric has more digits than PostgreSQL can hold")

// appendNumeric appends the binary format.
func appendNumeric(b []byte, n pgtype.Numeric) ([]byte, error) {
	header := func(count, weight int, sign, decimals uint16) {
		b = binary.BigEndian.AppendUint16(b, uint16(count))
		b = binary.BigEndian.AppendUint16(b, uint16(weight))
		b = binary.BigEndian.AppendUint16(b, sign)
		b = binary.BigEndian.AppendUint16(b, decimals)
	}
	switch {
	case n.NaN:
		header(0, 0, numericNaN, 0)
		return b, nil
	case n.InfinityModifier == pgtype.Infinity:
		header(0, 0, numericPlusInf, 0)
		return b, nil
	case n.InfinityModifier == pgtype.NegativeInfinity:
		header(0, 0, numericMinusInf, 0)
		return b, nil
	case n.Exp < -numericDecimals:
		return b, errNumericRange
	}
	decimals := uint16(max(0, -n.Exp))
	if n.Int == nil || n.Int.Sign() == 0 {
		header(0, 0, 0, decimals)
		return b, nil
	}
	var sign uint16
	if n.Int.Sign() < 0 {
		sign = numericNegative
	}
	if words := n.Int.Bits(); len(words) == 1 && n.Exp <= 0 {
		// The usual case: the coefficient in groups of four digits, from the
		// right, once the last one ends where the number does.
		groups, exponent := uint64(1), int(n.Exp)
		switch exponent & 3 {
		case 1:
			groups = 10
		case 2:
			groups = 100
		case 3:
			groups = 1000
		}
		if high, low := bits.Mul64(uint64(words[0]), groups); high == 0 && low < 1e16 {
			return appendGroups(b, low, exponent>>2, sign, decimals), nil
		}
	}
	var small [20]byte
	digits := appendInteger(small[:0], n.Int)
	if sign != 0 {
		digits = digits[1:]
	}
	exponent := int(n.Exp)
	for len(digits) > 1 && digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
		exponent++
	}
	// point is how many digits stand before the decimal point, negative if
	// zeros stand between.
	point := len(digits) + exponent
	weight := floorDiv(point-1, 4)
	if weight > 0x7FFF {
		return b, errNumericRange
	}
	lead := 4*(weight+1) - point
	count := (lead + len(digits) + 3) / 4
	header(count, weight, sign, decimals)
	for i := range count {
		group := uint16(0)
		for j := 4*i - lead; j < 4*(i+1)-lead; j++ {
			group *= 10
			if j >= 0 && j < len(digits) {
				group += uint16(digits[j] - '0')
			}
		}
		b = binary.BigEndian.AppendUint16(b, group)
	}
	return b, nil
}

// appendGroups appends v × 10000^exponent, where v is neither 0 nor more than
// four groups.
func appendGroups(b []byte, v uint64, exponent int, sign, decimals uint16) []byte {
	high, low := v/100_000_000, v%100_000_000
	groups := high/10_000<<48 | high%10_000<<32 | low/10_000<<16 | low%10_000
	first, last := bits.LeadingZeros64(groups)/16, bits.TrailingZeros64(groups)/16
	count, weight := 4-first-last, exponent+3-first
	b = binary.BigEndian.AppendUint64(b,
		uint64(count)<<48|uint64(uint16(weight))<<32|uint64(sign)<<16|uint64(decimals))
	// All four are written, and those cut off again that are none.
	b = binary.BigEndian.AppendUint64(b, groups<<(16*first))
	return b[:len(b)-2*(first+last)]
}

// appendInteger appends an integer's digits, or, if they are many, returns new
// ones.
func appendInteger(b []byte, x *big.Int) []byte {
	if x.IsInt64() {
		return strconv.AppendInt(b, x.Int64(), 10)
	}
	return x.Append(nil, 10)
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// appendNumericText appends the text format.
func appendNumericText(b []byte, n pgtype.Numeric) ([]byte, error) {
	switch {
	case n.NaN:
		return append(b, "NaN"...), nil
	case n.InfinityModifier == pgtype.Infinity:
		return append(b, "Infinity"...), nil
	case n.InfinityModifier == pgtype.NegativeInfinity:
		return append(b, "-Infinity"...), nil
	case n.Exp < -numericDecimals || n.Exp > 4*0x8000:
		return b, errNumericRange
	}
	var small [20]byte
	digits := append(small[:0], '0')
	if n.Int != nil {
		digits = appendInteger(small[:0], n.Int)
	}
	switch {
	case n.Exp >= 0:
		b = append(b, digits...)
		if n.Int != nil && n.Int.Sign() != 0 {
			b = append(b, bytes.Repeat([]byte{'0'}, int(n.Exp))...)
		}
		return b, nil
	}
	if digits[0] == '-' {
		b, digits = append(b, '-'), digits[1:]
	}
	decimals := int(-n.Exp)
	whole := len(digits) - decimals
	if whole <= 0 {
		b = append(b, '0', '.')
		b = append(b, bytes.Repeat([]byte{'0'}, -whole)...)
		return append(b, digits...), nil
	}
	b = append(append(b, digits[:whole]...), '.')
	return append(b, digits[whole:]...), nil
}
