// Package sqltext is the lexical layer: it splits SQL files into statements,
// reads the headers and directives in the comments above them, turns named
// parameters and macros into $n, finds the stars of target lists, and keeps
// track of where in the user's file each byte of the sent text came from.
//
// It knows PostgreSQL's tokens and a little about their order, but no grammar:
// whether a statement is good SQL is the server's to say. Everything here is
// pure, takes time linear in the text, and accepts any bytes without
// panicking. Values are made once and only read afterwards, so they may be
// shared between goroutines.
//
// The rules for tokens are those of PostgreSQL 18's scanner with
// standard_conforming_strings on; the tests compare them, by fuzzing, with a
// port of that scanner.
package sqltext
