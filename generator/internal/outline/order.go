package outline

import (
	"cmp"
	"container/heap"
	"errors"
	"slices"
	"strings"

	"github.com/pgwright/pgwright/runtime/introspect"
)

// Kinds of steps that are no objects of their own.
const (
	shellObject    introspect.ObjectKind = "shell type"
	ownerObject    introspect.ObjectKind = "owner of a sequence"
	identityObject introspect.ObjectKind = "replica identity"
)

// ranks are the places of kinds among steps that could all come next. What
// others need comes first all the same.
var ranks = map[introspect.ObjectKind]int{
	introspect.SchemaObject: 0, introspect.ExtensionObject: 1, introspect.CollationObject: 2, introspect.WrapperObject: 3,
	introspect.ForeignServer: 4, shellObject: 5, introspect.TypeObject: 6, introspect.SequenceObject: 7, introspect.FunctionObject: 8,
	introspect.RelationObject: 9, ownerObject: 10, introspect.DefaultObject: 11, introspect.IndexObject: 13,
	introspect.StatisticsObject: 14, identityObject: 15, introspect.ConstraintObject: 16, introspect.TriggerObject: 17,
	introspect.RuleObject: 18, introspect.PolicyObject: 19,
}

// viewRank has views come after the tables.
const viewRank = 12

// step is a part of the script.
type step struct {
	object introspect.Object
	rank   int
	// needs are the objects that must exist before, besides those that the
	// database's dependencies name.
	needs []introspect.Object
	// write writes the statements, once it is decided what is part of which.
	write func() []string
	// placeholder stands in for a view until its query can be understood; nil
	// for other steps.
	placeholder func() []string

	waits   int
	waiting []*step
	stood   bool // the placeholder was written
	done    bool
}

// plan is the script in the making.
type plan struct {
	steps map[introspect.Object]*step
	// part says of which step an object is a part, if not of its own.
	part  map[introspect.Object]introspect.Object
	needs map[introspect.Object][]introspect.Object
}

func newPlan(d *introspect.Database) *plan {
	p := &plan{
		steps: map[introspect.Object]*step{},
		part:  map[introspect.Object]introspect.Object{},
		needs: map[introspect.Object][]introspect.Object{},
	}
	for _, dep := range d.Dependencies {
		p.needs[dep.Object] = append(p.needs[dep.Object], dep.Needs)
	}
	return p
}

func (p *plan) add(o introspect.Object, write func() []string, needs ...introspect.Object) *step {
	s := &step{object: o, rank: ranks[o.Kind], write: write, needs: needs}
	p.steps[o] = s
	return s
}

// resolve returns the object whose step makes another one.
func (p *plan) resolve(o introspect.Object) introspect.Object {
	if whole, ok := p.part[o]; ok {
		return whole
	}
	return o
}

// join makes an object a part of another one's step, unless what it needs in
// turn needs that one. It reports whether it did.
func (p *plan) join(o, whole introspect.Object) bool {
	seen := map[introspect.Object]bool{}
	var reaches func(from introspect.Object) bool
	reaches = func(from introspect.Object) bool {
		from = p.resolve(from)
		if from == whole {
			return true
		}
		if seen[from] {
			return false
		}
		seen[from] = true
		return slices.ContainsFunc(p.all(from), reaches)
	}
	for _, n := range p.needs[o] {
		if p.resolve(n) != whole && reaches(n) {
			return false
		}
	}
	p.part[o] = whole
	p.needs[whole] = append(p.needs[whole], p.needs[o]...)
	return true
}

// all are the objects that a step needs.
func (p *plan) all(o introspect.Object) []introspect.Object {
	s := p.steps[o]
	if s == nil || len(s.needs) == 0 {
		return p.needs[o]
	}
	return slices.Concat(p.needs[o], s.needs)
}

// order writes the steps, each after those that it needs.
func (p *plan) order() ([][]string, error) {
	var all []*step
	for o, s := range p.steps {
		all = append(all, s)
		var needs []introspect.Object
		for _, n := range p.all(o) {
			if n = p.resolve(n); n != o && p.steps[n] != nil && !slices.Contains(needs, n) {
				needs = append(needs, n)
			}
		}
		for _, n := range needs {
			p.steps[n].waiting = append(p.steps[n].waiting, s)
		}
		s.waits = len(needs)
	}
	slices.SortFunc(all, compareSteps)
	ready := &steps{}
	for _, s := range all {
		if s.waits == 0 {
			heap.Push(ready, s)
		}
	}
	var out [][]string
	for left := len(all); left > 0; left-- {
		if ready.Len() == 0 {
			// Views can need each other, be it through functions.
			i := slices.IndexFunc(all, func(s *step) bool { return !s.done && !s.stood && s.placeholder != nil })
			if i < 0 {
				return nil, p.stuck(all)
			}
			all[i].stood = true
			out = append(out, all[i].placeholder())
			release(all[i], ready)
			left++
			continue
		}
		s := heap.Pop(ready).(*step)
		s.done = true
		out = append(out, s.write())
		if !s.stood {
			release(s, ready)
		}
	}
	return out, nil
}

func release(s *step, ready *steps) {
	for _, w := range s.waiting {
		if w.waits--; w.waits == 0 {
			heap.Push(ready, w)
		}
	}
}

func (p *plan) stuck(all []*step) error {
	var names []string
	for _, s := range all {
		if !s.done {
			names = append(names, string(s.object.Kind)+" "+qualified(s.object.Schema, s.object.Name))
		}
	}
	return errors.New("these objects need each other, and none can be made first: " + strings.Join(names, ", "))
}

func compareSteps(a, b *step) int {
	return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.object.Schema, b.object.Schema),
		cmp.Compare(a.object.Name, b.object.Name), cmp.Compare(a.object.Part, b.object.Part), cmp.Compare(a.object.Kind, b.object.Kind))
}

// steps is a heap of those that can come next.
type steps []*step

func (s steps) Len() int           { return len(s) }
func (s steps) Less(i, j int) bool { return compareSteps(s[i], s[j]) < 0 }
func (s steps) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }

// Push and Pop are container/heap's.
func (s *steps) Push(x any) { *s = append(*s, x.(*step)) }

func (s *steps) Pop() any {
	last := (*s)[len(*s)-1]
	*s = (*s)[:len(*s)-1]
	return last
}
