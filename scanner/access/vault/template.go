package vault

import (
	"errors"
	"strings"
)

// errTime is of a template that asks for the time of the request.
var errTime = errors.New("its template asks for the time, which a request does not hold")

// templated reports whether a path is completed for each caller.
func templated(path string) bool { return strings.Contains(path, "{{") }

// completion is what becomes of a template.
type completion uint8

const (
	incomplete completion = iota // the identity lacks what the path asks, or Vault knows no such thing: the rule is none of this caller's
	completed
	completedWild // and a value holds a wildcard
)

// render completes a path for an identity. See "Policies: Templated policies" in Vault's documentation.
func render(path string, id *Identity) (text string, made completion, err error) {
	var b strings.Builder
	made = completed
	for {
		before, rest, more := strings.Cut(path, "{{")
		b.WriteString(before)
		if !more {
			return b.String(), made, nil
		}
		name, after, _ := strings.Cut(rest, "}}") // the parser has seen that it is there
		name = strings.TrimSpace(name)
		if strings.HasPrefix(name, "time.") {
			return "", incomplete, errTime
		}
		value, found := lookup(name, id)
		if !found {
			return "", incomplete, nil
		}
		if wildValue(value) {
			made = completedWild
		}
		b.WriteString(value)
		path = after
	}
}

// lookup is what a template's name stands for.
func lookup(name string, id *Identity) (string, bool) {
	if of, ok := strings.CutPrefix(name, "identity.entity."); ok && id.Entity != nil {
		e := id.Entity
		if of, ok := strings.CutPrefix(of, "aliases."); ok {
			accessor, of, _ := strings.Cut(of, ".")
			alias, found := e.Aliases[accessor]
			if key, ok := strings.CutPrefix(of, "custom_metadata."); ok && found {
				return in(alias.CustomMetadata, key)
			}
			return field(of, alias.ID, alias.Name, alias.Metadata) // of an alias that is not there, nothing is found
		}
		return field(of, e.ID, e.Name, e.Metadata)
	}
	by, ok := strings.CutPrefix(name, "identity.groups.")
	if !ok {
		return "", false
	}
	by, rest, _ := strings.Cut(by, ".")
	which, of, _ := strings.Cut(rest, ".")
	for i := range id.Groups {
		if g := &id.Groups[i]; by == "ids" && g.ID == which || by == "names" && g.Name == which {
			if of == "id" {
				return g.ID, true
			}
			return field(of, g.ID, g.Name, g.Metadata)
		}
	}
	return "", false
}

// field is one of the three things that entities, aliases and groups have. An id or name that is empty is not there; a value of the
// metadata may be empty.
func field(of, id, name string, metadata map[string]string) (string, bool) {
	if key, ok := strings.CutPrefix(of, "metadata."); ok {
		return in(metadata, key)
	}
	switch of {
	case "id":
		return id, id != ""
	case "name":
		return name, name != ""
	}
	return "", false
}

func in(m map[string]string, key string) (string, bool) {
	v, ok := m[key]
	return v, ok
}
