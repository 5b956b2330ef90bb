// Package secrets recognises credentials in text with the rules of gitleaks, and is the only package that imports it.
//
// A credential's value never leaves this package: a Match carries where it stands, what kind it is, the fixed prefix of
// that kind with the value's length, and a group that is equal for equal values within one run. Which files are read,
// and what a finding is worth, is left to others.
package secrets

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/zricethezav/gitleaks/v8/config"
	"github.com/zricethezav/gitleaks/v8/detect"
	"github.com/zricethezav/gitleaks/v8/report"
	"github.com/zricethezav/gitleaks/v8/sources"
)

// decodeDepth is how many layers of encoding (base64, hex, percent, \u) are undone, as the gitleaks command does. The
// library's own default is 0.
const decodeDepth = 5

// allowComment on the line of a match accepts it.
const allowComment = "gitleaks:allow"

// Options say where a repository keeps what it has told gitleaks.
type Options struct {
	Root     string                            // of the repository
	Rules    string                            // folder with .gitleaks.toml and .gitleaksignore, both optional; "" is Root
	Extend   func(path string) (string, error) // finds a file that .gitleaks.toml extends; nil: from the folder of rules
	Baseline string                            // a JSON report of gitleaks whose findings are known; "" for none
	Logger   *slog.Logger
}

// A Scanner recognises credentials. It is safe for concurrent use.
type Scanner struct {
	redacted
	rules    config.Config
	custom   bool             // rules came from a .gitleaks.toml
	strict   *detect.Detector // honours gitleaks:allow
	lenient  func() *detect.Detector
	accepted accepted
	folders  sync.Map // path of a folder: whether Skips excludes it
	key      [32]byte // of the groups; it dies with the run
}

// Load reads the rules of gitleaks, or those of Root's .gitleaks.toml, and what the repository accepts. It takes some
// tens of milliseconds. Errors name the file that is at fault.
func Load(o Options) (*Scanner, error) {
	o.Rules = cmp.Or(o.Rules, o.Root)
	rules, custom, err := loadRules(o)
	if err != nil {
		return nil, err
	}
	s := &Scanner{rules: rules, custom: custom}
	if s.accepted, err = loadAccepted(o); err != nil {
		return nil, err
	}
	if _, err := rand.Read(s.key[:]); err != nil {
		return nil, fmt.Errorf("make a key for grouping: %w", err)
	}
	s.strict = s.detector(false)
	s.lenient = sync.OnceValue(func() *detect.Detector { return s.detector(true) })
	return s, nil
}

func (s *Scanner) detector(ignoreAllow bool) *detect.Detector {
	d := detect.NewDetector(s.rules)
	d.MaxDecodeDepth = decodeDepth
	d.IgnoreGitleaksAllow = ignoreAllow
	return d
}

// Detect returns the credentials in a fragment, in the order of their place. Those that the repository accepts are
// among them, marked. The error is that of a context that ended, or says that the rules could not be run on this text.
func (s *Scanner) Detect(ctx context.Context, f Fragment) (matches []Match, err error) {
	defer func() {
		if r := recover(); r != nil {
			matches, err = nil, fmt.Errorf("gitleaks gave up on %q, lines from %d: %s", f.Path, f.StartLine, panicText(r))
		}
	}()
	if f.Path != "" && f.Path == s.accepted.skip {
		return nil, nil // the baseline itself
	}
	found := s.run(ctx, s.strict, f)
	var inline []report.Finding
	if strings.Contains(f.Text, allowComment) {
		// gitleaks drops what a comment accepts; a second pass that ignores comments shows what that was.
		inline = subtract(s.run(ctx, s.lenient(), f), found)
	}
	if err := ctx.Err(); err != nil {
		return nil, err // a pass that was cut short looks like one that found nothing
	}
	for _, list := range []struct {
		findings []report.Finding
		by       string
	}{{found, ""}, {inline, AllowedInline}} {
		for i := range list.findings {
			matches = append(matches, s.match(&list.findings[i], list.by))
		}
	}
	slices.SortStableFunc(matches, compare)
	return matches, nil
}

// run asks gitleaks. Its answer has no certain order, as rules are kept in a map: the values break ties here, so that
// equal text gives equal order.
func (s *Scanner) run(ctx context.Context, d *detect.Detector, f Fragment) []report.Finding {
	//lint:ignore SA1019 DetectContext of this version takes nothing else
	in := detect.Fragment(sources.Fragment{Raw: f.Text, FilePath: f.Path, StartLine: f.StartLine})
	if filepath.Separator != '/' {
		in.WindowsFilePath = filepath.FromSlash(f.Path)
	}
	found := d.DetectContext(ctx, in)
	slices.SortStableFunc(found, func(a, b report.Finding) int {
		return strings.Compare(a.Secret+"\x00"+a.Match, b.Secret+"\x00"+b.Match)
	})
	return found
}

// subtract returns the findings of all that are not among some, counting repetitions.
func subtract(all, some []report.Finding) []report.Finding {
	type key struct {
		rule, secret, match                string
		line, endLine, startCol, endColumn int
	}
	of := func(f *report.Finding) key {
		return key{f.RuleID, f.Secret, f.Match, f.StartLine, f.EndLine, f.StartColumn, f.EndColumn}
	}
	have := map[key]int{}
	for i := range some {
		have[of(&some[i])]++
	}
	var rest []report.Finding
	for i := range all {
		if k := of(&all[i]); have[k] > 0 {
			have[k]--
		} else {
			rest = append(rest, all[i])
		}
	}
	return rest
}

// panicText describes a panic without what might be text of a file: only the runtime's own errors are spelled out.
func panicText(r any) string {
	if err, ok := r.(runtime.Error); ok {
		return err.Error()
	}
	return "internal error"
}
