package catalog

func (l *loader) settings(r *row) {
	l.catalog.ServerVersion = r.integer(0)
	l.catalog.SearchPath = r.texts(1)
}

func (l *loader) types(r *row) {
	t := &Type{
		OID:        r.oid(0),
		Schema:     r.text(1),
		Name:       r.text(2),
		Display:    r.text(3),
		Kind:       TypeKind(r.char(4)),
		Category:   r.char(5),
		Array:      r.oid(7),
		Relation:   r.oid(8),
		Base:       r.oid(9),
		NotNull:    r.boolean(10),
		Dimensions: r.integer(11),
		Subtype:    r.oid(12),
	}
	if e := r.oid(6); e != 0 {
		l.elements[t.OID] = e
	}
	l.sent[t.OID] = r.boolean(13)
	l.catalog.Types[t.OID] = t
}

func (l *loader) labels(r *row) {
	if t := l.catalog.Types[r.oid(0)]; t != nil {
		t.Labels = append(t.Labels, r.text(1))
	}
}

func (l *loader) relations(r *row) {
	rel := &Relation{
		OID:       r.oid(0),
		Schema:    r.text(1),
		Name:      r.text(2),
		Kind:      RelationKind(r.char(3)),
		Type:      r.oid(4),
		Partition: r.boolean(5),
		Rules:     r.boolean(6),
	}
	l.catalog.Relations[rel.OID] = rel
}

func (l *loader) columns(r *row) {
	rel := l.catalog.Relations[r.oid(0)]
	if rel == nil {
		// An index or a toast table.
		return
	}
	rel.Columns = append(rel.Columns, &Column{
		Number:     int16(r.integer(1)),
		Name:       r.text(2),
		Type:       r.oid(3),
		NotNull:    r.boolean(4),
		Dimensions: r.integer(5),
		HasDefault: r.boolean(6),
		Identity:   r.char(7),
		Generated:  r.char(8),
	})
}

func (l *loader) defaults(r *row) {
	if rel := l.catalog.Relations[r.oid(0)]; rel != nil {
		if c := rel.Column(int16(r.integer(1))); c != nil {
			c.Default = r.text(2)
		}
	}
}

func (l *loader) domainDefaults(r *row) {
	if t := l.catalog.Types[r.oid(0)]; t != nil {
		t.Default = r.text(1)
	}
}

func (l *loader) indexes(r *row) {
	if rel := l.catalog.Relations[r.oid(0)]; rel != nil {
		rel.Indexes = append(rel.Indexes, &Index{
			Name:       r.text(1),
			Method:     r.text(2),
			Primary:    r.boolean(3),
			Unique:     r.boolean(4),
			Deferrable: r.boolean(5),
			Partial:    r.boolean(6),
			Columns:    numbers(r.oids(7)),
		})
	}
}

func (l *loader) foreignKeys(r *row) {
	if rel := l.catalog.Relations[r.oid(0)]; rel != nil {
		rel.ForeignKeys = append(rel.ForeignKeys, numbers(r.oids(1)))
	}
}

// numbers are column numbers that were sent as oids.
func numbers(oids []uint32) []int16 {
	out := make([]int16, len(oids))
	for i, n := range oids {
		out[i] = int16(n)
	}
	return out
}

func (l *loader) inherits(r *row) {
	if rel := l.catalog.Relations[r.oid(0)]; rel != nil {
		rel.Children = append(rel.Children, r.oid(1))
	}
}

func (l *loader) checks(r *row) {
	rel, typ := r.oid(0), r.oid(1)
	switch {
	case typ != 0:
		if t := l.catalog.Types[typ]; t != nil {
			t.Checks = append(t.Checks, r.text(3))
		}
	case l.catalog.Relations[rel] == nil:
	case r.boolean(2) && len(l.catalog.Relations[rel].Children) > 0:
	default:
		l.catalog.Relations[rel].Checks = append(l.catalog.Relations[rel].Checks, r.text(3))
	}
}

func (l *loader) notValid(r *row) {
	if rel := l.catalog.Relations[r.oid(0)]; rel != nil {
		if c := rel.Column(int16(r.integer(1))); c != nil {
			c.NotNull = false
		}
	}
}

func (l *loader) views(r *row) {
	if rel := l.catalog.Relations[r.oid(0)]; rel != nil {
		rel.Query = r.text(1)
	}
}

func (l *loader) functions(r *row) {
	f := &Function{
		OID:        r.oid(0),
		Schema:     r.text(1),
		Name:       r.text(2),
		Kind:       FunctionKind(r.char(3)),
		Strict:     r.boolean(4),
		ReturnsSet: r.boolean(5),
		Returns:    r.oid(6),
		Variadic:   r.oid(7),
		Arguments:  r.oids(8),
	}
	f.ArgumentNames = inputNames(len(f.Arguments), r.texts(9), r.chars(10))
	l.catalog.Functions[f.OID] = f
}

func (l *loader) arguments(r *row) {
	f := l.catalog.Functions[r.oid(0)]
	if f == nil {
		return
	}
	types, names, modes, defaults := r.oids(1), r.texts(2), r.chars(3), r.texts(4)
	for i, t := range types {
		a := &Argument{Type: t, Mode: In}
		if i < len(names) {
			a.Name = names[i]
		}
		if i < len(modes) {
			a.Mode = ArgumentMode(modes[i])
		}
		if i < len(defaults) {
			a.Default = defaults[i]
		}
		f.Signature = append(f.Signature, a)
	}
	f.Extension, f.Comment = r.text(5), r.text(6)
}

// inputNames picks the names of the input arguments from those of all. Without
// modes all arguments are input.
func inputNames(arguments int, names []string, modes []byte) []string {
	if arguments == 0 {
		return nil
	}
	out := make([]string, 0, arguments)
	for i, name := range names {
		if len(out) < arguments && (i >= len(modes) || modes[i] == 'i' || modes[i] == 'b' || modes[i] == 'v') {
			out = append(out, name)
		}
	}
	return append(out, make([]string, arguments-len(out))...)
}

func (l *loader) comments(r *row) {
	object, column, comment := r.oid(1), r.integer(2), r.text(3)
	if !r.boolean(0) {
		if t := l.catalog.Types[object]; t != nil {
			t.Comment = comment
		}
		return
	}
	rel := l.catalog.Relations[object]
	switch {
	case rel == nil:
	case column == 0:
		rel.Comment = comment
	default:
		if c := rel.Column(int16(column)); c != nil {
			c.Comment = comment
		}
	}
}

func (l *loader) extensions(r *row) {
	object, name := r.oid(1), r.text(2)
	if !r.boolean(0) {
		if t := l.catalog.Types[object]; t != nil {
			t.Extension = name
		}
		return
	}
	if rel := l.catalog.Relations[object]; rel != nil {
		rel.Extension = name
	}
}

// The vectors of system catalogs: arrays, but not those that their elements
// name as theirs.
const (
	int2vector = 22
	oidvector  = 30
)

// finish fills what takes all types at once.
func (l *loader) finish() {
	types := l.catalog.Types
	for oid, element := range l.elements {
		if e := types[element]; e != nil && (e.Array == oid || oid == int2vector || oid == oidvector) {
			types[oid].Element = element
		}
	}
	for _, t := range types {
		if t.Extension == "" {
			t.Extension = l.owner(t)
		}
		t.Binary = l.binary(t, 0)
	}
}

// owner is the extension of a type that belongs to another object: an array to
// its element, a row type to its relation, a multirange to its range.
func (l *loader) owner(t *Type) string {
	switch {
	case t.Element != 0:
		if e := l.catalog.Types[t.Element]; e != nil {
			if e.Element == 0 && e.Relation != 0 {
				return l.owner(e)
			}
			return e.Extension
		}
	case t.Relation != 0:
		if rel := l.catalog.Relations[t.Relation]; rel != nil {
			return rel.Extension
		}
	case t.Kind == Multirange:
		if e := l.catalog.Types[t.Subtype]; e != nil {
			return e.Extension
		}
	}
	return ""
}

// maxNesting bounds how deep types are followed into each other.
const maxNesting = 32

// binary reports whether a value can travel in binary: a container has a send
// function, but that fails if what it contains has none.
func (l *loader) binary(t *Type, depth int) bool {
	if t == nil || !l.sent[t.OID] || depth > maxNesting {
		return false
	}
	inner := func(oid uint32) bool { return l.binary(l.catalog.Types[oid], depth+1) }
	switch {
	case t.Element != 0:
		return inner(t.Element)
	case t.Kind == Domain:
		return inner(t.Base)
	case t.Kind == Range || t.Kind == Multirange:
		return inner(t.Subtype)
	case t.Kind == Composite:
		if rel := l.catalog.Relations[t.Relation]; rel != nil {
			for _, c := range rel.Columns {
				if !inner(c.Type) {
					return false
				}
			}
		}
	}
	return true
}
