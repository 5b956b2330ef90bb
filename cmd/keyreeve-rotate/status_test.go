package main

import (
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/remediate"
	"github.com/keyreeve/keyreeve/remediate/plan"
)

// TestStatusObeysNobody: what others wrote to the ledger, and what a back end answered, is shown and does nothing to the terminal.
func TestStatusObeysNobody(t *testing.T) {
	evil := "denied\x1b[1A\x1b[2K\nDONE"
	text := drawStates(nil, []remediate.State{{Rotation: &plan.Rotation{ID: evil}, ID: evil, Stopped: evil, Waits: evil + "."}}, false)
	if strings.Contains(text, "\x1b") || strings.Contains(text, "\nDONE") || strings.Count(text, `denied\x1b[1A\x1b[2K\nDONE`) != 3 {
		t.Errorf("it is shown as %q", text)
	}
}
