// Package repositories writes sample repositories for tests and the demo: each .txtar file here is one, with planted
// credentials that exist only once it is written. This folder holds none that a scanner would find.
//
// A .txtar file begins with what it is about. A file in it is written as it stands, except that
//
//	<<KIND>>, <<KIND 2>>   become a credential of that kind (see Plant), the same for the same number
//	<<base64 KIND>>        becomes its base64 encoding
//
// The file "want" is not written: it lists what is to be found, as "DETECTOR PATH:LINE" and, where the repository itself
// accepts it, what does.
package repositories

import (
	"embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
)

//go:embed *.txtar
var archives embed.FS

// A Case is one sample repository.
type Case struct {
	Name  string
	About string
	Files map[string]string // content by path, with slashes
	Want  []string          // "DETECTOR PATH:LINE", or "DETECTOR PATH:LINE ALLOWED_BY"
}

// All returns every sample, sorted by name.
func All() ([]Case, error) {
	names, err := fs.Glob(archives, "*.txtar")
	if err != nil {
		return nil, err
	}
	var all []Case
	for _, name := range names {
		c, err := Load(strings.TrimSuffix(name, ".txtar"))
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// Load returns the sample of that name.
func Load(name string) (Case, error) {
	data, err := archives.ReadFile(name + ".txtar")
	if err != nil {
		return Case{}, fmt.Errorf("no sample repository %q: %w", name, err)
	}
	archive := txtar.Parse(data)
	c := Case{Name: name, About: strings.TrimSpace(string(archive.Comment)), Files: map[string]string{}}
	for _, f := range archive.Files {
		text, err := fill(string(f.Data))
		if err != nil {
			return Case{}, fmt.Errorf("sample repository %q: %s: %w", name, f.Name, err)
		}
		if f.Name == "want" {
			c.Want = strings.FieldsFunc(text, func(r rune) bool { return r == '\n' })
			continue
		}
		c.Files[f.Name] = text
	}
	return c, nil
}

// Write writes the files of the sample below dir.
func (c Case) Write(dir string) error {
	for name, text := range c.Files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

var placeholder = regexp.MustCompile(`<<(base64 )?([a-z-]+)( [0-9]+)?>>`)

// fill replaces the placeholders of a text.
func fill(text string) (string, error) {
	var bad error
	text = placeholder.ReplaceAllStringFunc(text, func(s string) string {
		m := placeholder.FindStringSubmatch(s)
		n := 1
		if m[3] != "" {
			n, _ = strconv.Atoi(m[3][1:])
		}
		value, err := Plant(m[2], n)
		if err != nil {
			bad = err
		}
		if m[1] != "" {
			value = Base64(value)
		}
		return value
	})
	return text, bad
}

// Base64 encodes a value as a placeholder with base64 does.
func Base64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
