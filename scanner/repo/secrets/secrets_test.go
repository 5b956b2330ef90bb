package secrets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/keyreeve/keyreeve/testdata/repositories"
)

func load(t testing.TB, files map[string]string) *Scanner {
	t.Helper()
	dir := t.TempDir()
	if err := (repositories.Case{Files: files}).Write(dir); err != nil {
		t.Fatal(err)
	}
	s, err := Load(Options{Root: dir, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func detectIn(t testing.TB, s *Scanner, path, text string) []Match {
	t.Helper()
	matches, err := s.Detect(t.Context(), Fragment{Path: path, Text: text, StartLine: 1})
	if err != nil {
		t.Fatal(err)
	}
	return matches
}

// Rules that extend the default ones do so for every repository of a run, not only for the first two.
func TestExtendManyTimes(t *testing.T) {
	base := "title = \"base\"\n[extend]\nuseDefault = true\n[[rules]]\nid = \"base-rule\"\nregex = '''base_[a-z]{9}'''\nkeywords = [\"base_\"]\n"
	own := "[extend]\npath = \"base.toml\"\n[[allowlists]]\ntargetRules = [\"aws-access-token\"]\npaths = ['''^ok/''']\n"
	for i := range 5 {
		s := load(t, map[string]string{".gitleaks.toml": own, "base.toml": base})
		key := repositories.MustPlant("aws", 1)
		if got := detectIn(t, s, "a.txt", "key "+key+" base_abcdefghi"); len(got) != 2 {
			t.Errorf("load %d: %v", i, got)
		}
		if got := detectIn(t, s, "ok/a.txt", "key "+key); len(got) != 0 {
			t.Errorf("load %d: the allowlist of a rule is lost: %v", i, got)
		}
	}
}

func TestLoadsSideBySide(t *testing.T) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			toml := fmt.Sprintf("[extend]\nuseDefault = true\n[[rules]]\nid = \"rule-%d\"\nregex = '''tok%d_[a-z]{9}'''\nkeywords = [\"tok%d_\"]\n", i, i, i)
			s := load(t, map[string]string{".gitleaks.toml": toml})
			got := detectIn(t, s, "a", fmt.Sprintf("tok%d_abcdefghi %s", i, repositories.MustPlant("aws", 1)))
			if len(got) != 2 || got[0].Detector != fmt.Sprintf("rule-%d", i) {
				t.Errorf("%d: %v", i, got)
			}
		})
	}
	wg.Wait()
}

func TestIgnoreFile(t *testing.T) {
	var log strings.Builder
	dir := t.TempDir()
	name := filepath.Join(dir, ignoreFile)
	text := "# comment\n\n a.txt:aws-access-token:1 \nsub\\b.txt:aws-access-token:1\n0123abc:c.txt:aws-access-token:1\nnonsense\nd.txt:aws-access-token:x\n"
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Load(Options{Root: dir, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"a.txt": AllowedIgnore, "sub/b.txt": AllowedIgnore, "c.txt": "", "d.txt": ""} {
		if got := detectIn(t, s, path, repositories.MustPlant("aws", 1)); len(got) != 1 || got[0].AllowedBy != want {
			t.Errorf("%s: %+v", path, got)
		}
	}
	if n := strings.Count(log.String(), "accepts nothing"); n != 2 || !strings.Contains(log.String(), "line=6") || !strings.Contains(log.String(), "line=7") {
		t.Errorf("warnings: %s", log.String())
	}
	if err := errors.Join(os.Remove(name), os.Mkdir(name, 0o700)); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(Options{Root: dir}); err == nil || !strings.Contains(err.Error(), ignoreFile) {
		t.Errorf("a folder in its place: %v", err)
	}
}

// Every rule that the tables of kinds name exists, and every prefix stands in the rule's own expression.
func TestKindsAgreeWithRules(t *testing.T) {
	s := load(t, nil)
	for id := range generic {
		if _, ok := s.rules.Rules[id]; !ok {
			t.Errorf("generic: no rule %q", id)
		}
	}
	for id, list := range prefixes {
		rule, ok := s.rules.Rules[id]
		if !ok {
			t.Errorf("prefixes: no rule %q", id)
			continue
		}
		for _, p := range list {
			if expr := rule.Regex.String(); !strings.Contains(expr, regexp.QuoteMeta(p)) {
				t.Errorf("%s: %q is not in %s", id, p, expr)
			}
		}
	}
}

func TestClassAndPreview(t *testing.T) {
	toml := "[extend]\nuseDefault = true\n" +
		"[[rules]]\nid = \"my-generic-rule\"\nregex = '''gen_[a-z]{9}'''\nkeywords = [\"gen_\"]\n" +
		"[[rules]]\nid = \"anywhere\"\nregex = '''any_[a-z]{9}'''\n" +
		"[[rules]]\nid = \"mine\"\nregex = '''min_[a-z]{9}'''\nkeywords = [\"min_\"]\n"
	s := load(t, map[string]string{".gitleaks.toml": toml})
	for _, c := range []struct{ path, text, detector, class, preview string }{
		{"a", repositories.MustPlant("aws", 1), "aws-access-token", Specific, "AKIA… (20 characters)"},
		{"a", repositories.MustPlant("vault", 1), "vault-service-token", Specific, "hvs.… (99 characters)"},
		{"a", repositories.MustPlant("pem-key", 1), "private-key", Specific, "-----BEGIN… (451 characters)"},
		{"a", "api_key = \"" + repositories.MustPlant("random", 1) + "\"", "generic-api-key", Generic, "40 characters"},
		{"k.p12", "x", "pkcs12-file", Specific, "the whole file"},
		{"a", "gen_abcdefghi", "my-generic-rule", Generic, "13 characters"},
		{"a", "any_abcdefghi", "anywhere", Generic, "13 characters"},
		{"a", "min_abcdefghi", "mine", Specific, "13 characters"},
	} {
		got := detectIn(t, s, c.path, c.text)
		if len(got) != 1 || got[0].Detector != c.detector || got[0].Class != c.class || got[0].Preview != c.preview {
			t.Errorf("%+v", got)
		}
	}
	if got := preview("aws-access-token", Specific, "AKIA"); got != "4 characters" {
		t.Errorf("a value that is all prefix: %q", got)
	}
}

// Groups are equal for equal values of one scanner, and for nothing else.
func TestGroup(t *testing.T) {
	a, b := load(t, nil), load(t, nil)
	one, two := repositories.MustPlant("aws", 1), repositories.MustPlant("aws", 2)
	got := detectIn(t, a, "x", one+"\n"+two+"\n"+one)
	if got[0].Group != got[2].Group || got[0].Group == got[1].Group {
		t.Error("groups do not follow values")
	}
	if other := detectIn(t, b, "x", one); other[0].Group == got[0].Group {
		t.Error("a group outlives its run")
	}
	if file := detectIn(t, a, "k.p12", "x"); file[0].Group != (Group{}) {
		t.Error("a file as a whole has a group")
	}
}

func TestDetectStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got, err := load(t, nil).Detect(ctx, Fragment{Path: "a", Text: repositories.MustPlant("aws", 1), StartLine: 1})
	if !errors.Is(err, context.Canceled) || got != nil {
		t.Errorf("%v %v", got, err)
	}
}

// A panic of the rules is an error that names the file; the text does not come out with it.
func TestDetectPanics(t *testing.T) {
	s := load(t, nil)
	s.strict = nil
	_, err := s.Detect(t.Context(), Fragment{Path: "a.txt", Text: "canary", StartLine: 7})
	if err == nil || !strings.Contains(err.Error(), `"a.txt", lines from 7`) {
		t.Errorf("%v", err)
	}
	if text := panicText("canary"); strings.Contains(text, "canary") {
		t.Error(text)
	}
}

// No exported type shows a value, however it is printed: by itself, behind a pointer, or in another type.
func TestNothingPrintsAValue(t *testing.T) {
	canary := repositories.MustPlant("aws", 9)
	dir := t.TempDir()
	baseline := filepath.Join(dir, "leaks.json")
	if err := os.WriteFile(baseline, []byte(`[{"RuleID":"aws-access-token","File":"a","Secret":"`+canary+`","Match":"`+canary+`"}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Load(Options{Root: dir, Baseline: baseline})
	if err != nil {
		t.Fatal(err)
	}
	f := Fragment{Path: "a", Text: "x = " + canary, StartLine: 1}
	matches := detectIn(t, s, f.Path, f.Text)
	if len(matches) != 1 {
		t.Fatal(matches)
	}
	for _, v := range []any{s, f, &f, matches, matches[0], &matches[0], matches[0].Group, struct{ F Fragment }{f}, []Fragment{f}, map[string]any{"s": s}} {
		var out strings.Builder
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("m", "v", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "v", v)
		if err := json.NewEncoder(&out).Encode(v); err != nil {
			t.Errorf("%T: %v", v, err)
		}
		if strings.Contains(out.String(), canary) || strings.Contains(out.String(), fmt.Sprintf("%x", canary)) {
			t.Errorf("%s prints a value:\n%s", reflect.TypeOf(v), strings.ReplaceAll(out.String(), canary, "CANARY"))
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	dir := b.TempDir()
	toml := "[extend]\nuseDefault = true\n"
	if err := os.WriteFile(filepath.Join(dir, rulesFile), []byte(toml), 0o600); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Load(Options{Root: dir}); err != nil {
			b.Fatal(err)
		}
	}
}
