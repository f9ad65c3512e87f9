package analysis

import (
	"context"

	"github.com/pgwright/pgwright/generator/internal/nodetree"
)

// Trees has the server parse queries once more and hands over, in order, the
// tree of each; nil where there is none, because the server rejects the query,
// shows no trees, or cannot make one of a utility statement. A tree is not kept
// after its turn.
func (s *Session) Trees(ctx context.Context, queries []*Query, got func(i int, tree *nodetree.Node)) error {
	texts := make([]string, len(queries))
	for i, q := range queries {
		texts[i] = q.Rewritten.SQL
	}
	return s.ask(ctx, texts, func(i int, a answer) {
		if a.err == nil {
			a.read()
		}
		got(i, queryOf(a.root))
	})
}
