package repo

import (
	"os"
	"path/filepath"
	"testing"
)

// Where git runs is found from any place in the tree, also in a worktree and in a submodule.
func TestPlaces(t *testing.T) {
	dir := repository(t, map[string]string{"a/b/c": "key " + aws + "\n"}, true)
	worktree := filepath.Join(t.TempDir(), "branch")
	gitIn(t, dir, "worktree", "add", "-q", worktree)
	super := repository(t, map[string]string{"x": "x"}, true)
	gitIn(t, super, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", dir, "module")
	link := filepath.Join(t.TempDir(), "link")
	must(t, os.Symlink(dir, link))
	for _, root := range []string{dir, filepath.Join(dir, "a"), filepath.Join(dir, "a/b/c"), filepath.Join(worktree, "a/b"), filepath.Join(super, "module/a"), link} {
		equal(t, finds(t, Options{Root: root}), []string{"aws-access-token a/b/c:1"})
	}
	plain, alias := t.TempDir(), filepath.Join(t.TempDir(), "alias")
	write(t, plain, map[string]string{"a/b/c": "key " + aws + "\n"})
	must(t, os.Symlink(plain, alias))
	equal(t, finds(t, Options{Root: alias}), []string{"aws-access-token a/b/c:1"})
	t.Chdir(filepath.Join(dir, "a"))
	equal(t, finds(t, Options{}), []string{"aws-access-token a/b/c:1"})
}

// What a user, or somebody else's repository, has configured changes nothing and runs nothing.
func TestConfigurationOfGit(t *testing.T) {
	dir := repository(t, map[string]string{"with space/a.txt": "one\n", "é.txt": "one\n"}, true)
	marker := filepath.Join(t.TempDir(), "ran")
	for _, kv := range [][2]string{
		{"color.ui", "always"},
		{"color.diff", "always"},
		{"diff.noprefix", "true"},
		{"diff.mnemonicPrefix", "true"},
		{"core.quotepath", "false"},
		{"diff.external", "touch " + marker},
		{"diff.x.textconv", "touch " + marker + ";cat"},
		{"core.fsmonitor", "touch " + marker},
		{"diff.interHunkContext", "5"},
		{"diff.algorithm", "patience"},
		{"diff.context", "7"},
		{"diff.submodule", "log"},
		{"diff.renames", "copies"},
		{"core.pager", "touch " + marker},
		{"diff.relative", "true"},
		{"diff.colorMoved", "zebra"},
		{"diff.wordRegex", "."},
		{"diff.suppressBlankEmpty", "true"},
	} {
		gitIn(t, dir, "config", kv[0], kv[1])
	}
	write(t, dir, map[string]string{"with space/a.txt": "one\nkey " + aws + "\n", "é.txt": "one\n\nkey " + aws + "\n", "\"\xff.txt": "key " + aws + "\n", ".gitattributes": "*.txt diff=x\n"})
	os.Remove(marker)
	want := []string{"aws-access-token with space/a.txt:2", "aws-access-token é.txt:3", "aws-access-token \"%FF.txt:1"}
	equal(t, finds(t, Options{Root: dir}), want)
	gitIn(t, dir, "-c", "core.fsmonitor=false", "add", "-A")
	os.Remove(marker)
	t.Setenv("GIT_EXTERNAL_DIFF", "touch "+marker)
	t.Setenv("GIT_DIFF_OPTS", "--unified=9")
	t.Setenv("GIT_TRACE", "1")
	t.Setenv("GIT_PAGER", "touch "+marker)
	equal(t, finds(t, Options{Root: dir, Mode: ModeStaged}), want)
	if _, err := os.Stat(marker); err == nil {
		t.Error("a command of the configuration was run")
	}
}

// In a hook of one repository, git's variables do not lead into it when another one is read.
func TestVariablesOfAHook(t *testing.T) {
	hook := repository(t, map[string]string{"a": "key " + aws + "\n"}, false)
	gitIn(t, hook, "add", "a")
	other := repository(t, map[string]string{"b": "key " + aws + "\n"}, false)
	gitIn(t, other, "add", "b")
	t.Setenv("GIT_DIR", filepath.Join(hook, ".git"))
	t.Setenv("GIT_INDEX_FILE", filepath.Join(hook, ".git/index"))
	for _, mode := range []Mode{ModeTree, ModeStaged} {
		equal(t, finds(t, Options{Root: other, Mode: mode}), []string{"aws-access-token b:1"})
	}
	// A partial commit gives its hooks an index of its own, which is the one that counts.
	index := filepath.Join(hook, ".git/next-index")
	t.Setenv("GIT_INDEX_FILE", index)
	write(t, hook, map[string]string{"c": "key " + aws + "\n"})
	gitIn(t, hook, "add", "c")
	t.Chdir(hook)
	t.Setenv("GIT_DIR", ".git")
	equal(t, finds(t, Options{Mode: ModeStaged}), []string{"aws-access-token c:1"})
}
