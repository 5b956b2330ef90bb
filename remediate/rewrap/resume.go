package rewrap

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// resume reads what an earlier run has written beside the input that it came from, cuts off a line that was not finished, and leaves the input behind
// the last one.
func (j *Job) resume(in *bufio.Scanner) error {
	out := lines(j.part)
	n := 1
	for ; out.Scan(); n++ {
		text := out.Bytes()
		whole := j.size + int64(len(text)) + 1
		if info, err := j.part.Stat(); err != nil {
			return err
		} else if whole > info.Size() { // the last line has no line feed
			break
		}
		if !in.Scan() {
			if err := unreadable(in.Err(), n); err != nil {
				return err
			}
			return fmt.Errorf("%s: it has more lines than the input; it is of another input", j.part.Name())
		}
		was, err := parseLine(in.Bytes())
		if err != nil {
			return fmt.Errorf("line %d of the input: %w", n, err)
		}
		is, err := parseLine(text)
		if err == nil {
			err = is.follows(&was)
		}
		if err != nil {
			return fmt.Errorf("%s: its line %d does not come from line %d of the input: %w; remove it to begin again", j.part.Name(), n, n, err)
		}
		if j.due(&is) {
			j.counts.Older++
		}
		j.counts.Lines++
		j.counts.Resumed++
		j.size = whole
	}
	if err := out.Err(); err != nil {
		return fmt.Errorf("%s: line %d: %w", j.part.Name(), n, err)
	}
	return j.part.Truncate(j.size)
}

// lines cuts at line feeds alone, so that all else in a line stays as it is.
func lines(r io.Reader) *bufio.Scanner {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 0, 64<<10), maxLine)
	s.Split(func(data []byte, end bool) (int, []byte, error) {
		if i := bytes.IndexByte(data, '\n'); i >= 0 {
			return i + 1, data[:i], nil
		}
		if end && len(data) > 0 {
			return len(data), data, nil
		}
		return 0, nil, nil
	})
	return s
}

// unreadable is an error of reading the input.
func unreadable(err error, n int) error {
	if errors.Is(err, bufio.ErrTooLong) {
		err = fmt.Errorf("it has more than %d bytes", maxLine)
	}
	if err != nil {
		return fmt.Errorf("line %d of the input: %w", n, err)
	}
	return nil
}

// counter counts what passes.
type counter struct{ n *int64 }

func (c counter) Write(p []byte) (int, error) {
	*c.n += int64(len(p))
	return len(p), nil
}
