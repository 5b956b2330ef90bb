package approval

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// A Signer signs with one key.
type Signer struct {
	ssh  ssh.Signer
	name string
}

// Sign signs a message for a purpose.
func (s *Signer) Sign(ctx context.Context, p Purpose, message []byte, principal string, at time.Time) (Signature, error) {
	if err := ctx.Err(); err != nil {
		return Signature{}, err
	}
	made, err := sshsig.Sign(bytes.NewReader(message), modern(s.ssh), sshsig.HashSHA512, string(p))
	if err != nil {
		return Signature{}, fmt.Errorf("sign with %q: %w", s.name, err)
	}
	return Signature{Kind: SSH, Principal: principal, Key: fingerprint(s.ssh.PublicKey()), At: at.UTC().Truncate(time.Second), Proof: string(sshsig.Armor(made))}, nil
}

// modern has RSA keys sign with SHA-512, certificates included, whose default is SHA-1.
func modern(s ssh.Signer) ssh.Signer {
	with, able := s.(ssh.AlgorithmSigner)
	if c, ok := s.PublicKey().(*ssh.Certificate); ok && able && c.Key.Type() == ssh.KeyAlgoRSA {
		return rsaSigner{with}
	}
	return s
}

type rsaSigner struct{ ssh.AlgorithmSigner }

func (s rsaSigner) Sign(rand io.Reader, data []byte) (*ssh.Signature, error) {
	return s.SignWithAlgorithm(rand, data, ssh.KeyAlgoRSASHA512)
}

// KeyFile opens a private key in OpenSSH's format, or a public key or certificate whose private key the agent at the socket has. The
// passphrase is asked for only if the key has one. A private key that others may read is refused, as ssh refuses it.
func KeyFile(path, socket string, passphrase func() ([]byte, error)) (*Signer, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > 1<<20 {
		return nil, fmt.Errorf("read key %q: it is no key file", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	defer clear(text)
	if public, _, _, _, err := ssh.ParseAuthorizedKey(text); err == nil {
		return fromAgent(path, socket, public)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("read key %q: its mode is %04o, so others may read it; chmod 600 it", path, info.Mode().Perm())
	}
	signer, err := ssh.ParsePrivateKey(text)
	if missing := (*ssh.PassphraseMissingError)(nil); errors.As(err, &missing) {
		var pass []byte
		if pass, err = passphrase(); err != nil {
			return nil, err
		}
		defer clear(pass)
		signer, err = ssh.ParsePrivateKeyWithPassphrase(text, pass)
	}
	if err != nil {
		return nil, fmt.Errorf("read key %q: it is no private key in OpenSSH's format, or the passphrase is wrong", path)
	}
	return certified(path, signer)
}

// certified uses the certificate that lies beside a key, as ssh does.
func certified(path string, signer ssh.Signer) (*Signer, error) {
	text, err := os.ReadFile(path + "-cert.pub")
	if errors.Is(err, os.ErrNotExist) {
		return &Signer{signer, path}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read certificate: %w", err)
	}
	public, _, _, _, err := ssh.ParseAuthorizedKey(text)
	cert, ok := public.(*ssh.Certificate)
	if err != nil || !ok {
		return nil, fmt.Errorf("read certificate %q: it is none", path+"-cert.pub")
	}
	with, err := ssh.NewCertSigner(cert, signer)
	if err != nil {
		return nil, fmt.Errorf("read certificate %q: it is not for this key", path+"-cert.pub")
	}
	return &Signer{with, path}, nil
}

// fromAgent finds in the agent the private key of a public one.
func fromAgent(path, socket string, public ssh.PublicKey) (*Signer, error) {
	if socket == "" {
		return nil, fmt.Errorf("%q is a public key, and there is no agent that has its private key (SSH_AUTH_SOCK is empty)", path)
	}
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return nil, errors.New("the agent of SSH_AUTH_SOCK does not answer")
	}
	signers, err := agent.NewClient(conn).Signers()
	if err != nil {
		return nil, fmt.Errorf("ask the agent for its keys: %w", err)
	}
	for _, s := range signers {
		if same(s.PublicKey(), public) {
			return &Signer{s, path}, nil
		}
	}
	return nil, fmt.Errorf("the agent does not have the private key of %q; add it with ssh-add %s", path, strings.TrimSuffix(path, ".pub"))
}
