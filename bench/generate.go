package main

//go:generate go -C .. run ./cmd/pgwright generate -f bench/sqlc.yaml
