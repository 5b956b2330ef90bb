// Package rawjson takes JSON apart without reading what is inside of its parts: requests are mostly policy documents that were read
// before, and are only to be recognized.
//
// It takes text for JSON that json.Valid has accepted, and leaves telling whether it is to that.
package rawjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Members calls do for each member of an object, in order. A name that is there twice is an error: one of two documents would be
// overlooked. Names and values are parts of the text.
func Members(raw []byte, do func(name, value []byte) error) error {
	var first [16][]byte
	seen := first[:0]
	return parts(raw, '{', "an object", func(at int) (int, error) {
		end := skip(raw, at)
		name := raw[at+1 : end-1]
		if !plain(name) {
			s, err := String(raw[at:end])
			if err != nil {
				return 0, err
			}
			name = []byte(s)
		}
		for _, other := range seen {
			if bytes.Equal(name, other) {
				return 0, fmt.Errorf("key %q is there twice", name)
			}
		}
		seen = append(seen, name)
		at = space(raw, end)
		at = space(raw, at+1) // after the colon
		end = skip(raw, at)
		return end, do(name, raw[at:end])
	})
}

// Items calls do for each item of a list, in order.
func Items(raw []byte, do func(item []byte) error) error {
	return parts(raw, '[', "a list", func(at int) (int, error) {
		end := skip(raw, at)
		return end, do(raw[at:end])
	})
}

// parts calls part at the start of each part between the commas of an object or list; it returns where the part ends.
func parts(raw []byte, opening byte, kind string, part func(at int) (int, error)) error {
	at := space(raw, 0)
	if at == len(raw) || raw[at] != opening {
		return errors.New("it is not " + kind)
	}
	for at = space(raw, at+1); at < len(raw) && raw[at] != opening+2; {
		end, err := part(at)
		if err != nil {
			return err
		}
		if at = space(raw, end); at < len(raw) && raw[at] == ',' {
			at = space(raw, at+1)
		}
	}
	return nil
}

// String reads a string.
func String(raw []byte) (string, error) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", errors.New("it is not a string")
	}
	if inside := raw[1 : len(raw)-1]; plain(inside) {
		return string(inside), nil
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err
}

// plain reports whether what is inside of a string stands for itself: it has no escape, and nothing that may be no UTF-8.
func plain(inside []byte) bool {
	for _, c := range inside {
		if c == '\\' || c >= 0x80 {
			return false
		}
	}
	return true
}

func space(raw []byte, at int) int {
	for at < len(raw) && (raw[at] == ' ' || raw[at] == '\t' || raw[at] == '\n' || raw[at] == '\r') {
		at++
	}
	return at
}

// skip returns where the value that starts at a place ends.
func skip(raw []byte, at int) int {
	depth := 0
	for ; at < len(raw); at++ {
		switch raw[at] {
		case '"':
			for at++; at < len(raw) && raw[at] != '"'; at++ {
				if raw[at] == '\\' {
					at++
				}
			}
			if depth == 0 {
				return min(at+1, len(raw))
			}
		case '{', '[':
			depth++
		case '}', ']':
			switch depth--; depth {
			case -1: // of what a number or word stands in
				return at
			case 0:
				return at + 1
			}
		case ',', ' ', '\t', '\n', '\r':
			if depth == 0 {
				return at
			}
		}
	}
	return len(raw)
}
