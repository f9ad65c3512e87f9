package main

//go:generate go run github.com/pgwright/pgwright/cmd/pgwright generate
