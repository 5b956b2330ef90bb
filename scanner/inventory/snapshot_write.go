package inventory

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Write writes the snapshot file. Its bytes depend on what the snapshot holds, not on the order in which it holds it.
//
// It refuses what ReadSnapshot would refuse, such as two resources with one ID or a facet that does not fit the kind: then the
// collector that made it is at fault. The caller sees to it that the file has mode 0600 and appears whole or not at all.
func (s *Snapshot) Write(w io.Writer) error {
	if err := s.write(w); err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	return nil
}

func (s *Snapshot) write(w io.Writer) error {
	sum := sha256.New()
	buffered := bufio.NewWriterSize(w, 64<<10)
	all := newLineEncoder(io.MultiWriter(buffered, sum))

	h := snapshotHeader{Format: snapshotFormat, Version: snapshotVersion, TakenAt: s.TakenAt.UTC(), Tool: s.Tool, Scopes: []ScopeRead{}}
	h.Scopes = append(h.Scopes, s.Scopes...)
	slices.SortStableFunc(h.Scopes, func(a, b ScopeRead) int { return cmp.Compare(a.Scope, b.Scope) })
	if err := h.check(); err != nil {
		return err
	}
	if err := all.encode(h); err != nil {
		return err
	}

	sorted := s.sorted()
	for i, r := range sorted {
		if err := r.check(); err != nil {
			return fmt.Errorf("resource %q: %w", r.ID, err)
		}
		if i > 0 && sorted[i-1].ID == r.ID {
			return fmt.Errorf("two resources have the ID %q", r.ID)
		}
		if err := all.encode(r); err != nil {
			return fmt.Errorf("resource %q: %w", r.ID, err)
		}
	}

	texts, err := documents(sorted)
	if err != nil {
		return err
	}
	for _, hash := range slices.Sorted(maps.Keys(texts)) {
		if err := all.encode(snapshotDocument{hash, texts[hash]}); err != nil {
			return fmt.Errorf("document %s: %w", hash, err)
		}
	}

	for _, g := range slices.SortedStableFunc(slices.Values(s.Gaps), compareGaps) {
		if err := g.check(); err != nil {
			return fmt.Errorf("gap %q: %w", g.What, err)
		}
		if err := all.encode(g); err != nil {
			return fmt.Errorf("gap %q: %w", g.What, err)
		}
	}

	t := snapshotTrailer{Resources: len(s.Resources), Gaps: len(s.Gaps), SHA256: hex.EncodeToString(sum.Sum(nil))}
	if err := newLineEncoder(buffered).encode(t); err != nil {
		return err
	}
	return buffered.Flush()
}

// documents returns the texts that resources have, by hash, each of which is what the resource's facet states.
func documents(resources []*Resource) (map[string]string, error) {
	texts := map[string]string{}
	for _, r := range resources {
		hash := r.DocumentHash()
		text, known := texts[hash]
		switch {
		case hash == "" && r.Document == "":
		case known && text == r.Document:
		case known || !utf8.ValidString(r.Document) || DocumentHash(r.Document) != hash:
			return nil, fmt.Errorf("resource %q: its document is not the one whose hash it states", r.ID)
		default:
			texts[hash] = r.Document
		}
	}
	return texts, nil
}

// sorted returns the resources in order of their IDs without moving them.
func (s *Snapshot) sorted() []*Resource {
	out := make([]*Resource, len(s.Resources))
	for i := range s.Resources {
		out[i] = &s.Resources[i]
	}
	byID := func(a, b *Resource) int { return strings.Compare(string(a.ID), string(b.ID)) }
	if !slices.IsSortedFunc(out, byID) {
		slices.SortStableFunc(out, byID)
	}
	return out
}

// A lineEncoder writes values as lines of JSON and refuses lines that a reader would find too long.
type lineEncoder struct {
	w    io.Writer
	buf  bytes.Buffer
	json *json.Encoder
}

func newLineEncoder(w io.Writer) *lineEncoder {
	e := &lineEncoder{w: w}
	e.json = json.NewEncoder(&e.buf)
	e.json.SetEscapeHTML(false)
	return e
}

func (e *lineEncoder) encode(v any) error {
	line, err := e.line(v)
	if err != nil {
		return err
	}
	_, err = e.w.Write(line)
	return err
}

// line returns the one way to write a value. It is good until the next call.
func (e *lineEncoder) line(v any) ([]byte, error) {
	e.buf.Reset()
	if err := e.json.Encode(v); err != nil {
		return nil, err
	}
	if e.buf.Len() > maxLine {
		return nil, fmt.Errorf("takes %d bytes, more than the %d that a line may have", e.buf.Len(), maxLine)
	}
	return e.buf.Bytes(), nil
}
