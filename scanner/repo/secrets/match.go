package secrets

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"

	"github.com/zricethezav/gitleaks/v8/report"
)

// A Fragment is a piece of a file to look at. It prints as "(redacted)", since its text may hold a credential.
type Fragment struct {
	redacted
	Path      string // relative to the root of the repository, with slashes
	Text      string
	StartLine int // the line of the file that Text starts on, from 1
}

// What accepts a match. The empty string is: nothing does.
const (
	AllowedInline   = "inline"      // a gitleaks:allow comment on its line
	AllowedIgnore   = "ignore_file" // a fingerprint in .gitleaksignore
	AllowedBaseline = "baseline"    // the report of known leaks
)

// A Match is one credential, without its value. Lines count from 1; they are 0 when the file as a whole is the
// credential, by its name. Columns count bytes and are those of gitleaks: from 1 on a fragment's first line, one higher after.
type Match struct {
	Detector  string // ID of the rule
	Class     string // Specific or Generic
	Preview   string // the kind's fixed prefix and the length, such as "AKIA... (20 characters)"
	AllowedBy string
	Group     Group

	StartLine, EndLine, StartColumn, EndColumn int
}

// A Group is equal for equal values within one run and says nothing else: it is a hash under a key that is made for the
// run and dies with it. The zero Group belongs to matches without a value.
type Group struct{ hash [16]byte }

func (g Group) String() string { return "(group)" }

func (s *Scanner) match(f *report.Finding, allowedBy string) Match {
	m := Match{
		Detector: f.RuleID, Class: s.class(f.RuleID), AllowedBy: allowedBy,
		StartLine: f.StartLine, EndLine: f.EndLine, StartColumn: f.StartColumn, EndColumn: f.EndColumn,
	}
	m.Preview = preview(m.Detector, m.Class, f.Secret)
	if m.AllowedBy == "" {
		m.AllowedBy = s.accepted.by(f)
	}
	if f.Secret != "" {
		h := hmac.New(sha256.New, s.key[:])
		h.Write([]byte(f.Secret))
		copy(m.Group.hash[:], h.Sum(nil))
	}
	return m
}

// compare orders matches by place, then by rule.
func compare(a, b Match) int {
	return cmp.Or(cmp.Compare(a.StartLine, b.StartLine), cmp.Compare(a.StartColumn, b.StartColumn), cmp.Compare(a.EndLine, b.EndLine),
		cmp.Compare(a.EndColumn, b.EndColumn), cmp.Compare(a.Detector, b.Detector), cmp.Compare(a.AllowedBy, b.AllowedBy))
}

// redacted makes what embeds it print as "(redacted)" through fmt, slog and JSON alike.
type redacted struct{}

const redaction = "(redacted)"

// Format implements fmt.Formatter, for every verb.
func (redacted) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, redaction) }

// LogValue implements slog.LogValuer.
func (redacted) LogValue() slog.Value { return slog.StringValue(redaction) }

// MarshalText implements encoding.TextMarshaler, which JSON uses too.
func (redacted) MarshalText() ([]byte, error) { return []byte(redaction), nil }
