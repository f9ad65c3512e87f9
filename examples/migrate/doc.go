// Package migrate shows how a program goes through a migration of its database.
//
// v1 is the program before it, on migrations/001_tasks.sql; v2 is the program
// after it, on both migrations. The test of this package walks from one to the
// other as a developer does, with the commands that one uses: generate, apply the
// migration, check, generate again, mend what no longer fits. Each step shows
// who says what is wrong: check before a deployment, Verify when a program
// starts, PostgreSQL for a query, the Go compiler for the code around it.
package migrate
