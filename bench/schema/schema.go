// Package schema holds the tables that clients are measured on.
package schema

import _ "embed"

// SQL makes the tables.
//
//go:embed items.sql
var SQL string
