package containers

import (
	"strings"

	"github.com/keyreeve/keyreeve/scanner/repo/staticcred"
)

// envFile reads the variables of an env_file, after "Compose: syntax for environment files": NAME=VALUE a line, NAME alone takes the
// caller's value, # begins a comment, quotes may enclose a value. A colon may stand for the sign.
func envFile(data []byte) []pair {
	var out []pair
	for line := range strings.Lines(string(data)) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "export ")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, stated := line, "", false
		if i := strings.IndexAny(line, "=:"); i >= 0 {
			name, value, stated = line[:i], line[i+1:], true
		}
		if value = strings.TrimSpace(value); len(value) > 1 && (value[0] == '"' || value[0] == '\'') {
			value, _, _ = strings.Cut(value[1:], value[:1])
		} else if i := strings.Index(value, " #"); i >= 0 {
			value = strings.TrimSpace(value[:i])
		}
		out = append(out, pair{strings.TrimSpace(name), value, stated})
	}
	return out
}

// interpolated says where a value of a compose file comes from, after "Compose: interpolation".
func interpolated(value string) origin {
	value = strings.ReplaceAll(value, "$$", "")
	if staticcred.Template(value) && !strings.Contains(value, "${") {
		return origin{via: staticcred.Variable}
	}
	m := reference.FindStringSubmatch(value)
	switch {
	case m == nil:
		return origin{via: staticcred.Literal, value: value}
	case strings.HasSuffix(m[3], "-") && m[4] != "" && !strings.Contains(m[4], "$"):
		return origin{staticcred.Literal, m[4], true}
	}
	return origin{via: staticcred.Variable}
}
