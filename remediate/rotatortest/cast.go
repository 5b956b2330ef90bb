package rotatortest

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/keyreeve/keyreeve/remediate/approval"
)

// The people of a test: who plans, who approves and who applies.
const (
	Planner  = "ana"
	Approver = "ben"
	Executor = "ci"
)

// A Cast is people who sign. Their keys are made from their names and guard nothing.
type Cast struct {
	Signers *approval.Signers
	keys    map[string]*approval.Signer
}

// NewCast makes the keys.
func NewCast(t testing.TB) *Cast {
	t.Helper()
	c := &Cast{keys: map[string]*approval.Signer{}}
	var lines strings.Builder
	dir := t.TempDir()
	for _, name := range []string{Planner, Approver, Executor} {
		seed := sha256.Sum256([]byte(name))
		key := ed25519.NewKeyFromSeed(seed[:])
		block, err := ssh.MarshalPrivateKey(key, "")
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		if c.keys[name], err = approval.KeyFile(path, "", nil); err != nil {
			t.Fatal(err)
		}
		public, err := ssh.NewPublicKey(key.Public())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&lines, "%s %s", name, ssh.MarshalAuthorizedKey(public))
	}
	var err error
	if c.Signers, err = approval.ParseSigners([]byte(lines.String())); err != nil {
		t.Fatal(err)
	}
	return c
}

// Sign is a signature as it stands in the ledger.
func (c *Cast) Sign(who string, p approval.Purpose, message []byte, at time.Time) json.RawMessage {
	s, err := c.keys[who].Sign(context.Background(), p, message, who, at)
	if err != nil {
		panic(err)
	}
	data, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return data
}
