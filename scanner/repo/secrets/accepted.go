package secrets

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/zricethezav/gitleaks/v8/detect"
	"github.com/zricethezav/gitleaks/v8/report"
)

// ignoreFile holds fingerprints of accepted findings, one a line:
//
//	# a comment
//	FILE:RULE:LINE            wherever it is found
//	COMMIT:FILE:RULE:LINE     in that commit only
const ignoreFile = ".gitleaksignore"

// accepted is what a repository has told gitleaks to leave alone.
type accepted struct {
	fingerprints map[string]bool
	baseline     map[string][]report.Finding // by file
	masked       map[string][]report.Finding // those of the baseline whose values were redacted when it was written
	skip         string                      // the baseline's own path in the repository
}

func loadAccepted(o Options) (a accepted, err error) {
	if a.fingerprints, err = readFingerprints(filepath.Join(o.Rules, ignoreFile), o.Logger); err != nil {
		return a, err
	}
	if o.Baseline == "" {
		return a, nil
	}
	if _, err := os.Stat(o.Baseline); err != nil {
		return a, fmt.Errorf("read the baseline of known leaks: %w", err)
	}
	list, err := detect.LoadBaseline(o.Baseline)
	if err != nil {
		return a, fmt.Errorf("read the baseline of known leaks %q: it is no JSON report of gitleaks; write one with: gitleaks dir --report-format json --report-path FILE", o.Baseline)
	}
	a.baseline, a.masked = map[string][]report.Finding{}, map[string][]report.Finding{}
	for _, f := range list {
		f.File = relative(o.Root, f.File)
		into := a.baseline
		if f.Secret == "REDACTED" || strings.HasSuffix(f.Secret, "...") {
			into = a.masked
		}
		into[f.File] = append(into[f.File], f)
	}
	if abs, err := filepath.Abs(o.Baseline); err == nil {
		a.skip = relative(o.Root, abs)
	}
	return a, nil
}

// relative spells a path as fragments do. gitleaks writes it as it was called: "./a", "a" or "/home/me/repository/a".
func relative(root, file string) string {
	if filepath.IsAbs(file) {
		if rel, err := filepath.Rel(root, file); err == nil && filepath.IsLocal(rel) {
			file = rel
		}
	}
	return path.Clean(filepath.ToSlash(file))
}

// readFingerprints reads a .gitleaksignore, which may be missing. A line that is no fingerprint accepts nothing and is told, as gitleaks does.
func readFingerprints(name string, log *slog.Logger) (map[string]bool, error) {
	data, err := readSettings(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the accepted findings of this repository: %w", err)
	}
	set := map[string]bool{}
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Split(line, ":")
		if _, err := strconv.Atoi(parts[len(parts)-1]); err != nil || len(parts) < 3 {
			log.Warn("this line accepts nothing: a fingerprint reads FILE:RULE:LINE or COMMIT:FILE:RULE:LINE", "file", name, "line", n)
			continue
		}
		switch len(parts) { // paths may have been written on Windows
		case 3:
			parts[0] = strings.ReplaceAll(parts[0], `\`, "/")
		case 4:
			parts[1] = strings.ReplaceAll(parts[1], `\`, "/")
		}
		set[strings.Join(parts, ":")] = true
	}
	return set, nil
}

// by says what accepts a finding, or "".
func (a *accepted) by(f *report.Finding) string {
	if a.fingerprints[fmt.Sprintf("%s:%s:%d", f.File, f.RuleID, f.StartLine)] {
		return AllowedIgnore
	}
	// gitleaks compares values unless it redacts; entropy, rule, lines and columns are compared always.
	if b := a.baseline[f.File]; len(b) > 0 && !detect.IsNew(*f, 0, b) {
		return AllowedBaseline
	}
	if b := a.masked[f.File]; len(b) > 0 && !detect.IsNew(*f, 100, b) {
		return AllowedBaseline
	}
	return ""
}
