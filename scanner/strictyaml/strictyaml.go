// Package strictyaml reads the YAML files people write: an unknown key is an error that names the file, the line and the
// nearest key that exists. It is the only importer of the YAML library.
//
// It leaves the meaning of values to the types it decodes into.
package strictyaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"sort"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/goccy/go-yaml"
)

// An Error is a mistake in a file, with its place.
type Error struct {
	File string
	Line int // from 1; 0 when the place is not known
	Text string
}

// Error reads: read "keyreeve.yaml": line 4: unknown key "adress", did you mean "address"?
func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("read %q: %s", e.File, e.Text)
	}
	return fmt.Sprintf("read %q: line %d: %s", e.File, e.Line, e.Text)
}

// Decode reads one YAML document into a pointer to a struct, map or slice. An empty document leaves it as it is.
// Errors are *Error.
func Decode(file string, data []byte, into any) (err error) {
	defer recovered(file, &err)
	if err := checkAliases(file, data); err != nil {
		return err
	}
	dec := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict())
	err = dec.Decode(into)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return explain(file, err, reflect.TypeOf(into))
	}
	var second any
	if err := dec.Decode(&second); !errors.Is(err, io.EOF) {
		return &Error{File: file, Text: "holds more than one YAML document; keep one"}
	}
	return nil
}

// recovered makes an error of a panic: the YAML library brings itself down on some malformed documents, such as a lone tag before
// a carriage return.
func recovered(file string, err *error) {
	if r := recover(); r != nil {
		*err = &Error{File: file, Text: fmt.Sprintf("cannot be understood as YAML (%v)", r)}
	}
}

func explain(file string, err error, into reflect.Type) error {
	var ye yaml.Error
	if !errors.As(err, &ye) {
		return &Error{File: file, Text: err.Error()}
	}
	e := &Error{File: file, Text: ye.GetMessage()}
	if tk := ye.GetToken(); tk != nil {
		e.Line = tk.Position.Line
		var unknown *yaml.UnknownFieldError
		if errors.As(err, &unknown) {
			e.Text = Unknown("key", tk.Value, keys(into))
			if slices.Contains(keys(into), tk.Value) {
				e.Text = fmt.Sprintf("the key %q does not belong here", tk.Value)
			}
		}
	}
	return e
}

// Unknown says that there is no such thing and which known one is nearest: unknown key "adress", did you mean "address"?
func Unknown(what, word string, known []string) string {
	s := fmt.Sprintf("unknown %s %q", what, word)
	if n := Nearest(word, known); n != "" {
		s += fmt.Sprintf(", did you mean %q?", n)
	}
	return s
}

// Nearest returns the known word that differs least from the given one, or "" when none is near.
func Nearest(word string, known []string) string {
	best, least := "", 1+max(2, len(word)/3)
	sorted := append([]string(nil), known...)
	sort.Strings(sorted)
	for _, k := range sorted {
		if d := levenshtein.ComputeDistance(strings.ToLower(word), strings.ToLower(k)); d < least {
			best, least = k, d
		}
	}
	return best
}

// keys lists every key that a type and the types within it know.
func keys(t reflect.Type) []string {
	seen := map[reflect.Type]bool{}
	var out []string
	var walk func(reflect.Type)
	walk = func(t reflect.Type) {
		if seen[t] {
			return
		}
		seen[t] = true
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
			walk(t.Elem())
		case reflect.Struct:
			for i := range t.NumField() {
				f := t.Field(i)
				name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
				if name != "" && name != "-" {
					out = append(out, name)
				}
				if f.IsExported() {
					walk(f.Type)
				}
			}
		}
	}
	walk(t)
	return out
}
