package repo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
	"github.com/keyreeve/keyreeve/scanner/repo/secrets"
	"github.com/keyreeve/keyreeve/testdata/repositories"
)

var aws2 = repositories.MustPlant("aws", 2)

// snapshot reads a source as the pipeline does.
func snapshot(t *testing.T, s *Source) *inventory.Snapshot {
	t.Helper()
	snap := &inventory.Snapshot{}
	snap.Resources, _ = read(t, s)
	slices.SortFunc(snap.Resources, func(a, b inventory.Resource) int { return strings.Compare(string(a.ID), string(b.ID)) })
	snap.Scopes = []inventory.ScopeRead{{Scope: s.Scope(), Report: s.Report()}}
	return snap
}

// changed commits some files, replaces them by others and compares the two states.
func changed(t *testing.T, before, after map[string]string) (c *Change, now *inventory.Snapshot) {
	t.Helper()
	dir := repository(t, before, true)
	for name := range before {
		must(t, os.Remove(filepath.Join(dir, name)))
	}
	write(t, dir, after)
	rev, err := Resolve(t.Context(), dir, "HEAD", nil)
	must(t, err)
	s := open(t, Options{Root: dir, Remember: true})
	s.dialects = []*declare.Dialect{keyLines}
	then := s.At(rev)
	now = snapshot(t, s)
	return Compare(then, s, snapshot(t, then), now), now
}

func short(id inventory.ID) string {
	s := string(id)
	for _, prefix := range []string{"lines:payments/", "repo:payments#aws-access-token:"} {
		s = strings.TrimPrefix(s, prefix)
	}
	return s
}

func TestTwins(t *testing.T) {
	one, two := "k "+aws+"\n", "k "+aws2+"\n"
	for _, c := range []struct {
		name          string
		before, after map[string]string
		want          []string
	}{
		{"the same", map[string]string{"a.keys": "key x 1\n", "b": one}, map[string]string{"a.keys": "\n\nkey x 2\n", "b": "\n" + one}, []string{"a.keys#x=a.keys#x", "b:1=b:1"}},
		{"moved to another file", map[string]string{"a.keys": "key x 1\n", "b": one}, map[string]string{"c.keys": "key x 1\n", "d": one}, []string{"c.keys#x=a.keys#x", "d:1=b:1"}},
		{"another name", map[string]string{"a.keys": "key x 1\n"}, map[string]string{"c.keys": "key y 1\n"}, []string{"c.keys#y=-"}},
		{"the same name once more", map[string]string{"a.keys": "key x 1\n"}, map[string]string{"a.keys": "key x 1\n", "c.keys": "key x 1\n"}, []string{"a.keys#x=a.keys#x", "c.keys#x=-"}},
		{"another value in its place", map[string]string{"b": one}, map[string]string{"b": two}, []string{"b:1=-"}},
		{"a second one before it", map[string]string{"b": one}, map[string]string{"b": two + one}, []string{"b:1=-", "b:2=b:1"}},
		{"a copy", map[string]string{"b": one}, map[string]string{"a": one, "b": one}, []string{"a:1=-", "b:1=b:1"}},
		{"moved and copied", map[string]string{"a.keys": "key x 1\n", "b": one}, map[string]string{"c.keys": "key x 1\n", "d.keys": "key x 1\n", "e": one, "f": one}, []string{"c.keys#x=a.keys#x", "d.keys#x=-", "e:1=b:1", "f:1=-"}},
		{"two change places", map[string]string{"b": one + two}, map[string]string{"b": two + one}, []string{"b:1=b:2", "b:2=b:1"}},
		{"a file by its name", map[string]string{"a.p12": "x"}, map[string]string{"a.p12": "y", "b.p12": "x"}, []string{"repo:payments#pkcs12-file:a.p12:1=repo:payments#pkcs12-file:a.p12:1", "repo:payments#pkcs12-file:b.p12:1=-"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			change, now := changed(t, c.before, c.after)
			var got []string
			for _, r := range now.Resources {
				was := "-"
				if id, ok := change.Twin(r.ID); ok {
					was = short(id)
				}
				got = append(got, short(r.ID)+"="+was)
			}
			equal(t, got, c.want)
			if id, ok := change.Twin("unlisted:repo/payments"); !ok || id != "unlisted:repo/payments" {
				t.Errorf("what is no resource has become %q, %t", id, ok)
			}
		})
	}
}

// What the repository accepted before stays accepted where it moves, and nothing else does.
func TestSettleCredentials(t *testing.T) {
	one, two := "k "+aws, "k "+aws2
	const allow = " # gitleaks:allow\n"
	for _, c := range []struct {
		name          string
		before, after map[string]string
		want          string // what accepts each, by ID
		refused       int
	}{
		{"as before", map[string]string{"a": one + allow}, map[string]string{"a": one + allow}, "inline", 0},
		{"moved with its comment", map[string]string{"a": one + allow}, map[string]string{"b": "\n" + one + allow}, "inline", 0},
		{"a comment is new", map[string]string{"a": one + "\n"}, map[string]string{"a": one + allow}, "-", 1},
		{"a comment has gone", map[string]string{"a": one + allow}, map[string]string{"a": one + "\n"}, "-", 0},
		{"another value under the comment", map[string]string{"a": one + allow}, map[string]string{"a": two + allow}, "-", 1},
		{"a list that goes by lines", map[string]string{"a": one, ".gitleaksignore": "a:aws-access-token:1\n"}, map[string]string{"a": "\n" + one, ".gitleaksignore": "a:aws-access-token:1\n"}, "ignore_file", 0},
		{"another value on its line", map[string]string{"a": one, ".gitleaksignore": "a:aws-access-token:1\n"}, map[string]string{"a": two, ".gitleaksignore": "a:aws-access-token:1\n"}, "-", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			change, now := changed(t, c.before, c.after)
			if got := change.Settle(); got != c.refused {
				t.Errorf("%d are refused, want %d", got, c.refused)
			}
			for _, r := range now.Resources {
				if got := r.Credential.AllowedBy; got != strings.Trim(c.want, "-") {
					t.Errorf("%s is accepted by %q, want %q", r.ID, got, c.want)
				}
			}
		})
	}
}

func TestSettleComments(t *testing.T) {
	const old, longer, other = "# keyreeve:ignore a/b until=1\n", "# keyreeve:ignore a/b until=2\n", "# keyreeve:ignore a/c until=1\n"
	for _, c := range []struct {
		name, before, after string
		want                string // TEXT: except IDs
	}{
		{"as before", old + "key x 1\n", old + "key x 1\n", "a/b until=1: []"},
		{"new", "key x 1\n", old + "key x 1\n", "a/b until=1: [lines:payments/a.keys#x]"},
		{"on longer terms", old + "key x 1\n", longer + "key x 1\n", "a/b until=1: []"},
		{"another rule", old + "key x 1\n", other + "key x 1\n", "a/c until=1: [lines:payments/a.keys#x]"},
		{"at another resource", old + "key x 1\nkey y 1\n", "key x 1\n" + old + "key y 1\n", "a/b until=1: [lines:payments/a.keys#y]"},
		{"at nothing", "key x 1\n", "key x 1\n\n" + old, "a/b until=1: []"},
	} {
		change, now := changed(t, map[string]string{"a.keys": c.before}, map[string]string{"a.keys": c.after})
		change.Settle()
		comment := now.Scopes[0].Comments[0]
		if got := fmt.Sprintf("%s: %s", comment.Text, comment.Except); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// Two states that share a file look at it once.
func TestMemory(t *testing.T) {
	dir := repository(t, map[string]string{"a": "k " + aws + "\n", "b": "words\n"}, true)
	write(t, dir, map[string]string{"b": "other words\n"})
	s := open(t, Options{Root: dir})
	var mu sync.Mutex
	var looked []string
	s.detector = &memory{detector: stub(func(_ context.Context, f secrets.Fragment) ([]secrets.Match, error) {
		mu.Lock()
		defer mu.Unlock()
		looked = append(looked, f.Path)
		return []secrets.Match{{Detector: "x", StartLine: 1, EndLine: 1}}, nil
	})}
	rev, err := Resolve(t.Context(), dir, "HEAD", nil)
	must(t, err)
	for _, source := range []*Source{s, s.At(rev)} {
		if got, _ := read(t, source); len(got) != 2 {
			t.Errorf("%d credentials, want 2", len(got))
		}
	}
	equal(t, looked, []string{"a", "b", "b"})
}
