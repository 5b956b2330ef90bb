package repo

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/testdata/repositories"
)

// TestMain keeps git from reading the configuration of whoever runs the tests.
func TestMain(m *testing.M) {
	for _, v := range local {
		os.Unsetenv(v)
	}
	for k, v := range map[string]string{
		"GIT_CONFIG_GLOBAL": os.DevNull, "GIT_CONFIG_NOSYSTEM": "1",
		"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com",
	} {
		os.Setenv(k, v)
	}
	os.Exit(m.Run())
}

func gitIn(t testing.TB, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// repository makes a git repository that holds the files, committed when commit is set.
func repository(t testing.TB, files map[string]string, commit bool) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "payments")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	gitIn(t, dir, "init", "-q", "-b", "main")
	write(t, dir, files)
	if commit {
		gitIn(t, dir, "add", "-A", "-f")
		gitIn(t, dir, "commit", "-q", "-m", "first")
	}
	return dir
}

func write(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	if err := (repositories.Case{Files: files}).Write(dir); err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, o Options) *Source {
	t.Helper()
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// read drains a source. Resources and gaps are all that it yields here.
func read(t testing.TB, s inventory.Source) ([]inventory.Resource, []*inventory.Gap) {
	t.Helper()
	var resources []inventory.Resource
	var gaps []*inventory.Gap
	for r, err := range s.Resources(t.Context()) {
		var gap *inventory.Gap
		switch {
		case err == nil:
			resources = append(resources, r)
		case errors.As(err, &gap):
			gaps = append(gaps, gap)
		default:
			t.Fatal(err)
		}
	}
	return resources, gaps
}

// brief writes credentials as the samples' "want" does.
func brief(resources []inventory.Resource) []string {
	var out []string
	for _, r := range resources {
		if r.Type != credentialType {
			continue
		}
		line := fmt.Sprintf("%s %s:%d", r.Credential.Detector, r.Location.Path, r.Location.StartLine)
		if r.Credential.AllowedBy != "" {
			line += " " + r.Credential.AllowedBy
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}

func finds(t testing.TB, o Options) []string {
	t.Helper()
	return findsOf(t, open(t, o))
}

func findsOf(t testing.TB, s *Source) []string {
	t.Helper()
	resources, gaps := read(t, s)
	out := brief(resources)
	for _, g := range gaps {
		out = append(out, strings.TrimSpace("gap: "+g.What+": "+string(g.Why)+" "+g.Err))
	}
	return out
}

func equal(t testing.TB, got, want []string) {
	t.Helper()
	want = slices.Sorted(slices.Values(want))
	got = slices.Sorted(slices.Values(got))
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Every sample holds what it says, read as a tree, as a plain folder without git, and as what is staged for a first commit;
// and in all three ways the credentials have the same IDs.
func TestSamples(t *testing.T) {
	all, err := repositories.All()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 5 {
		t.Fatalf("only %d samples", len(all))
	}
	for _, c := range all {
		t.Run(c.Name, func(t *testing.T) {
			dir := repository(t, c.Files, false)
			untracked, gaps := read(t, open(t, Options{Root: dir}))
			if len(gaps) > 0 {
				t.Errorf("gaps: %v", gaps)
			}
			equal(t, brief(untracked), c.Want)

			gitIn(t, dir, "add", "-A")
			staged, gaps := read(t, open(t, Options{Root: dir, Mode: ModeStaged}))
			if len(gaps) > 0 {
				t.Errorf("gaps: %v", gaps)
			}
			if diff := gocmp.Diff(untracked, staged); diff != "" {
				t.Errorf("staged, -tree +staged:\n%s", diff)
			}
			gitIn(t, dir, "commit", "-q", "-m", "first")
			tracked, _ := read(t, open(t, Options{Root: dir}))
			if diff := gocmp.Diff(untracked, tracked); diff != "" {
				t.Errorf("-untracked +tracked:\n%s", diff)
			}
			equal(t, finds(t, Options{Root: dir, Mode: ModeStaged}), nil)

			plain := filepath.Join(t.TempDir(), "payments")
			write(t, plain, c.Files)
			folder, _ := read(t, open(t, Options{Root: plain}))
			if diff := gocmp.Diff(untracked, folder); diff != "" {
				t.Errorf("-git +folder:\n%s", diff)
			}
		})
	}
}

func TestResource(t *testing.T) {
	key := repositories.MustPlant("aws", 1)
	dir := repository(t, map[string]string{
		"a b/é#1%.env": "x=" + key + "\n\ny=" + key + "\n",
		"0.txt":        repositories.MustPlant("github", 1) + "\n",
	}, true)
	s := open(t, Options{Root: filepath.Join(dir, "a b"), Name: "team/pay#ments"})
	if s.Scope() != "repo/team%2Fpay%23ments" {
		t.Errorf("scope %s", s.Scope())
	}
	got, _ := read(t, s)
	yes, one := true, 1
	aws := inventory.Credential{Class: "specific", Detector: "aws-access-token", Preview: "AKIA… (20 characters)", InHead: &yes, SameValue: &one}
	want := []inventory.Resource{
		{ID: "repo:team/pay%23ments#aws-access-token:a b/é#1%25.env:1", Name: "a b/é#1%.env: aws-access-token", Credential: &aws, Location: &inventory.Location{Path: "a b/é#1%.env", StartLine: 1, EndLine: 1}},
		{ID: "repo:team/pay%23ments#aws-access-token:a b/é#1%25.env:2", Name: "a b/é#1%.env: aws-access-token", Credential: &aws, Location: &inventory.Location{Path: "a b/é#1%.env", StartLine: 3, EndLine: 3}},
		{ID: "repo:team/pay%23ments#github-pat:0.txt:1", Name: "0.txt: github-pat", Credential: &inventory.Credential{Class: "specific", Detector: "github-pat", Preview: "ghp_… (40 characters)", InHead: &yes}, Location: &inventory.Location{Path: "0.txt", StartLine: 1, EndLine: 1}},
	}
	for i := range want {
		want[i].Type, want[i].Kind, want[i].Origin, want[i].Scope = "repo.credential", inventory.KindCredential, inventory.Declared, s.Scope()
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	report := s.Report()
	if diff := gocmp.Diff(inventory.Report{Types: s.types(), Calls: map[string]int{"git ls-files": 1, "read file": 2}, Files: 2}, report); diff != "" {
		t.Error(diff)
	}
	for _, r := range got {
		if r.Complete(); len(r.Unknown) > 0 {
			t.Errorf("%s lacks %v", r.ID, r.Unknown)
		}
	}
}

// A file that is a credential by its name is one, however many fragments it has, and has no value to be the same as another's.
func TestFilesByName(t *testing.T) {
	dir := repository(t, map[string]string{"a.p12": strings.Repeat("text\n", 100_000), "b.pfx": "text\n"}, true)
	got, _ := read(t, open(t, Options{Root: dir}))
	equal(t, brief(got), []string{"pkcs12-file a.p12:1", "pkcs12-file b.pfx:1"})
	for _, r := range got {
		if r.Credential.SameValue != nil || r.Credential.Preview != "the whole file" {
			t.Errorf("%s: %+v", r.ID, r.Credential)
		}
	}
}

func TestEscapeIsInjective(t *testing.T) {
	seen := map[string]string{}
	for _, s := range []string{"a", "a%", "a%25", "\xff", "%FF", "a\nb", "a%0Ab", "\x7f", "é", "\xc3", "\xc3\xa9\xff"} {
		e := escape(s, "%")
		if other, ok := seen[e]; ok {
			t.Errorf("%q and %q both become %q", s, other, e)
		}
		seen[e] = s
	}
	if e := escape("a b/é:#", "%"); e != "a b/é:#" {
		t.Errorf("what is readable becomes %q", e)
	}
}

// This repository holds no credential that gitleaks' own rules find, this test's own samples included.
func TestThisRepositoryHoldsNoCredential(t *testing.T) {
	allowances := []string{} // "DETECTOR PATH:LINE": why
	s, err := Open(Options{Root: ".", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if s.place.git == nil {
		t.Skip("these sources are not in a git repository")
	}
	resources, gaps := read(t, s)
	equal(t, brief(resources), allowances)
	for _, g := range gaps {
		if g.Covers(credentialType) {
			t.Error(g)
		}
	}
	if n := s.Report().Calls["read file"]; n < 100 {
		t.Errorf("only %d files were read", n)
	}
}

func TestOpenErrors(t *testing.T) {
	plain := t.TempDir()
	bareDir := filepath.Join(t.TempDir(), "bare.git")
	gitIn(t, plain, "init", "-q", "--bare", bareDir)
	badRules := repository(t, map[string]string{".gitleaks.toml": "title = \"x\"\n[[rules]\n"}, false)
	badRegexp := repository(t, map[string]string{".gitleaks.toml": "[[rules]]\nid = \"x\"\nregex = '''('''\n"}, false)
	noRules := repository(t, map[string]string{".gitleaks.toml": "[[allowlists]]\npaths = ['''x''']\n"}, false)
	noTarget := repository(t, map[string]string{".gitleaks.toml": "[extend]\nuseDefault = true\n[[allowlists]]\ntargetRules = [\"nothing\"]\npaths = ['''x''']\n"}, false)
	noJSON := repository(t, map[string]string{"leaks.json": "{"}, false)
	empty := t.TempDir()
	if err := os.Mkdir(filepath.Join(empty, ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		o    Options
		want []string
	}{
		{"no such path", Options{Root: filepath.Join(plain, "nowhere")}, []string{"open repository", "nowhere"}},
		{"bare", Options{Root: bareDir}, []string{"it is bare", "hint: ", "worktree add"}},
		{"inside a bare one", Options{Root: filepath.Join(bareDir, "refs")}, []string{"it is bare"}},
		{"staged without git", Options{Root: plain, Mode: ModeStaged}, []string{"nothing can be staged without git", "hint: "}},
		{"empty .git", Options{Root: empty}, []string{"not a git repository"}},
		{"mode", Options{Root: plain, Mode: "history"}, []string{`mode "history"`}},
		{"glob", Options{Root: plain, Ignore: []string{"[a"}}, []string{`ignore pattern "[a"`}},
		{"rules: syntax", Options{Root: badRules}, []string{".gitleaks.toml", "line 2"}},
		{"rules: regexp", Options{Root: badRegexp}, []string{".gitleaks.toml", "missing closing )"}},
		{"rules: none", Options{Root: noRules}, []string{".gitleaks.toml", "useDefault = true"}},
		{"rules: target", Options{Root: noTarget}, []string{".gitleaks.toml", "nothing"}},
		{"baseline: missing", Options{Root: plain, Baseline: filepath.Join(plain, "leaks.json")}, []string{"baseline", "leaks.json", "no such file"}},
		{"baseline: no JSON", Options{Root: noJSON, Baseline: filepath.Join(noJSON, "leaks.json")}, []string{"leaks.json", "no JSON report of gitleaks"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Open(c.o)
			wantError(t, err, c.want...)
		})
	}
}

func wantError(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range words {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
}

// Without git on the path, files are read and staging is an error.
func TestWithoutGit(t *testing.T) {
	dir := repository(t, map[string]string{"a.txt": repositories.MustPlant("aws", 1) + "\n", ".gitignore": "ignored\n", "ignored": repositories.MustPlant("aws", 2) + "\n"}, false)
	t.Setenv("PATH", t.TempDir())
	equal(t, finds(t, Options{Root: dir}), []string{"aws-access-token a.txt:1", "aws-access-token ignored:1"})
	if _, err := Open(Options{Root: dir, Mode: ModeStaged}); err == nil || !strings.Contains(err.Error(), "without git") {
		t.Errorf("staged: %v", err)
	}
}

func TestName(t *testing.T) {
	dir := repository(t, map[string]string{"a": "a"}, true)
	worktree := filepath.Join(t.TempDir(), "elsewhere")
	gitIn(t, dir, "worktree", "add", "-q", worktree)
	for _, c := range []struct{ remote, want string }{
		{"", "payments"},
		{"https://user:" + "pass@example.com/org/billing.git", "billing"},
		{"git@example.com:org/billing.git/", "billing"},
		{"example.com:billing", "billing"},
		{"/srv/git/billing.git", "billing"},
		{".", "payments"},
		{"/srv/..", "payments"},
	} {
		if c.remote != "" {
			gitIn(t, dir, "config", "remote.origin.url", c.remote)
		}
		for _, root := range []string{dir, worktree} {
			if s := open(t, Options{Root: root}); s.Scope() != inventory.Scope("repo/"+c.want) {
				t.Errorf("remote %q: scope %s", c.remote, s.Scope())
			}
		}
	}
}

func TestGlobs(t *testing.T) {
	for _, c := range []struct {
		pattern string
		yes, no []string
	}{
		{"testdata", []string{"testdata", "testdata/a", "x/testdata/a/b"}, []string{"testdata2", "x/y"}},
		{"*.pem", []string{"a.pem", "x/a.pem", "x.pem/a"}, []string{"a.pem2"}},
		{"/docs", []string{"docs", "docs/a"}, []string{"x/docs"}},
		{"docs/", []string{"docs/a", "x/docs/a"}, []string{"doc"}},
		{"a/*/c", []string{"a/b/c", "a/b/c/d"}, []string{"a/c", "a/b/b/c", "x/a/b/c"}},
		{"a/**/c", []string{"a/c", "a/b/c", "a/b/b/c/d"}, []string{"a/b", "c"}},
		{"**/c", []string{"c", "a/c", "a/b/c/d"}, []string{"a/b"}},
	} {
		g, err := newGlobs([]string{c.pattern})
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range c.yes {
			if !g.match(path) {
				t.Errorf("%q does not fit %q", c.pattern, path)
			}
		}
		for _, path := range c.no {
			if g.match(path) {
				t.Errorf("%q fits %q", c.pattern, path)
			}
		}
	}
}
