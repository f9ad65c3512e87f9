package outline

import (
	"slices"
	"strings"

	"github.com/pgwright/pgwright/runtime/introspect"
)

func objectOf(r *introspect.Relation) introspect.Object {
	return introspect.Object{Kind: introspect.RelationObject, Schema: r.Schema, Name: r.Name}
}

// of is an object that a relation has.
func of(r *introspect.Relation, kind introspect.ObjectKind, part string) introspect.Object {
	return introspect.Object{Kind: kind, Schema: r.Schema, Name: r.Name, Part: part}
}

// table adds the steps of a table.
func (w *writer) table(r *introspect.Relation) {
	whole := objectOf(r)
	needs := []introspect.Object{inSchema(r.Schema)}
	w.p.add(whole, func() []string { return w.createTable(r) }, needs...)
	w.relationParts(r)
	for _, c := range slices.Concat(r.Uniques, r.Exclusions) {
		w.parts = append(w.parts, partOf{of(r, introspect.ConstraintObject, c.Name), whole, func() []string { return addConstraint(r, c) }})
	}
	if r.PrimaryKey != nil {
		w.parts = append(w.parts, partOf{of(r, introspect.ConstraintObject, r.PrimaryKey.Name), whole, func() []string { return addConstraint(r, r.PrimaryKey) }})
	}
	for _, c := range r.Checks {
		o, alone := of(r, introspect.ConstraintObject, c.Name), func() []string { return addConstraint(r, c) }
		switch {
		case !c.NotValid:
			w.parts = append(w.parts, partOf{o, whole, alone})
		case !c.Inherited: // else the parent's comes to its children
			w.p.add(o, alone, whole)
		}
	}
	for _, c := range r.ForeignKeys {
		if c.References == nil || w.relations[introspect.Name{Schema: c.References.Schema, Name: c.References.Table}] == nil {
			w.leftOut = append(w.leftOut, "constraint "+name(c.Name)+" of "+qualified(r.Schema, r.Name)+": "+c.Definition)
			continue
		}
		w.p.add(of(r, introspect.ConstraintObject, c.Name), func() []string { return addConstraint(r, c) },
			whole, introspect.Object{Kind: introspect.RelationObject, Schema: c.References.Schema, Name: c.References.Table})
	}
	w.replicaIdentity(r)
}

// relationParts adds what tables and views have alike.
func (w *writer) relationParts(r *introspect.Relation) {
	whole, q := objectOf(r), qualified(r.Schema, r.Name)
	for _, c := range r.Columns {
		if c.Default != "" && w.listed(r, c) {
			w.parts = append(w.parts, partOf{of(r, introspect.DefaultObject, c.Name), whole, func() []string { return []string{setDefault(r, c)} }})
		}
	}
	for _, x := range r.Indexes {
		w.p.add(introspect.Object{Kind: introspect.IndexObject, Schema: r.Schema, Name: x.Name}, func() []string { return w.index(r, x) }, whole)
	}
	for _, t := range r.Triggers {
		w.p.add(of(r, introspect.TriggerObject, t.Name), func() []string {
			return slices.Concat([]string{t.Definition}, enabling(q, "TRIGGER", t.Name, t.Enabled), comment("TRIGGER "+name(t.Name)+" ON", q, t.Comment))
		}, whole)
	}
	for _, rule := range r.Rules {
		w.p.add(of(r, introspect.RuleObject, rule.Name), func() []string {
			return slices.Concat([]string{rule.Definition}, enabling(q, "RULE", rule.Name, rule.Enabled), comment("RULE "+name(rule.Name)+" ON", q, rule.Comment))
		}, whole)
	}
	for _, p := range r.Policies {
		w.p.add(of(r, introspect.PolicyObject, p.Name), func() []string { return policy(q, p) }, whole)
	}
}

// enabling changes when a trigger or rule fires.
func enabling(table, kind, part, state string) []string {
	switch state {
	case "disabled":
		return []string{"ALTER TABLE " + table + " DISABLE " + kind + " " + name(part)}
	case "replica", "always":
		return []string{"ALTER TABLE " + table + " ENABLE " + strings.ToUpper(state) + " " + kind + " " + name(part)}
	}
	return nil
}

func policy(table string, p *introspect.Policy) []string {
	sql := "CREATE POLICY " + name(p.Name) + " ON " + table
	if !p.Permissive {
		sql += " AS RESTRICTIVE"
	}
	if p.Command != "all" {
		sql += " FOR " + strings.ToUpper(p.Command)
	}
	roles := make([]string, len(p.Roles))
	for i, r := range p.Roles {
		roles[i] = name(r)
		if r == "public" {
			roles[i] = "PUBLIC"
		}
	}
	if !slices.Equal(roles, []string{"PUBLIC"}) {
		sql += " TO " + strings.Join(roles, ", ")
	}
	if p.Using != "" {
		sql += " USING (" + p.Using + ")"
	}
	if p.Check != "" {
		sql += " WITH CHECK (" + p.Check + ")"
	}
	return append([]string{sql}, comment("POLICY "+name(p.Name)+" ON", table, p.Comment)...)
}

func (w *writer) index(r *introspect.Relation, x *introspect.Index) []string {
	q := qualified(r.Schema, x.Name)
	out := []string{x.Definition}
	if x.Tablespace != "" {
		out = append(out, "ALTER INDEX "+q+" SET TABLESPACE "+name(x.Tablespace))
	}
	if p := x.PartitionOf; p != nil && r.PartitionOf != nil && w.relations[*r.PartitionOf] != nil {
		out = append(out, "ALTER INDEX "+qualified(p.Schema, p.Name)+" ATTACH PARTITION "+q)
	}
	if x.Clustered {
		out = append(out, "ALTER TABLE "+qualified(r.Schema, r.Name)+" CLUSTER ON "+name(x.Name))
	}
	return append(out, comment("INDEX", q, x.Comment)...)
}

func (w *writer) replicaIdentity(r *introspect.Relation) {
	alter := "ALTER TABLE ONLY " + qualified(r.Schema, r.Name) + " REPLICA IDENTITY "
	needs := []introspect.Object{objectOf(r)}
	switch r.ReplicaIdentity {
	case "":
		return
	case "index":
		if r.ReplicaIdentityIndex == "" {
			return // the index was dropped
		}
		alter += "USING INDEX " + name(r.ReplicaIdentityIndex)
		needs = append(needs, of(r, introspect.ConstraintObject, r.ReplicaIdentityIndex),
			introspect.Object{Kind: introspect.IndexObject, Schema: r.Schema, Name: r.ReplicaIdentityIndex})
	default:
		alter += strings.ToUpper(r.ReplicaIdentity)
	}
	w.p.add(of(r, identityObject, ""), func() []string { return []string{alter} }, needs...)
}

// addConstraint adds a constraint to a table that is there.
func addConstraint(r *introspect.Relation, c *introspect.Constraint) []string {
	return append([]string{"ALTER TABLE " + qualified(r.Schema, r.Name) + "\n    ADD CONSTRAINT " + name(c.Name) + " " + c.Definition}, aboutConstraint(r, c)...)
}

// aboutConstraint is what follows a constraint.
func aboutConstraint(r *introspect.Relation, c *introspect.Constraint) []string {
	q := qualified(r.Schema, r.Name)
	var out []string
	if len(c.Options) > 0 {
		out = append(out, "ALTER INDEX "+qualified(r.Schema, c.Name)+" SET "+storageOptions(c.Options))
	}
	if c.Clustered {
		out = append(out, "ALTER TABLE "+q+" CLUSTER ON "+name(c.Name))
	}
	return append(out, comment("CONSTRAINT "+name(c.Name)+" ON", q, c.Comment)...)
}

func alterWhat(r *introspect.Relation) string {
	switch r.Kind {
	case introspect.View:
		return "ALTER VIEW "
	case introspect.MaterializedView:
		return "ALTER MATERIALIZED VIEW "
	case introspect.Table, introspect.PartitionedTable, introspect.ForeignTable:
	}
	return "ALTER TABLE ONLY "
}

func setDefault(r *introspect.Relation, c *introspect.Column) string {
	return alterWhat(r) + qualified(r.Schema, r.Name) + " ALTER COLUMN " + name(c.Name) + " SET DEFAULT " + c.Default
}

// parents are the tables that a table inherits from, as far as they are there.
func (w *writer) parents(r *introspect.Relation) []*introspect.Relation {
	var out []*introspect.Relation
	for _, n := range r.Inherits {
		if p := w.relations[n]; p != nil {
			out = append(out, p)
		}
	}
	return out
}

// inherits reports whether INHERITS gives a table its columns in their order. It
// does not if a parent got columns, or the table its parent, only later.
func (w *writer) inherits(r *introspect.Relation) bool {
	if len(r.Inherits) == 0 {
		return false
	}
	var columns []string
	for _, p := range w.parents(r) {
		for _, c := range p.Columns {
			if !slices.Contains(columns, c.Name) {
				columns = append(columns, c.Name)
			}
		}
	}
	for _, c := range r.Columns {
		if !c.Inherited {
			columns = append(columns, c.Name)
		}
	}
	return len(w.parents(r)) == len(r.Inherits) &&
		slices.EqualFunc(r.Columns, columns, func(c *introspect.Column, n string) bool { return c.Name == n })
}

// listed reports whether a column is part of CREATE TABLE.
func (w *writer) listed(r *introspect.Relation, c *introspect.Column) bool {
	return c.Local() || !w.inherits(r)
}

func (w *writer) createTable(r *introspect.Relation) []string {
	q := qualified(r.Schema, r.Name)
	inherits := w.inherits(r)
	create := "CREATE TABLE " + q
	switch {
	case r.Kind == introspect.ForeignTable:
		create = "CREATE FOREIGN TABLE " + q
	case r.Unlogged:
		create = "CREATE UNLOGGED TABLE " + q
	}
	if r.OfType != "" {
		create += " OF " + r.OfType
	}
	var after []string
	lines := w.columnLines(r, &after)
	for _, c := range w.tableConstraints(r) {
		after = append(after, aboutConstraint(r, c)...)
		if !(inherits && c.Inherited && !c.Local()) {
			lines = append(lines, "CONSTRAINT "+name(c.Name)+" "+c.Definition)
		}
	}
	if r.OfType == "" || len(lines) > 0 {
		create += " " + block(lines)
	}
	if inherits {
		parents := make([]string, len(r.Inherits))
		for i, p := range r.Inherits {
			parents[i] = qualified(p.Schema, p.Name)
		}
		create += "\nINHERITS " + items(parents)
	}
	if r.PartitionBy != "" {
		create += "\nPARTITION BY " + r.PartitionBy
	}
	if r.Server != "" {
		create += "\nSERVER " + name(r.Server) + serverOptions(r.ServerOptions)
	}
	create += storage(r)
	out := []string{create}
	if !inherits {
		for _, p := range w.parents(r) {
			out = append(out, "ALTER TABLE "+q+" INHERIT "+qualified(p.Schema, p.Name))
		}
	}
	if p := r.PartitionOf; p != nil && w.relations[*p] != nil {
		out = append(out, "ALTER TABLE ONLY "+qualified(p.Schema, p.Name)+" ATTACH PARTITION "+q+" "+r.PartitionBound)
	}
	if r.RowSecurity {
		out = append(out, "ALTER TABLE "+q+" ENABLE ROW LEVEL SECURITY")
	}
	if r.ForceRowSecurity {
		out = append(out, "ALTER TABLE "+q+" FORCE ROW LEVEL SECURITY")
	}
	kind := "TABLE"
	if r.Kind == introspect.ForeignTable {
		kind = "FOREIGN TABLE"
	}
	return slices.Concat(out, after, comment(kind, q, r.Comment), columnComments(r))
}

func columnComments(r *introspect.Relation) []string {
	var out []string
	for _, c := range r.Columns {
		out = append(out, comment("COLUMN", qualified(r.Schema, r.Name)+"."+name(c.Name), c.Comment)...)
		if c.Identity != nil && c.Identity.Sequence != nil {
			s := c.Identity.Sequence
			out = append(out, comment("SEQUENCE", qualified(s.Schema, s.Name), s.Comment)...)
		}
	}
	return out
}

// storage is where and how a relation is kept.
func storage(r *introspect.Relation) string {
	sql := ""
	if r.AccessMethod != "" {
		sql += "\nUSING " + name(r.AccessMethod)
	}
	if len(r.Options) > 0 {
		sql += "\nWITH " + storageOptions(r.Options)
	}
	if r.Tablespace != "" {
		sql += "\nTABLESPACE " + name(r.Tablespace)
	}
	return sql
}

// tableConstraints are those that are written with the table, keys first.
func (w *writer) tableConstraints(r *introspect.Relation) []*introspect.Constraint {
	var out []*introspect.Constraint
	if r.PrimaryKey != nil {
		out = append(out, r.PrimaryKey)
	}
	out = slices.Concat(out, r.Uniques, r.Exclusions, r.Checks)
	return slices.DeleteFunc(out, func(c *introspect.Constraint) bool {
		return !w.joined(of(r, introspect.ConstraintObject, c.Name))
	})
}

// columnLines are the columns of CREATE TABLE. What has to be said of them
// afterwards is appended to after.
func (w *writer) columnLines(r *introspect.Relation, after *[]string) []string {
	q := qualified(r.Schema, r.Name)
	alter := func(c *introspect.Column, what string) {
		*after = append(*after, "ALTER TABLE ONLY "+q+" ALTER COLUMN "+name(c.Name)+" "+what)
	}
	var lines []string
	for _, c := range r.Columns {
		if c.Storage != "" {
			alter(c, "SET STORAGE "+strings.ToUpper(c.Storage))
		}
		if len(c.Options) > 0 {
			alter(c, "SET "+storageOptions(c.Options))
		}
		if n := c.NotNullConstraint; n != nil && n.NotValid && !c.Inherited {
			*after = append(*after, "ALTER TABLE "+q+" ADD CONSTRAINT "+name(n.Name)+" NOT NULL "+name(c.Name)+noInherit(n)+" NOT VALID")
		}
		if !w.listed(r, c) {
			w.inheritedColumn(r, c, alter)
			continue
		}
		traits := w.traits(r, c)
		switch {
		case r.OfType == "":
			lines = append(lines, name(c.Name)+" "+c.Type+traits)
		case traits != "":
			lines = append(lines, name(c.Name)+" WITH OPTIONS"+traits)
		}
	}
	return lines
}

// inheritedColumn changes what a column has otherwise than its parents'.
func (w *writer) inheritedColumn(r *introspect.Relation, c *introspect.Column, alter func(*introspect.Column, string)) {
	fallback, notNull := "", false
	for _, p := range w.parents(r) {
		for _, o := range p.Columns {
			if o.Name == c.Name {
				fallback, notNull = o.Default, notNull || o.NotNull && (o.NotNullConstraint == nil || !o.NotNullConstraint.NoInherit)
			}
		}
	}
	switch {
	case c.Default == fallback:
	case c.Default == "":
		alter(c, "DROP DEFAULT")
	default:
		alter(c, "SET DEFAULT "+c.Default)
	}
	if c.NotNull && !notNull {
		alter(c, "SET NOT NULL")
	}
}

func noInherit(n *introspect.NotNull) string {
	if n.NoInherit {
		return " NO INHERIT"
	}
	return ""
}

// traits are what follows a column's type.
func (w *writer) traits(r *introspect.Relation, c *introspect.Column) string {
	sql := ""
	if c.Compression != "" {
		sql += " COMPRESSION " + c.Compression
	}
	sql += serverOptions(c.ServerOptions)
	sql += collate(c.Collation)
	switch {
	case c.Generated != "":
		sql += " GENERATED ALWAYS AS (" + c.Expression + ") " + strings.ToUpper(c.Generated)
	case c.Identity != nil && c.Identity.Sequence != nil:
		sql += identity(r, c)
	case c.Default != "" && w.joined(of(r, introspect.DefaultObject, c.Name)):
		sql += " DEFAULT " + c.Default
	}
	n := c.NotNullConstraint
	switch {
	case !c.NotNull || n != nil && n.NotValid:
	case n != nil:
		sql += " CONSTRAINT " + name(n.Name) + " NOT NULL" + noInherit(n)
	default:
		sql += " NOT NULL"
	}
	return sql
}

func identity(r *introspect.Relation, c *introspect.Column) string {
	s := c.Identity.Sequence
	sql := " GENERATED BY DEFAULT AS IDENTITY"
	if c.Identity.Always {
		sql = " GENERATED ALWAYS AS IDENTITY"
	}
	options := sequenceOptions(s)
	if s.Schema != r.Schema || s.Name != r.Name+"_"+c.Name+"_seq" {
		options = append([]string{"SEQUENCE NAME " + qualified(s.Schema, s.Name)}, options...)
	}
	if len(options) > 0 {
		sql += " (" + strings.Join(options, " ") + ")"
	}
	return sql
}

// view adds the steps of a view.
func (w *writer) view(r *introspect.Relation) {
	q := qualified(r.Schema, r.Name)
	var s *step
	s = w.p.add(objectOf(r), func() []string {
		create := "CREATE VIEW "
		if s.stood {
			create = "CREATE OR REPLACE VIEW "
		}
		kind, tail := "VIEW", ""
		if r.Kind == introspect.MaterializedView {
			create, kind = "CREATE MATERIALIZED VIEW ", "MATERIALIZED VIEW"
			if r.NotPopulated {
				tail = "\nWITH NO DATA"
			}
		}
		out := []string{create + q + storage(r) + " AS\n" + strings.TrimSuffix(r.Definition, ";") + tail}
		for _, c := range r.Columns {
			if c.Default != "" && w.joined(of(r, introspect.DefaultObject, c.Name)) {
				out = append(out, setDefault(r, c))
			}
			if c.Storage != "" {
				out = append(out, alterWhat(r)+q+" ALTER COLUMN "+name(c.Name)+" SET STORAGE "+strings.ToUpper(c.Storage))
			}
		}
		return slices.Concat(out, comment(kind, q, r.Comment), columnComments(r))
	}, inSchema(r.Schema))
	s.rank = viewRank
	if r.Kind == introspect.View {
		s.placeholder = func() []string {
			columns := make([]string, len(r.Columns))
			for i, c := range r.Columns {
				columns[i] = "NULL::" + c.Type + collate(c.Collation) + " AS " + name(c.Name)
			}
			return []string{"CREATE VIEW " + q + " AS\nSELECT " + strings.Join(columns, ",\n    ")}
		}
	}
	w.relationParts(r)
}
