package runtime

import "github.com/jackc/pgx/v5/pgxpool"

// Users returns how many have opened, or wait for, a pool of the registry.
func (r *Registry) Users() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.pools {
		n += p.users
	}
	return n
}

// Spare returns how many connections the pool's gate takes for idle.
func Spare(pool *pgxpool.Pool) int64 {
	g := pool.Config().ConnConfig.Tracer.(*gate)
	return g.open.Load() - g.taken.Load() - g.asked.Load()
}

// NewCanceller is what ends the statements of a client's connections.
var NewCanceller = newCanceller
