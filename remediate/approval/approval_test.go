package approval_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"

	"github.com/keyreeve/keyreeve/remediate/approval"
)

var (
	now     = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	message = []byte("keyreeve plan sha256:1234\nledger 5678\n")
)

// A pair is a private key in a file, and its public line.
type pair struct {
	path, line string
	ssh        ssh.Signer
}

func newPair(t *testing.T, key any) pair {
	t.Helper()
	block, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pair{path, strings.TrimSpace(string(ssh.MarshalAuthorizedKey(signer.PublicKey()))), signer}
}

func newEd25519(t *testing.T) pair {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return newPair(t, key)
}

func noPassphrase() ([]byte, error) { return nil, fmt.Errorf("no passphrase was expected") }

func sign(t *testing.T, p pair, purpose approval.Purpose, principal string) approval.Signature {
	t.Helper()
	s, err := approval.KeyFile(p.path, "", noPassphrase)
	if err != nil {
		t.Fatal(err)
	}
	made, err := s.Sign(context.Background(), purpose, message, principal, now)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func signers(t *testing.T, lines ...string) *approval.Signers {
	t.Helper()
	s, err := approval.ParseSigners([]byte(strings.Join(lines, "\n") + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// refused asserts that an error says why.
func refused(t *testing.T, err error, why string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), why) {
		t.Errorf("got error %v, want one that says %q", err, why)
	}
}

func TestSignaturesOfEachKindOfKeyCount(t *testing.T) {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]pair{"ed25519": newEd25519(t), "ecdsa": newPair(t, ec), "rsa": newPair(t, r)} {
		t.Run(name, func(t *testing.T) {
			s := signers(t, "ana@example.com "+p.line)
			made := sign(t, p, approval.Approve, "ana@example.com")
			if err := s.Verify(approval.Approve, message, made, now); err != nil {
				t.Error(err)
			}
			refused(t, s.Verify(approval.Approve, append([]byte("x"), message...), made, now), "not over this text")
			refused(t, s.Verify(approval.Plan, message, made, now), `it is for "approve@keyreeve", not for "plan@keyreeve"`)
		})
	}
}

func TestWhatASignerMayDoIsSaidByTheLine(t *testing.T) {
	p, other := newEd25519(t), newEd25519(t)
	made := sign(t, p, approval.Approve, "ana@example.com")
	for _, c := range []struct{ name, line, why string }{
		{"another's key", "ana@example.com " + other.line, "gives ana@example.com the key"},
		{"another's name", "ben@example.com " + p.line, "gives ana@example.com the key"},
		{"excluded", "*@example.com,!ana@example.com " + p.line, "gives ana@example.com the key"},
		{"other purposes", `ana@example.com namespaces="plan@keyreeve,confirm@*" ` + p.line, "line 1 of the file of signers allows ana@example.com other purposes"},
		{"ended", `ana@example.com valid-before="20260301Z" ` + p.line, "was valid before 2026-03-01"},
		{"not begun", `ana@example.com valid-after="20260301120001Z" ` + p.line, "is valid from 2026-03-01T12:00:01Z"},
		{"only an authority", "ana@example.com cert-authority " + p.line, "gives ana@example.com the key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			refused(t, signers(t, c.line).Verify(approval.Approve, message, made, now), c.why)
		})
	}
	for _, line := range []string{
		"*@example.com " + p.line, "a?a@example.com " + p.line, `"ana@example.com,ben@example.com" ` + p.line,
		`ana@example.com valid-before="202603011201Z",valid-after="20260301Z",namespaces="*@keyreeve" ` + p.line + " a comment",
		"ana@example.com " + other.line + "\nana@example.com " + p.line, // the second line counts
	} {
		if err := signers(t, line).Verify(approval.Approve, message, made, now); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	for _, who := range []string{"", "*", "ana@example.com,ben@example.com"} {
		bad := made
		bad.Principal = who
		refused(t, signers(t, "* "+p.line).Verify(approval.Approve, message, bad, now), "is no principal")
	}
	bad := made
	bad.Key = "SHA256:somebody-else"
	refused(t, signers(t, "* "+p.line).Verify(approval.Approve, message, bad, now), "and says SHA256:somebody-else")
}

func TestWeakKeysAndAlgorithmsAreRefused(t *testing.T) {
	t.Setenv("GODEBUG", "rsa1024min=0")
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	p := newPair(t, small)
	refused(t, signers(t, "ana "+p.line).Verify(approval.Approve, message, sign(t, p, approval.Approve, "ana"), now), "1024 bits")

	big, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p = newPair(t, big)
	made := sign(t, p, approval.Approve, "ana")
	parsed, err := sshsig.Unarmor([]byte(made.Proof))
	if err != nil {
		t.Fatal(err)
	}
	parsed.Signature.Format = ssh.KeyAlgoRSA // with SHA-1
	made.Proof = string(sshsig.Armor(parsed))
	if err := signers(t, "ana "+p.line).Verify(approval.Approve, message, made, now); err == nil {
		t.Error("a signature with SHA-1 counts")
	}
}

func certificate(t *testing.T, ca, p pair, change func(*ssh.Certificate)) {
	t.Helper()
	c := &ssh.Certificate{
		Key: p.ssh.PublicKey(), CertType: ssh.UserCert, ValidPrincipals: []string{"ana@example.com"},
		ValidAfter: uint64(now.Add(-time.Hour).Unix()), ValidBefore: uint64(now.Add(time.Hour).Unix()),
	}
	change(c)
	if err := c.SignCert(rand.Reader, ca.ssh); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.path+"-cert.pub", ssh.MarshalAuthorizedKey(c), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestCertificates(t *testing.T) {
	ca := newEd25519(t)
	file := signers(t, "*@example.com cert-authority "+ca.line)
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, why string
		change    func(*ssh.Certificate)
	}{
		{"good", "", func(*ssh.Certificate) {}},
		{"expired", "does not hold", func(c *ssh.Certificate) { c.ValidBefore = uint64(now.Unix()) }},
		{"not yet", "does not hold", func(c *ssh.Certificate) { c.ValidAfter = uint64(now.Unix()) + 1 }},
		{"of another", "does not hold", func(c *ssh.Certificate) { c.ValidPrincipals = []string{"ben@example.com"} }},
		{"of nobody", "names no principals", func(c *ssh.Certificate) { c.ValidPrincipals = nil }},
		{"of a host", "not a user's", func(c *ssh.Certificate) { c.CertType = ssh.HostCert }},
		{"critical option", "does not hold", func(c *ssh.Certificate) { c.CriticalOptions = map[string]string{"verify-required": ""} }},
	} {
		for kind, p := range map[string]pair{"ed25519": newEd25519(t), "rsa": newPair(t, r)} {
			t.Run(c.name+" "+kind, func(t *testing.T) {
				certificate(t, ca, p, c.change)
				made := sign(t, p, approval.Approve, "ana@example.com")
				if err := file.Verify(approval.Approve, message, made, now); c.why == "" && err != nil {
					t.Error(err)
				} else if c.why != "" {
					refused(t, err, c.why)
				}
			})
		}
	}
	p, stranger := newEd25519(t), newEd25519(t)
	certificate(t, stranger, p, func(*ssh.Certificate) {})
	refused(t, file.Verify(approval.Approve, message, sign(t, p, approval.Approve, "ana@example.com"), now), "no line")
}

// The same person is told by name and by key, whichever way the key is shown.
func TestSamePerson(t *testing.T) {
	ca, p, q := newEd25519(t), newEd25519(t), newEd25519(t)
	plain := sign(t, p, approval.Plan, "ana")
	certificate(t, ca, p, func(*ssh.Certificate) {})
	certified := sign(t, p, approval.Approve, "not-ana")
	if !plain.SamePerson(certified) || !certified.SamePerson(plain) {
		t.Error("one key under two names is one person")
	}
	other := sign(t, q, approval.Plan, "ben")
	if plain.SamePerson(other) || other.SamePerson(plain) {
		t.Error("two names with two keys are two people")
	}
	if second := sign(t, q, approval.Plan, "ana"); !plain.SamePerson(second) || !second.SamePerson(plain) {
		t.Error("one name with two keys is one person")
	}
}

func TestKeyFilesThatCannotBeUsed(t *testing.T) {
	p := newEd25519(t)
	open := func(path string) error {
		_, err := approval.KeyFile(path, "", noPassphrase)
		return err
	}
	if err := os.Chmod(p.path, 0o644); err != nil {
		t.Fatal(err)
	}
	refused(t, open(p.path), "others may read it")
	refused(t, open(p.path+"-none"), "no such file")
	refused(t, open(filepath.Dir(p.path)), "it is no key file")
	public := p.path + ".pub"
	if err := os.WriteFile(public, []byte(p.line+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	refused(t, open(public), "SSH_AUTH_SOCK is empty")
	junk := p.path + "-junk"
	if err := os.WriteFile(junk, []byte("-----BEGIN OPENSSH PRIVATE KEY-----\nnot\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, open(junk), "no private key in OpenSSH's format")
}

func TestPassphrase(t *testing.T) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKeyWithPassphrase(key, "", []byte("open sesame"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	for given, works := range map[string]bool{"open sesame": true, "something else": false} {
		_, err := approval.KeyFile(path, "", func() ([]byte, error) { return []byte(given), nil })
		if works != (err == nil) {
			t.Errorf("with passphrase %q: %v", given, err)
		}
		if err != nil && strings.Contains(err.Error(), given) {
			t.Errorf("the error tells the passphrase: %v", err)
		}
	}
}

func TestSignersThatCannotBeRead(t *testing.T) {
	p := newEd25519(t)
	for _, c := range []struct{ text, why string }{
		{"", "it names nobody"},
		{"# nobody\n", "it names nobody"},
		{"ana\n", "line 1"},
		{"\nana " + p.line[:40], "line 2"},
		{"ana bogus " + p.line, `line 1: "bogus" is no option`},
		{`ana valid-before="2026" ` + p.line, `line 1: "2026" is no time`},
		{`ana valid-before="20261301" ` + p.line, `line 1: "20261301" is no time`},
		{"ana namespaces=\"a " + p.line, "line 1: a quotation mark is missing"},
		{"ana, " + p.line, "a name is empty"},
		{"ana valid-after=\"20260102Z\",valid-before=\"20260101Z\" " + p.line, "valid-before is not after valid-after"},
	} {
		_, err := approval.ParseSigners([]byte(c.text))
		refused(t, err, c.why)
	}
}

// What ssh-keygen signs counts here, and what is signed here counts for ssh-keygen.
func TestSSHKeygenAgrees(t *testing.T) {
	program, err := exec.LookPath("ssh-keygen")
	if err != nil {
		t.Skip("ssh-keygen is not on the PATH")
	}
	p := newEd25519(t)
	dir := filepath.Dir(p.path)
	allowed := filepath.Join(dir, "allowed_signers")
	line := `ana@example.com namespaces="approve@keyreeve" ` + p.line
	if err := os.WriteFile(allowed, []byte(line+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	text := filepath.Join(dir, "message")
	if err := os.WriteFile(text, message, 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(program, "-Y", "sign", "-q", "-n", string(approval.Approve), "-f", p.path, text).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	armored, err := os.ReadFile(text + ".sig")
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := approval.Outside("ana@example.com", armored)
	if err != nil {
		t.Fatal(err)
	}
	if err := signers(t, line).Verify(approval.Approve, message, theirs, now); err != nil {
		t.Error(err)
	}
	for purpose, works := range map[approval.Purpose]bool{approval.Approve: true, approval.Plan: false} {
		ours := filepath.Join(dir, "ours.sig")
		if err := os.WriteFile(ours, []byte(sign(t, p, approval.Approve, "ana@example.com").Proof), 0o644); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(program, "-Y", "verify", "-f", allowed, "-I", "ana@example.com", "-n", string(purpose), "-s", ours)
		cmd.Stdin = bytes.NewReader(message)
		if out, err := cmd.CombinedOutput(); works != (err == nil) {
			t.Errorf("%s: %v: %s", purpose, err, out)
		}
	}
}

func FuzzParseSigners(f *testing.F) {
	f.Add("ana@example.com namespaces=\"a,b\",valid-before=\"20260101Z\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZ1enp6enp6enp6enp6enp6enp6enp6enp6enp6enp6enp6\n")
	f.Add("a \"b\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := approval.ParseSigners([]byte(text))
		if (s == nil) == (err == nil) {
			t.Fatal("neither signers nor an error, or both")
		}
		if s != nil {
			_ = s.Verify(approval.Approve, message, approval.Signature{Kind: approval.SSH, Principal: "ana", Proof: text}, now)
		}
	})
}
