// Package profile resolves the settings of a named database: where it is, who
// connects, and how its pool behaves.
//
// A profile is made of layers. Each overrides the ones before it, key by key:
//
//  1. the defaults;
//  2. a file: pgwright.toml, table [connectors.postgres.NAME], or
//     pyproject.toml, table [tool.auto_workflow.connectors.postgres.NAME];
//  3. environment variables AUTO_WORKFLOW_CONNECTORS_POSTGRES_NAME__KEY;
//  4. one JSON object in AUTO_WORKFLOW_CONNECTORS_POSTGRES_NAME__JSON;
//  5. options in code, [Options.Settings].
//
// A text secret://KEY in any of them is replaced by what a [Provider] returns for
// KEY.
//
// Nothing in this package prints a secret. [Secret] and [Settings] show *** to
// fmt, log/slog and encoding/json, and no error shows a value that is secret or
// was read from a secret. One limit is fmt's own: it calls no method of an
// unexported field, so a type that keeps settings in one needs a Format method
// itself.
//
// All functions may be called from several goroutines at once.
package profile
