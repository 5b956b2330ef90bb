package vaultserver

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestShiftedNow makes the overlay from the Go that runs the test: a new release that writes Now in another way fails here and not after
// minutes of building.
func TestShiftedNow(t *testing.T) {
	root, err := goEnv(t.Context(), ".", "GOROOT")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(filepath.Join(root, "src", "time", "time.go"))
	if err != nil {
		t.Fatal(err)
	}
	shifted, err := shiftedNow(string(source))
	if err != nil {
		t.Fatalf("%s: %v", runtime.Version(), err)
	}
	if got := strings.Replace(shifted, shift, "", 1); got != string(source) {
		t.Error("more than one line was added")
	}
	for name, text := range map[string]string{"time.go": shifted, "wall_offset.go": wallOffsetFile} {
		if _, err := parser.ParseFile(token.NewFileSet(), name, text, 0); err != nil {
			t.Error(err)
		}
	}
}

func TestShiftedNowRefusesAnotherShape(t *testing.T) {
	for _, source := range []string{"", "\nfunc Now() Time {\n\treturn now()\n}\n"} {
		if got, err := shiftedNow(source); err == nil {
			t.Errorf("shiftedNow(%q) = %q, want an error", source, got)
		}
	}
}
