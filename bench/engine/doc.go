// Package engine has the tests of the engine that asks sqlc instead of
// PostgreSQL: they need both.
package engine
