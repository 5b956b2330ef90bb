package vault

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// A refusal is a call that brought no usable answer.
type refusal struct {
	call string // its name in the table
	why  inventory.Reason
	text string // the cause in a few words: stable from run to run, and free of secrets
	hint string // what to do, where a permission would not help

	unmounted bool // the server knows no mount there
	gone      bool // the server knows the path and says that nothing is there
	none      bool // this Vault has no namespaces, being a community edition
	badToken  bool // the server does not accept the token, whatever the path
}

func (r *refusal) Error() string { return string(r.why) + ": " + r.text }

// noAnswer says why there was no answer at all, or only a part of one. Addresses and ports of sockets are left out: they differ from run to run.
func noAnswer(err error) *refusal {
	r := &refusal{why: inventory.Unreachable, text: "the call failed"}
	if u := (*url.Error)(nil); errors.As(err, &u) {
		err = u.Err
	}
	var op *net.OpError
	var cert *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &cert):
		r.text = "TLS: " + cert.Error()
		r.hint = "name the server's certificate authority with ca_file, or correct the address"
	case errors.As(err, &record) || strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		r.text = "TLS: the server does not speak it"
		r.hint = "if this server really has no TLS, write its address with http://"
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		r.text = "the answer was cut off"
	case errors.As(err, &op) && op.Err != nil:
		r.text = op.Op + ": " + op.Err.Error()
	default:
		r.text = err.Error()
	}
	return r
}

// malformed says why a body that came is no answer.
func malformed(call inventory.Call, err error) *refusal {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) && strings.Contains(err.Error(), "unexpected end") {
		return &refusal{call: call.Name, why: inventory.Unreachable, text: "the answer was cut off"}
	}
	return &refusal{call: call.Name, why: inventory.Unreadable, text: "the answer is not the JSON that Vault writes"}
}

// sentence flattens Vault's list of errors, such as "1 error occurred:\n\t* permission denied\n\n", and bounds its length.
func sentence(said []string) string {
	var words []string
	for _, s := range said {
		for _, line := range strings.Split(s, "\n") {
			line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "* "))
			if line != "" && !strings.HasSuffix(line, "occurred:") {
				words = append(words, line)
			}
		}
	}
	text := strings.Join(words, "; ")
	if len(text) > 200 {
		text = strings.ToValidUTF8(text[:200], "") + "..."
	}
	return text
}
