package profile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pgwright/pgwright/internal/nearest"
)

// DefaultEnvPrefix begins the names of the environment variables of all profiles.
const DefaultEnvPrefix = "AUTO_WORKFLOW_CONNECTORS_POSTGRES_"

// Options say where profiles are looked for. The zero value is the process's own
// environment and working folder.
type Options struct {
	// Path is the configuration file. Empty is the file that the variable
	// PGWRIGHT_CONFIG names, else the files of the nearest folder, from Dir
	// upwards. A file named pyproject.toml is read as such, any other one as
	// pgwright.toml. A relative path begins at Dir.
	Path string
	// Dir is where the search begins. Empty is the working folder.
	Dir string
	// EnvPrefix begins the names of the environment variables, in any case.
	// Empty is [DefaultEnvPrefix].
	EnvPrefix string
	// Environ is the environment, each "KEY=value". Nil is os.Environ().
	Environ []string
	// Secrets resolves values secret://KEY. Nil is [Env] on Environ.
	Secrets Provider
	// Settings are keys and values, or tables of them, as in a file: "host",
	// "pool.max_size", "params". They override all other sources, and nil takes
	// back what these set. A value is a text, a [Secret], a number, a boolean,
	// a time.Duration, a map[string]any or a map[string]string.
	Settings map[string]any
}

// Format shows nothing of the environment and of the settings, which may hold
// secrets.
func (o Options) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, fmt.Sprintf("profile.Options{Path:%q Dir:%q EnvPrefix:%q}", o.Path, o.Dir, o.EnvPrefix))
}

// MarshalJSON shows what Format shows.
func (o Options) MarshalJSON() ([]byte, error) {
	return []byte(strconv.Quote(fmt.Sprintf("%v", o))), nil
}

func (o Options) environ() []string {
	if o.Environ == nil {
		return os.Environ()
	}
	return o.Environ
}

// path is the file that is named, "" if one is to be found.
func (o Options) path() string {
	if o.Path != "" {
		return o.Path
	}
	named, _ := lookup(o.environ(), configVariable)
	return named
}

func (o Options) prefix() string {
	if o.EnvPrefix == "" {
		return DefaultEnvPrefix
	}
	return o.EnvPrefix
}

// Names returns the names of the profiles that a file or the environment
// configures, sorted. A profile that only the environment has is in lower case.
func Names(o Options) ([]string, error) {
	files, err := findFiles(o)
	if err != nil {
		return nil, wrap("", err)
	}
	return configured(files, o), nil
}

func configured(files []file, o Options) []string {
	found := map[string]bool{}
	var spelled []string
	for _, f := range files {
		for name := range f.profiles {
			found[name] = true
			spelled = append(spelled, envName(name))
		}
	}
	for _, name := range environmentProfiles(o.environ(), o.prefix(), spelled) {
		found[strings.ToLower(name)] = true
	}
	return slices.Sorted(maps.Keys(found))
}

// Load resolves the settings of a profile. Every error is an [*Error] that names
// all problems with their places and shows no secret; it wraps the errors of
// Options.Secrets. ctx is for these.
func Load(ctx context.Context, name string, o Options) (*Settings, error) {
	if name == "" {
		return nil, &Error{Problems: []Problem{{Message: "the name of the profile is empty"}}}
	}
	environ := o.environ()
	files, err := findFiles(o)
	if err != nil {
		return nil, wrap(name, err)
	}

	all := newLayer()
	for i := range keys {
		all.initialize(&keys[i])
	}
	known := false
	for _, f := range files {
		if _, ok := f.profiles[name]; ok {
			all.merge(f.layer(name))
			known = true
			break
		}
	}
	var others []string
	for _, f := range files {
		for other := range f.profiles {
			others = append(others, envName(other))
		}
	}
	single, overlay := fromEnvironment(environ, o.prefix(), envName(name), others)
	all.merge(single)
	all.merge(overlay)
	code := newLayer()
	code.add(nil, o.Settings, func([]string) place { return place{origin: "code"} })
	all.merge(code)

	for _, l := range []layer{single, overlay} {
		known = known || len(l.entries)+len(l.problems) > 0
	}
	for _, k := range []string{"dsn", "host"} {
		_, ok := code.entries[k]
		known = known || ok
	}
	if !known {
		return nil, &Error{Problems: []Problem{unknownProfile(name, files, o)}}
	}

	r := resolver{ctx: ctx, layer: all, secrets: o.Secrets, settings: &Settings{Profile: name, Params: map[string]string{}}}
	if r.secrets == nil {
		r.secrets = Env(environ)
	}
	if unset := r.resolve(); len(unset) > 0 {
		r.layer.problems = append(r.layer.problems, missing(unset, name, o))
	}
	if len(r.layer.problems) > 0 {
		slices.SortStableFunc(r.layer.problems, func(a, b Problem) int { return cmp.Compare(position(a.Key), position(b.Key)) })
		return nil, &Error{Profile: name, Problems: r.layer.problems}
	}
	return r.settings, nil
}

// wrap makes an *Error of a failure to find or read the files.
func wrap(profile string, err error) error {
	var e *Error
	if errors.As(err, &e) {
		return &Error{Profile: profile, Problems: e.Problems}
	}
	return &Error{Profile: profile, Problems: []Problem{{Err: err}}}
}

// position is where the documentation has a key: what is no key comes first, and
// server settings last.
func position(spelling string) int {
	spelling = strings.ToLower(spelling)
	if k := find(spelling); k != nil {
		return slices.IndexFunc(keys, func(other key) bool { return other.name == k.name })
	}
	if spelling == paramsTable || strings.HasPrefix(spelling, paramsTable+".") {
		return len(keys)
	}
	return -1
}

// A resolver turns the merged layers into settings.
type resolver struct {
	ctx      context.Context
	layer    layer
	secrets  Provider
	settings *Settings
}

// resolve fills the settings, appends to the layer's problems, and returns the
// keys that are required and not set.
func (r *resolver) resolve() (unset []string) {
	s := r.settings
	before := len(r.layer.problems)
	dsn := r.setting(find("dsn"))
	for i := range keys {
		k := &keys[i]
		switch e, ok := r.layer.entries[k.name]; {
		case k.name == "dsn":
			s.explained = append(s.explained, dsn)
		case k.address && s.DSN != "":
			explained := Setting{Key: k.name}
			if ok && e.origin != defaultOrigin {
				explained.Origin, explained.File, explained.Ignored = e.origin, e.file, true
			}
			s.explained = append(s.explained, explained)
		default:
			s.explained = append(s.explained, r.setting(k))
		}
	}
	r.params()
	if s.DSN != "" {
		if err := checkDSN(s.DSN.Reveal()); err != nil {
			r.report("dsn", "", err)
		}
	}
	r.relations()
	if len(r.layer.problems) > before || s.DSN != "" {
		// What is missing may be what does not convert.
		return nil
	}
	for _, k := range []struct{ key, value string }{{"host", s.Host}, {"database", s.Database}, {"user", s.User}} {
		if k.value == "" && !slices.ContainsFunc(r.layer.problems, func(p Problem) bool { return position(p.Key) == position(k.key) }) {
			unset = append(unset, k.key)
		}
	}
	return unset
}

// setting converts one key's value into the settings.
func (r *resolver) setting(k *key) Setting {
	explained := Setting{Key: k.name, Hidden: k.secret}
	e, ok := r.layer.entries[k.name]
	if !ok {
		return explained
	}
	explained.Origin, explained.File = e.origin, e.file
	given, ref, err := r.reveal(e.given)
	explained.Secret = ref
	explained.Hidden = explained.Hidden || ref != ""
	if err != nil {
		r.report(k.name, "", err)
		return explained
	}
	v, err := k.convert(given)
	var unknown *unknownText
	if errors.As(err, &unknown) && explained.Hidden {
		err = errors.New("want " + unknown.want + ", found other text")
	}
	if err != nil {
		r.report(k.name, "", err)
		return explained
	}
	k.put(r.settings, v)
	explained.Value = k.show(v)
	if explained.Hidden && explained.Value != "" {
		explained.Value = hidden
	}
	return explained
}

// show is a value as text.
func (k *key) show(v value) string {
	switch k.kind {
	case integer:
		return strconv.FormatInt(v.integer, 10)
	case fraction:
		return strconv.FormatFloat(v.fraction, 'g', -1, 64)
	case duration:
		if v.duration == 0 {
			return "none"
		}
		return v.duration.String()
	case text:
	}
	return v.text
}

// params fills the server settings.
func (r *resolver) params() {
	for _, name := range slices.Sorted(maps.Keys(r.layer.entries)) {
		setting, ok := strings.CutPrefix(name, paramsTable+".")
		if !ok {
			continue
		}
		e := r.layer.entries[name]
		given, ref, err := r.reveal(e.given)
		if err != nil {
			r.report(name, "", err)
			continue
		}
		text, err := serverSetting(given)
		if err != nil {
			r.report(name, "", err)
			continue
		}
		for _, own := range []string{"application_name", "search_path", "statement_timeout"} {
			if other, ok := r.layer.entries[own]; ok && own == setting && other.origin != defaultOrigin && (own != "application_name" || r.settings.DSN == "") {
				r.report(name, "is set twice: "+own+" at "+other.origin+" is the same setting", nil)
			}
		}
		r.settings.Params[setting] = text
		explained := Setting{Key: name, Value: text, Origin: e.origin, File: e.file, Secret: ref, Hidden: ref != ""}
		if explained.Hidden {
			explained.Value = hidden
		}
		r.settings.explained = append(r.settings.explained, explained)
	}
}

// secretScheme begins a value that stands for a secret.
const secretScheme = "secret://"

// reveal replaces a text secret://KEY by the secret, and returns KEY.
func (r *resolver) reveal(given any) (any, string, error) {
	var raw string
	switch given := given.(type) {
	case string:
		raw = given
	case variable:
		raw = string(given)
	}
	ref, ok := strings.CutPrefix(raw, secretScheme)
	if !ok {
		return given, "", nil
	}
	if ref == "" {
		return nil, "", errors.New(secretScheme + " names no secret")
	}
	secret, err := r.secrets.Secret(r.ctx, ref)
	if err != nil {
		return nil, ref, fmt.Errorf("secret %q: %w", ref, err)
	}
	// Whatever the key's type, the secret is text: read it as a variable's.
	return variable(secret), ref, nil
}

// report appends a problem of a key that is set.
func (r *resolver) report(name, message string, err error) {
	e := r.layer.entries[name]
	spelling := e.spelling
	if spelling == "" {
		spelling = name
	}
	p := Problem{Key: spelling, Origin: e.origin, Message: message}
	if err != nil {
		// Only a provider's error is of use to errors.Is.
		if errors.Unwrap(err) != nil {
			p.Err = err
		} else {
			p.Message = err.Error()
		}
	}
	r.layer.problems = append(r.layer.problems, p)
}

// relations checks keys against each other.
func (r *resolver) relations() {
	s := r.settings
	where := func(name string) string {
		if e := r.layer.entries[name]; e.origin != "" {
			return e.origin
		}
		return defaultOrigin
	}
	if s.MinSize > s.MaxSize {
		r.report("pool.min_size", fmt.Sprintf("%d is more than pool.max_size, which is %d (%s)", s.MinSize, s.MaxSize, where("pool.max_size")), nil)
	}
	if s.Retries.BackoffMin > s.Retries.BackoffMax {
		r.report("retries.backoff_min", fmt.Sprintf("%v is more than retries.backoff_max, which is %v (%s)", s.Retries.BackoffMin, s.Retries.BackoffMax, where("retries.backoff_max")), nil)
	}
	// The server counts milliseconds in 32 bits, and takes 0 for no limit.
	if t := s.StatementTimeout; t%time.Millisecond != 0 || t > math.MaxInt32*time.Millisecond {
		r.report("statement_timeout", "want whole milliseconds, at most 24 days", nil)
	}
}

// unknownProfile names the profiles that there are.
func unknownProfile(name string, files []file, o Options) Problem {
	known := configured(files, o)
	if len(known) == 0 {
		return Problem{Message: fmt.Sprintf("unknown profile %q: none is configured; set %s", name, places([]string{"dsn"}, name, o))}
	}
	quoted := make([]string, len(known))
	for i, k := range known {
		quoted[i] = strconv.Quote(k)
	}
	message := fmt.Sprintf("unknown profile %q, known: %s", name, strings.Join(quoted, ", "))
	if near := nearest.Name(name, known); near != "" {
		message += fmt.Sprintf("; did you mean %q?", near)
	}
	return Problem{Message: message}
}

// missing says that keys are not set, and every place where they can be.
func missing(unset []string, profile string, o Options) Problem {
	verb := "is"
	if len(unset) > 1 {
		verb = "are"
	}
	message := fmt.Sprintf("%s %s not set; set %s; or set dsn instead of host, database and user", list(unset), verb, places(unset, profile, o))
	for _, key := range unset {
		single := o.prefix() + envName(profile) + "_" + envName(key)
		for _, line := range o.environ() {
			if name, _, _ := strings.Cut(line, "="); strings.EqualFold(name, single) {
				message += "; " + name + " is set, but two underscores stand between profile and key"
			}
		}
	}
	return Problem{Message: message}
}

// places names every place where keys can be set.
func places(unset []string, profile string, o Options) string {
	header := profile
	if strings.Trim(strings.ToLower(profile), "abcdefghijklmnopqrstuvwxyz0123456789_-") != "" {
		header = strconv.Quote(profile)
	}
	table := func(path, shown string) string {
		return fmt.Sprintf("[%s.%s] of %s", strings.Join(tableOf(path), "."), header, shown)
	}
	tables := []string{table(ownFile, ownFile), table(pythonFile, pythonFile)}
	if named := o.path(); named != "" {
		tables = []string{table(named, named)}
	}
	prefix := o.prefix() + envName(profile) + "__"
	var variables []string
	for _, key := range unset {
		variables = append(variables, prefix+envName(key))
	}
	return fmt.Sprintf("%s in %s, in the environment as %s or in the object %s, or in code",
		list(unset), strings.Join(tables, " or "), list(variables), prefix+jsonKey)
}

// list joins words as a sentence does.
func list(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
