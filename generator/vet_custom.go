package generator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/pgwright/pgwright/generator/internal/config"
	"github.com/pgwright/pgwright/generator/internal/vet"
	"github.com/pgwright/pgwright/internal/cel"
	"github.com/pgwright/pgwright/internal/cel/sqlc"
)

// customRules are the rules of a configuration, in sqlc's language.
type customRules struct {
	environment *sqlc.Environment
	byName      map[string]*customRule
}

type customRule struct {
	config.Rule
	program *cel.Program
}

// compile checks the rules of the configuration, also those that no package
// wants.
func (v *vetter) compile() {
	v.rules = &customRules{environment: sqlc.New(), byName: map[string]*customRule{}}
	for _, r := range v.cfg.Rules {
		program, fault := cel.Compile(r.Expression, v.rules.environment.Variables)
		if fault == nil && program.Type.Kind != cel.BoolKind && program.Type.Kind != cel.DynKind {
			fault = &cel.Error{
				Message: fmt.Sprintf("a rule must be a bool, and this is of type %s", program.Type),
				Hint:    `compare it with something, as in query.cmd == "exec"`,
			}
		}
		if fault != nil {
			v.report.diags.Add(v.cfg.At(v.cfg.InExpression(r, fault.Offset), fmt.Sprintf("rule %s: %s", r.Name, fault.Message), fault.Hint))
			continue
		}
		v.rules.byName[r.Name] = &customRule{r, program}
	}
}

// custom applies the rules that the configuration names for the package.
func (w *packageVet) custom(ctx context.Context) error {
	rules := w.named()
	plans := false
	for _, r := range rules {
		plans = plans || r.program.Uses("postgresql") || r.program.Uses("mysql")
	}
	if plans && !w.planned {
		if err := w.explain(ctx, nil); err != nil {
			return err
		}
	}
	for _, q := range w.queries {
		if err := w.apply(q, rules); err != nil {
			return fmt.Errorf("query %s: %w", q.Header.Name, err)
		}
	}
	return nil
}

// named are the rules of the package, and reports the names that mean none.
func (w *packageVet) named() []*customRule {
	var out []*customRule
	for i, name := range w.p.config.Rules {
		if r := w.rules.byName[name]; r != nil {
			if w.wanted(name) {
				out = append(out, r)
			}
			continue
		}
		hint, known := w.known(name)
		if _, builtin := vet.Lookup(name); builtin {
			hint, known = "it is built in and holds for all packages; to switch it off: vet: {disable: [...]} in the options", false
		}
		if !known {
			w.p.diags.Add(w.cfg.At(w.p.config.RulePos(i), fmt.Sprintf("there is no rule %s under rules: at the root of the file", name), hint))
		}
	}
	return out
}

// apply evaluates rules for a query.
func (w *packageVet) apply(q *vetQuery, rules []*customRule) error {
	e := w.rules.environment
	var params []int
	for _, p := range q.model.Params {
		params = append(params, p.Number)
	}
	plan, err := e.PostgreSQL(q.plan)
	if err != nil {
		return err
	}
	variables := map[string]cel.Value{
		"query":      e.Query(statementText(q.model.SQL), q.Header.Name, strings.TrimPrefix(q.Header.Command, ":"), params),
		"config":     e.Config(strconv.Itoa(w.cfg.Version), w.p.config.Schema, w.p.config.Queries),
		"postgresql": plan, "mysql": e.MySQL(),
	}
	report := func(f vet.Finding) {
		if q.silent(f.Rule) {
			hush(q.silences, f.Rule)
			return
		}
		w.finding(q, f)
	}
	for _, r := range rules {
		if !r.program.Uses("postgresql") || w.real {
			q.applied = append(q.applied, r.Name)
		}
		f := vet.Finding{Rule: r.Name, Offset: -1}
		if r.program.Uses("postgresql") && len(plan.Fields) == 0 {
			f.Message = "the rule needs the plan of the statement, and it has none"
			if q.refused != nil {
				f.Message += ": " + q.refused.Message
			}
			f.Hint = fmt.Sprintf("if the rule is not for such statements: -- vet: ignore %s <reason>", r.Name)
			report(f)
			continue
		}
		v, err := r.program.Eval(variables)
		var fault *cel.Error
		hit, isBool := v.(bool)
		switch {
		case errors.As(err, &fault):
			at := w.cfg.InExpression(r.Rule, fault.Offset)
			f.Message = fmt.Sprintf("the rule fails at %s:%d:%d: %s", w.cfg.File, at.Line, at.Column, fault.Message)
		case err != nil:
			return err
		case !isBool:
			f.Message = "the rule gives no bool"
		case !hit:
			continue
		default:
			f.Message = cmp.Or(r.Message, "the rule is true of this query")
		}
		report(f)
	}
	return nil
}

// statementText is a statement as sqlc's rules know it: without the lines that
// are comments as a whole.
func statementText(sql string) string {
	var out []string
	for line := range strings.SplitSeq(strings.TrimSpace(sql), "\n") {
		if strings.HasPrefix(line, "--") || strings.HasPrefix(line, "/*") && strings.HasSuffix(line, "*/") {
			continue
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}
