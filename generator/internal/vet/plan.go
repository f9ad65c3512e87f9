package vet

import (
	"encoding/json"
	"fmt"
)

// Plan is a node of a plan, of what EXPLAIN (FORMAT JSON) prints.
type Plan struct {
	Type      string  `json:"Node Type"`
	Schema    string  `json:"Schema"`
	Relation  string  `json:"Relation Name"`
	Alias     string  `json:"Alias"`
	Filter    string  `json:"Filter"`
	IndexCond string  `json:"Index Cond"`
	Rows      float64 `json:"Plan Rows"`
	Plans     []*Plan `json:"Plans"`
}

// ParsePlan reads the output of EXPLAIN (FORMAT JSON) for one statement. Rules
// can make several statements of one, whose plans are then below a node without
// a type, or none at all: the plan is nil then.
func ParsePlan(text []byte) (*Plan, error) {
	var list []json.RawMessage
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("read the plan: %w", err)
	}
	var plans []*Plan
	for _, item := range list {
		var explained struct {
			Plan *Plan `json:"Plan"`
		}
		if len(item) == 0 || item[0] != '{' {
			continue // NOTIFY, which a rule can add, has no plan
		}
		if err := json.Unmarshal(item, &explained); err != nil {
			return nil, fmt.Errorf("read the plan: %w", err)
		}
		if explained.Plan != nil {
			plans = append(plans, explained.Plan)
		}
	}
	switch len(plans) {
	case 0:
		return nil, nil
	case 1:
		return plans[0], nil
	}
	return &Plan{Plans: plans}, nil
}
