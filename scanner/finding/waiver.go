package finding

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/strictyaml"
)

// maxWaiver is how far ahead a waiver may end.
const maxWaiver = 366 * 24 * time.Hour

// A Waiver accepts findings, or a gap, for a time. It hides nothing: what it covers is shown apart.
//
//   - rule: rotation/signing-key-overdue
//     resource: {type: vault.transit.key, name: legacy-*}
//     reason: The partner rotates in March.
//     owner: payments
//     approver: security@example.test
//     until: 2026-03-31
//     ticket: SEC-123
//   - gap: {scope: vault/eu/team-a, what: "list of tokens"}
//     reason: ...
type Waiver struct {
	Rule     string   `yaml:"rule"`
	Resource Selector `yaml:"resource"`
	At       string   `yaml:"at"` // the part of the resource; empty is every part
	Gap      *GapOf   `yaml:"gap"`
	Reason   string   `yaml:"reason"`
	Owner    string   `yaml:"owner"`
	Approver string   `yaml:"approver"`
	Until    string   `yaml:"until"` // the last day, 2006-01-02
	Ticket   string   `yaml:"ticket"`

	place string    // "waivers/2026.yaml#3"
	ends  time.Time // the first moment at which it no longer holds
}

// A Selector describes resources. All keys that are set must hold. Values may hold globs: * is any run of characters.
type Selector struct {
	ID    string `yaml:"id"`
	Type  string `yaml:"type"`
	Name  string `yaml:"name"`
	Scope string `yaml:"scope"`
}

// GapOf describes gaps.
type GapOf struct {
	Scope string `yaml:"scope"`
	What  string `yaml:"what"`
}

// Waivers are all waivers of a run, in the order of their files.
type Waivers struct{ all []Waiver }

// ReadWaivers reads waiver files, and every *.yaml and *.yml in folders. Errors name the file and what is wrong in it.
func ReadWaivers(paths ...string) (*Waivers, error) {
	w := &Waivers{}
	for _, p := range paths {
		files := []string{p}
		info, err := os.Stat(p)
		if err != nil {
			return nil, fmt.Errorf("read waivers: %w", err)
		}
		if info.IsDir() {
			files = nil
			for _, pattern := range []string{"*.yaml", "*.yml"} {
				found, _ := filepath.Glob(filepath.Join(p, pattern)) // the pattern is well formed
				files = append(files, found...)
			}
			slices.Sort(files)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				return nil, fmt.Errorf("read waivers: %w", err)
			}
			if err := w.add(file, data); err != nil {
				return nil, err
			}
		}
	}
	return w, nil
}

// add parses one file.
func (w *Waivers) add(file string, data []byte) error {
	var list []Waiver
	if err := strictyaml.Decode(file, data, &list); err != nil {
		return err
	}
	for i := range list {
		v := &list[i]
		v.place = fmt.Sprintf("%s#%d", filepath.ToSlash(file), i+1)
		if err := v.check(); err != nil {
			return fmt.Errorf("read %q: waiver %d: %w", file, i+1, err)
		}
	}
	w.all = append(w.all, list...)
	return nil
}

func (v *Waiver) check() error {
	for _, must := range []struct{ name, value string }{{"reason", v.Reason}, {"owner", v.Owner}, {"approver", v.Approver}, {"until", v.Until}} {
		if strings.TrimSpace(must.value) == "" {
			return fmt.Errorf("%s is missing", must.name)
		}
	}
	day, err := time.Parse(time.DateOnly, v.Until)
	if err != nil {
		return fmt.Errorf("until %q is no day such as 2026-12-31", v.Until)
	}
	v.ends = day.AddDate(0, 0, 1)
	switch {
	case v.Gap != nil && (v.Rule != "" || v.Resource != Selector{} || v.At != ""):
		return fmt.Errorf("it accepts a gap, so it cannot name a rule or a resource as well")
	case v.Gap != nil && v.Gap.Scope == "":
		return fmt.Errorf("gap has no scope")
	case v.Gap == nil && v.Rule == "":
		return fmt.Errorf("it names neither a rule nor a gap")
	case v.Gap == nil && v.Resource == Selector{}:
		return fmt.Errorf("it names no resource; give id, name, type or scope")
	}
	return nil
}

// Covers reports whether the waiver is about a finding, whatever the time.
func (v *Waiver) Covers(f *Finding) bool {
	s := v.Resource
	return v.Gap == nil && glob(v.Rule, f.Rule) && like(v.At, f.At) && like(s.ID, string(f.Resource.ID)) && like(s.Type, f.Resource.Type) &&
		like(s.Name, f.Resource.Name) && like(s.Scope, string(f.Resource.Scope))
}

// accepts reports whether the waiver is about a gap, whatever the time.
func (v *Waiver) accepts(g *inventory.Gap) bool {
	return v.Gap != nil && glob(v.Gap.Scope, string(g.Scope)) && like(v.Gap.What, g.What)
}

func (v *Waiver) waived() *Waived {
	return &Waived{By: v.place, Reason: v.Reason, Owner: v.Owner, Approver: v.Approver, Until: v.ends.AddDate(0, 0, -1), Ticket: v.Ticket}
}

// like is glob, where an empty pattern holds for everything.
func like(pattern, s string) bool { return pattern == "" || glob(pattern, s) }

// glob matches a pattern in which * is any run of characters.
func glob(pattern, s string) bool {
	first, rest, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == s
	}
	if !strings.HasPrefix(s, first) {
		return false
	}
	s = s[len(first):]
	parts := strings.Split(rest, "*")
	for _, p := range parts[:len(parts)-1] {
		i := strings.Index(s, p)
		if i < 0 {
			return false
		}
		s = s[i+len(p):]
	}
	return strings.HasSuffix(s, parts[len(parts)-1])
}
