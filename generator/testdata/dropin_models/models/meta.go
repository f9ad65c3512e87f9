// Package models has the name that generated code gives the package of the
// models.
package models

// Meta is what a column holds.
type Meta struct {
	Pages int
}
