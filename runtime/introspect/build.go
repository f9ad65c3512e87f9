package introspect

import (
	"cmp"
	"slices"
	"strings"
)

// builder makes a [Database] of the rows.
type builder struct {
	*reader
	d        *Database
	comments map[part]string
	// objects names what dependencies are between.
	objects   map[id]Object
	relations map[uint32]*Relation
	domains   map[uint32]*Domain
	// columns are those of relations and composite types, by number.
	columns map[uint32]map[int]*Column
}

func (r *reader) build() *Database {
	b := &builder{
		reader: r,
		d: &Database{
			Schemas: []*Schema{}, Extensions: []*Extension{}, Tables: []*Relation{}, Views: []*Relation{},
			Enums: []*Enum{}, Domains: []*Domain{}, Composites: []*Composite{}, Ranges: []*Range{}, BaseTypes: []*BaseType{},
			Sequences: []*Sequence{}, Functions: []*Function{}, Collations: []*Collation{}, Statistics: []*Statistics{},
			Wrappers: []*Wrapper{}, Servers: []*ServerObject{}, Omitted: []string{},
		},
		comments:  make(map[part]string, len(r.comments)),
		objects:   make(map[id]Object, 2*len(r.dependencies)),
		relations: make(map[uint32]*Relation, len(r.relations)),
		domains:   map[uint32]*Domain{},
		columns:   make(map[uint32]map[int]*Column, len(r.relations)),
	}
	for _, c := range r.comments {
		b.comments[part{c.id, c.Column}] = c.Text
	}
	b.namespaces()
	b.buildColumns()
	b.buildRelations()
	b.buildTypes()
	b.buildSequences()
	b.buildConstraints()
	b.buildIndexes()
	b.parts()
	b.buildFunctions()
	b.others()
	b.link()
	return b.d
}

// comment is that of an object.
func (b *builder) comment(class, oid uint32) string { return b.comments[part{id{class, oid}, 0}] }

func (b *builder) is(class, oid uint32, o Object) { b.objects[id{class, oid}] = o }

// standardComment is what every new database says of its schema public.
const standardComment = "standard public schema"

func (b *builder) namespaces() {
	for _, row := range b.schemas {
		s := &row.Schema
		if s.Comment = b.comment(classSchema, row.OID); s.Name == "public" && s.Comment == standardComment {
			s.Comment = ""
		}
		b.d.Schemas = append(b.d.Schemas, s)
		b.is(classSchema, row.OID, Object{Kind: SchemaObject, Name: s.Name})
	}
	names := map[uint32]string{}
	for _, row := range b.extensions {
		b.d.Extensions = append(b.d.Extensions, &row.Extension)
		names[row.OID] = row.Name
		b.is(classExtension, row.OID, Object{Kind: ExtensionObject, Name: row.Name})
	}
	for _, row := range b.members {
		if name, ok := names[row.Extension]; ok {
			b.is(row.Class, row.OID, Object{Kind: ExtensionObject, Name: name})
		}
	}
}

func (b *builder) buildColumns() {
	slices.SortFunc(b.reader.columns, func(x, y *columnRow) int {
		return cmp.Or(cmp.Compare(x.Relation, y.Relation), cmp.Compare(x.Number, y.Number))
	})
	for _, row := range b.reader.columns {
		c := &row.Column
		c.local = row.Declared
		c.Default = settled(c.Default)
		if c.Generated != "" {
			c.Expression, c.Default = c.Default, ""
		}
		if row.IdentityKind != "" {
			c.Identity = &Identity{Always: row.IdentityKind == "a"}
		}
		c.Comment = b.comments[part{id{classRelation, row.Relation}, row.Number}]
		if b.columns[row.Relation] == nil {
			b.columns[row.Relation] = map[int]*Column{}
		}
		b.columns[row.Relation][row.Number] = c
	}
}

// columnsOf are the columns of a relation in order.
func (b *builder) columnsOf(relation uint32) []*Column {
	numbers := make([]int, 0, len(b.columns[relation]))
	for n := range b.columns[relation] {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	out := make([]*Column, len(numbers))
	for i, n := range numbers {
		out[i] = b.columns[relation][n]
	}
	return out
}

// columnNames are the names of columns by number, without the expressions.
func (b *builder) columnNames(relation uint32, numbers []int) []string {
	var out []string
	for _, n := range numbers {
		if c := b.columns[relation][n]; c != nil {
			out = append(out, c.Name)
		}
	}
	return out
}

func (b *builder) buildRelations() {
	for _, row := range b.reader.relations {
		rel := &row.Relation
		rel.Comment = b.comment(classRelation, row.OID)
		rel.Definition = settled(strings.TrimSpace(rel.Definition))
		rel.PartitionBy = settled(rel.PartitionBy)
		rel.Columns = b.columnsOf(row.OID)
		rel.Uniques, rel.ForeignKeys, rel.Checks, rel.Exclusions = []*Constraint{}, []*Constraint{}, []*Constraint{}, []*Constraint{}
		rel.ReferencedBy = []*Referrer{}
		rel.Indexes, rel.Triggers, rel.Rules, rel.Policies = []*Index{}, []*Trigger{}, []*Rule{}, []*Policy{}
		b.relations[row.OID] = rel
		if rel.Kind == View || rel.Kind == MaterializedView {
			b.d.Views = append(b.d.Views, rel)
		} else {
			b.d.Tables = append(b.d.Tables, rel)
		}
		b.is(classRelation, row.OID, object(rel))
	}
	slices.SortFunc(b.reader.inherits, func(x, y *inheritsRow) int {
		return cmp.Or(cmp.Compare(x.Child, y.Child), cmp.Compare(x.Number, y.Number))
	})
	for _, row := range b.reader.inherits {
		child, parent := b.relations[row.Child], b.relations[row.Parent]
		if child == nil || parent == nil {
			continue // indexes, or a table of an extension
		}
		name := Name{parent.Schema, parent.Name}
		if child.PartitionBound != "" {
			child.PartitionOf = &name
		} else {
			child.Inherits = append(child.Inherits, name)
		}
	}
	for _, row := range b.reader.columns {
		if rel := b.relations[row.Relation]; rel != nil && row.DefaultOID != 0 {
			o := object(rel)
			if row.Generated == "" {
				o.Kind, o.Part = DefaultObject, row.Name
			}
			b.is(classDefault, row.DefaultOID, o)
		}
	}
	for _, row := range b.rowTypes {
		if rel := b.relations[row.Relation]; rel != nil {
			b.is(classType, row.OID, object(rel))
			b.is(classType, row.Array, object(rel))
		}
	}
}

func object(rel *Relation) Object {
	return Object{Kind: RelationObject, Schema: rel.Schema, Name: rel.Name}
}

func (b *builder) buildTypes() {
	ranges := map[uint32]*rangeRow{}
	for _, row := range b.ranges {
		ranges[row.OID] = row
	}
	for _, row := range b.types {
		o := Object{Kind: TypeObject, Schema: row.Schema, Name: row.Name}
		comment := b.comment(classType, row.OID)
		switch row.Kind {
		case "e":
			b.d.Enums = append(b.d.Enums, &Enum{row.Schema, row.Name, row.Labels, comment})
		case "d":
			d := &Domain{
				Schema: row.Schema, Name: row.Name, Type: row.Base, Collation: row.Collation, NotNull: row.NotNull,
				Default: settled(row.Default), Checks: []*Constraint{}, Comment: comment,
			}
			b.domains[row.OID] = d
			b.d.Domains = append(b.d.Domains, d)
		case "c":
			b.d.Composites = append(b.d.Composites, &Composite{row.Schema, row.Name, b.columnsOf(row.Relation), comment})
			b.is(classRelation, row.Relation, o)
		case "r":
			r := ranges[row.OID]
			if r == nil {
				continue // made since
			}
			r.Schema, r.Name, r.Comment = row.Schema, row.Name, comment
			if r.MultirangeOID != 0 {
				r.Multirange = &Name{r.MultirangeSchema, r.MultirangeName}
				b.is(classType, r.MultirangeOID, o)
				b.is(classType, r.MultirangeArray, o)
			}
			b.d.Ranges = append(b.d.Ranges, &r.Range)
		}
		b.is(classType, row.OID, o)
		b.is(classType, row.Array, o)
	}
	for _, row := range b.baseTypes {
		o := Object{Kind: TypeObject, Schema: row.Schema, Name: row.Name}
		b.d.BaseTypes = append(b.d.BaseTypes, &BaseType{row.Schema, row.Name, row.definition(), b.comment(classType, row.OID)})
		b.is(classType, row.OID, o)
		b.is(classType, row.Array, o)
	}
}

func (b *builder) buildSequences() {
	for _, row := range b.sequences {
		s := &row.Sequence
		s.Comment = b.comment(classRelation, row.OID)
		owner, column := b.relations[row.Owner], b.columns[row.Owner][row.OwnerColumn]
		if row.OfIdentity && owner != nil && column != nil && column.Identity != nil {
			column.Identity.Sequence = s
			b.is(classRelation, row.OID, object(owner))
			continue
		}
		if owner != nil && column != nil {
			s.OwnedBy = &ColumnName{owner.Schema, owner.Name, column.Name}
		}
		b.d.Sequences = append(b.d.Sequences, s)
		b.is(classRelation, row.OID, Object{Kind: SequenceObject, Schema: s.Schema, Name: s.Name})
	}
}

// actions are pg_constraint's confupdtype and confdeltype.
var actions = map[string]string{"a": "no action", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default"}

func (b *builder) buildConstraints() {
	for _, row := range b.constraints {
		c := &row.Constraint
		c.local = row.Declared
		c.Definition = settled(c.Definition)
		c.Comment = b.comment(classConstraint, row.OID)
		if d := b.domains[row.Domain]; d != nil {
			b.domainConstraint(d, row)
			continue
		}
		rel := b.relations[row.Relation]
		if rel == nil {
			continue
		}
		o := object(rel)
		if c.Kind == "not null" {
			b.notNull(rel, row)
			b.is(classConstraint, row.OID, o)
			continue
		}
		o.Kind, o.Part = ConstraintObject, c.Name
		b.is(classConstraint, row.OID, o)
		c.Columns = b.columnNames(row.Relation, row.Numbers)
		c.Include = b.columnNames(row.Relation, row.IncludeNumbers)
		if row.Index != 0 {
			b.is(classRelation, row.Index, o)
			if row.Replica {
				rel.ReplicaIdentityIndex = c.Name
			}
			if comment := b.comment(classRelation, row.Index); c.Comment == "" {
				c.Comment = comment
			}
		}
		switch c.Kind {
		case PrimaryKey:
			rel.PrimaryKey = c
		case Unique:
			rel.Uniques = append(rel.Uniques, c)
		case Check:
			rel.Checks = append(rel.Checks, c)
		case Exclusion:
			rel.Exclusions = append(rel.Exclusions, c)
		case ForeignKey:
			if to := b.relations[row.Referenced]; to != nil {
				c.References = &Reference{
					Schema: to.Schema, Table: to.Name, Columns: b.columnNames(row.Referenced, row.ReferencedNumbers),
					OnUpdate: actions[row.UpdateAction], OnDelete: actions[row.DeleteAction],
				}
				to.ReferencedBy = append(to.ReferencedBy, &Referrer{rel.Schema, rel.Name, c.Name, c.Columns})
			}
			rel.ForeignKeys = append(rel.ForeignKeys, c)
		}
	}
}

func (b *builder) domainConstraint(d *Domain, row *constraintRow) {
	o := Object{Kind: TypeObject, Schema: d.Schema, Name: d.Name}
	if row.Kind == Check {
		d.Checks = append(d.Checks, &row.Constraint)
		o.Kind, o.Part = ConstraintObject, row.Name
	} else if row.Name != d.Name+"_not_null" {
		d.NotNullConstraint = row.Name
	}
	b.is(classConstraint, row.OID, o)
}

func (b *builder) notNull(rel *Relation, row *constraintRow) {
	for _, n := range row.Numbers {
		c := b.columns[row.Relation][n]
		if c != nil && (row.Name != rel.Name+"_"+c.Name+"_not_null" || row.NoInherit || row.NotValid) {
			c.NotNullConstraint = &NotNull{row.Name, row.NoInherit, row.NotValid}
		}
	}
}

func (b *builder) buildIndexes() {
	names := map[uint32]Name{}
	for _, row := range b.indexes {
		if rel := b.relations[row.Relation]; rel != nil {
			names[row.OID] = Name{rel.Schema, row.Name}
		}
	}
	for _, row := range b.indexes {
		rel := b.relations[row.Relation]
		if rel == nil {
			continue
		}
		x := &row.Index
		x.Where, x.Definition = settled(x.Where), settled(x.Definition)
		x.Comment = b.comment(classRelation, row.OID)
		x.Keys = row.keys(b.columns[row.Relation])
		if row.KeysCount < len(row.Numbers) {
			x.Include = b.columnNames(row.Relation, row.Numbers[row.KeysCount:])
		}
		if parent, ok := names[row.Parent]; ok {
			x.PartitionOf = &parent
		}
		if row.Replica {
			rel.ReplicaIdentityIndex = x.Name
		}
		rel.Indexes = append(rel.Indexes, x)
		b.is(classRelation, row.OID, Object{Kind: IndexObject, Schema: rel.Schema, Name: x.Name})
	}
}

// The bits of pg_index.indoption.
const (
	descending = 1
	nullsFirst = 2
)

func (r *indexRow) keys(columns map[int]*Column) []*IndexKey {
	out := []*IndexKey{}
	expressions := r.Expressions
	for i, n := range r.Numbers {
		if i >= r.KeysCount {
			break
		}
		k := &IndexKey{}
		if c := columns[n]; c != nil {
			k.Column = c.Name
		} else if n == 0 && len(expressions) > 0 {
			k.Expression, expressions = settled(expressions[0]), expressions[1:]
		}
		if i < len(r.Flags) {
			k.Descending = r.Flags[i]&descending != 0
			k.NullsFirst = r.Flags[i]&nullsFirst != 0
		}
		out = append(out, k)
	}
	return out
}

// parts are what relations have besides columns, constraints and indexes.
func (b *builder) parts() {
	for _, row := range b.triggers {
		if rel := b.relations[row.Relation]; rel != nil {
			row.Definition = settled(row.Definition)
			row.Comment = b.comment(classTrigger, row.OID)
			rel.Triggers = append(rel.Triggers, &row.Trigger)
			b.is(classTrigger, row.OID, Object{TriggerObject, rel.Schema, rel.Name, row.Name})
		}
	}
	for _, row := range b.rules {
		rel := b.relations[row.Relation]
		switch {
		case rel == nil:
		case row.Own:
			b.is(classRule, row.OID, object(rel))
		default:
			row.Definition = settled(row.Definition)
			row.Comment = b.comment(classRule, row.OID)
			rel.Rules = append(rel.Rules, &row.Rule)
			b.is(classRule, row.OID, Object{RuleObject, rel.Schema, rel.Name, row.Name})
		}
	}
	for _, row := range b.policies {
		if rel := b.relations[row.Relation]; rel != nil {
			row.Using, row.Check = settled(row.Using), settled(row.Check)
			row.Comment = b.comment(classPolicy, row.OID)
			rel.Policies = append(rel.Policies, &row.Policy)
			b.is(classPolicy, row.OID, Object{PolicyObject, rel.Schema, rel.Name, row.Name})
		}
	}
}

// modes are pg_proc's proargmodes.
var modes = map[string]string{"i": "in", "o": "out", "b": "inout", "v": "variadic", "t": "table"}

func (b *builder) buildFunctions() {
	aggregates := map[uint32]*aggregateRow{}
	for _, row := range b.aggregates {
		aggregates[row.OID] = row
	}
	for _, row := range b.functions {
		f := &row.Function
		f.Comment = b.comment(classFunction, row.OID)
		f.Arguments = make([]*Argument, len(row.Types))
		for i, t := range row.Types {
			a := &Argument{Type: t, Mode: "in"}
			if i < len(row.Names) {
				a.Name = row.Names[i]
			}
			if i < len(row.Modes) {
				a.Mode = modes[row.Modes[i]]
			}
			if i < len(row.Defaults) {
				a.Default = settled(row.Defaults[i])
			}
			f.Arguments[i] = a
		}
		if a := aggregates[row.OID]; a != nil {
			f.Definition = a.definition(f)
		}
		f.Definition = strings.TrimRight(f.Definition, "\n")
		if row.Atomic {
			// Other bodies are text, and nobody's to change.
			f.Definition = settled(f.Definition)
		}
		b.d.Functions = append(b.d.Functions, f)
		b.is(classFunction, row.OID, Object{FunctionObject, f.Schema, f.Name, f.Signature})
	}
}

func (b *builder) others() {
	for _, row := range b.collations {
		row.Comment = b.comment(classCollation, row.OID)
		b.d.Collations = append(b.d.Collations, &row.Collation)
		b.is(classCollation, row.OID, Object{Kind: CollationObject, Schema: row.Schema, Name: row.Name})
	}
	for _, row := range b.statistics {
		row.Comment = b.comment(classStatistics, row.OID)
		row.Definition = settled(row.Definition)
		b.d.Statistics = append(b.d.Statistics, &row.Statistics)
		b.is(classStatistics, row.OID, Object{Kind: StatisticsObject, Schema: row.Schema, Name: row.Name})
	}
	for _, row := range b.wrappers {
		row.Comment = b.comment(classWrapper, row.OID)
		b.d.Wrappers = append(b.d.Wrappers, &row.Wrapper)
		b.is(classWrapper, row.OID, Object{Kind: WrapperObject, Name: row.Name})
	}
	for _, row := range b.servers {
		row.Comment = b.comment(classServer, row.OID)
		b.d.Servers = append(b.d.Servers, &row.ServerObject)
		b.is(classServer, row.OID, Object{Kind: ForeignServer, Name: row.Name})
	}
	for _, row := range b.omitted {
		b.d.Omitted = append(b.d.Omitted, row.Name)
	}
}

// link makes the dependencies. A sequence depends on the column that owns it,
// but is made before.
func (b *builder) link() {
	for _, row := range b.dependencies {
		from, known := b.objects[row.id]
		to, alsoKnown := b.objects[id{row.NeedsClass, row.NeedsOID}]
		if !known || !alsoKnown || from == to || from.Kind == SequenceObject && to.Kind == RelationObject {
			continue
		}
		b.d.Dependencies = append(b.d.Dependencies, Dependency{from, to})
	}
}
