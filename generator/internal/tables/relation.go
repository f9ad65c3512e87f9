package tables

import (
	"slices"
	"strings"

	"github.com/pgwright/pgwright/runtime/catalog"
)

// key is a set of columns in which no two rows are equal.
type key struct {
	// columns are the columns' numbers in order.
	columns []int16
	// suffix is what it adds to a method's name: nothing for the primary key.
	suffix string
	// total is true if no column can be NULL, arbiter if ON CONFLICT can use it.
	total, arbiter bool
}

// data is what a template about a relation can use.
type data struct {
	// Name is the name of the method. It is made of Singular or Plural, what
	// one row and many are called in Go, and By, which says by which columns
	// the method goes and is empty for the primary key.
	Name, Singular, Plural, By string
	// Relation is the relation's name for people, Table its name as SQL.
	Relation, Table string
	// Key are the columns that tell which rows are meant, Columns those that a
	// new row is given, and Set those that are changed.
	Key, Columns, Set Columns
	// Order are the columns that rows are sorted by.
	Order Columns
	// Many is the array parameter of a key of one column, as SQL.
	Many string
	// Ordinal is the name for the number of a row among many.
	Ordinal string
	// Concurrently is for the refreshing of a materialised view.
	Concurrently bool

	relation *catalog.Relation
}

// Has reports whether the relation has a column.
func (d *data) Has(column string) bool {
	return slices.ContainsFunc(d.relation.Columns, func(c *catalog.Column) bool { return c.Name == column })
}

// relation makes the statements of a table or a view.
func (m *maker) relation(r *catalog.Relation) {
	one, many := m.opt.Names.Table(r.Schema, r.Name), m.opt.Names.Plural(r.Schema, r.Name)
	several := many
	if several == one {
		several = "Many" + one
	}
	emit := func(template, name string, d data) {
		d.Relation, d.Table = m.label(r.Schema, r.Name), m.qualified(r.Schema, r.Name)
		d.Name, d.Singular, d.Plural, d.relation = m.unique(name), one, many, r
		m.add(template, m.object(r), &d)
	}
	keys := m.keys(r)
	main := mainKey(keys)
	if len(r.Columns) > 0 {
		for _, k := range keys {
			emit("get", "Get"+one+k.suffix, data{Key: m.columns(r, k.columns, &parameters{}), By: k.suffix})
		}
		if main != nil {
			emit("list", "List"+many, m.page(r, main))
		} else {
			emit("list_all", "List"+many, data{})
		}
		for _, columns := range m.lists(r, keys) {
			d := data{Key: m.columns(r, columns, &parameters{}), By: m.by(r, columns)}
			if main != nil {
				d.Order = m.columns(r, main.columns, &parameters{}).without(d.Key)
			}
			emit("list_by", "List"+many+d.By, d)
		}
	}
	emit("count", "Count"+many, data{})
	if m.writable(r) {
		var p parameters
		d := data{Columns: m.insertable(r, &p, nil)}
		emit("insert", "Insert"+one, d)
		if len(d.Columns) > 0 {
			d.Ordinal = m.opt.Quote(p.name("ordinal"))
			emit("insert_many", "Insert"+several, d)
		}
		if required := d.Columns.without(d.Columns.Optional()); len(required) > 0 {
			emit("copy", "Copy"+many, data{Columns: required})
		}
		for _, k := range keys {
			m.upsert(r, k, one, emit)
		}
	}
	if m.writable(r) && main != nil {
		var p parameters
		d := data{Key: m.columns(r, main.columns, &p), By: main.suffix}
		if d.Set = m.updatable(r, main, &p); len(d.Set) > 0 {
			emit("update", "Update"+one+main.suffix, d)
		}
		emit("delete", "Delete"+one+main.suffix, data{Key: d.Key, By: d.By})
		d = data{Key: m.columns(r, main.columns, &parameters{}), By: d.By}
		if len(d.Key) == 1 && m.scalar(d.Key[0].column) {
			d.Many = parameter((&parameters{}).name(m.opt.Names.Columns(d.Key[0].column.Name)))
		}
		emit("delete_many", "Delete"+several+main.suffix, d)
	}
	if r.Kind == catalog.MaterializedView {
		emit("refresh", "Refresh"+many, data{})
		// The unique index that CONCURRENTLY needs is one that is a key.
		if len(keys) > 0 {
			emit("refresh", "Refresh"+many+"Concurrently", data{Concurrently: true})
		}
	}
}

// object is what messages call a relation.
func (m *maker) object(r *catalog.Relation) string {
	kind := "table "
	switch r.Kind {
	case catalog.View:
		kind = "view "
	case catalog.MaterializedView:
		kind = "materialized view "
	}
	return kind + oneLine(r.Schema+"."+r.Name)
}

// writable reports whether rows can be stored and come back: not in views, nor
// where a rule or a foreign server may do something else with them.
func (m *maker) writable(r *catalog.Relation) bool {
	return len(r.Columns) > 0 && !r.Rules && (r.Kind == catalog.Table || r.Kind == catalog.PartitionedTable)
}

// keys are the keys of a relation, the primary key first. An index sees none of
// the rows of tables that inherit from its own, so what they add to a scan may
// be there twice.
func (m *maker) keys(r *catalog.Relation) []*key {
	if r.Kind == catalog.Table && len(r.Children) > 0 {
		return nil
	}
	var out []*key
	for _, i := range r.Indexes {
		// An index of another method orders nothing: a primary key WITHOUT
		// OVERLAPS is one.
		if !i.Unique || i.Partial || i.Method != "btree" || slices.Contains(i.Columns, 0) {
			continue
		}
		k := &key{columns: i.Columns, suffix: m.by(r, i.Columns), total: true, arbiter: !i.Deferrable}
		for _, n := range i.Columns {
			k.total = k.total && r.Column(n).NotNull
		}
		if i.Primary {
			k.suffix = ""
			out = slices.Insert(out, 0, k)
			continue
		}
		out = append(out, k)
	}
	// Two indexes can be about the same columns.
	var distinct []*key
	for _, k := range out {
		at := slices.IndexFunc(distinct, func(o *key) bool { return same(o.columns, k.columns) })
		switch {
		case at < 0:
			distinct = append(distinct, k)
		case k.arbiter:
			distinct[at].arbiter = true
		}
	}
	return distinct
}

// mainKey is the key that tells all rows apart: the primary key, else the first
// one that has no NULL in it.
func mainKey(keys []*key) *key {
	for _, k := range keys {
		if k.total {
			return k
		}
	}
	return nil
}

// by is the part of a method's name that says which columns it takes.
func (m *maker) by(r *catalog.Relation, columns []int16) string {
	words := make([]string, len(columns))
	for i, n := range columns {
		words[i] = m.opt.Names.Column(r.Column(n).Name)
	}
	return "By" + strings.Join(words, "And")
}

// lists are the sets of columns by which there can be many rows and that are
// worth asking for: those of foreign keys, and the beginnings of indexes.
func (m *maker) lists(r *catalog.Relation, keys []*key) [][]int16 {
	var out [][]int16
	add := func(columns []int16) {
		unique := slices.ContainsFunc(keys, func(k *key) bool {
			return !slices.ContainsFunc(k.columns, func(n int16) bool { return !slices.Contains(columns, n) })
		})
		known := slices.ContainsFunc(out, func(o []int16) bool { return same(o, columns) })
		if !unique && !known {
			out = append(out, columns)
		}
	}
	for _, columns := range r.ForeignKeys {
		add(columns)
	}
	for _, i := range r.Indexes {
		if i.Partial || i.Method != "btree" && i.Method != "hash" {
			continue
		}
		for n, column := range i.Columns {
			if column == 0 || slices.Contains(i.Columns[:n], column) {
				break
			}
			add(i.Columns[:n+1])
		}
	}
	return out
}

// same reports whether two lists hold the same columns, in whatever order.
func same(a, b []int16) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(n int16) bool { return !slices.Contains(b, n) })
}

// page is the data for reading a relation page by page.
func (m *maker) page(r *catalog.Relation, k *key) data {
	var p parameters
	p.name("limit")
	var d data
	for _, n := range k.columns {
		c := m.column(r, r.Column(n))
		name := "after"
		if len(k.columns) > 1 {
			name += "_" + c.column.Name
		}
		c.bind(m, p.name(name))
		d.Key = append(d.Key, c)
	}
	return d
}

// insertable are the columns that a new row can be given. Those that have a
// default may be left out, but for the columns of a key that says which row is
// meant.
func (m *maker) insertable(r *catalog.Relation, p *parameters, key []int16) Columns {
	var numbers []int16
	for _, c := range r.Columns {
		if c.Generated == 0 && c.Identity != 'a' {
			numbers = append(numbers, c.Number)
		}
	}
	out := m.columns(r, numbers, p)
	for _, c := range out {
		if c.Default = m.defaultOf(c.column); c.Default != "" && !slices.Contains(key, c.column.Number) {
			c.option(m, p)
		}
	}
	return out
}

// updatable are the columns that an update can change: all but the key's.
func (m *maker) updatable(r *catalog.Relation, k *key, p *parameters) Columns {
	var numbers []int16
	for _, c := range r.Columns {
		if c.Generated == 0 && c.Identity != 'a' && !slices.Contains(k.columns, c.Number) {
			numbers = append(numbers, c.Number)
		}
	}
	out := m.columns(r, numbers, p)
	for _, c := range out {
		c.option(m, p)
	}
	return out
}

// upsert makes the statement that stores a row or changes the one that has its
// key. It is not for keys that the server alone gives out.
func (m *maker) upsert(r *catalog.Relation, k *key, one string, emit func(template, name string, d data)) {
	if !k.arbiter {
		return
	}
	for _, n := range k.columns {
		if c := r.Column(n); c.Generated != 0 || c.Identity == 'a' {
			return
		}
	}
	var p parameters
	d := data{Columns: m.insertable(r, &p, k.columns), By: k.suffix}
	for _, n := range k.columns {
		for _, c := range d.Columns {
			if c.column.Number == n {
				d.Key = append(d.Key, c)
			}
		}
	}
	d.Set = d.Columns.without(d.Key)
	if k.suffix != "" {
		// The row that is there keeps its primary key.
		for _, i := range r.Indexes {
			if i.Primary {
				d.Set = slices.DeleteFunc(d.Set, func(c *Column) bool { return slices.Contains(i.Columns, c.column.Number) })
			}
		}
	}
	if len(d.Set) == 0 {
		// Without a change the row that is there would not come back.
		d.Set = d.Key[:1]
	}
	emit("upsert", "Upsert"+one+k.suffix, d)
}
