package runtime

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// retries say how often and how long to try to open a connection. The zero
// value tries once.
type retries struct {
	attempts int
	// min is the first wait between two attempts; each is twice the one before,
	// up to max.
	min, max time.Duration
	// jitter is by which share of itself a wait may be longer or shorter.
	jitter float64
	// limit is how long to go on, 0 for as long as there are attempts.
	limit time.Duration
}

// acquire takes a connection from the pool. If one has to be opened, and the
// reason that it cannot may pass, it tries again.
func (r *retries) acquire(ctx context.Context, pool *pgxpool.Pool) (*pgxpool.Conn, error) {
	if r.attempts <= 1 {
		return pool.Acquire(ctx)
	}
	begin := time.Now()
	conn, err := pool.Acquire(ctx)
	for n := 1; n < r.attempts && mayPass(err); n++ {
		wait := r.wait(n)
		if r.limit > 0 && time.Since(begin)+wait >= r.limit {
			break
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil, cancelled(ctx, err)
		case <-timer.C:
		}
		conn, err = pool.Acquire(ctx)
	}
	return conn, err
}

// wait returns how long to wait after n attempts.
func (r *retries) wait(n int) time.Duration {
	wait := r.min
	for range n - 1 {
		if wait >= r.max/2 {
			wait = r.max
			break
		}
		wait *= 2
	}
	wait = min(wait, r.max)
	return time.Duration(float64(wait) * (1 + r.jitter*(2*rand.Float64()-1)))
}

// mayPass is true if no connection could be opened, but perhaps can be soon.
func mayPass(err error) bool {
	var opening *pgconn.ConnectError
	if !errors.As(err, &opening) {
		return false
	}
	var refusal *pgconn.PgError
	if errors.As(err, &refusal) {
		switch refusal.Code {
		case "08P01": // the server does not know a setting: PgBouncer says so
			return false
		case "53300", "57P01", "57P02", "57P03":
			return true
		}
		return strings.HasPrefix(refusal.Code, "08")
	}
	var name *net.DNSError
	if errors.As(err, &name) {
		return name.IsTimeout || name.IsTemporary
	}
	// The alerts of TLS are OpErrors too, and do not pass.
	var network *net.OpError
	if errors.As(err, &network) && (network.Op == "dial" || network.Op == "read" || network.Op == "write") {
		return true
	}
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
