// Package rewrap brings stored ciphertexts of Vault Transit to the latest version of their key, inside Vault: nobody sees a plaintext. It reads and
// writes line by line, a batch at a time, in memory that does not grow, and goes on from what an earlier run has written.
//
// It leaves the store to others: who keeps the ciphertexts dumps them, and loads what comes out.
package rewrap

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// An Item is a ciphertext with what Transit needs besides it. Context and Nonce are in base64; most keys want neither.
type Item struct{ Ciphertext, Context, Nonce string }

// A Result is the ciphertext of the latest version, or why there is none.
type Result struct{ Ciphertext, Error string }

// A Rewrapper is a key.
type Rewrapper interface {
	Latest(context.Context) (version int, err error)
	// Rewrap returns one result for each item, in their order. An error means that nothing came of any.
	Rewrap(context.Context, []Item) ([]Result, error)
}

// The bounds of a batch, besides its number of items.
const (
	maxLine  = 4 << 20 // bytes of a line
	maxBytes = 4 << 20 // of a batch, so that the answer to it is no longer than what is read of one
	maxLines = 10_000  // of a batch, those included that are passed on
)

// A Job takes the lines of In to the file Out, in their order.
//
// They are written to Out with ".part" at its end, which becomes Out when the last line is in it. A run that finds such a file compares it line by
// line with the input, and goes on behind it.
type Job struct {
	Key       Rewrapper
	In        io.Reader
	Out       string
	Batch     int  // items in one call
	KeepGoing bool // keep a line that Vault refuses as it is, instead of stopping before it
	// Progress is told of how many lines and bytes of the input have come out so far, after each batch. Refused is told of a line that is kept.
	Progress func(lines int, bytes int64)
	Refused  func(ItemError)

	latest  int
	part    *os.File
	size    int64 // of part
	pending []line
	held    int // bytes in pending
	items   int // in pending
	read    int64
	counts  Counts
}

// Counts are the lines that have come out.
type Counts struct {
	Lines     int // all of them
	Resumed   int // of an earlier run
	Rewrapped int // by this run
	Current   int // passed on by this run, as they were at the latest version already
	Older     int // that are not at the latest version, of both runs
	Latest    int // the version that was the latest when this run began
}

// An ItemError is a line that Vault refuses.
type ItemError struct {
	Line int
	ID   string // the value of the field "id", as JSON; "" where there is none
	Why  string
}

func (e *ItemError) Error() string {
	if e.ID != "" {
		return fmt.Sprintf("line %d (id %s): %s", e.Line, e.ID, e.Why)
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Why)
}

// ErrDone is an output that is complete already.
var ErrDone = errors.New("the output is there already")

// Run does the job. When the context ends, the batch that was begun is finished, and the context's error returned. Whatever the error, what has been
// written stays and is complete lines; the counts tell how many.
func (j *Job) Run(ctx context.Context) (Counts, error) {
	if _, err := os.Lstat(j.Out); err == nil {
		return j.counts, fmt.Errorf("%s: %w", j.Out, ErrDone)
	} else if !errors.Is(err, os.ErrNotExist) {
		return j.counts, err
	}
	var err error
	if j.latest, err = j.Key.Latest(ctx); err != nil {
		return j.counts, err
	}
	j.counts.Latest = j.latest
	if j.part, err = os.OpenFile(j.Out+".part", os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return j.counts, err
	}
	defer j.part.Close()
	in := lines(io.TeeReader(j.In, counter{&j.read}))
	if err := j.resume(in); err != nil {
		return j.counts, err
	}
	if err := j.stream(ctx, in); err != nil {
		return j.counts, err
	}
	if err := j.part.Close(); err != nil {
		return j.counts, err
	}
	return j.counts, os.Rename(j.Out+".part", j.Out)
}

// stream takes the rest of the input through.
func (j *Job) stream(ctx context.Context, in *bufio.Scanner) error {
	for n := j.counts.Lines + 1; ; n++ {
		more := in.Scan()
		if more {
			l, err := parseLine(bytes.Clone(in.Bytes()))
			if err != nil {
				return errors.Join(j.flush(ctx), fmt.Errorf("line %d of the input: %w", n, err))
			}
			if len(j.pending) > 0 && j.held+len(in.Bytes()) > maxBytes {
				if err := cmp.Or(j.flush(ctx), ctx.Err()); err != nil {
					return err
				}
			}
			j.pending = append(j.pending, l)
			j.held += len(in.Bytes())
			if j.due(&l) {
				j.items++
			}
		}
		if !more || j.items >= j.Batch || j.held >= maxBytes || len(j.pending) >= maxLines {
			if err := j.flush(ctx); err != nil {
				return err
			}
			if err := ctx.Err(); err != nil && more {
				return err
			}
		}
		if !more {
			return unreadable(in.Err(), n)
		}
	}
}

// due reports whether a line is to be re-wrapped. A version that the key does not have yet is: Vault then says what is wrong with it.
func (j *Job) due(l *line) bool { return l.version > 0 && l.version != j.latest }

// flush has the pending lines re-wrapped and writes them. It does not heed the end of the context: a batch that was begun is finished.
func (j *Job) flush(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	results := make([]Result, len(j.pending))
	// Vault wants a context for every item of a batch, or for none.
	for _, derived := range []bool{false, true} {
		var items []Item
		var at []int
		for i := range j.pending {
			if l := &j.pending[i]; j.due(l) && (l.item.Context != "") == derived {
				items, at = append(items, l.item), append(at, i)
			}
		}
		if len(items) == 0 {
			continue
		}
		made, err := j.Key.Rewrap(ctx, items)
		if err != nil {
			return err
		}
		if len(made) != len(items) {
			return fmt.Errorf("%d results came for %d ciphertexts, so which is whose cannot be told", len(made), len(items))
		}
		for i, r := range made {
			if v, ok := versionOf(r.Ciphertext); r.Error == "" && (!ok || v < j.latest) {
				return fmt.Errorf("what came for line %d is no ciphertext of version %d", j.counts.Lines+at[i]+1, j.latest)
			}
			results[at[i]] = r
		}
	}
	return j.write(results)
}

// write appends the pending lines with what came of them, up to the first that Vault refused unless those are kept.
func (j *Job) write(results []Result) error {
	var out []byte
	var refused error
	was := j.counts
	for i := range j.pending {
		l, r := &j.pending[i], results[i]
		switch {
		case r.Error != "":
			e := ItemError{Line: j.counts.Lines + 1, ID: l.id, Why: r.Error}
			if !j.KeepGoing {
				refused = &e
				break
			}
			j.counts.Older++
			j.Refused(e)
			out = append(out, l.with(l.item.Ciphertext)...)
		case r.Ciphertext != "":
			j.counts.Rewrapped++
			out = append(out, l.with(r.Ciphertext)...)
		default:
			if l.version > 0 {
				j.counts.Current++
			}
			out = append(out, l.with(l.item.Ciphertext)...)
		}
		if refused != nil {
			break
		}
		j.counts.Lines++
	}
	j.pending, j.held, j.items = j.pending[:0], 0, 0
	if err := j.append(out); err != nil {
		j.counts = was
		return err
	}
	j.Progress(j.counts.Lines, j.read)
	return refused
}

// append makes bytes durable at the end of the file, which nobody else may have touched.
func (j *Job) append(out []byte) error {
	info, err := j.part.Stat()
	if err != nil {
		return err
	}
	if info.Size() != j.size {
		return fmt.Errorf("%s: somebody else writes to it", j.part.Name())
	}
	if _, err := j.part.WriteAt(out, j.size); err != nil {
		return err
	}
	j.size += int64(len(out))
	return j.part.Sync()
}
