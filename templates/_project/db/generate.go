// Package db is the typed client of the queries in the folder queries. All its
// files but this one are generated.
//
// The line below lets "go generate ./..." run pgwright in the version that
// go.mod names, the same as that of the runtime package. Once per module:
//
//	go get -tool github.com/pgwright/pgwright/cmd/pgwright
//
// Where pgwright is installed by other means, the line may as well be
// "pgwright generate -f ../sqlc.yaml".
package db

//go:generate go tool pgwright generate -f ../sqlc.yaml
