package inventory

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
)

// A policy document stands in a facet as a few facts about each statement, which is what rules judge. What several documents come to
// together takes all of their text. The text is kept beside the resource and not in its JSON: in memory equal texts are one string
// (see Documents), and a snapshot file holds each once, however many accounts attach the same policy.

// DocumentHash is what a facet states of a document: the SHA-256 of its bytes, in hexadecimal.
func DocumentHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// DocumentHash returns the hash that the resource's facet states; "" when it states none.
func (r *Resource) DocumentHash() string {
	switch {
	case r.Policy != nil:
		return r.Policy.Document
	case r.Trust != nil:
		return r.Trust.Document
	case r.Principal != nil:
		return r.Principal.Document
	case r.Workload != nil:
		return r.Workload.Document
	}
	return ""
}

// Documents holds each text once for all who ask for it. The zero value is empty; it may be used by several goroutines.
type Documents struct {
	mu     sync.Mutex
	byHash map[string]string
}

// Keep returns the hash of a text, and the one copy of the text.
func (d *Documents) Keep(text string) (hash, kept string) {
	hash = DocumentHash(text)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.byHash == nil {
		d.byHash = map[string]string{}
	}
	kept, ok := d.byHash[hash]
	if !ok {
		d.byHash[hash], kept = text, text
	}
	return hash, kept
}

// holders are the resources of a snapshot that is being read, by the hash of the document that they wait for.
type holders struct {
	byHash map[string][]int // indices of resources
	last   string           // hash of the document that was given last
}

func (h *holders) wants(r *Resource, index int) {
	hash := r.DocumentHash()
	if hash == "" {
		return
	}
	if h.byHash == nil {
		h.byHash = map[string][]int{}
	}
	h.byHash[hash] = append(h.byHash[hash], index)
}

// give lets all that wait for a document have it.
func (h *holders) give(d snapshotDocument, resources []Resource) error {
	waiting := h.byHash[d.SHA256]
	switch {
	case d.SHA256 <= h.last:
		return fmt.Errorf("document %q is out of order%s", d.SHA256, edited)
	case len(waiting) == 0:
		return fmt.Errorf("document %q is no resource's%s", d.SHA256, edited)
	case DocumentHash(d.Text) != d.SHA256:
		return fmt.Errorf("document %q is not what its hash says%s", d.SHA256, edited)
	}
	for _, i := range waiting {
		resources[i].Document = d.Text
	}
	delete(h.byHash, d.SHA256)
	h.last = d.SHA256
	return nil
}

// complete complains when a resource waits for a document that the file does not hold.
func (h *holders) complete() error {
	if len(h.byHash) > 0 {
		return errors.New("the policy document of a resource is missing" + edited)
	}
	return nil
}
