package secrets_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zricethezav/gitleaks/v8/config"
	"github.com/zricethezav/gitleaks/v8/sources"

	"github.com/keyreeve/keyreeve/scanner/repo"
	"github.com/keyreeve/keyreeve/testdata/repositories"
)

// Of staged changes, what nothing accepts is exactly what gitleaks' own git source and detector find in the added lines.
// Only lines are compared: a resource has no columns.
func TestSameAsGitleaksStaged(t *testing.T) {
	for _, v := range []string{"GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"} {
		os.Unsetenv(v)
	}
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	all, err := repositories.All()
	must(t, err)
	for _, c := range all {
		for seed := range uint64(4) {
			t.Run(fmt.Sprintf("%s %d", c.Name, seed), func(t *testing.T) {
				dir := t.TempDir()
				git := func(args ...string) {
					cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...)
					if out, err := cmd.CombinedOutput(); err != nil {
						t.Fatalf("%v: %s", err, out)
					}
				}
				git("init", "-q")
				if seed > 0 { // 0: a first commit
					must(t, halve(c, rand.New(rand.NewPCG(seed, 0))).Write(dir))
					git("add", "-A")
					git("commit", "-q", "--allow-empty", "-m", "before")
				}
				must(t, c.Write(dir))
				git("add", "-A")

				rules := config.DefaultConfig
				if own, ok := c.Files[".gitleaks.toml"]; ok {
					rules = own
				}
				t.Chdir(dir)
				d := peer(t, rules)
				if _, ok := c.Files[".gitleaksignore"]; ok {
					must(t, d.AddGitleaksIgnore(".gitleaksignore"))
				}
				cmd, err := sources.NewGitDiffCmdContext(t.Context(), ".", true)
				must(t, err)
				found, err := d.DetectSource(t.Context(), &sources.Git{Cmd: cmd, Config: &d.Config, Remote: &sources.RemoteInfo{}, Sema: d.Sema})
				must(t, err)
				var want []string
				for _, f := range found {
					want = append(want, fmt.Sprintf("%s %s:%d", f.RuleID, f.File, max(f.StartLine, 1)))
				}
				source, err := repo.Open(repo.Options{Root: dir, Mode: repo.ModeStaged})
				must(t, err)
				var got []string
				for r, err := range source.Resources(t.Context()) {
					must(t, err)
					if r.Credential.AllowedBy == "" {
						got = append(got, fmt.Sprintf("%s %s:%d", r.Credential.Detector, r.Location.Path, r.Location.StartLine))
					}
				}
				slices.Sort(want)
				slices.Sort(got)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("-gitleaks +ours:\n%s", diff)
				}
			})
		}
	}
}

// halve leaves out about half of the lines of each file, and every fourth file.
func halve(c repositories.Case, random *rand.Rand) repositories.Case {
	out := repositories.Case{Files: map[string]string{}}
	names := make([]string, 0, len(c.Files))
	for name := range c.Files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if random.IntN(4) == 0 {
			continue
		}
		var kept []string
		for line := range strings.Lines(c.Files[name]) {
			if random.IntN(2) == 0 {
				kept = append(kept, line)
			}
		}
		if strings.HasPrefix(name, ".gitleaks") {
			kept = []string{c.Files[name]}
		}
		out.Files[name] = strings.Join(kept, "")
	}
	return out
}
