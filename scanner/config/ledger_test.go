package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The ledger is named once, in the section of keyreeve-rotate, and is a source of a scan.
func TestLedger(t *testing.T) {
	head := strings.Repeat("0a", 32)
	dir := t.TempDir()
	for name, tt := range map[string]struct{ rotation, place, head, bad string }{
		"none":         {"", "", "", ""},
		"none in it":   {"rotation: {signers: s}", "", "", ""},
		"a folder":     {"rotation: {ledger: l}", filepath.Join(dir, "l"), "", ""},
		"a whole path": {"rotation: {ledger: /var/l}", "/var/l", "", ""},
		"a bucket":     {`rotation: {ledger: "s3://b?region=eu-west-1"}`, "s3://b?region=eu-west-1", "", ""},
		"a head":       {`rotation: {ledger: l, ledger_head: "` + head + `"}`, filepath.Join(dir, "l"), head, ""},
		"a bad head":   {"rotation: {ledger: l, ledger_head: 12}", "", "", `ledger_head "12" is not the hash of an entry`},
		"a short head": {"rotation: {ledger: l, ledger_head: abc}", "", "", `ledger_head "abc" is not the hash of an entry`},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, Name)
			if err := os.WriteFile(path, []byte("version: 1\n"+tt.rotation+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			c, err := Read(path)
			if tt.bad != "" {
				if err == nil || !strings.Contains(err.Error(), tt.bad) {
					t.Errorf("reads with %v, want %q", err, tt.bad)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			switch got := c.Sources.Ledger; {
			case tt.place == "" && len(got) > 0, tt.place != "" && (len(got) != 1 || got[0].Place != tt.place || got[0].Head != tt.head):
				t.Errorf("the ledger is %+v, want %q with head %q", got, tt.place, tt.head)
			}
		})
	}
}
