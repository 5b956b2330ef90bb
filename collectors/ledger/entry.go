// Package ledger is the record of rotations: its format, reading and verifying it, and the inventory Source over it. Only
// package remediate/ledger writes.
package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Kind says what an entry records.
type Kind string

const (
	Opened     Kind = "opened"     // the ledger was made; the first entry, and only the first
	Planned    Kind = "planned"    // a rotation is part of a plan
	Approved   Kind = "approved"   // somebody signed a plan
	Refused    Kind = "refused"    // a step, a plan or an approval was refused, and why
	Begun      Kind = "begun"      // a run that applies a plan begins, and by whom
	Intent     Kind = "intent"     // an act is about to be done
	Outcome    Kind = "outcome"    // what came of it
	Waiting    Kind = "waiting"    // nothing is due before a time
	Passed     Kind = "passed"     // a gate was passed, with its evidence
	Confirmed  Kind = "confirmed"  // a client has moved
	Consented  Kind = "consented"  // a person agreed to what cannot be told safe
	Aborted    Kind = "aborted"    // a rotation was rolled back
	Emergency  Kind = "emergency"  // a break-glass run or a drill began
	Reviewed   Kind = "reviewed"   // an emergency was reviewed
	Checkpoint Kind = "checkpoint" // the head so far was signed
)

// Kinds are all kinds, in the order of a rotation's life.
var Kinds = []Kind{
	Opened, Planned, Approved, Refused, Begun, Intent, Outcome, Waiting, Passed, Confirmed, Consented, Aborted, Emergency, Reviewed, Checkpoint,
}

const (
	// MaxEntry is the size of the largest entry, in bytes.
	MaxEntry = 64 << 10
	// MaxSeq is the number of the last entry that has a name.
	MaxSeq = 99_999_999
	// Format is the fact "format" of the first entry. A ledger of another format is refused.
	Format = "keyreeve-ledger/1"
)

// Entry is one entry. On disk it is one object, named by its number, which holds one line of JSON:
//
//	entries/00000001.json  {"seq":1,"ledger":"9f86…","at":"2026-01-02T03:04:05Z","kind":"opened","by":"ops@example.org","facts":{"format":"keyreeve-ledger/1"}}⏎
//	entries/00000002.json  {"seq":2,"prev":"<SHA-256 of the line above>","ledger":"9f86…","at":…,"kind":"intent",…}⏎
//
// The bytes are canonical: the fields in the order below, empty ones left out, facts sorted by name, no white space but the
// line feed at the end, nothing escaped that JSON allows as it is (save U+2028 and U+2029, which encoding/json always
// escapes). So an entry has exactly one encoding and one hash, and each entry fixes all before it by Prev.
//
// Text may hold any character but is shown to people: who prints it quotes it.
type Entry struct {
	Seq      int       `json:"seq"`                // from 1, without holes
	Prev     string    `json:"prev,omitempty"`     // SHA-256, in hex, of the bytes of the entry before; empty in the first
	Ledger   string    `json:"ledger"`             // the ledger's random ID: 16 bytes in hex
	At       time.Time `json:"at"`                 // UTC, whole seconds, never before the entry before
	Kind     Kind      `json:"kind"`               //
	By       string    `json:"by,omitempty"`       // the principal who acted
	Run      string    `json:"run,omitempty"`      // the run of keyreeve-rotate that wrote it
	Plan     string    `json:"plan,omitempty"`     // the plan's digest
	Rotation string    `json:"rotation,omitempty"` // the rotation's ID
	Step     string    `json:"step,omitempty"`     // ROTATION/STEP
	Resource string    `json:"resource,omitempty"` // the inventory ID of what is rotated
	// Facts are what was expected, found or done. Never a secret value.
	Facts     map[string]string `json:"facts,omitempty"`
	Note      string            `json:"note,omitempty"`
	Signature json.RawMessage   `json:"signature,omitempty"` // opaque here: whoever signs knows its form
}

// Bytes returns the canonical encoding, a line feed at its end. An entry that Check refuses has none: nil.
func (e Entry) Bytes() []byte {
	data, _ := e.encode()
	return data
}

// Hash is the SHA-256 of Bytes, in hex.
func (e Entry) Hash() string { return hash(e.Bytes()) }

// Check says what is wrong with an entry taken by itself.
func (e Entry) Check() error {
	_, err := e.encode()
	return err
}

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// encode returns the canonical bytes of a sound entry.
func (e Entry) encode() ([]byte, error) {
	if err := e.sound(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := json.NewEncoder(&b)
	w.SetEscapeHTML(false)
	if err := w.Encode(e); err != nil {
		return nil, fmt.Errorf("its signature is not JSON: %w", err)
	}
	if b.Len() > MaxEntry {
		return nil, fmt.Errorf("it has %d bytes, more than %d", b.Len(), MaxEntry)
	}
	return b.Bytes(), nil
}

var (
	isHash = regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString
	isID   = regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString
)

// sound checks all fields but the signature.
func (e Entry) sound() error {
	_, offset := e.At.Zone()
	switch {
	case e.Seq < 1 || e.Seq > MaxSeq:
		return fmt.Errorf("its number %d is not between 1 and %d", e.Seq, MaxSeq)
	case !isID(e.Ledger):
		return fmt.Errorf("its ledger %q is not an ID: 32 digits of lower-case hex", e.Ledger)
	case e.Prev != "" && !isHash(e.Prev):
		return fmt.Errorf("its prev %q is not a hash: 64 digits of lower-case hex", e.Prev)
	case (e.Prev == "") != (e.Seq == 1):
		return errors.New("the first entry has no prev, and every other has one")
	case !slices.Contains(Kinds, e.Kind):
		return fmt.Errorf("its kind %q is none that this version knows", e.Kind)
	case (e.Kind == Opened) != (e.Seq == 1):
		return fmt.Errorf("entry %d is of kind %q: the first entry, and no other, is %q", e.Seq, e.Kind, Opened)
	case e.Seq == 1 && e.Facts["format"] != Format:
		return fmt.Errorf("the ledger's format is %q; this version reads %q", e.Facts["format"], Format)
	case !e.At.Equal(e.At.Truncate(time.Second)) || offset != 0 || e.At.Year() < 1970 || e.At.Year() > 9999:
		return fmt.Errorf("its time %s is not in whole seconds of UTC, from 1970 to 9999", e.At.Format(time.RFC3339Nano))
	}
	for _, text := range []string{e.By, e.Run, e.Plan, e.Rotation, e.Step, e.Resource, e.Note, string(e.Signature)} {
		if !utf8.ValidString(text) {
			return fmt.Errorf("%q is not UTF-8", text)
		}
	}
	for name, value := range e.Facts {
		if name == "" || !utf8.ValidString(name) || !utf8.ValidString(value) {
			return fmt.Errorf("its fact %q = %q has no name or is not UTF-8", name, value)
		}
	}
	return nil
}

// Parse reads the bytes of one entry and refuses all but their canonical form.
func Parse(data []byte) (Entry, error) {
	if len(data) > MaxEntry {
		return Entry{}, fmt.Errorf("it has more than %d bytes", MaxEntry)
	}
	var e Entry
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return Entry{}, errors.New("it is cut off")
		}
		return Entry{}, fmt.Errorf("it is not an entry: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	canonical, err := e.encode()
	if err != nil {
		return Entry{}, err
	}
	if !bytes.Equal(canonical, data) {
		return Entry{}, errors.New("it is not in canonical form, so something else than keyreeve-rotate wrote or changed it")
	}
	return e, nil
}
