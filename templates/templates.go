// Package templates holds, embedded, the files that pgwright writes as they
// are, and the SQL of the methods that it makes of tables. It has no logic.
package templates

import "embed"

// Project is the folder [ProjectDir] of files that make up a new project:
// sqlc.yaml, the schema, a query file, and the Go file that lets go generate
// run pgwright.
//
// The folder's name begins with an underscore so that the go command does not
// take the Go file in it for a package of this module.
//
//go:embed all:_project
var Project embed.FS

// ProjectDir is the folder of [Project] whose content goes into the user's.
const ProjectDir = "_project"

// Tables is the folder [TablesDir] of SQL templates, in the language of
// text/template, for the methods that are made of tables, views and functions.
//
//go:embed tables/*.sql
var Tables embed.FS

// TablesDir is the folder of [Tables].
const TablesDir = "tables"
