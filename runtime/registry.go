package runtime

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/pgwright/pgwright/runtime/profile"
)

// Registry keeps the pools of open clients, so that clients of the same
// database share one. The zero value is ready. It is safe for concurrent use
// and must not be copied.
type Registry struct {
	mu    sync.Mutex
	pools map[poolKey]*sharedPool
}

// shared is the registry of [Open]: what is opened in different places of a
// program is to be shared.
var shared Registry

// poolKey says which clients share a pool.
type poolKey struct{ profile, digest string }

// sharedPool is a pool and the number of its users.
type sharedPool struct {
	key   poolKey
	users int // guarded by the registry's lock
	// cancel ends the opening, and opened is closed when it has ended.
	cancel context.CancelFunc
	opened chan struct{}
	// supply and err are written before opened is closed; one of them is nil.
	supply *supply
	err    error
}

// Open opens the database that a profile names, as [Registry.Open] does, in the
// registry of the program.
func Open(ctx context.Context, profile string, options ...Option) (*Client, error) {
	return shared.Open(ctx, profile, options...)
}

// Open opens the database that a profile names: it resolves the profile's
// settings, makes a pool, and sees that the server can be reached. If there is
// an open client of the same profile with the same settings, its pool is
// shared. The client must be closed; the last one of a pool closes it.
//
// Several calls at once make one pool, and whoever's ctx ends first does not
// wait for it any longer; the others do. A pool made with [WithTracer] or
// [WithPoolConfig] belongs to one client alone.
//
// An error is an [*Error]: [ErrConfig] for what is wrong with the profile,
// [ErrAuth] for a user whom the server refuses. None shows a secret.
func (r *Registry) Open(ctx context.Context, name string, options ...Option) (*Client, error) {
	o := newOpening(options)
	settings, err := profile.Load(ctx, name, o.load)
	if err != nil {
		return nil, callError(ctx, OpConnect, "", err)
	}
	config, err := poolConfig(settings)
	if err != nil {
		return nil, &Error{Op: OpConnect, Kind: KindConfig, Err: err}
	}
	traced := o.apply(config, settings.Timeout)
	key := poolKey{name, settings.Digest()}

	r.mu.Lock()
	p := r.pools[key]
	if p == nil || o.own() {
		p = &sharedPool{key: key, opened: make(chan struct{})}
		var opening context.Context
		opening, p.cancel = context.WithCancel(context.WithoutCancel(newWatch(o.observer, traced).connecting(ctx)))
		if !o.own() {
			if r.pools == nil {
				r.pools = map[poolKey]*sharedPool{}
			}
			r.pools[key] = p
		}
		go r.open(opening, p, config, retriesOf(settings))
	}
	p.users++
	r.mu.Unlock()

	select {
	case <-p.opened:
		err = p.err
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		r.leave(p)
		return nil, explainOpening(ctx, name, config, err)
	}
	return &Client{
		profile: name,
		supply:  p.supply,
		watch:   newWatch(o.observer, traced),
		release: func() { r.leave(p) },
	}, nil
}

// open makes the pool and sees that the server can be reached.
func (r *Registry) open(ctx context.Context, p *sharedPool, config *pgxpool.Config, retries retries) {
	defer close(p.opened)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err == nil {
		s := &supply{Pool: pool, retries: retries}
		var conn *pgxpool.Conn
		if conn, err = s.Acquire(ctx); err == nil {
			conn.Release()
			p.supply = s
			return
		}
		pool.Close()
	}
	p.err = err
	r.forget(p)
}

// forget makes the next Open make a pool of its own.
func (r *Registry) forget(p *sharedPool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pools[p.key] == p {
		delete(r.pools, p.key)
	}
}

// leave gives up the use of a pool. The last user closes it.
func (r *Registry) leave(p *sharedPool) {
	r.mu.Lock()
	p.users--
	last := p.users == 0
	if last && r.pools[p.key] == p {
		delete(r.pools, p.key)
	}
	r.mu.Unlock()
	if !last {
		return
	}
	p.cancel()
	<-p.opened
	if p.supply != nil {
		p.supply.Pool.Close()
	}
}

// An Option changes how a profile is opened.
type Option func(*opening)

// opening is what the options of a call of Open say.
type opening struct {
	load      profile.Options
	observer  Observer
	tracer    pgx.QueryTracer
	configure func(*pgxpool.Config)
}

func newOpening(options []Option) *opening {
	o := &opening{}
	for _, option := range options {
		option(o)
	}
	return o
}

// own is true if the pool cannot be shared: nobody can tell whether two
// functions do the same.
func (o *opening) own() bool { return o.tracer != nil || o.configure != nil }

func (o *opening) set(key string, value any) {
	o.load.Settings = maps.Clone(o.load.Settings)
	if o.load.Settings == nil {
		o.load.Settings = map[string]any{}
	}
	o.load.Settings[key] = value
}

// apply changes the pool's configuration as the options say. It reports whether
// the connections have a tracer.
func (o *opening) apply(config *pgxpool.Config, timeout time.Duration) (traced bool) {
	if o.tracer != nil {
		config.ConnConfig.Tracer = o.tracer
	}
	if o.configure != nil {
		o.configure(config)
	}
	traced = config.ConnConfig.Tracer != nil
	(&gate{timeout: timeout, most: config.MaxConns}).install(config)
	return traced
}

// WithConfigFile reads profiles from the file at path, and looks for no other.
func WithConfigFile(path string) Option { return func(o *opening) { o.load.Path = path } }

// WithEnvPrefix sets the beginning of the names of environment variables that
// set profiles; see [profile.DefaultEnvPrefix].
func WithEnvPrefix(prefix string) Option { return func(o *opening) { o.load.EnvPrefix = prefix } }

// WithSecrets sets what resolves values secret://KEY of profiles.
func WithSecrets(p profile.Provider) Option { return func(o *opening) { o.load.Secrets = p } }

// WithSetting sets a key of the profile, over all other sources: "host",
// "pool.max_size" or any other that can be in a file. Nil takes back what these
// set.
func WithSetting(key string, value any) Option { return func(o *opening) { o.set(key, value) } }

// WithDSN sets the connection string of the profile. It makes a profile of a
// name that is configured nowhere.
func WithDSN(dsn string) Option { return WithSetting("dsn", profile.Secret(dsn)) }

// WithObserver sets who is told of every operation of the client and its
// transactions. The pool can be shared with clients that have another observer.
func WithObserver(observer Observer) Option { return func(o *opening) { o.observer = observer } }

// WithTracer sets a tracer of pgx's for the pool, which is then not shared. It
// can implement any of pgx's and pgxpool's tracer interfaces.
func WithTracer(tracer pgx.QueryTracer) Option { return func(o *opening) { o.tracer = tracer } }

// WithPoolConfig lets a function change the configuration of the pool, which is
// then not shared, as the last before the pool is made.
func WithPoolConfig(configure func(*pgxpool.Config)) Option {
	return func(o *opening) { o.configure = configure }
}
