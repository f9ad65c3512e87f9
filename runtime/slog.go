package runtime

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// SlogOptions are what [SlogObserver] takes. The zero value logs no success
// above Debug.
type SlogOptions struct {
	// Slow is the duration from which on a success is logged at Warn. 0 is
	// never.
	Slow time.Duration
}

// SlogObserver returns an observer that logs each operation as "postgres
// <op>", with the attributes query (its name, if it has one), duration, rows,
// and for a failure error, kind and sqlstate. A success is logged at Debug, or
// at Warn if it was slow; what may go well next time ([ErrTransient],
// [ErrTimeout]) at Warn, a cancelled context at Info, and any other failure at
// Error. Neither arguments nor SQL are logged, but messages of the server, which
// can quote values, are.
func SlogObserver(logger *slog.Logger, options SlogOptions) Observer {
	return &slogObserver{logger: logger, slow: options.Slow}
}

type slogObserver struct {
	logger *slog.Logger
	slow   time.Duration
}

// Observe logs an operation.
func (o *slogObserver) Observe(ctx context.Context, e Event) {
	level := o.level(e)
	if !o.logger.Enabled(ctx, level) {
		return
	}
	attrs := make([]slog.Attr, 0, 6)
	if e.Query != "" {
		attrs = append(attrs, slog.String("query", e.Query))
	}
	attrs = append(attrs, slog.Duration("duration", e.Duration), slog.Int64("rows", e.Rows))
	if e.Err != nil {
		attrs = append(attrs, slog.String("error", e.Err.Error()), slog.String("kind", e.Kind().String()))
		if err := new(Error); errors.As(e.Err, &err) && err.SQLState != "" {
			attrs = append(attrs, slog.String("sqlstate", err.SQLState))
		}
	}
	o.logger.LogAttrs(ctx, level, "postgres "+e.Op, attrs...)
}

func (o *slogObserver) level(e Event) slog.Level {
	switch {
	case e.Err == nil && o.slow > 0 && e.Duration >= o.slow:
		return slog.LevelWarn
	case e.Err == nil:
		return slog.LevelDebug
	case errors.Is(e.Err, context.Canceled):
		return slog.LevelInfo
	case e.Kind() == KindTransient, e.Kind() == KindTimeout:
		return slog.LevelWarn
	}
	return slog.LevelError
}
