package runtime

// Users returns how many have opened, or wait for, a pool of the registry.
func (r *Registry) Users() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.pools {
		n += p.users
	}
	return n
}
