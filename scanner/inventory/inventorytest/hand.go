package inventorytest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// hand is a snapshot as people write one: each resource is as in a snapshot file, with its policy document beside it as JSON, under
// "document", in place of its hash. A resource of which that is a string has the text that it holds.
type hand struct {
	TakenAt   time.Time
	Scopes    []inventory.ScopeRead
	Resources []json.RawMessage
	Gaps      []inventory.Gap
}

// ByHand reads a snapshot that somebody wrote for a test. Keys that are unknown are an error.
func ByHand(r io.Reader) (*inventory.Snapshot, error) {
	var h hand
	if err := strict(r, &h); err != nil {
		return nil, err
	}
	s := &inventory.Snapshot{TakenAt: h.TakenAt, Tool: "test", Scopes: h.Scopes, Gaps: h.Gaps}
	for i, raw := range h.Resources {
		var one struct {
			inventory.Resource
			Text json.RawMessage `json:"document"`
		}
		if err := strict(bytes.NewReader(raw), &one); err != nil {
			return nil, fmt.Errorf("resource %d: %w", i, err)
		}
		if one.Text != nil {
			text := string(one.Text)
			_ = json.Unmarshal(one.Text, &text) // a string is the text itself
			if err := state(&one.Resource, text); err != nil {
				return nil, fmt.Errorf("resource %d: %w", i, err)
			}
		}
		one.Complete()
		s.Resources = append(s.Resources, one.Resource)
	}
	return s, nil
}

// state gives a resource a document, and its facet the hash.
func state(r *inventory.Resource, text string) error {
	r.Document = text
	hash := inventory.DocumentHash(text)
	switch r.Kind {
	case inventory.KindPolicy:
		r.Policy = cmp.Or(r.Policy, &inventory.Policy{})
		r.Policy.Document = hash
	case inventory.KindPrincipal:
		r.Principal = cmp.Or(r.Principal, &inventory.Principal{})
		r.Principal.Document = hash
	case inventory.KindWorkload:
		r.Workload = cmp.Or(r.Workload, &inventory.Workload{})
		r.Workload.Document = hash
	case inventory.KindTrust:
		r.Trust = cmp.Or(r.Trust, &inventory.Trust{})
		r.Trust.Document = hash
	default:
		return fmt.Errorf("a %s has no document", r.Kind)
	}
	return nil
}

func strict(r io.Reader, into any) error {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	return d.Decode(into)
}
