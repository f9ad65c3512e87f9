// Package nodetree reads the text form of PostgreSQL's parse trees: what the
// server prints under debug_print_parse and stores in columns of type
// pg_node_tree.
//
// The format has no description but its writer and its reader,
// src/backend/nodes/outfuncs.c and read.c in PostgreSQL's source. Which fields
// a node has changes from one major version to the next, so nothing here knows
// any node: fields are found by name, and asking for one that is not there
// gives a zero value. Every accessor accepts a nil [Node] and the zero [Value]
// for the same reason, which lets a caller walk down a path without a check at
// each step.
//
// A parsed tree keeps the text alive that it came from. It is never changed
// and is safe for concurrent use.
package nodetree
