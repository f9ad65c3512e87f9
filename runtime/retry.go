package runtime

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Retry says how often a transaction is tried whose work the server could not
// serialize with that of others (SQLSTATE 40001) or that was chosen to resolve
// a deadlock (40P01). Nothing else is tried again. The zero value tries once.
type Retry struct {
	// Attempts is how often at most, the first time included. 0 is 1.
	Attempts int
	// BackoffMin is the pause before the second attempt; it doubles with each
	// one, up to BackoffMax. Each pause is between half and all of that, at
	// random, so that those who met once do not meet again. 0 is 10ms, and 1s
	// or BackoffMin if that is more.
	BackoffMin, BackoffMax time.Duration
}

func (r Retry) backoff() (*backoff, error) {
	if r.Attempts < 0 || r.BackoffMin < 0 || r.BackoffMax < 0 {
		return nil, errors.New("a retry's attempts and pauses cannot be negative")
	}
	b := &backoff{next: r.BackoffMin, most: r.BackoffMax}
	if b.next == 0 {
		b.next = 10 * time.Millisecond
		if b.most != 0 {
			b.next = min(b.next, b.most)
		}
	}
	if b.most == 0 {
		b.most = max(time.Second, b.next)
	}
	if b.next > b.most {
		return nil, errors.New("a retry's BackoffMin is more than its BackoffMax")
	}
	return b, nil
}

// backoff is the pauses of one transaction.
type backoff struct{ next, most time.Duration }

// wait makes the next pause. It returns the context's error if that ends first.
func (b *backoff) wait(ctx context.Context) error {
	pause := b.next - rand.N(b.next/2+1)
	if b.next > b.most/2 {
		b.next = b.most
	} else {
		b.next *= 2
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// mayRetry reports whether the server has rolled a transaction back for a
// reason that can be gone the next time.
func mayRetry(err error) bool {
	if errors.Is(err, ErrCommitUnknown) {
		return false
	}
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}
