package approval

import (
	"bytes"
	"crypto/rsa"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
)

// minRSA is the least size of an RSA key, in bits.
const minRSA = 2048

// algorithms are those whose signatures count. DSA and everything with SHA-1 ("ssh-rsa") are not among them.
var algorithms = []string{
	ssh.KeyAlgoED25519, ssh.KeyAlgoSKED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521, ssh.KeyAlgoSKECDSA256,
	ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSASHA512,
}

// Verify checks that a signature is over the message, for the purpose, by a key that the file allows to the principal at that time.
func (s *Signers) Verify(p Purpose, message []byte, sig Signature, at time.Time) error {
	if sig.Kind != SSH {
		return fmt.Errorf("a signature of kind %q is not known to this keyreeve-rotate", sig.Kind)
	}
	parsed, err := unarmor([]byte(sig.Proof))
	if err != nil {
		return err
	}
	if print := fingerprint(parsed.PublicKey); print != sig.Key {
		return fmt.Errorf("it was made with key %s and says %s", print, sig.Key)
	}
	if err := s.allows(p, parsed.PublicKey, sig.Principal, at); err != nil {
		return err
	}
	if !slices.Contains(algorithms, parsed.Signature.Format) {
		return fmt.Errorf("its algorithm %q is not accepted", parsed.Signature.Format)
	}
	if parsed.Namespace != string(p) {
		return fmt.Errorf("it is for %q, not for %q", parsed.Namespace, p)
	}
	// The certificate was judged above; what it certifies signed the message.
	key := parsed.PublicKey
	if err := sshsig.Verify(bytes.NewReader(message), parsed, key, parsed.HashAlgorithm, string(p)); err != nil {
		return errors.New("it is not over this text")
	}
	return nil
}

// Outside takes a signature that ssh-keygen -Y sign made; Verify says whether it counts.
func Outside(principal string, armored []byte) (Signature, error) {
	parsed, err := unarmor(armored)
	if err != nil {
		return Signature{}, err
	}
	return Signature{Kind: SSH, Principal: principal, Key: fingerprint(parsed.PublicKey), Proof: string(armored)}, nil
}

// maxArmored bounds a signature's text.
const maxArmored = 32 << 10

func unarmor(text []byte) (parsed *sshsig.Signature, err error) {
	if len(text) > maxArmored {
		return nil, errors.New("it is too long for an SSH signature")
	}
	if parsed, err = sshsig.Unarmor(text); err != nil {
		return nil, fmt.Errorf("it is no SSH signature: %w", err)
	}
	return parsed, nil
}

// fingerprint is that of the key, or of the key that a certificate certifies.
func fingerprint(key ssh.PublicKey) string {
	if c, ok := key.(*ssh.Certificate); ok {
		key = c.Key
	}
	return ssh.FingerprintSHA256(key)
}

// allows says why no line of the file lets this key sign for the principal; the reason is that of the line that comes closest.
func (s *Signers) allows(p Purpose, key ssh.PublicKey, principal string, at time.Time) error {
	if principal == "" || strings.ContainsAny(principal, "*?!,\" \t\n") {
		return fmt.Errorf("%q is no principal", principal)
	}
	if err := strong(key); err != nil {
		return err
	}
	reason := fmt.Errorf("no line of the file of signers gives %s the key %s", principal, fingerprint(key))
	for i := range s.lines {
		l := &s.lines[i]
		if !l.principals.match(principal) {
			continue
		}
		fits, err := l.fits(key, principal, at)
		if !fits {
			continue
		}
		switch {
		case err != nil:
		case l.namespaces != nil && !l.namespaces.match(string(p)):
			err = fmt.Errorf("line %d of the file of signers allows %s other purposes than %q", l.number, principal, p)
		case !l.after.IsZero() && at.Before(l.after):
			err = fmt.Errorf("line %d of the file of signers is valid from %s", l.number, l.after.UTC().Format(time.RFC3339))
		case !l.before.IsZero() && !at.Before(l.before):
			err = fmt.Errorf("line %d of the file of signers was valid before %s", l.number, l.before.UTC().Format(time.RFC3339))
		default:
			return nil
		}
		reason = err
	}
	return reason
}

// fits says whether the line is about the key, and why a certificate by its authority does not count.
func (l *signer) fits(key ssh.PublicKey, principal string, at time.Time) (bool, error) {
	cert, certified := key.(*ssh.Certificate)
	if !l.authority {
		return !certified && same(l.key, key), nil // a plain line does not accept certificates, as with ssh-keygen
	}
	if !certified || !same(l.key, cert.SignatureKey) {
		return false, nil
	}
	checker := ssh.CertChecker{
		IsUserAuthority:          func(k ssh.PublicKey) bool { return same(l.key, k) },
		Clock:                    func() time.Time { return at },
		SupportedCriticalOptions: nil,
	}
	switch {
	case cert.CertType != ssh.UserCert:
		return true, errors.New("the certificate is not a user's")
	case len(cert.ValidPrincipals) == 0:
		return true, errors.New("the certificate names no principals")
	case !slices.Contains(algorithms, cert.Signature.Format):
		return true, fmt.Errorf("the certificate is signed with %q, which is not accepted", cert.Signature.Format)
	}
	if err := checker.CheckCert(principal, cert); err != nil {
		return true, fmt.Errorf("the certificate does not hold: %w", err)
	}
	return true, nil
}

func same(a, b ssh.PublicKey) bool { return bytes.Equal(a.Marshal(), b.Marshal()) }

// strong refuses keys that are too weak to approve anything.
func strong(key ssh.PublicKey) error {
	if c, ok := key.(*ssh.Certificate); ok {
		if err := strong(c.SignatureKey); err != nil {
			return fmt.Errorf("the certificate's authority: %w", err)
		}
		key = c.Key
	}
	if key.Type() == "ssh-dss" {
		return errors.New("a DSA key is not accepted")
	}
	if c, ok := key.(ssh.CryptoPublicKey); ok {
		if k, ok := c.CryptoPublicKey().(*rsa.PublicKey); ok && k.N.BitLen() < minRSA {
			return fmt.Errorf("an RSA key of %d bits is not accepted; %d are the least", k.N.BitLen(), minRSA)
		}
	}
	return nil
}
