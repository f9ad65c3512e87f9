// Package outline shows what a database holds: as tables for people, as the
// statements that make it anew, and as a diagram.
//
// All of it is a function of the [introspect.Database] alone: equal databases
// give equal texts. For people and in diagrams the schema public goes without
// saying; in statements every name has its schema.
package outline
