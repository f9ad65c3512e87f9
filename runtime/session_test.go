package runtime_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/pgwright/pgwright/runtime"
)

// What a test does to a statement that is under way must not come before the
// server has it: a busy machine takes its time. So such a statement sleeps on
// the server, or waits for a lock, and the test waits for that instead of for a
// while.

// awaitSession waits for a session that is where says, of pg_stat_activity and
// with $1.
func awaitSession(t *testing.T, db runtime.DB, where string, arg any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for there := false; !there; {
		err := db.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE "+where+")", arg).Scan(&there)
		if err != nil {
			t.Errorf("wait for a session: %v", err) // also in other goroutines
			return
		}
		if !there {
			time.Sleep(2 * time.Millisecond)
		}
	}
}

// whenSession does something, once, as soon as there is a session that is where
// says.
func whenSession(t *testing.T, db runtime.DB, where string, arg any, do func()) {
	t.Helper()
	var wait sync.WaitGroup
	wait.Go(func() {
		awaitSession(t, db, where, arg)
		do()
	})
	t.Cleanup(wait.Wait)
}

// expiring is a context whose deadline passes when the test says so.
type expiring struct {
	context.Context
	passed chan struct{}
}

func newExpiring() expiring { return expiring{context.Background(), make(chan struct{})} }

func (e expiring) pass() { close(e.passed) }

func (e expiring) Done() <-chan struct{} { return e.passed }

func (e expiring) Err() error {
	select {
	case <-e.passed:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// bestWithin is for how long tries go on.
const bestWithin = 30 * time.Second

// best is the time of the fastest of several tries. The machine may be busy: it
// tries again until one takes less than enough.
func best(enough time.Duration, try func()) time.Duration {
	fastest := time.Duration(1<<63 - 1)
	for end := time.Now().Add(bestWithin); fastest >= enough && time.Now().Before(end); {
		start := time.Now()
		try()
		fastest = min(fastest, time.Since(start))
	}
	return fastest
}
