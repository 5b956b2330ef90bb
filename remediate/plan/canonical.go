package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// maxBytes bounds a plan file.
const maxBytes = 64 << 20

// Bytes is the plan's one spelling: JSON with fields in the order of the types, maps sorted, two spaces, a newline at the end. It is
// the content of the plan file.
func (p *Plan) Bytes() []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(p); err != nil {
		panic(err) // times out of range, which Check refuses
	}
	return b.Bytes()
}

// Digest names the plan: "sha256:" and the SHA-256 of Bytes.
func (p *Plan) Digest() string {
	sum := sha256.Sum256(p.Bytes())
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Message is the text that planner, approvers and who applies sign, each under the namespace of their purpose.
func (p *Plan) Message() []byte {
	return fmt.Appendf(nil, "keyreeve plan %s\nledger %s\n", p.Digest(), p.Ledger)
}

// Read reads a plan file called name. A file that is not in the one spelling is refused: what people read and what is done must be the same.
func Read(r io.Reader, name string) (*Plan, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read plan %q: %w", name, err)
	}
	p, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("read plan %q: %w", name, err)
	}
	return p, nil
}

// Parse is Read from bytes.
func Parse(data []byte) (*Plan, error) {
	if len(data) > maxBytes {
		return nil, errors.New("it is larger than 64 MiB")
	}
	p := &Plan{}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	switch err := d.Decode(p); {
	case errors.Is(err, io.EOF):
		return nil, errors.New("it is empty")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, errors.New("it is cut off")
	case err != nil:
		return nil, fmt.Errorf("it is no plan: line %d: %w", 1+bytes.Count(data[:min(int(d.InputOffset()), len(data))], []byte("\n")), err)
	}
	if p.Format != Format {
		return nil, fmt.Errorf("format is %q, this keyreeve-rotate reads %q", p.Format, Format)
	}
	if err := p.Check(); err != nil {
		return nil, err
	}
	if own := p.Bytes(); !bytes.Equal(own, data) {
		return nil, fmt.Errorf("line %d is not as keyreeve-rotate writes it; a plan is not to be edited: change the configuration and plan anew", 1+differs(own, data))
	}
	return p, nil
}

// differs is the number of lines before the first that differs.
func differs(a, b []byte) int {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	return bytes.Count(a[:i], []byte("\n"))
}

// Check returns an error for a plan that cannot have been made by keyreeve-rotate.
func (p *Plan) Check() error {
	if y := p.MadeAt.Year(); y < 1 || y > 9999 || p.Expires.Year() > 9999 || p.TakenAt.Year() > 9999 {
		return errors.New("a time is out of range")
	}
	if !p.Expires.After(p.MadeAt) || p.Expires.Sub(p.MadeAt) > Life {
		return fmt.Errorf("it is to expire at %s, which is not within %s of when it was made", p.Expires.Format("2006-01-02T15:04:05Z07:00"), Duration(Life))
	}
	if p.Ledger == "" || p.Signers == "" {
		return errors.New("it names no ledger or no file of signers")
	}
	for _, w := range p.Windows {
		if err := w.Check(); err != nil {
			return fmt.Errorf("windows: %w", err)
		}
	}
	ids := map[string]bool{}
	for _, r := range p.Rotations {
		if r.ID == "" || ids[r.ID] {
			return fmt.Errorf("rotation %q is named twice or not at all", r.ID)
		}
		if err := r.check(ids); err != nil {
			return fmt.Errorf("rotation %q: %w", r.ID, err)
		}
		if _, ok := p.Approval[r.Tier]; !ok {
			return fmt.Errorf("rotation %q: nothing says who approves in tier %q", r.ID, r.Tier)
		}
		ids[r.ID] = true
	}
	return nil
}

func (r *Rotation) check(earlier map[string]bool) error {
	if r.Resource == "" || r.Rotator == "" || len(r.Steps) == 0 {
		return errors.New("it has no resource, no rotator or no steps")
	}
	steps, at := map[string]bool{}, 0
	for _, s := range r.Steps {
		if s.ID == "" || steps[s.ID] {
			return fmt.Errorf("step %q is named twice or not at all", s.ID)
		}
		steps[s.ID] = true
		stage := slices.Index(Stages, s.Stage)
		if stage < at {
			return fmt.Errorf("step %q: stage %q does not exist or comes after a later one", s.ID, s.Stage)
		}
		at = stage
		if s.Act != "" && (len(s.Expect) == 0 || len(s.After) == 0) {
			return fmt.Errorf("step %q acts and does not say what it expects and what is so afterwards", s.ID)
		}
		if s.UndoBefore != "" && !slices.Contains(Stages, s.UndoBefore) {
			return fmt.Errorf("step %q: stage %q does not exist", s.ID, s.UndoBefore)
		}
		for _, g := range s.Gates {
			if g.Kind == After && !earlier[g.Rotation] {
				return fmt.Errorf("step %q waits for rotation %q, which does not come before it", s.ID, g.Rotation)
			}
		}
	}
	return nil
}
