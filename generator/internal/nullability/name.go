package nullability

import (
	"strconv"
	"strings"
)

// Plural returns a name for several of what name stands for.
func Plural(name string) string {
	lower := strings.ToLower(name)
	has := func(suffixes ...string) bool {
		for _, s := range suffixes {
			if strings.HasSuffix(lower, s) {
				return true
			}
		}
		return false
	}
	upper := name != "" && name == strings.ToUpper(name) && lower != name
	end := func(stem, suffix string) string {
		if upper {
			suffix = strings.ToUpper(suffix)
		}
		return stem + suffix
	}
	switch {
	case name == "":
		return ""
	case has("ay", "ey", "iy", "oy", "uy"):
		return end(name, "s")
	case has("y"):
		return end(name[:len(name)-1], "ies")
	case has("ss", "us", "x", "z", "ch", "sh"):
		return end(name, "es")
	case has("sis"):
		return end(name[:len(name)-2], "es")
	case has("s"):
		return name
	}
	// userID becomes userIDs: only words all in capitals get a capital.
	if upper && strings.HasSuffix(name, "ID") {
		return name + "s"
	}
	return end(name, "s")
}

// unique numbers the names that collide: id, id_2, id_3.
func unique(names []string) {
	taken := make(map[string]bool, len(names))
	for i, name := range names {
		for n := 2; taken[names[i]]; n++ {
			names[i] = name + "_" + strconv.Itoa(n)
		}
		taken[names[i]] = true
	}
}
