package introspect

import (
	"encoding/json"
	"slices"
	"strings"
)

// The OIDs of the catalogs, by which objects are told apart, are fixed in
// PostgreSQL's source (src/include/catalog).
const (
	classType       = 1247
	classFunction   = 1255
	classRelation   = 1259
	classWrapper    = 2328
	classServer     = 1417
	classDefault    = 2604
	classConstraint = 2606
	classSchema     = 2615
	classRule       = 2618
	classTrigger    = 2620
	classExtension  = 3079
	classPolicy     = 3256
	classStatistics = 3381
	classCollation  = 3456
)

// id is an object of any catalog.
type id struct {
	Class uint32 `json:"class"`
	OID   uint32 `json:"oid"`
}

// The rows of the sections that are not just an object with its OID.
type (
	schemaRow struct {
		OID uint32
		Schema
	}
	extensionRow struct {
		OID uint32
		Extension
	}
	memberRow struct {
		id
		Extension uint32
	}
	relationRow struct {
		OID     uint32
		RowType uint32 `json:"row_type"`
		Relation
	}
	inheritsRow struct {
		Child, Parent uint32
		Number        int
	}
	columnRow struct {
		Relation     uint32
		Number       int
		DefaultOID   uint32 `json:"default_oid"`
		IdentityKind string `json:"identity_kind"`
		Declared     bool
		Column
	}
	sequenceRow struct {
		OID         uint32
		Owner       uint32
		OwnerColumn int  `json:"owner_column"`
		OfIdentity  bool `json:"of_identity"`
		Sequence
	}
	constraintRow struct {
		OID, Relation, Domain, Index, Referenced uint32
		Numbers                                  []int
		ReferencedNumbers                        []int  `json:"referenced_numbers"`
		IncludeNumbers                           []int  `json:"include_numbers"`
		UpdateAction                             string `json:"update_action"`
		DeleteAction                             string `json:"delete_action"`
		Declared, Replica                        bool
		Constraint
	}
	indexRow struct {
		OID, Relation, Parent uint32
		Numbers               []int
		KeysCount             int `json:"keys_count"`
		Flags                 []int
		Expressions           []string
		Replica               bool
		Index
	}
	triggerRow struct {
		OID, Relation uint32
		Trigger
	}
	ruleRow struct {
		OID, Relation uint32
		Own           bool
		Rule
	}
	policyRow struct {
		OID, Relation uint32
		Policy
	}
	typeRow struct {
		OID, Array, Relation uint32
		Schema, Name, Kind   string
		Labels               []string
		Base                 string
		NotNull              bool `json:"not_null"`
		Default, Collation   string
	}
	rowTypeRow struct{ OID, Array, Relation uint32 }
	rangeRow   struct {
		OID              uint32
		MultirangeOID    uint32 `json:"multirange_oid"`
		MultirangeArray  uint32 `json:"multirange_array"`
		MultirangeSchema string `json:"multirange_schema"`
		MultirangeName   string `json:"multirange_name"`
		Range
	}
	functionRow struct {
		OID      uint32
		Types    []string
		Names    []string
		Modes    []string
		Defaults []string
		Atomic   bool
		Function
	}
	collationRow struct {
		OID uint32
		Collation
	}
	statisticsRow struct {
		OID uint32
		Statistics
	}
	wrapperRow struct {
		OID uint32
		Wrapper
	}
	serverRow struct {
		OID uint32
		ServerObject
	}
	commentRow struct {
		id
		Column int
		Text   string
	}
	dependencyRow struct {
		id
		NeedsClass uint32 `json:"needs_class"`
		NeedsOID   uint32 `json:"needs_oid"`
	}
	omittedRow struct{ Name string }
)

// part is a column of an object, or the object itself with 0.
type part struct {
	id
	column int
}

// reader collects the rows.
type reader struct {
	schemas      []*schemaRow
	extensions   []*extensionRow
	members      []*memberRow
	relations    []*relationRow
	inherits     []*inheritsRow
	columns      []*columnRow
	sequences    []*sequenceRow
	constraints  []*constraintRow
	indexes      []*indexRow
	triggers     []*triggerRow
	rules        []*ruleRow
	policies     []*policyRow
	types        []*typeRow
	rowTypes     []*rowTypeRow
	ranges       []*rangeRow
	baseTypes    []*baseTypeRow
	functions    []*functionRow
	aggregates   []*aggregateRow
	collations   []*collationRow
	statistics   []*statisticsRow
	wrappers     []*wrapperRow
	servers      []*serverRow
	comments     []*commentRow
	dependencies []*dependencyRow
	omitted      []*omittedRow
}

func newReader() *reader { return &reader{} }

// into appends the rows of a section to a list.
func into[T any](list *[]*T) func([]byte) error {
	return func(data []byte) error {
		v := new(T)
		if err := json.Unmarshal(data, v); err != nil {
			return err
		}
		*list = append(*list, v)
		return nil
	}
}

func (r *reader) sections() []section {
	return []section{
		{"schemas", sqlSchemas, into(&r.schemas)},
		{"extensions", sqlExtensions, into(&r.extensions)},
		{"members", sqlMembers, into(&r.members)},
		{"relations", sqlRelations, into(&r.relations)},
		{"inherits", sqlInherits, into(&r.inherits)},
		{"columns", sqlColumns, into(&r.columns)},
		{"sequences", sqlSequences, into(&r.sequences)},
		{"constraints", sqlConstraints, into(&r.constraints)},
		{"indexes", sqlIndexes, into(&r.indexes)},
		{"triggers", sqlTriggers, into(&r.triggers)},
		{"rules", sqlRules, into(&r.rules)},
		{"policies", sqlPolicies, into(&r.policies)},
		{"types", sqlTypes, into(&r.types)},
		{"row types", sqlRowTypes, into(&r.rowTypes)},
		{"ranges", sqlRanges, into(&r.ranges)},
		{"base types", sqlBaseTypes, into(&r.baseTypes)},
		{"functions", sqlFunctions, into(&r.functions)},
		{"aggregates", sqlAggregates, into(&r.aggregates)},
		{"collations", sqlCollations, into(&r.collations)},
		{"statistics", sqlStatistics, into(&r.statistics)},
		{"wrappers", sqlWrappers, into(&r.wrappers)},
		{"servers", sqlServers, into(&r.servers)},
		{"comments", sqlComments, into(&r.comments)},
		{"dependencies", sqlDependencies, into(&r.dependencies)},
		{"omitted", sqlOmitted, into(&r.omitted)},
	}
}

// byName compares by schema and name.
func byName(schema, name, otherSchema, otherName string) int {
	if c := strings.Compare(schema, otherSchema); c != 0 {
		return c
	}
	return strings.Compare(name, otherName)
}

// sort puts the lists into their order. The server's rows come in any.
func (d *Database) sort() {
	slices.SortFunc(d.Schemas, func(a, b *Schema) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(d.Extensions, func(a, b *Extension) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(d.Wrappers, func(a, b *Wrapper) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(d.Servers, func(a, b *ServerObject) int { return strings.Compare(a.Name, b.Name) })
	for _, list := range [][]*Relation{d.Tables, d.Views} {
		slices.SortFunc(list, func(a, b *Relation) int { return byName(a.Schema, a.Name, b.Schema, b.Name) })
		for _, rel := range list {
			rel.sort()
		}
	}
	slices.SortFunc(d.Enums, func(a, b *Enum) int { return byName(a.Schema, a.Name, b.Schema, b.Name) })
	slices.SortFunc(d.Domains, func(a, b *Domain) int { return byName(a.Schema, a.Name, b.Schema, b.Name) })
	for _, t := range d.Domains {
		sortConstraints(t.Checks)
	}
	slices.SortFunc(d.Composites, func(a, b *Composite) int { return byName(a.Schema, a.Name, b.Schema, b.Name) })
	slices.SortFunc(d.Ranges, func(a, b *Range) int { return byName(a.Schema, a.Name, b.Schema, b.Name) })
	slices.SortFunc(d.BaseTypes, func(a, b *BaseType) int { return byName(a.Schema, a.Name, b.Schema, b.Name) })
	slices.SortFunc(d.Sequences, func(a, b *Sequence) int { return byName(a.Schema, a.Name, b.Schema, b.Name) })
	slices.SortFunc(d.Functions, func(a, b *Function) int {
		if c := byName(a.Schema, a.Name, b.Schema, b.Name); c != 0 {
			return c
		}
		return strings.Compare(a.Signature, b.Signature)
	})
	slices.SortFunc(d.Collations, func(a, b *Collation) int { return byName(a.Schema, a.Name, b.Schema, b.Name) })
	slices.SortFunc(d.Statistics, func(a, b *Statistics) int { return byName(a.Schema, a.Name, b.Schema, b.Name) })
	slices.Sort(d.Omitted)
	slices.SortFunc(d.Dependencies, func(a, b Dependency) int {
		if c := compareObjects(a.Object, b.Object); c != 0 {
			return c
		}
		return compareObjects(a.Needs, b.Needs)
	})
	d.Dependencies = slices.Compact(d.Dependencies)
}

func (r *Relation) sort() {
	sortConstraints(r.Uniques)
	sortConstraints(r.ForeignKeys)
	sortConstraints(r.Checks)
	sortConstraints(r.Exclusions)
	slices.SortFunc(r.ReferencedBy, func(a, b *Referrer) int {
		if c := byName(a.Schema, a.Table, b.Schema, b.Table); c != 0 {
			return c
		}
		return strings.Compare(a.Constraint, b.Constraint)
	})
	slices.SortFunc(r.Indexes, func(a, b *Index) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(r.Triggers, func(a, b *Trigger) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(r.Rules, func(a, b *Rule) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(r.Policies, func(a, b *Policy) int { return strings.Compare(a.Name, b.Name) })
}

func sortConstraints(list []*Constraint) {
	slices.SortFunc(list, func(a, b *Constraint) int { return strings.Compare(a.Name, b.Name) })
}

func compareObjects(a, b Object) int {
	if c := strings.Compare(string(a.Kind), string(b.Kind)); c != 0 {
		return c
	}
	if c := byName(a.Schema, a.Name, b.Schema, b.Name); c != 0 {
		return c
	}
	return strings.Compare(a.Part, b.Part)
}
