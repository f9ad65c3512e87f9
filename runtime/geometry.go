package runtime

import (
	"encoding/binary"
	"math"
	"strconv"

	"github.com/jackc/pgx/v5/pgtype"
)

// figure is what the binary and text formats of the geometric types have in
// common: some numbers (src/backend/utils/adt/geo_ops.c).
type figure struct {
	typ Type
	// numbers is how many there are; 0 for points that are counted.
	numbers int
	// open and closed are what the text begins and ends with.
	open, close string
}

func pointFigure() figure { return figure{Point, 2, "(", ")"} }
func lineFigure() figure  { return figure{Line, 3, "{", "}"} }
func lsegFigure() figure  { return figure{Lseg, 4, "[(", ")]"} }
func boxFigure() figure   { return figure{Box, 4, "(", ")"} }

// numbers reads a figure's numbers into to.
func (r *Row) numbersOf(s figure, v []byte, to []float64) bool {
	if v == nil {
		r.bad(s.typ, nil, nil)
		return false
	}
	if r.text {
		if !s.cut(&v) || !parseNumbers(v, to) {
			r.bad(s.typ, v, nil)
			return false
		}
		return true
	}
	if len(v) != 8*len(to) {
		r.bad(s.typ, v, nil)
		return false
	}
	for i := range to {
		to[i] = math.Float64frombits(binary.BigEndian.Uint64(v[8*i:]))
	}
	return true
}

// cut takes what a figure's text begins and ends with off.
func (s figure) cut(v *[]byte) bool {
	n := len(*v) - len(s.close)
	if n < len(s.open) || string((*v)[:len(s.open)]) != s.open || string((*v)[n:]) != s.close {
		return false
	}
	*v = (*v)[len(s.open):n]
	return true
}

// parseNumbers reads numbers that commas, or parentheses and commas, separate.
func parseNumbers(v []byte, to []float64) bool {
	for i := range to {
		n := 0
		for n < len(v) && v[n] != ',' && v[n] != ')' && v[n] != '(' && v[n] != '>' {
			n++
		}
		f, err := strconv.ParseFloat(string(v[:n]), 64)
		if err != nil {
			return false
		}
		to[i], v = f, v[n:]
		if i == len(to)-1 {
			break
		}
		if i%2 == 1 && len(v) >= 3 && string(v[:3]) == "),(" {
			v = v[3:]
		} else if len(v) > 0 && v[0] == ',' {
			v = v[1:]
		} else {
			return false
		}
	}
	return len(v) == 0
}

// Point reads a point.
func (r *Row) Point() pgtype.Point { return r.point(r.next()) }

// NullPoint reads a point.
func (r *Row) NullPoint() pgtype.Point {
	if v := r.next(); v != nil {
		return r.point(v)
	}
	return pgtype.Point{}
}

func (r *Row) point(v []byte) pgtype.Point {
	var n [2]float64
	if !r.numbersOf(pointFigure(), v, n[:]) {
		return pgtype.Point{}
	}
	return pgtype.Point{P: pgtype.Vec2{X: n[0], Y: n[1]}, Valid: true}
}

// Line reads a line.
func (r *Row) Line() pgtype.Line { return r.line(r.next()) }

// NullLine reads a line.
func (r *Row) NullLine() pgtype.Line {
	if v := r.next(); v != nil {
		return r.line(v)
	}
	return pgtype.Line{}
}

func (r *Row) line(v []byte) pgtype.Line {
	var n [3]float64
	if !r.numbersOf(lineFigure(), v, n[:]) {
		return pgtype.Line{}
	}
	return pgtype.Line{A: n[0], B: n[1], C: n[2], Valid: true}
}

// Lseg reads a line segment.
func (r *Row) Lseg() pgtype.Lseg { return r.lseg(r.next()) }

// NullLseg reads a line segment.
func (r *Row) NullLseg() pgtype.Lseg {
	if v := r.next(); v != nil {
		return r.lseg(v)
	}
	return pgtype.Lseg{}
}

func (r *Row) lseg(v []byte) pgtype.Lseg {
	var n [4]float64
	if !r.numbersOf(lsegFigure(), v, n[:]) {
		return pgtype.Lseg{}
	}
	return pgtype.Lseg{P: twoPoints(n), Valid: true}
}

func twoPoints(n [4]float64) [2]pgtype.Vec2 {
	return [2]pgtype.Vec2{{X: n[0], Y: n[1]}, {X: n[2], Y: n[3]}}
}

// Box reads a box, its upper right corner first.
func (r *Row) Box() pgtype.Box { return r.box(r.nextBox()) }

// NullBox is [Row.Box] for values that can be NULL.
func (r *Row) NullBox() pgtype.Box {
	if v := r.nextBox(); v != nil {
		return r.box(v)
	}
	return pgtype.Box{}
}

// nextBox knows that box is the one type whose arrays are not separated by
// commas.
func (r *Row) nextBox() []byte {
	if r.kind == textArrayFrame {
		r.delimiter = ';'
	}
	return r.next()
}

func (r *Row) box(v []byte) pgtype.Box {
	var n [4]float64
	if !r.numbersOf(boxFigure(), v, n[:]) {
		return pgtype.Box{}
	}
	return pgtype.Box{P: twoPoints(n), Valid: true}
}

// Path reads a path.
func (r *Row) Path() pgtype.Path { return r.path(r.next()) }

// NullPath reads a path.
func (r *Row) NullPath() pgtype.Path {
	if v := r.next(); v != nil {
		return r.path(v)
	}
	return pgtype.Path{}
}

func (r *Row) path(v []byte) pgtype.Path {
	if r.text {
		p := pgtype.Path{Closed: len(v) > 0 && v[0] == '(', Valid: true}
		s := figure{typ: Path, open: "[(", close: ")]"}
		if p.Closed {
			s.open, s.close = "((", "))"
		}
		p.P = r.textPoints(s, v)
		p.Valid = p.P != nil
		return p
	}
	if len(v) < 1 {
		r.bad(Path, v, nil)
		return pgtype.Path{}
	}
	points := r.binaryPoints(Path, v, v[1:])
	return pgtype.Path{P: points, Closed: v[0] == 1, Valid: points != nil}
}

// Polygon reads a polygon.
func (r *Row) Polygon() pgtype.Polygon { return r.polygon(r.next()) }

// NullPolygon reads a polygon.
func (r *Row) NullPolygon() pgtype.Polygon {
	if v := r.next(); v != nil {
		return r.polygon(v)
	}
	return pgtype.Polygon{}
}

func (r *Row) polygon(v []byte) pgtype.Polygon {
	var points []pgtype.Vec2
	if r.text {
		points = r.textPoints(figure{typ: Polygon, open: "((", close: "))"}, v)
	} else {
		points = r.binaryPoints(Polygon, v, v)
	}
	return pgtype.Polygon{P: points, Valid: points != nil}
}

// binaryPoints reads points after their number.
func (r *Row) binaryPoints(typ Type, v, data []byte) []pgtype.Vec2 {
	if len(data) < 4 {
		r.bad(typ, v, nil)
		return nil
	}
	count := binary.BigEndian.Uint32(data)
	data = data[4:]
	if count == 0 || uint64(len(data)) != 16*uint64(count) {
		r.bad(typ, v, nil)
		return nil
	}
	points := make([]pgtype.Vec2, count)
	for i := range points {
		points[i].X = math.Float64frombits(binary.BigEndian.Uint64(data[16*i:]))
		points[i].Y = math.Float64frombits(binary.BigEndian.Uint64(data[16*i+8:]))
	}
	return points
}

func (r *Row) textPoints(s figure, v []byte) []pgtype.Vec2 {
	inner := v
	if v == nil || !s.cut(&inner) {
		r.bad(s.typ, v, nil)
		return nil
	}
	commas := 0
	for _, c := range inner {
		if c == ',' {
			commas++
		}
	}
	numbers := make([]float64, commas+1)
	if len(numbers)%2 != 0 || !parseNumbers(inner, numbers) {
		r.bad(s.typ, v, nil)
		return nil
	}
	points := make([]pgtype.Vec2, len(numbers)/2)
	for i := range points {
		points[i] = pgtype.Vec2{X: numbers[2*i], Y: numbers[2*i+1]}
	}
	return points
}

// Circle reads a circle.
func (r *Row) Circle() pgtype.Circle { return r.circle(r.next()) }

// NullCircle reads a circle.
func (r *Row) NullCircle() pgtype.Circle {
	if v := r.next(); v != nil {
		return r.circle(v)
	}
	return pgtype.Circle{}
}

func (r *Row) circle(v []byte) pgtype.Circle {
	var n [3]float64
	if r.text && v != nil {
		inner := v
		s := figure{typ: Circle, open: "<(", close: ">"}
		if !s.cut(&inner) || !parseCircle(inner, &n) {
			r.bad(Circle, v, nil)
			return pgtype.Circle{}
		}
	} else if !r.numbersOf(figure{typ: Circle}, v, n[:]) {
		return pgtype.Circle{}
	}
	return pgtype.Circle{P: pgtype.Vec2{X: n[0], Y: n[1]}, R: n[2], Valid: true}
}

// parseCircle reads x,y),r.
func parseCircle(v []byte, n *[3]float64) bool {
	for i, c := range v {
		if c == ')' {
			return len(v) > i+1 && v[i+1] == ',' &&
				parseNumbers(v[:i], n[:2]) && parseNumbers(v[i+2:], n[2:])
		}
	}
	return false
}

// numbers writes the numbers of a figure: open and end are what its text
// begins and ends with, between which every second comma is one between
// points.
func (e *Encoder) numbers(open, end string, numbers ...float64) {
	if !e.text {
		for _, n := range numbers {
			e.buf = binary.BigEndian.AppendUint64(e.buf, math.Float64bits(n))
		}
		return
	}
	e.buf = append(e.buf, open...)
	for i, n := range numbers {
		if i > 0 {
			e.buf = append(e.buf, ',')
		}
		e.buf = appendFloat(e.buf, n, 64)
	}
	e.buf = append(e.buf, end...)
}

// Point writes a point.
func (e *Encoder) Point(v pgtype.Point) {
	if !v.Valid {
		e.null()
		return
	}
	start := e.begin()
	e.numbers("(", ")", v.P.X, v.P.Y)
	e.end(start)
}

// NullPoint is [Encoder.Point].
func (e *Encoder) NullPoint(v pgtype.Point) { e.Point(v) }

// Line writes a line.
func (e *Encoder) Line(v pgtype.Line) {
	if !v.Valid {
		e.null()
		return
	}
	start := e.begin()
	e.numbers("{", "}", v.A, v.B, v.C)
	e.end(start)
}

// NullLine is [Encoder.Line].
func (e *Encoder) NullLine(v pgtype.Line) { e.Line(v) }

// Lseg writes a line segment.
func (e *Encoder) Lseg(v pgtype.Lseg) {
	if !v.Valid {
		e.null()
		return
	}
	start := e.begin()
	if e.text {
		e.buf = append(e.buf, '[')
	}
	e.twoPoints(v.P)
	if e.text {
		e.buf = append(e.buf, ']')
	}
	e.end(start)
}

// NullLseg is [Encoder.Lseg].
func (e *Encoder) NullLseg(v pgtype.Lseg) { e.Lseg(v) }

func (e *Encoder) twoPoints(p [2]pgtype.Vec2) {
	e.numbers("(", ")", p[0].X, p[0].Y)
	if e.text {
		e.buf = append(e.buf, ',')
	}
	e.numbers("(", ")", p[1].X, p[1].Y)
}

// Box writes a box.
func (e *Encoder) Box(v pgtype.Box) {
	if e.into.kind == arrayContainer {
		// The one type whose arrays are not separated by commas.
		e.into.delimiter = ';'
	}
	if !v.Valid {
		e.null()
		return
	}
	start := e.begin()
	e.twoPoints(v.P)
	e.end(start)
}

// NullBox is [Encoder.Box].
func (e *Encoder) NullBox(v pgtype.Box) { e.Box(v) }

// Path writes a path.
func (e *Encoder) Path(v pgtype.Path) {
	if !v.Valid {
		e.null()
		return
	}
	start := e.begin()
	open, end := byte('['), byte(']')
	if v.Closed {
		open, end = '(', ')'
	}
	if !e.text {
		var closed byte
		if v.Closed {
			closed = 1
		}
		e.buf = append(e.buf, closed)
	}
	e.points(open, end, v.P)
	e.end(start)
}

// NullPath is [Encoder.Path].
func (e *Encoder) NullPath(v pgtype.Path) { e.Path(v) }

// points writes points after their number, or, as text, between brackets.
func (e *Encoder) points(open, end byte, points []pgtype.Vec2) {
	if e.text {
		e.buf = append(e.buf, open)
	} else {
		e.buf = binary.BigEndian.AppendUint32(e.buf, uint32(len(points)))
	}
	for i, p := range points {
		if e.text && i > 0 {
			e.buf = append(e.buf, ',')
		}
		e.numbers("(", ")", p.X, p.Y)
	}
	if e.text {
		e.buf = append(e.buf, end)
	}
}

// Polygon writes a polygon.
func (e *Encoder) Polygon(v pgtype.Polygon) {
	if !v.Valid {
		e.null()
		return
	}
	start := e.begin()
	e.points('(', ')', v.P)
	e.end(start)
}

// NullPolygon is [Encoder.Polygon].
func (e *Encoder) NullPolygon(v pgtype.Polygon) { e.Polygon(v) }

// Circle writes a circle.
func (e *Encoder) Circle(v pgtype.Circle) {
	if !v.Valid {
		e.null()
		return
	}
	start := e.begin()
	if e.text {
		e.numbers("<(", "),", v.P.X, v.P.Y)
		e.numbers("", ">", v.R)
	} else {
		e.numbers("", "", v.P.X, v.P.Y, v.R)
	}
	e.end(start)
}

// NullCircle is [Encoder.Circle].
func (e *Encoder) NullCircle(v pgtype.Circle) { e.Circle(v) }
