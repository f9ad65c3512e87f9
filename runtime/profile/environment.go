package profile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// jsonKey is the key of the variable that holds a JSON object.
const jsonKey = "JSON"

// envName is a name as environment variables spell it: upper case, and "_" for
// everything but ASCII letters and digits.
func envName(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z' || r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, name)
}

// lookup returns the value of a variable; of several the last, as the process
// that is started with environ would see it.
func lookup(environ []string, name string) (string, bool) {
	for _, line := range slices.Backward(environ) {
		if n, value, ok := strings.Cut(line, "="); ok && n == name {
			return value, true
		}
	}
	return "", false
}

// fromEnvironment reads the variables of one profile: a layer for the single
// ones and a layer for the JSON object. others are the environment names of
// profiles that are configured elsewhere.
func fromEnvironment(environ []string, prefix, profile string, others []string) (single, overlay layer) {
	single, overlay = newLayer(), newLayer()
	seen := map[string]string{}
	for _, line := range environ {
		if name, v, ok := strings.Cut(line, "="); ok {
			seen[name] = v
		}
	}
	var overlayName string
	for _, name := range slices.Sorted(maps.Keys(seen)) {
		upper := strings.ToUpper(name)
		path, mine := strings.CutPrefix(upper, strings.ToUpper(prefix)+profile+"__")
		if !mine || slices.ContainsFunc(others, func(o string) bool {
			// PROFILE__MORE__HOST belongs to the profile PROFILE__MORE, if there is one.
			return len(o) > len(profile) && strings.HasPrefix(upper, strings.ToUpper(prefix)+o+"__")
		}) {
			continue
		}
		here := func([]string) place { return place{origin: name} }
		if path == jsonKey {
			if overlayName != "" {
				overlay.problems = append(overlay.problems, Problem{Origin: name, Message: "is set twice: " + overlayName + " is the same variable"})
				continue
			}
			overlayName = name
			object, err := parseObject(seen[name])
			if err != nil {
				overlay.problems = append(overlay.problems, Problem{Origin: name, Message: err.Error()})
				continue
			}
			overlay.add(nil, object, here)
			continue
		}
		single.add(strings.Split(strings.ToLower(path), "__"), variable(seen[name]), here)
	}
	return single, overlay
}

// environmentProfiles returns the environment names of the profiles that have a
// variable. known are those that are configured elsewhere.
func environmentProfiles(environ []string, prefix string, known []string) []string {
	var names []string
	for _, line := range environ {
		name, _, _ := strings.Cut(line, "=")
		rest, ok := strings.CutPrefix(strings.ToUpper(name), strings.ToUpper(prefix))
		if !ok {
			continue
		}
		if slices.ContainsFunc(known, func(k string) bool { return strings.HasPrefix(rest, k+"__") }) {
			continue
		}
		if profile, key, ok := strings.Cut(rest, "__"); ok && profile != "" && key != "" {
			names = append(names, profile)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// maxDepth bounds the nesting of a JSON object: settings have two levels.
const maxDepth = 32

// parseObject reads one JSON object. Unlike json.Unmarshal it refuses a key that
// comes twice, and its errors show nothing of the text, which may be a secret.
func parseObject(source string) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader([]byte(source)))
	d.UseNumber()
	first, err := d.Token()
	if err == nil && first != json.Delim('{') {
		return nil, errors.New("want one JSON object, found another JSON value")
	}
	var object map[string]any
	if err == nil {
		object, err = parseMembers(d, 1)
	}
	if err == nil {
		if _, trailing := d.Token(); trailing != io.EOF {
			return nil, fmt.Errorf("want one JSON object, found more after byte %d", d.InputOffset())
		}
		return object, nil
	}
	var duplicate *duplicateKey
	if errors.As(err, &duplicate) {
		return nil, err
	}
	if source == "" {
		return nil, errors.New("want one JSON object, found nothing")
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, errors.New("malformed JSON: it ends too early")
	}
	offset := d.InputOffset()
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		offset = syntax.Offset
	}
	return nil, fmt.Errorf("malformed JSON at byte %d", offset)
}

// parseMembers reads an object after its opening brace.
func parseMembers(d *json.Decoder, depth int) (map[string]any, error) {
	if depth > maxDepth {
		return nil, errors.New("too deep")
	}
	object := map[string]any{}
	for {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, ok := token.(string)
		if !ok {
			// The closing brace: the decoder lets nothing else stand here.
			return object, nil
		}
		if _, twice := object[name]; twice {
			return nil, &duplicateKey{name}
		}
		if object[name], err = parseValue(d, depth); err != nil {
			return nil, err
		}
	}
}

func parseValue(d *json.Decoder, depth int) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		return parseMembers(d, depth+1)
	case json.Delim('['):
		if depth >= maxDepth {
			return nil, errors.New("too deep")
		}
		elements := []any{}
		for d.More() {
			element, err := parseValue(d, depth+1)
			if err != nil {
				return nil, err
			}
			elements = append(elements, element)
		}
		_, err := d.Token()
		return elements, err
	}
	return token, nil
}

// duplicateKey is a key that a JSON object has twice.
type duplicateKey struct{ key string }

func (e *duplicateKey) Error() string { return fmt.Sprintf("the JSON object has %q twice", e.key) }
