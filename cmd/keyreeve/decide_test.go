package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestDecideGoesOnAfterALongLine(t *testing.T) {
	in := `{"id":"` + strings.Repeat("x", maxRequest) + `"}` + "\n" + `{"id":"2","system":"aws"}`
	var out bytes.Buffer
	if err := decideLines(strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], "longer than 16777216 bytes") || !strings.Contains(lines[1], `"id":"2"`) {
		t.Errorf("got %q", lines)
	}
}
