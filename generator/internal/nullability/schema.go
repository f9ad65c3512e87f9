package nullability

import (
	"sync"

	"github.com/pgwright/pgwright/generator/internal/nodetree"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// schema remembers what was found out about a catalog.
type schema struct {
	catalog *catalog.Catalog

	mu      sync.Mutex
	views   map[uint32]*nodetree.Node
	checked map[uint32]map[int16]bool
	domains map[uint32]bool
}

func newSchema(c *catalog.Catalog) *schema {
	return &schema{
		catalog: c,
		views:   map[uint32]*nodetree.Node{},
		checked: map[uint32]map[int16]bool{},
		domains: map[uint32]bool{},
	}
}

// view returns the query of a view, or nil. It is shared and read only.
func (s *schema) view(rel *catalog.Relation) *nodetree.Node {
	if rel.Query == "" {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if n, ok := s.views[rel.OID]; ok {
		return n
	}
	var query *nodetree.Node
	// An unreadable tree leaves the view's columns nullable.
	if n, err := nodetree.Parse(rel.Query); err == nil {
		if items := n.Items(); len(items) == 1 && items[0].Node().Tag() == "QUERY" && incomplete(n, s.catalog) == "" {
			query = items[0].Node()
		}
	}
	s.views[rel.OID] = query
	return query
}

// stored judges a column of a table as it is stored. With inherited, rows of
// the table's children count too.
func (s *schema) stored(rel *catalog.Relation, number int16, inherited bool) verdict {
	c := rel.Column(number)
	if c == nil {
		return nullable("unknown column")
	}
	return s.storedIn(rel, c.Name, inherited || rel.Kind == catalog.PartitionedTable, 0)
}

func (s *schema) storedIn(rel *catalog.Relation, name string, inherited bool, depth int) verdict {
	if rel == nil || depth > maxNesting {
		return nullable("unknown child table")
	}
	var c *catalog.Column
	for _, x := range rel.Columns {
		if x.Name == name {
			c = x
			break
		}
	}
	if c == nil {
		return nullable("unknown column")
	}
	var v verdict
	switch {
	case rel.Kind == catalog.ForeignTable:
		return nullable("the server does not enforce the constraints of foreign table " + rel.Name)
	case c.NotNull:
		v = notNull(rel.Name + "." + c.Name + " is not null")
	case s.domainNotNull(c.Type):
		v = notNull("the domain of " + rel.Name + "." + c.Name + " forbids null")
	case s.checkedColumns(rel)[c.Number]:
		v = notNull("a check constraint of " + rel.Name + " forbids null")
	default:
		return nullable(rel.Name + "." + c.Name + " is nullable")
	}
	if inherited {
		for _, child := range rel.Children {
			if w := s.storedIn(s.catalog.Relations[child], name, true, depth+1); w.null {
				return w
			}
		}
	}
	return v
}

// checkedColumns are the columns that a CHECK constraint keeps from being NULL.
// A check passes unless it is false, so only tests that cannot be NULL count.
func (s *schema) checkedColumns(rel *catalog.Relation) map[int16]bool {
	if len(rel.Checks) == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if columns, ok := s.checked[rel.OID]; ok {
		return columns
	}
	columns := map[int16]bool{}
	for _, text := range rel.Checks {
		for _, f := range s.checkFacts(text) {
			if f.level == 0 && f.rel == 1 && f.column > 0 {
				columns[int16(f.column)] = true
			}
		}
	}
	s.checked[rel.OID] = columns
	return columns
}

func (s *schema) checkFacts(text string) facts {
	n, err := nodetree.Parse(text)
	if err != nil || incomplete(n, s.catalog) != "" {
		// An unreadable constraint proves nothing.
		return nil
	}
	a := &analysis{schema: s}
	return a.facts(nil, n, isNotFalse, fromCheck)
}

// domainNotNull reports whether a type is a domain that forbids NULL.
func (s *schema) domainNotNull(oid uint32) bool {
	t := s.catalog.Types[oid]
	if t == nil || t.Kind != catalog.Domain {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.domains[oid]; ok {
		return known
	}
	forbids := false
	for range maxNesting {
		if t == nil || t.Kind != catalog.Domain || forbids {
			break
		}
		forbids = t.NotNull
		for _, text := range t.Checks {
			forbids = forbids || s.checkFacts(text).has(key{column: 1})
		}
		t = s.catalog.Types[t.Base]
	}
	s.domains[oid] = forbids
	return forbids
}

func (a *analysis) isArray(oid uint32) bool {
	t := a.schema.catalog.BaseType(oid)
	return t == nil || t.Element != 0 || t.Kind == catalog.Pseudo
}

// domain returns the OID if it is that of a domain.
func (a *analysis) domain(oid uint32) uint32 {
	if t := a.schema.catalog.Types[oid]; t != nil && t.Kind == catalog.Domain {
		return oid
	}
	return 0
}
