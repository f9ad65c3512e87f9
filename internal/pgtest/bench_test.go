package pgtest_test

import (
	"testing"

	"github.com/pgwright/pgwright/internal/pgtest"
)

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		pgtest.New(b)
	}
}
