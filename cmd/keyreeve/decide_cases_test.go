package main

import (
	"bytes"
	"path/filepath"
	"testing"
)

// What the documentation of AWS, Vault and Azure says of its examples is said in testdata/decide, a folder a system, by requests and
// answers. A new case is a new item of a file there.
func TestDocumentedDecisions(t *testing.T) {
	for system := range systems() {
		files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "decide", system, "*.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		if len(files) == 0 {
			t.Errorf("there is no case of %s", system)
		}
		for _, file := range files {
			t.Run(system+"/"+filepath.Base(file), func(t *testing.T) {
				var out bytes.Buffer
				a := &app{stdout: &out}
				if err := a.decideTests(file); err != nil {
					t.Errorf("%v\n%s", err, out.String())
				}
			})
		}
	}
}
