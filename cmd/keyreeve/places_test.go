package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestWorkflowsArePinned holds what runs on other people's machines to what we ask of them: each action by its commit, and no
// expression in a script, where a branch's name could become a command.
func TestWorkflowsArePinned(t *testing.T) {
	root := filepath.Join("..", "..")
	files, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*.yml"))
	if err != nil {
		t.Fatal(err)
	}
	uses := 0
	for _, file := range append(files, filepath.Join(root, "action.yml")) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(data), "\n") {
			key, value, _ := strings.Cut(strings.TrimLeft(line, " -"), ": ")
			switch key {
			case "uses":
				uses++
				if !regexp.MustCompile(`^[a-z]+/[a-z0-9/-]+@[0-9a-f]{40} # v\d`).MatchString(value) {
					t.Errorf("%s:%d: %s is not pinned to a commit", file, i+1, value)
				}
			case "run":
				if strings.Contains(value, "${{") {
					t.Errorf("%s:%d: an expression stands in a script; hand it over in env", file, i+1)
				}
			}
		}
	}
	if uses < 5 {
		t.Errorf("found %d uses; the test no longer reads the files", uses)
	}
}
