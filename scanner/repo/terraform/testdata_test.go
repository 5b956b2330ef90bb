package terraform

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write what was found into testdata/*.txtar")

type testFile struct{ path, name, text string }

func (f testFile) write(t *testing.T, text string) {
	t.Helper()
	if err := os.WriteFile(f.path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// txtarFiles are the files of testdata: a repository each, and at the end, under "want", what is to be found in it.
func txtarFiles(t *testing.T) []testFile {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files in testdata: %v", err)
	}
	var out []testFile
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, testFile{p, filepath.Base(p), string(data)})
	}
	return out
}
