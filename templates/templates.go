// Package templates holds, embedded, the files that pgwright writes as they
// are. It has no logic.
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
