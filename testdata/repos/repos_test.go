// Package repos holds small repositories, a folder a dialect, whose files say on the line what must be said of it:
//
//	enable_key_rotation = false # want: rotation/automatic-rotation-off fail
//	rotation = var.unset // want: rotation/automatic-rotation-off unknown, lifecycle/weak-key pass
//
// A line is about the resource whose lines it lies in, the narrowest of several. A file whose format has no comments has its
// wants beside it in NAME.want, as "LINE RULE VERDICT". What fails and is not wanted is an error: a false alarm.
package repos

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/policies"
	"github.com/keyreeve/keyreeve/scanner"
	"github.com/keyreeve/keyreeve/scanner/evaluate"
	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/relate"
	"github.com/keyreeve/keyreeve/scanner/repo"
)

func TestWants(t *testing.T) {
	folders, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	engine, err := evaluate.Load(evaluate.Options{Builtin: policies.FS})
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		if folder.IsDir() {
			t.Run(folder.Name(), func(t *testing.T) { check(t, engine, folder.Name()) })
		}
	}
}

// said is what a rule says of a resource.
type said struct {
	rule    string
	verdict finding.Verdict
	id      inventory.ID
	at      inventory.Location
	reason  string
}

func check(t *testing.T, engine *evaluate.Engine, folder string) {
	root := t.TempDir() // the folder itself lies in a repository
	if err := os.CopyFS(root, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	all := judge(t, engine, root)
	wanted := 0
	for _, want := range wants(t, root) {
		wanted++
		var best *said
		for i := range all {
			s := &all[i]
			if s.rule == want.rule && s.at.Path == want.at.Path && s.at.StartLine <= want.at.StartLine && want.at.StartLine <= max(s.at.StartLine, s.at.EndLine) &&
				(best == nil || s.at.EndLine-s.at.StartLine < best.at.EndLine-best.at.StartLine) {
				best = s
			}
		}
		switch {
		case best == nil:
			t.Errorf("%s:%d: want %s %s, but no resource there is judged by it", want.at.Path, want.at.StartLine, want.rule, want.verdict)
		case best.verdict != want.verdict:
			t.Errorf("%s:%d: want %s %s, got %s for %s: %s", want.at.Path, want.at.StartLine, want.rule, want.verdict, best.verdict, best.id, best.reason)
		}
		if best != nil {
			best.reason = "wanted"
		}
	}
	if wanted == 0 {
		t.Error("no file says what is wanted")
	}
	for _, s := range all {
		if s.verdict == finding.Fail && s.reason != "wanted" && !strings.HasPrefix(s.rule, "estate/") {
			t.Errorf("%s:%d: %s fails for %s and is not wanted", s.at.Path, s.at.StartLine, s.rule, s.id)
		}
	}
}

var clock = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func judge(t *testing.T, engine *evaluate.Engine, root string) []said {
	source, err := repo.Open(repo.Options{Root: root, Name: "repo"})
	if err != nil {
		t.Fatal(err)
	}
	snap, err := scanner.Collect(context.Background(), []inventory.Source{source}, scanner.CollectOptions{Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range snap.Gaps {
		if g.Why != inventory.NotStated {
			t.Error(&g)
		}
	}
	estate, err := relate.New(snap, relate.Config{})
	if err != nil {
		t.Fatal(err)
	}
	access := scanner.AccessOf(snap, engine)
	var out []said
	for i := range snap.Resources {
		r := &snap.Resources[i]
		found, err := access(r)
		if err != nil {
			t.Fatal(err)
		}
		judgements, err := engine.Judge(t.Context(), evaluate.NewSubject(r, estate.Labels(r), estate.Edges(r), estate.Series(r), found, clock))
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range judgements {
			out = append(out, said{j.Rule.ID, j.Verdict, r.ID, *r.Location, fmt.Sprint(j.Err, j.Deciding, j.Violations)})
		}
	}
	return out
}

var (
	inComment = regexp.MustCompile(`want:((?: ?[a-z]+/[a-z0-9-]+ [a-z_]+,?)+)`)
	inFile    = regexp.MustCompile(`(?m)^(\d+) ([a-z]+/[a-z0-9-]+) ([a-z_]+)$`)
)

func wants(t *testing.T, root string) []said {
	var out []said
	err := filepath.WalkDir(root, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		path, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		path = filepath.ToSlash(path)
		add := func(path string, line int, rule, verdict string) {
			if !slices.Contains([]string{"pass", "fail", "unknown", "not_applicable"}, verdict) {
				t.Errorf("%s:%d: %q is no verdict", path, line, verdict)
			}
			out = append(out, said{rule: rule, verdict: finding.Verdict(verdict), at: inventory.Location{Path: path, StartLine: line}})
		}
		if of, ok := strings.CutSuffix(path, ".want"); ok {
			for _, m := range inFile.FindAllStringSubmatch(string(data), -1) {
				line, _ := strconv.Atoi(m[1])
				add(of, line, m[2], m[3])
			}
			return nil
		}
		for i, line := range strings.Split(string(data), "\n") {
			if m := inComment.FindStringSubmatch(line); m != nil {
				for _, w := range strings.Split(strings.TrimSuffix(m[1], ","), ",") {
					rule, verdict, _ := strings.Cut(strings.TrimSpace(w), " ")
					add(path, i+1, rule, verdict)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
