package vault

import (
	"errors"
	"fmt"
	"time"

	"github.com/keyreeve/keyreeve/scanner/vaultpolicy"
)

// Request is a question. In JSON its keys are those below, written so; each may be absent, and any other is an error.
type Request struct {
	ID        string         `json:"id"`
	System    string         `json:"system"`    // "vault"
	Namespace string         `json:"namespace"` // of the request and of its policies; "" is the root namespace
	Policies  []Policy       `json:"policies"`  // all that the token has: its own, its entity's and its groups'
	Operation string         `json:"operation"` // create, read, update, delete, list or patch
	Path      string         `json:"path"`      // as policies see it; Vault puts a "/" at the end of what is asked with LIST over HTTP
	Data      map[string]any `json:"data"`      // the body, or what a query says; numbers are json.Number
	WrapTTL   string         `json:"wrap_ttl"`  // a duration such as "60s"; "" asks for no response wrapping
	Identity  Identity       `json:"identity"`

	unread []byte // Data as an object in JSON, while the line lasts
}

// Policy is a policy's name and its text in HCL or JSON. Names are not case-sensitive; "root" allows everything, if it stands alone.
type Policy struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// check is what a request needs, and for how long it wants its response wrapped.
func (r *Request) check() (Capabilities, time.Duration, error) {
	if r.System != "" && r.System != "vault" {
		return 0, 0, fmt.Errorf("system %q is not vault", r.System)
	}
	var needs Capabilities
	switch r.Operation {
	case "create":
		needs = Create
	case "read":
		needs = Read
	case "update":
		needs = Update
	case "delete":
		needs = Delete
	case "list":
		needs = List
	case "patch":
		needs = Patch
	default:
		return 0, 0, fmt.Errorf("operation %q is none of create, read, update, delete, list and patch", r.Operation)
	}
	if r.WrapTTL == "" {
		return needs, 0, nil
	}
	ttl, err := vaultpolicy.Duration(r.WrapTTL)
	if err != nil {
		return 0, 0, fmt.Errorf("wrap_ttl %q: %w", r.WrapTTL, err)
	}
	if ttl < 0 {
		return 0, 0, errors.New("wrap_ttl is negative")
	}
	return needs, ttl, nil
}
