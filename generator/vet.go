package generator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pgwright/pgwright/generator/internal/analysis"
	"github.com/pgwright/pgwright/generator/internal/config"
	"github.com/pgwright/pgwright/generator/internal/diag"
	"github.com/pgwright/pgwright/generator/internal/model"
	"github.com/pgwright/pgwright/generator/internal/nodetree"
	"github.com/pgwright/pgwright/generator/internal/schema"
	"github.com/pgwright/pgwright/generator/internal/sqltext"
	"github.com/pgwright/pgwright/generator/internal/vet"
	"github.com/pgwright/pgwright/runtime/catalog"
)

// VetReport is what [Vet] has against a project. Its JSON form is stable.
type VetReport struct {
	Findings []*VetFinding `json:"findings"`
	// Errors are what keeps queries from being vetted.
	Errors []*Problem `json:"errors"`
	// Queries is the number of queries that were vetted.
	Queries int `json:"queries"`

	diags diag.List
}

// VetFinding is a finding of one rule.
type VetFinding struct {
	Rule string `json:"rule"`
	// Severity is "error", "warning" or "note".
	Severity string `json:"severity"`
	// Query is the name of the query, empty for a finding about the schema.
	Query  string `json:"query"`
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	// Message is that of the rule, Hint says what to do; it may be empty.
	Message string `json:"message"`
	Hint    string `json:"hint"`

	diagnostic *diag.Diagnostic
}

// Fails reports whether a finding is an error, or a query could not be vetted.
func (r *VetReport) Fails() bool {
	return len(r.Errors) > 0 || slices.ContainsFunc(r.Findings, func(f *VetFinding) bool { return f.Severity == "error" })
}

// Report is the errors and warnings about the project's files as text for
// people.
func (r *VetReport) Report() string { return r.diags.Format() }

// Text is the findings for people, each with its place, its line and its rule.
// Notes are among them only if they are asked for.
func (r *VetReport) Text(notes bool) string {
	var list diag.List
	for _, f := range r.Findings {
		if f.diagnostic.Severity != diag.Note || notes {
			d := *f.diagnostic
			d.Message += " [" + f.Rule + "]"
			list.Add(&d)
		}
	}
	return list.Format()
}

// VetRule is a rule that is built in.
type VetRule struct {
	Name, Summary, Why string
	// Schema, Bad and Good are an example in SQL. Schema is empty where Bad and
	// Good are schemas themselves.
	Schema, Bad, Good string
}

// VetRules lists the rules that are built in, by name.
func VetRules() []VetRule {
	var out []VetRule
	for _, r := range vet.Rules() {
		out = append(out, VetRule{Name: r.Name, Summary: r.Summary, Why: r.Why, Schema: r.Schema, Bad: r.Bad, Good: r.Good})
	}
	return out
}

// dbPrepare is sqlc's own rule. Here it holds without saying so: a query that
// PostgreSQL rejects cannot be vetted.
const dbPrepare = "sqlc/db-prepare"

// largeTable is the number of rows from which a table is large, if nobody says
// otherwise.
const largeTable = 10_000

// Vet applies the rules that are built in, and those of the configuration, to a
// project's queries and schema. With rules, only those with these names are
// applied. No statement is executed. The error is for what is no fault of the
// project's files, such as a missing server.
func Vet(ctx context.Context, opt Options, rules []string) (r *VetReport, err error) {
	databases := databases{running: map[string]*database{}}
	defer func() { err = errors.Join(err, databases.close(ctx)) }()
	path, err := configPath(opt)
	if err != nil {
		return nil, err
	}
	cfg, diags := config.Load(path)
	r = &VetReport{Findings: []*VetFinding{}, Errors: []*Problem{}, diags: diags}
	if cfg != nil {
		v := &vetter{loader: &loader{opt: opt, cfg: cfg, databases: &databases}, only: rules, report: r, seen: map[VetFinding]bool{}, ignores: map[place]*ignore{}}
		for _, name := range rules {
			if hint, known := v.known(name); !known {
				return nil, fmt.Errorf("there is no rule %s%s", name, strings.TrimSuffix("; "+hint, "; "))
			}
		}
		v.compile()
		for _, pkg := range cfg.Packages {
			p := &projectPackage{config: pkg}
			if err := v.vet(ctx, p); err != nil {
				return nil, err
			}
			v.report.diags.Join(p.diags)
		}
		v.report.diags.Join(v.useless())
	}
	r.Errors = problems(r.diags)
	slices.SortStableFunc(r.Findings, func(a, b *VetFinding) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, a.Column-b.Column, strings.Compare(a.Rule, b.Rule), strings.Compare(a.Message, b.Message))
	})
	return r, nil
}

// vetter vets the packages of a configuration.
type vetter struct {
	*loader
	only   []string
	rules  *customRules
	report *VetReport
	seen   map[VetFinding]bool
	// ignores are the lines that silence rules.
	ignores map[place]*ignore
}

// place is a byte of a file, by the file's name.
type place struct {
	file   string
	offset int
}

// ignore is a line that silences a rule.
type ignore struct {
	// used is true if the rule would have found something, and judged if a package
	// was looked at in which it could have.
	used, judged bool
	warning      *diag.Diagnostic
}

// useless are warnings about lines that silence nothing, as far as that can be
// told. Of a file that is in two packages, a line may be for one of them.
func (v *vetter) useless() diag.List {
	var out diag.List
	for _, i := range v.ignores {
		if i.judged && !i.used {
			out.Add(i.warning)
		}
	}
	return out
}

// ignore is the entry for a line that silences a rule.
func (v *vetter) ignore(f *sqltext.File, offset int, rule string) *ignore {
	at := place{f.Name, offset}
	if v.ignores[at] == nil {
		v.ignores[at] = &ignore{warning: f.Warning(offset, fmt.Sprintf("this line silences nothing: %s finds nothing here", rule), "the line can go")}
	}
	return v.ignores[at]
}

// known reports whether there is a rule of a name, and if not which one may
// have been meant.
func (v *vetter) known(name string) (hint string, known bool) {
	names := []string{dbPrepare}
	for _, r := range vet.Rules() {
		names = append(names, r.Name)
	}
	for _, r := range v.cfg.Rules {
		names = append(names, r.Name)
	}
	if slices.Contains(names, name) {
		return "", true
	}
	return diag.DidYouMean(name, names), false
}

// add files a finding at a place.
func (v *vetter) add(rule, query string, d *diag.Diagnostic) {
	f := VetFinding{
		Rule: rule, Severity: severities[d.Severity], Query: query,
		File: d.File, Line: d.Line, Column: d.Column, Message: d.Message, Hint: d.Hint,
	}
	// Two packages may have the same queries.
	if v.seen[f] {
		return
	}
	v.seen[f] = true
	f.diagnostic = d
	v.report.Findings = append(v.report.Findings, &f)
}

var severities = [...]string{diag.Error: "error", diag.Warning: "warning", diag.Note: "note"}

// vet vets one package.
func (v *vetter) vet(ctx context.Context, p *projectPackage) (err error) {
	files := v.queries(p)
	queries, diags := analysis.Queries(files)
	p.diags.Join(diags)
	open, live, err := v.live(ctx, p)
	if err != nil || live && open == nil {
		return err
	}
	var session *analysis.Session
	var scripts []*schema.Script
	if live {
		// The database has the schema; its files only tell where things stand.
		scripts, _, _ = schema.Load(v.cfg.Root, p.config.Schema)
		if session, err = open(ctx); err != nil {
			return fmt.Errorf("connect to the database: %w", err)
		}
		defer func() { err = errors.Join(err, session.Close(ctx)) }()
	} else {
		var ok bool
		if scripts, ok = v.scripts(p); !ok {
			return nil
		}
		d, err := v.throwaway(ctx, p, scripts)
		if err != nil || d == nil {
			return err
		}
		if session, err = d.open(ctx, !v.opt.NoQueryTree); err != nil {
			return err
		}
	}
	w := &packageVet{vetter: v, p: p, session: session, real: live, scripts: scripts}
	return w.run(ctx, queries)
}

// packageVet is the work on one package.
type packageVet struct {
	*vetter
	p       *projectPackage
	session *analysis.Session
	// real is true if the database is the user's and has rows.
	real    bool
	scripts []*schema.Script
	checker *vet.Checker
	queries []*vetQuery
	// planned is true if the queries have the plans that they have when nobody
	// turns anything off.
	planned bool
	// unplanned are the queries that the server gives no plan for although
	// they have one, by what it says.
	unplanned map[string][]string
}

// vetQuery is a query that PostgreSQL takes, on its way through the rules.
type vetQuery struct {
	*analysis.Query
	model    *model.Query
	silences []*silence
	// treeless is true if there is no query tree, and applied are the rules of the
	// configuration that were.
	treeless bool
	applied  []string
	// plan is how the server runs the query, nil if it refuses to say, and
	// refused is why.
	plan    []byte
	refused *pgconn.PgError
}

func (w *packageVet) run(ctx context.Context, queries []*analysis.Query) error {
	w.disabled()
	if w.session.NoTree != "" {
		w.p.diags.Add(&diag.Diagnostic{
			Severity: diag.Warning, File: w.cfg.File,
			Message: w.session.NoTree + ", so rules that need the query tree find nothing",
		})
	}
	result, err := analysis.Run(ctx, w.session, queries)
	if err != nil {
		return err
	}
	w.accepted(queries, result)
	statistics, err := w.session.Statistics(ctx)
	if err != nil {
		return err
	}
	w.checker = vet.New(w.session.Catalog, w.options(statistics.Rows))
	if w.wanted("foreign-key-index") {
		w.foreignKeys(statistics.ForeignKeys)
	}
	if err := w.builtin(ctx); err != nil {
		return err
	}
	if err := w.custom(ctx); err != nil {
		return err
	}
	for _, q := range w.queries {
		for _, s := range q.silences {
			if !s.Lasting && s.Fault == "" {
				i := w.ignore(q.File, s.offset, s.Rules[0])
				i.used = i.used || s.used
				i.judged = i.judged || w.judges(q, s.Rules[0])
			}
		}
	}
	return nil
}

// judges reports whether a rule would have found what there is to find in a
// query. Some need to know how large the tables are.
func (w *packageVet) judges(q *vetQuery, rule string) bool {
	if _, builtin := vet.Lookup(rule); !builtin {
		return slices.Contains(q.applied, rule)
	}
	if rule == "seq-scan" || rule == "no-limit" {
		return w.wanted(rule) && w.real && q.plan != nil && !q.treeless
	}
	return w.wanted(rule) && !q.treeless
}

// wanted reports whether the command line and the configuration want a rule.
func (w *packageVet) wanted(rule string) bool {
	if len(w.only) > 0 {
		return slices.Contains(w.only, rule)
	}
	return !slices.Contains(w.p.config.Options.Vet.Disable, rule)
}

// disabled reports rules that are disabled and do not exist.
func (w *packageVet) disabled() {
	o := w.p.config.Options.Vet
	for i, name := range o.Disable {
		if hint, known := w.known(name); !known {
			w.p.diags.Add(w.cfg.At(o.DisablePos[i], fmt.Sprintf("there is no rule %q to disable", name), hint))
		}
	}
}

// options say how large the tables are.
func (w *packageVet) options(rows map[uint32]int64) vet.Options {
	o := w.p.config.Options.Vet
	out := vet.Options{Large: largeTable, Real: w.real, Rows: map[uint32]int64{}}
	if o.LargeTable != nil {
		out.Large = *o.LargeTable
	}
	if w.real {
		out.Rows = rows
		return out
	}
	found := map[string]bool{}
	var names []string
	for _, r := range w.session.Catalog.Relations {
		if r.OID < catalog.FirstUserOID {
			continue
		}
		names = append(names, r.Name)
		for _, name := range []string{r.Name, r.Schema + "." + r.Name} {
			if n, ok := o.Rows[name]; ok {
				out.Rows[r.OID], found[name] = n, true
			}
		}
	}
	for name, pos := range o.RowsPos {
		if found[name] {
			continue
		}
		w.p.diags.Add(w.cfg.At(pos, fmt.Sprintf("rows: there is no table %s", name), diag.DidYouMean(name, names)))
	}
	return out
}

// accepted takes the queries that PostgreSQL takes, and reports what is wrong
// with the others, unless they say that nobody shall look.
func (w *packageVet) accepted(queries []*analysis.Query, result *analysis.Result) {
	models := map[string]*model.Query{}
	for _, m := range result.Package.Queries {
		models[m.Name] = m
	}
	quiet := map[*diag.Diagnostic]bool{}
	for _, q := range queries {
		vq := &vetQuery{Query: q, model: models[q.Header.Name], silences: w.silences(q.File, q.VetLines())}
		switch {
		case vq.model != nil:
			w.queries = append(w.queries, vq)
		case vq.silent(dbPrepare):
			quiet[result.Rejected[q.Header.Name]] = true
		}
	}
	w.report.Queries += len(w.queries)
	for _, d := range result.Diagnostics.Sorted() {
		if !quiet[d] {
			w.p.diags.Add(d)
		}
	}
}

// silences reads the lines for vet, and reports those that mean nothing.
func (w *packageVet) silences(f *sqltext.File, lines []sqltext.VetLine) []*silence {
	var out []*silence
	for _, l := range lines {
		s, ok := vet.ParseSilence(l.Text)
		if !ok {
			continue
		}
		if s.Fault != "" {
			w.p.diags.Add(f.Error(l.Offset, s.Fault, s.Hint))
		}
		if s.Fault != "" && len(s.Rules) == 0 {
			continue
		}
		for _, name := range s.Rules {
			if hint, known := w.known(name); !known {
				w.p.diags.Add(f.Error(l.Offset, fmt.Sprintf("there is no rule %q to ignore", name), hint))
			}
		}
		out = append(out, &silence{Silence: s, offset: l.Offset})
	}
	return out
}

// silence is a line that silences rules.
type silence struct {
	vet.Silence
	offset int
	// used is true once it has kept a finding from being reported.
	used bool
}

func (s *silence) names(rule string) bool { return len(s.Rules) == 0 || slices.Contains(s.Rules, rule) }

// silent reports whether the query does not want a rule.
func (q *vetQuery) silent(rule string) bool { return silenced(q.silences, rule) }

func silenced(list []*silence, rule string) bool {
	return slices.ContainsFunc(list, func(s *silence) bool { return s.names(rule) })
}

// hush marks the lines that keep a finding of a rule from being reported.
func hush(list []*silence, rule string) {
	for _, s := range list {
		s.used = s.used || s.names(rule)
	}
}

// builtin applies the rules that are built in.
func (w *packageVet) builtin(ctx context.Context) error {
	if w.wanted("seq-scan") || w.real && w.wanted("no-limit") {
		var set [][2]string
		if !w.real {
			set = append(set, [2]string{"enable_seqscan", "off"})
		}
		if err := w.explain(ctx, set); err != nil {
			return err
		}
	}
	list := make([]*analysis.Query, len(w.queries))
	for i, q := range w.queries {
		list[i] = q.Query
	}
	var failed error
	w.unplanned = map[string][]string{}
	err := w.session.Trees(ctx, list, func(i int, tree *nodetree.Node) {
		q := w.queries[i]
		if q.refused != nil && tree != nil && tree.Get("utilityStmt").IsNull() {
			w.unplanned[q.refused.Message] = append(w.unplanned[q.refused.Message], q.Header.Name)
		}
		failed = errors.Join(failed, w.statement(q, tree))
	})
	for _, message := range slices.Sorted(maps.Keys(w.unplanned)) {
		names := w.unplanned[message]
		what := "query " + names[0] + " has"
		if len(names) > 1 {
			what = fmt.Sprintf("query %s and %d more have", names[0], len(names)-1)
		}
		w.p.diags.Add(&diag.Diagnostic{
			Severity: diag.Warning, File: w.cfg.File,
			Message: fmt.Sprintf("%s no plan, and rules that need one find nothing: %s", what, message),
		})
	}
	return errors.Join(err, failed)
}

func (w *packageVet) statement(q *vetQuery, tree *nodetree.Node) error {
	st := &vet.Statement{
		SQL: q.Rewritten.SQL, Tree: tree, Params: len(q.model.Params),
		Collects: q.model.Command == model.Many || q.model.Command == model.BatchMany,
		Nullable: func(n int) bool {
			return slices.ContainsFunc(q.model.Params, func(p *model.Param) bool { return p.Number == n && p.Nullable })
		},
	}
	for _, e := range q.Rewritten.Embeds {
		st.Embeds = append(st.Embeds, e.Start)
	}
	if q.plan != nil {
		plan, err := vet.ParsePlan(q.plan)
		if err != nil {
			return fmt.Errorf("query %s: %w", q.Header.Name, err)
		}
		st.Plan = plan
	}
	found := w.checker.Statement(st, func(rule string) bool { return w.wanted(rule) && !q.silent(rule) })
	for _, f := range found {
		w.finding(q, f)
	}
	q.treeless = tree == nil
	if len(q.silences) > 0 {
		for _, f := range w.checker.Statement(st, func(rule string) bool { return w.wanted(rule) && q.silent(rule) }) {
			hush(q.silences, f.Rule)
		}
	}
	return nil
}

// finding files a finding about a query at its place in the file.
func (w *packageVet) finding(q *vetQuery, f vet.Finding) {
	offset := q.Header.Offset
	if f.Offset >= 0 {
		offset = q.Rewritten.MapOffset(f.Offset)
	}
	d := q.File.Error(offset, f.Message, f.Hint)
	d.Severity = f.Severity
	w.add(f.Rule, q.Header.Name, d)
}

// explain asks for the plans of all queries.
func (w *packageVet) explain(ctx context.Context, set [][2]string) error {
	list := make([]analysis.Explained, len(w.queries))
	for i, q := range w.queries {
		list[i].SQL = q.Rewritten.SQL
		// COPY has its parameters in the order of the columns.
		params := slices.SortedFunc(slices.Values(q.model.Params), func(a, b *model.Param) int { return a.Number - b.Number })
		for _, p := range params {
			list[i].Params = append(list[i].Params, p.Type.Display)
		}
	}
	w.planned = len(set) == 0
	return w.session.Explain(ctx, list, set, func(i int, plan []byte, refused *pgconn.PgError) {
		w.queries[i].plan, w.queries[i].refused = plan, refused
	})
}

// foreignKeys vets those of the schema.
func (w *packageVet) foreignKeys(keys []analysis.ForeignKey) {
	var files []*sqltext.File
	for _, s := range w.scripts {
		if len(files) == 0 || files[len(files)-1] != s.File {
			files = append(files, s.File)
		}
	}
	list := make([]vet.ForeignKey, len(keys))
	for i, k := range keys {
		list[i] = vet.ForeignKey(k)
	}
	const rule = "foreign-key-index"
	for _, f := range files {
		for _, l := range f.VetLines(0, len(f.Text)) {
			// What is wrong with a line is said where it would count. With a database, a
			// table may just be too small for the rule.
			if s, ok := vet.ParseSilence(l.Text); ok && s.Fault == "" && !s.Lasting && s.Rules[0] == rule && !w.real {
				w.ignore(f, l.Offset, rule).judged = true
			}
		}
	}
	found := w.checker.ForeignKeys(list)
	if len(found) == 0 {
		return
	}
	declared := vet.Declare(files)
	for _, f := range found {
		d := &diag.Diagnostic{Message: f.Message, Hint: f.Hint}
		if st, offset := declared.ForeignKey(f.Table.Name, f.Columns); st != nil {
			silences := w.silences(st.File, declaredSilences(st, offset))
			if silenced(silences, f.Rule) {
				for _, s := range silences {
					if !s.Lasting && s.names(f.Rule) {
						w.ignore(st.File, s.offset, f.Rule).used = true
					}
				}
				continue
			}
			d = st.File.Error(offset, f.Message, f.Hint)
		}
		d.Severity = f.Severity
		w.add(f.Rule, "", d)
	}
}

// declaredSilences are the lines for vet that are about a place of a schema:
// those in the comment above the statement, in the same line, and in the lines
// of comments right above.
func declaredSilences(st *sqltext.Statement, offset int) []sqltext.VetLine {
	f := st.File
	from := 0
	for _, other := range f.Statements {
		if other.End < st.Start {
			from = max(from, other.End)
		}
	}
	line := f.Line(offset)
	var out []sqltext.VetLine
	for _, l := range f.VetLines(from, len(f.Text)) {
		switch at := f.Line(l.Offset); {
		case l.Offset < st.Start && (from == 0 || at > f.Line(from)), at == line, at == line-1:
			out = append(out, l)
		}
	}
	return out
}
