package runtime

import (
	"net"
	"net/netip"
)

// The address families of inet and cidr in binary (src/include/utils/inet.h:
// AF_INET as it was on the machine that Postgres95 was written on, plus one).
const (
	familyIPv4 = 2
	familyIPv6 = 3
)

// Inet reads an inet: an address and the length of its network's prefix, with
// the bits after the prefix as they are. A single host has the full length.
func (r *Row) Inet() netip.Prefix { return r.prefix(Inet, r.next()) }

// NullInet is [Row.Inet] for values that can be NULL.
func (r *Row) NullInet() *netip.Prefix {
	v := r.next()
	if v == nil {
		return nil
	}
	p := r.prefix(Inet, v)
	return &p
}

// Cidr reads a cidr.
func (r *Row) Cidr() netip.Prefix { return r.prefix(Cidr, r.next()) }

// NullCidr reads a cidr.
func (r *Row) NullCidr() *netip.Prefix {
	v := r.next()
	if v == nil {
		return nil
	}
	p := r.prefix(Cidr, v)
	return &p
}

func (r *Row) prefix(typ Type, v []byte) netip.Prefix {
	if v == nil {
		r.bad(typ, nil, nil)
		return netip.Prefix{}
	}
	if r.text {
		return r.textPrefix(typ, v)
	}
	// family, bits, whether it is a cidr, the number of bytes, the bytes
	if len(v) >= 4 && len(v) == 4+int(v[3]) {
		addr, ok := netip.AddrFromSlice(v[4:])
		want := byte(familyIPv4)
		if addr.Is6() {
			want = familyIPv6
		}
		if p := netip.PrefixFrom(addr, int(v[1])); ok && v[0] == want && p.IsValid() {
			return p
		}
	}
	r.bad(typ, v, nil)
	return netip.Prefix{}
}

func (r *Row) textPrefix(typ Type, v []byte) netip.Prefix {
	s := string(v)
	if p, err := netip.ParsePrefix(s); err == nil {
		return p
	}
	// A host is printed without its prefix.
	addr, err := netip.ParseAddr(s)
	if err != nil || addr.Zone() != "" {
		r.bad(typ, v, nil)
		return netip.Prefix{}
	}
	return netip.PrefixFrom(addr, addr.BitLen())
}

// Macaddr reads a macaddr or a macaddr8.
func (r *Row) Macaddr() net.HardwareAddr {
	v := r.next()
	if v == nil {
		r.bad(Macaddr, nil, nil)
		return nil
	}
	return r.macaddr(v)
}

// NullMacaddr reads a macaddr or a macaddr8, nil for NULL.
func (r *Row) NullMacaddr() net.HardwareAddr {
	v := r.next()
	if v == nil {
		return nil
	}
	return r.macaddr(v)
}

func (r *Row) macaddr(v []byte) net.HardwareAddr {
	if r.text {
		a, err := net.ParseMAC(string(v))
		if err != nil || len(a) > 8 {
			r.bad(Macaddr, v, nil)
			return nil
		}
		return a
	}
	if len(v) != 6 && len(v) != 8 {
		r.bad(Macaddr, v, nil)
		return nil
	}
	return r.bytes(v)
}

// Inet writes an inet.
func (e *Encoder) Inet(v netip.Prefix) {
	start := e.begin()
	addr := v.Addr()
	if !v.IsValid() {
		e.fail(errNotValid)
		return
	}
	if e.text {
		e.buf = v.AppendTo(e.buf)
		e.end(start)
		return
	}
	family := byte(familyIPv4)
	if addr.Is6() {
		family = familyIPv6
	}
	// Whether it is a cidr is of no interest to the server.
	e.buf = append(e.buf, family, byte(v.Bits()), 0, byte(addr.BitLen()/8))
	if addr.Is4() {
		b := addr.As4()
		e.buf = append(e.buf, b[:]...)
	} else {
		b := addr.As16()
		e.buf = append(e.buf, b[:]...)
	}
	e.end(start)
}

// NullInet writes an inet.
func (e *Encoder) NullInet(v *netip.Prefix) {
	if v == nil {
		e.null()
		return
	}
	e.Inet(*v)
}

// Cidr writes a cidr. The server refuses bits after the prefix.
func (e *Encoder) Cidr(v netip.Prefix) { e.Inet(v) }

// NullCidr is [Encoder.Cidr] for values that can be NULL.
func (e *Encoder) NullCidr(v *netip.Prefix) {
	if v == nil {
		e.null()
		return
	}
	e.Inet(*v)
}

// Macaddr writes a macaddr, of six bytes, or a macaddr8, of eight.
func (e *Encoder) Macaddr(v net.HardwareAddr) {
	start := e.begin()
	if len(v) != 6 && len(v) != 8 {
		e.fail(errNotValid)
	}
	if e.text {
		e.buf = append(e.buf, v.String()...)
	} else {
		e.buf = append(e.buf, v...)
	}
	e.end(start)
}

// NullMacaddr is [Encoder.Macaddr] with NULL for nil.
func (e *Encoder) NullMacaddr(v net.HardwareAddr) {
	if v == nil {
		e.null()
		return
	}
	e.Macaddr(v)
}
