package introspect

import (
	"fmt"
	"strconv"
	"strings"
)

// What PostgreSQL has no function to print is written here, in the terms of the
// reference pages of CREATE AGGREGATE and CREATE TYPE.

// aggregateRow is a row of pg_aggregate.
type aggregateRow struct {
	OID              uint32
	Quoted           string // the name as SQL
	Kind, Parallel   string
	SFunc, SType     string
	SSpace           int
	FinalFunc        *string
	FinalFuncExtra   bool   `json:"finalfunc_extra"`
	FinalFuncModify  string `json:"finalfunc_modify"`
	CombineFunc      *string
	SerialFunc       *string
	DeserialFunc     *string
	InitCond         *string
	MSFunc           *string
	MInvFunc         *string
	MSType           *string
	MSSpace          int
	MFinalFunc       *string
	MFinalFuncExtra  bool   `json:"mfinalfunc_extra"`
	MFinalFuncModify string `json:"mfinalfunc_modify"`
	MInitCond        *string
	SortOp           *string
}

// The values of pg_aggregate.aggkind.
const (
	ordinary     = "n"
	hypothetical = "h"
)

// modifies are aggfinalmodify and aggmfinalmodify, and parallels proparallel.
var (
	modifies  = map[string]string{"r": "read_only", "s": "shareable", "w": "read_write"}
	parallels = map[string]string{"s": "safe", "r": "restricted"}
)

// list collects the options of a definition.
type list struct{ items []string }

func (l *list) add(name, value string) { l.items = append(l.items, name+" = "+value) }

func (l *list) name(name string, value *string) {
	if value != nil {
		l.add(name, *value)
	}
}

func (l *list) text(name string, value *string) {
	if value != nil {
		l.add(name, literal(*value))
	}
}

func (l *list) flag(name string, set bool) {
	if set {
		l.items = append(l.items, name)
	}
}

func (l *list) String() string { return " (\n    " + strings.Join(l.items, ",\n    ") + "\n)" }

func (a *aggregateRow) definition(f *Function) string {
	var l list
	l.add("SFUNC", a.SFunc)
	l.add("STYPE", a.SType)
	if a.SSpace != 0 {
		l.add("SSPACE", strconv.Itoa(a.SSpace))
	}
	l.name("FINALFUNC", a.FinalFunc)
	l.flag("FINALFUNC_EXTRA", a.FinalFuncExtra)
	// What the functions may do with the state has another default for
	// ordered-set aggregates.
	usual := "r"
	if a.Kind != ordinary {
		usual = "w"
	}
	if a.FinalFunc != nil && a.FinalFuncModify != usual {
		l.add("FINALFUNC_MODIFY", modifies[a.FinalFuncModify])
	}
	l.name("COMBINEFUNC", a.CombineFunc)
	l.name("SERIALFUNC", a.SerialFunc)
	l.name("DESERIALFUNC", a.DeserialFunc)
	l.text("INITCOND", a.InitCond)
	l.name("MSFUNC", a.MSFunc)
	l.name("MINVFUNC", a.MInvFunc)
	l.name("MSTYPE", a.MSType)
	if a.MSSpace != 0 {
		l.add("MSSPACE", strconv.Itoa(a.MSSpace))
	}
	l.name("MFINALFUNC", a.MFinalFunc)
	l.flag("MFINALFUNC_EXTRA", a.MFinalFuncExtra)
	if a.MFinalFunc != nil && a.MFinalFuncModify != usual {
		l.add("MFINALFUNC_MODIFY", modifies[a.MFinalFuncModify])
	}
	l.text("MINITCOND", a.MInitCond)
	l.name("SORTOP", a.SortOp)
	if p := parallels[a.Parallel]; p != "" {
		l.add("PARALLEL", p)
	}
	l.flag("HYPOTHETICAL", a.Kind == hypothetical)
	signature := f.Signature
	if signature == "" {
		signature = "*"
	}
	return fmt.Sprintf("CREATE AGGREGATE %s(%s)%s", a.Quoted, signature, &l)
}

// baseTypeRow is a row of pg_type.
type baseTypeRow struct {
	OID, Array    uint32
	Schema, Name  string
	Quoted        string // the name as SQL
	Defined       bool
	Input, Output string
	Receive, Send *string
	TypmodIn      *string `json:"typmod_in"`
	TypmodOut     *string `json:"typmod_out"`
	Analyze       *string
	Subscript     *string
	Length        int
	ByValue       bool `json:"by_value"`
	Alignment     string
	Storage       string
	Category      string
	Preferred     bool
	Default       *string
	Element       *string
	Delimiter     string
	Collatable    bool
}

func (t *baseTypeRow) definition() string {
	if !t.Defined {
		return "CREATE TYPE " + t.Quoted
	}
	var l list
	l.add("INPUT", t.Input)
	l.add("OUTPUT", t.Output)
	l.name("RECEIVE", t.Receive)
	l.name("SEND", t.Send)
	l.name("TYPMOD_IN", t.TypmodIn)
	l.name("TYPMOD_OUT", t.TypmodOut)
	l.name("ANALYZE", t.Analyze)
	l.name("SUBSCRIPT", t.Subscript)
	if t.Length < 0 {
		l.add("INTERNALLENGTH", "variable")
	} else {
		l.add("INTERNALLENGTH", strconv.Itoa(t.Length))
	}
	l.flag("PASSEDBYVALUE", t.ByValue)
	l.add("ALIGNMENT", t.Alignment)
	l.add("STORAGE", t.Storage)
	l.add("CATEGORY", literal(t.Category))
	if t.Preferred {
		l.add("PREFERRED", "true")
	}
	l.text("DEFAULT", t.Default)
	l.name("ELEMENT", t.Element)
	l.add("DELIMITER", literal(t.Delimiter))
	if t.Collatable {
		l.add("COLLATABLE", "true")
	}
	return "CREATE TYPE " + t.Quoted + l.String()
}

func literal(s string) string {
	quoted := "'" + strings.ReplaceAll(s, "'", "''") + "'"
	if strings.Contains(s, `\`) {
		return "E" + strings.ReplaceAll(quoted, `\`, `\\`)
	}
	return quoted
}
