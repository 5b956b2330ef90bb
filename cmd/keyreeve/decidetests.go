package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/cmd/internal/cli"
	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/strictyaml"
)

// decideTests decides the requests of a YAML file and compares with what each expects.
func (a *app) decideTests(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return cli.Hinted(fmt.Errorf("read tests: %w", err), "give a YAML file of requests, as keyreeve decide --help shows one")
	}
	tests, err := testsIn(path, data)
	if err != nil {
		return err
	}
	known := systems()
	wrong := 0
	for i, t := range tests {
		differences, err := decideTest(known, t.request, filepath.Dir(path))
		if err != nil {
			wrong := &strictyaml.Error{File: path, Line: t.line, Text: err.Error()}
			if errors.Is(err, fs.ErrNotExist) {
				return cli.Hinted(wrong, `"file:PATH" is looked for from the folder %q, in which %s is`, filepath.Dir(path), filepath.Base(path))
			}
			return wrong
		}
		if len(differences) == 0 {
			continue
		}
		wrong++
		name, _ := t.request["name"].(string)
		if name == "" {
			name = fmt.Sprintf("test %d", i+1)
		}
		fmt.Fprintf(a.stdout, "%s:%d: %s\n", path, t.line, name)
		for _, d := range differences {
			fmt.Fprintf(a.stdout, "  %s\n", d)
		}
	}
	if _, err := fmt.Fprintf(a.stdout, "%d passed, %d failed\n", len(tests)-wrong, wrong); err != nil {
		return err
	}
	if wrong > 0 {
		return cli.Status(exitFindings)
	}
	return nil
}

// expectation is what a test wants of the answer. A list wants what it holds, an empty one nothing; what a key does not say may be
// anything.
type expectation struct {
	Decision *access.Decision  `json:"decision"`
	Explicit *bool             `json:"explicit"`
	Residual []access.Residual `json:"residual"`
	Because  []decisive        `json:"because"`
	Error    *string           `json:"error"` // a part of the sentence
}

// decisive is what a test may say of an access.Because. Requests have documents without lines.
type decisive struct {
	Document  string `json:"document"`
	Statement string `json:"statement"`
}

func (d decisive) String() string {
	return words(labelled("", d.Document), labelled("statement ", d.Statement))
}

// condition is a residual in words: "HOW kms:ViaService, statement ThroughS3".
func condition(r access.Residual) string {
	return words(strings.TrimSpace(string(r.Class)+" "+r.Key), labelled("statement ", r.Statement))
}

// words joins what there is.
func words(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

func labelled(label, s string) string {
	if s == "" {
		return ""
	}
	return label + s
}

// said lists what an answer has.
func said[T any](list []T, say func(T) string) string {
	if len(list) == 0 {
		return "none"
	}
	out := make([]string, 0, len(list))
	for _, v := range list {
		out = append(out, say(v))
	}
	return strings.Join(out, " and ")
}

// decideTest returns in what the answer differs from what the test expects.
func decideTest(known map[string]system, test map[string]any, folder string) ([]string, error) {
	want, err := expected(test["expect"])
	if err != nil {
		return nil, err
	}
	read, err := withFiles(test, folder)
	if err != nil {
		return nil, err
	}
	request, err := json.Marshal(read)
	if err != nil {
		return nil, fmt.Errorf("it cannot be a request: %w", err)
	}
	return want.compare(decideOne(known, request)), nil
}

func expected(v any) (want expectation, err error) {
	switch v := v.(type) {
	case nil:
		return want, fmt.Errorf(`it does not say what to "expect"; give a decision, such as denied`)
	case string:
		want.Decision = new(access.Decision(v))
	case map[string]any:
		data, err := json.Marshal(v)
		if err != nil {
			return want, fmt.Errorf(`"expect": %w`, err)
		}
		if _, err := deciding(func(e expectation) access.Answer { want = e; return access.Answer{} })(data); err != nil {
			return want, fmt.Errorf(`"expect": %w`, misread(err))
		}
		if len(v) == 0 {
			return want, errors.New(`"expect" is empty, so that any answer would do; give a decision, such as denied`)
		}
	default:
		return want, errors.New(`"expect" has to be a decision, such as denied, or an object of keys of an answer`)
	}
	if want.Decision != nil {
		switch *want.Decision {
		case access.Allowed, access.Conditional, access.Denied, access.Failed:
		default:
			return want, fmt.Errorf(`"expect": %s`, strictyaml.Unknown("decision", string(*want.Decision), []string{"allowed", "conditional", "denied", "error"}))
		}
	}
	for _, r := range want.Residual {
		switch r.Class {
		case "", access.Who, access.How, access.Where, access.When, access.What:
		default:
			return want, fmt.Errorf(`"expect": "residual": %s`, strictyaml.Unknown("class", string(r.Class), []string{"WHO", "HOW", "WHERE", "WHEN", "WHAT"}))
		}
	}
	return want, nil
}

// misread says in a sentence why an expectation could not be read.
func misread(err error) error {
	var typ *json.UnmarshalTypeError
	if errors.As(err, &typ) {
		return errors.New(mistyped(typ))
	}
	if name, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); unknown {
		return errors.New(strictyaml.Unknown("key", strings.Trim(name, `"`), []string{"decision", "explicit", "residual", "because", "error"}))
	}
	return err
}

func (want *expectation) compare(got access.Answer) (differences []string) {
	differ := func(format string, args ...any) { differences = append(differences, fmt.Sprintf(format, args...)) }
	if want.Decision != nil && *want.Decision != got.Decision {
		differ("decision: got %s, want %s%s", got.Decision, *want.Decision, why(got))
	}
	if got.Decision == access.Failed && want.Decision == nil && want.Error == nil { // of which nothing else can be expected
		differ("decision: got error%s", why(got))
		return differences
	}
	if want.Explicit != nil && *want.Explicit != got.Explicit {
		differ("explicit: got %t, want %t", got.Explicit, *want.Explicit)
	}
	if want.Error != nil && !strings.Contains(got.Error, *want.Error) {
		differ("error: got %q, want %q in it", got.Error, *want.Error)
	}
	like := func(want, got string) bool { return want == "" || want == got }
	for _, w := range want.Residual {
		if !holds(got.Residual, func(g access.Residual) bool {
			return like(string(w.Class), string(g.Class)) && (w.Key == "" || strings.EqualFold(w.Key, g.Key)) && like(w.Statement, g.Statement)
		}) {
			differ("residual: got %s; want %s among them", said(got.Residual, condition), condition(w))
		}
	}
	if want.Residual != nil && len(want.Residual) == 0 && len(got.Residual) > 0 {
		differ("residual: got %s; want none", said(got.Residual, condition))
	}
	var because []decisive
	for _, b := range got.Because {
		because = append(because, decisive{b.Document, b.Statement})
	}
	for _, w := range want.Because {
		if !holds(because, func(g decisive) bool { return like(w.Document, g.Document) && like(w.Statement, g.Statement) }) {
			differ("because: got %s; want %s among them", said(because, decisive.String), w)
		}
	}
	if want.Because != nil && len(want.Because) == 0 && len(because) > 0 {
		differ("because: got %s; want none", said(because, decisive.String))
	}
	return differences
}

// why says what an answer rests on.
func why(a access.Answer) (s string) {
	switch {
	case a.Error != "":
		return ": " + a.Error
	case a.Decision == access.Denied && len(a.Because) == 0:
		return "; nothing allows it"
	}
	for _, b := range a.Because {
		s += fmt.Sprintf("; because of %s, statement %s", b.Document, b.Statement)
	}
	for _, r := range a.Residual {
		s += "; it hangs on " + condition(r)
	}
	return s
}

func holds[T any](list []T, is func(T) bool) bool {
	for _, v := range list {
		if is(v) {
			return true
		}
	}
	return false
}
