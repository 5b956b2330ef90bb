package inventory

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
)

const (
	// again is the next step for a file that cannot be used.
	again = `; take the snapshot again with "keyreeve collect"`
	// edited is said of what keyreeve did not write.
	edited = ", so the file was edited" + again
)

// ReadSnapshot reads a snapshot file; name is what errors call it. Every resource is complete (see Complete), so what this
// version knows to be required and an older one did not read is unknown.
//
// It refuses a file that is empty, cut off, edited, out of order, written by a newer keyreeve or in any other way not what Write
// writes. Errors name the file, the line and the next step. Of a file that is refused nothing is returned.
func ReadSnapshot(r io.Reader, name string) (*Snapshot, error) {
	in := newLineReader(r)
	s, err := in.snapshot()
	switch {
	case err == nil:
		return s, nil
	case errors.Is(err, errEmpty):
		return nil, fmt.Errorf("read snapshot %q: %w", name, err)
	}
	return nil, fmt.Errorf("read snapshot %q: line %d: %w", name, in.number, err)
}

var (
	errEmpty = errors.New("the file is empty" + again)
	errCut   = errors.New("the file ends before its trailer, so it was cut off" + again)
)

func (in *lineReader) snapshot() (*Snapshot, error) {
	h, err := in.header()
	if err != nil {
		return nil, err
	}
	s := &Snapshot{TakenAt: h.TakenAt, Tool: h.Tool}
	if len(h.Scopes) > 0 {
		s.Scopes = h.Scopes
	}
	words, holders := words{}, holders{}
	for {
		line, err := in.next()
		switch {
		case err != nil:
			return nil, err
		case bytes.HasPrefix(line, []byte(resourceKey)):
			switch {
			case len(s.Gaps) > 0:
				return nil, errors.New("a resource stands after the gaps" + edited)
			case holders.last != "":
				return nil, errors.New("a resource stands after the documents" + edited)
			}
			s.Resources = append(s.Resources, Resource{})
			res := &s.Resources[len(s.Resources)-1]
			if err := in.decode(line, res); err != nil {
				return nil, err
			}
			if err := res.check(); err != nil {
				return nil, fmt.Errorf("resource %q: %w%s", res.ID, err, again)
			}
			if n := len(s.Resources); n > 1 && s.Resources[n-2].ID >= res.ID {
				return nil, fmt.Errorf("resource %q stands after %q%s", res.ID, s.Resources[n-2].ID, edited)
			}
			res.Complete()
			words.share(res)
			holders.wants(res, len(s.Resources)-1)
		case bytes.HasPrefix(line, []byte(documentKey)):
			if len(s.Gaps) > 0 {
				return nil, errors.New("a document stands after the gaps" + edited)
			}
			var d snapshotDocument
			if err := in.decode(line, &d); err != nil {
				return nil, err
			}
			if err := holders.give(d, s.Resources); err != nil {
				return nil, err
			}
		case bytes.HasPrefix(line, []byte(gapKey)):
			var g Gap
			if err := in.decode(line, &g); err != nil {
				return nil, err
			}
			if err := g.check(); err != nil {
				return nil, fmt.Errorf("gap %q: %w%s", g.What, err, again)
			}
			if n := len(s.Gaps); n > 0 && compareGaps(s.Gaps[n-1], g) > 0 {
				return nil, fmt.Errorf("gap %q is out of order%s", g.What, edited)
			}
			s.Gaps = append(s.Gaps, g)
		case bytes.HasPrefix(line, []byte(trailerKey)):
			if err := holders.complete(); err != nil {
				return nil, err
			}
			return s, in.trailer(line, s)
		default:
			return nil, errors.New("neither a resource, a gap nor a trailer" + again)
		}
	}
}

// header reads the first line. Which file this is and who wrote it is told before anything else of it is judged.
func (in *lineReader) header() (*snapshotHeader, error) {
	line, err := in.next()
	if errors.Is(err, errCut) {
		switch {
		case len(line) == 0:
			return nil, errEmpty
		case bytes.HasPrefix(line, []byte(`{"format":"`+snapshotFormat+`"`)):
			return nil, errCut
		}
	}
	var kind struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	if json.Unmarshal(line, &kind) != nil || kind.Format != snapshotFormat {
		if kind.Format != "" {
			return nil, fmt.Errorf("the file is of format %q, which is no snapshot; name a file that \"keyreeve collect\" wrote", kind.Format)
		}
		return nil, errors.New(`the file is no snapshot; name a file that "keyreeve collect" wrote`)
	}
	if err != nil {
		return nil, err
	}
	if kind.Version != snapshotVersion {
		return nil, fmt.Errorf("the file has version %d of the format and this keyreeve reads version %d; use the keyreeve that wrote it, or a newer one", kind.Version, snapshotVersion)
	}
	h := &snapshotHeader{}
	if err := in.decode(line, h); err != nil {
		return nil, err
	}
	if err := h.check(); err != nil {
		return nil, fmt.Errorf("%w%s", err, again)
	}
	return h, nil
}

// trailer compares what was read with what was written, and wants the end of the file.
func (in *lineReader) trailer(line []byte, s *Snapshot) error {
	t, sum := snapshotTrailer{}, hex.EncodeToString(in.sum.Sum(nil))
	if err := in.decode(line, &t); err != nil {
		return err
	}
	if t.Resources != len(s.Resources) || t.Gaps != len(s.Gaps) {
		return fmt.Errorf("the trailer counts %d resources and %d gaps and the file holds %d and %d%s",
			t.Resources, t.Gaps, len(s.Resources), len(s.Gaps), edited)
	}
	if t.SHA256 != sum {
		return errors.New("the checksum is not that of the lines before it" + edited)
	}
	if rest, err := in.next(); len(rest) > 0 || !errors.Is(err, errCut) {
		return errors.New("the file goes on after its trailer" + edited)
	}
	return nil
}

// A lineReader reads lines of JSON, counts them and sums them up.
type lineReader struct {
	r      *bufio.Reader
	number int          // of the line read last, from 1
	line   []byte       // the line read last
	sum    hash.Hash    // of the lines before it
	long   []byte       // where a line is put together that does not fit r's buffer
	feed   bytes.Reader // the line that dec is decoding
	dec    *json.Decoder
	again  *lineEncoder
}

func newLineReader(r io.Reader) *lineReader {
	in := &lineReader{r: bufio.NewReaderSize(r, 64<<10), sum: sha256.New(), again: newLineEncoder(nil)}
	in.dec = json.NewDecoder(&in.feed)
	in.dec.DisallowUnknownFields()
	return in
}

// next returns the next line with its line feed. It is good until the next call. At the end of the file the error is errCut, and
// the line is what stands there without a line feed.
func (in *lineReader) next() ([]byte, error) {
	in.sum.Write(in.line)
	in.number++
	in.long = in.long[:0]
	for {
		part, err := in.r.ReadSlice('\n')
		if err == nil && len(in.long) == 0 {
			in.line = part
			return part, nil
		}
		in.long = append(in.long, part...)
		in.line = in.long
		switch {
		case len(in.long) > maxLine:
			return nil, fmt.Errorf("the line is longer than %d bytes%s", maxLine, again)
		case err == nil:
			return in.line, nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			return in.line, errCut
		default:
			return nil, err
		}
	}
}

// decode reads a line into a value and wants it to be written in the one way that Write writes it. That refuses, among others,
// a key that is there twice or in other letter case, which encoding/json would let pass.
func (in *lineReader) decode(line []byte, into any) error {
	in.feed.Reset(line)
	if err := in.dec.Decode(into); err != nil {
		if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
			return fmt.Errorf("unknown key %s%s, or read it with a newer keyreeve", field, again)
		}
		return fmt.Errorf("%s%s", strings.TrimPrefix(err.Error(), "json: "), again)
	}
	same, err := in.again.line(into)
	if err != nil {
		return err
	}
	if !bytes.Equal(same, line) {
		return errors.New("the line is not as keyreeve writes it" + edited)
	}
	return nil
}

// words holds each string once that many resources share.
type words map[string]string

func (w words) share(r *Resource) {
	share(w, &r.Type)
	share(w, &r.Kind)
	share(w, &r.Origin)
	share(w, &r.Scope)
	for i := range r.Unknown {
		u := &r.Unknown[i]
		share(w, &u.Fact)
		share(w, &u.Why)
		share(w, &u.Call)
		share(w, &u.Hint)
	}
}

func share[S ~string](w words, s *S) {
	known, ok := w[string(*s)]
	if !ok {
		known = string(*s)
		w[known] = known
	}
	*s = S(known)
}
