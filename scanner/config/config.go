// Package config reads keyreeve.yaml. It is strict: an unknown key is an error that names the nearest known one; every
// zero value is good; no secret stands in it.
//
// It leaves the meaning of each section to the package that uses it.
package config

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/keyreeve/keyreeve/collectors"
	"github.com/keyreeve/keyreeve/collectors/ledger"
	"github.com/keyreeve/keyreeve/scanner/relate"
	"github.com/keyreeve/keyreeve/scanner/strictyaml"
)

// Name is the file that lint looks for, upwards from where it runs.
const Name = "keyreeve.yaml"

// Config is the content of keyreeve.yaml.
type Config struct {
	Path     string                    `yaml:"-"` // where it was read; "" when there is none
	Version  int                       `yaml:"version"`
	Sources  Sources                   `yaml:"sources"`
	Classify relate.Config             `yaml:"classify"`
	Rules    map[string]map[string]any `yaml:"rules"`    // settings by rule ID; see package evaluate
	Coverage map[string]Percent        `yaml:"coverage"` // how much of a back end is enough
	Waivers  string                    `yaml:"waivers"`  // a file or folder, relative to this file
	Rotation any                       `yaml:"rotation"` // read by keyreeve-rotate; a scan reads the ledger that it names
}

// Sources lists what is scanned.
type Sources struct {
	collectors.Config `yaml:",inline"`
	Repositories      []Repository `yaml:"repositories"`
}

// Repository is a work tree.
type Repository struct {
	Path string `yaml:"path"` // relative to this file
	Name string `yaml:"name"` // for IDs; the remote's or folder's name when empty
}

// Read reads a configuration. Errors name the file and, where it is known, the line.
func Read(path string) (*Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	c := &Config{Path: path}
	if err := strictyaml.Decode(path, data, c); err != nil {
		return nil, err
	}
	if err := c.ledger(); err != nil {
		return nil, fmt.Errorf("read %q: rotation: %w", path, err)
	}
	if c.Version != 1 {
		return nil, fmt.Errorf("read %q: version is %d, this keyreeve reads version 1; begin the file with \"version: 1\"", path, c.Version)
	}
	var backends []string
	for _, b := range collectors.Backends {
		backends = append(backends, b.Name)
	}
	backends = append(backends, "repo")
	for _, name := range slices.Sorted(maps.Keys(c.Coverage)) {
		if !slices.Contains(backends, name) {
			return nil, fmt.Errorf("read %q: coverage: %s", path, strictyaml.Unknown("back end", name, backends))
		}
	}
	return c, nil
}

// ledger takes over where the section rotation says that the ledger is: it is a source like the back ends, named once.
func (c *Config) ledger() error {
	section, _ := c.Rotation.(map[string]any)
	place, _ := section["ledger"].(string)
	if place == "" {
		return nil
	}
	if !strings.Contains(place, "://") {
		place = c.Resolve(place)
	}
	head := ""
	if h, set := section["ledger_head"]; set && h != nil {
		if head, _ = h.(string); !ledger.IsHead(head) {
			return fmt.Errorf("ledger_head %q is not the hash of an entry: 64 digits of lower-case hex; keyreeve-rotate ledger verify prints one", fmt.Sprint(h))
		}
	}
	c.Sources.Ledger = []ledger.Config{{Place: place, Head: head}}
	return nil
}

// Find looks for keyreeve.yaml in dir and the folders above it. It returns "" when there is none.
func Find(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for {
		path := filepath.Join(dir, Name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", nil
		}
		dir = up
	}
}

// Resolve turns a path in the configuration into one relative to where keyreeve runs.
func (c *Config) Resolve(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(c.Path), path)
}

// Percent is a share: "98%" or 98.
type Percent float64

// UnmarshalYAML reads "98%" and 98.
func (p *Percent) UnmarshalYAML(data []byte) error {
	text := strings.Trim(strings.TrimSpace(string(data)), `"'`)
	number, signed := strings.CutSuffix(text, "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil || v < 0 || v > 100 {
		return fmt.Errorf("%q is no percentage from 0%% to 100%%", text)
	}
	if !signed && v > 0 && v <= 1 {
		return fmt.Errorf("%s may mean %s%% or %v%%; write the sign", text, text, 100*v)
	}
	*p = Percent(v)
	return nil
}
