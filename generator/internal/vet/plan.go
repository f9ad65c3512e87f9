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

// ParsePlan reads the output of EXPLAIN (FORMAT JSON) for one statement.
func ParsePlan(text []byte) (*Plan, error) {
	var list []struct {
		Plan *Plan `json:"Plan"`
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("read the plan: %w", err)
	}
	if len(list) != 1 || list[0].Plan == nil {
		return nil, fmt.Errorf("read the plan: it holds %d plans", len(list))
	}
	return list[0].Plan, nil
}
