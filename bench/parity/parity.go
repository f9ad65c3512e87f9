// Package parity holds the tests that a gen: go: package of pgwright is, to its
// callers, the one that sqlc generates, but for what testdata/allowed.txt lists.
//
// They run bin/sqlc, which make bin/sqlc builds of the version that go.mod pins.
package parity
