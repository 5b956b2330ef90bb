package vault

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// Requests repeat their policies and identities. So a line is taken apart here only into the values of its keys; those whose very bytes
// were read before are not read again, and data is not read where no rule asks for it. The values are read by encoding/json.

// DecideJSON answers a request in JSON; see Request. Errors show nothing of policies or data.
func (e *Evaluator) DecideJSON(line []byte) access.Answer {
	r, err := e.parse(line)
	if err != nil {
		return access.Answer{ID: r.ID, Decision: access.Failed, Error: "read the request: " + err.Error(), Residual: []access.Residual{}, Because: []access.Because{}}
	}
	return e.Decide(r)
}

// UnmarshalJSON reads a request.
func (r *Request) UnmarshalJSON(data []byte) (err error) {
	if *r, err = New().parse(data); err == nil {
		r.Data, r.unread = r.data(), nil
	}
	return err
}

// data is what the request holds.
func (r *Request) data() map[string]any {
	if r.unread == nil {
		return r.Data
	}
	var data map[string]any
	if err := decode(r.unread, &data, false); err != nil {
		panic(err) // it was seen to be an object
	}
	return data
}

var errShape = errors.New("it is not one JSON object")

// parse reads a request. A key that is there twice is an error, as is one that is unknown.
func (e *Evaluator) parse(line []byte) (r Request, err error) {
	line = bytes.TrimSpace(line)
	if len(line) < 2 || line[0] != '{' {
		return r, errShape
	}
	seen := 0
	rest := bytes.TrimLeft(line[1:], space)
	for rest[0] != '}' {
		var key, value []byte
		if key, rest, err = next(rest); err != nil || rest[0] != ':' {
			return r, errShape
		}
		if value, rest, err = next(bytes.TrimLeft(rest[1:], space)); err != nil {
			return r, errShape
		}
		n, err := e.set(&r, key, value)
		if n < 0 {
			return r, unknown(key)
		}
		if err != nil {
			return r, fmt.Errorf("the value of %s is not what it should be", key)
		}
		if seen&(1<<n) != 0 {
			return r, fmt.Errorf("the key %s is there twice", key)
		}
		seen |= 1 << n
		if rest[0] == ',' {
			if rest = bytes.TrimLeft(rest[1:], space); len(rest) == 0 || rest[0] != '"' {
				return r, errShape
			}
		} else if rest[0] != '}' {
			return r, errShape
		}
	}
	if len(rest) > 1 {
		return r, errShape
	}
	return r, nil
}

func unknown(key []byte) error {
	name, err := text(key)
	if err != nil || key[0] != '"' {
		return errShape
	}
	return fmt.Errorf("the key %q is unknown", name)
}

// set takes the value of one key, and returns the key's number; -1 if it is unknown.
func (e *Evaluator) set(r *Request, key, value []byte) (n int, err error) {
	switch string(key) {
	case `"id"`:
		r.ID, err = text(value)
		return 0, err
	case `"system"`:
		r.System, err = text(value)
		return 1, err
	case `"namespace"`:
		r.Namespace, err = text(value)
		return 2, err
	case `"operation"`:
		r.Operation, err = text(value)
		return 3, err
	case `"path"`:
		r.Path, err = text(value)
		return 4, err
	case `"wrap_ttl"`:
		r.WrapTTL, err = text(value)
		return 5, err
	case `"policies"`:
		if len(value) > 0 && value[0] == '{' { // one stands for a list of one
			value = slices.Concat([]byte{'['}, value, []byte{']'})
		}
		r.Policies, err = kept(e, &e.read, value, true)
		return 6, err
	case `"identity"`:
		r.Identity, err = kept(e, &e.identities, value, false)
		return 7, err
	case `"data"`:
		if string(value) != "null" {
			r.unread = value
		}
		if !json.Valid(value) || value[0] != '{' && r.unread != nil {
			err = errShape
		}
		return 8, err
	}
	return -1, nil
}

// kept is what a value says, unless the same bytes were read before.
func kept[V any](e *Evaluator, c *cache[V], value []byte, known bool) (V, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	v, ok := c.get(value)
	if ok {
		return v, nil
	}
	err := decode(value, &v, known)
	if err == nil {
		c.put(string(value), v)
	}
	return v, err
}

const space = " \t\r\n"

// next is the JSON value that data begins with, and what comes after it and after the space behind it, which is not empty. That the
// value is well-formed is for its reader to see.
func next(data []byte) (value, rest []byte, err error) {
	depth := 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			for i++; i < len(data) && data[i] != '"'; i++ {
				if data[i] == '\\' { // what it protects is no end
					i++
				}
			}
			if i >= len(data) {
				return nil, nil, errShape
			}
		case '{', '[':
			depth++
			continue
		case '}', ']':
			depth--
		default:
			if depth > 0 || i+1 < len(data) && !bytes.ContainsRune([]byte(space+",:}]"), rune(data[i+1])) {
				continue
			}
		}
		if depth > 0 {
			continue
		}
		if rest = bytes.TrimLeft(data[i+1:], space); depth < 0 || len(rest) == 0 {
			break
		}
		return data[:i+1], rest, nil
	}
	return nil, nil, errShape
}

// text reads a text; null is "".
func text(value []byte) (s string, err error) {
	n := len(value) - 1
	plain := n > 0 && value[0] == '"' && value[n] == '"'
	for i := 1; plain && i < n; i++ {
		plain = value[i] >= ' ' && value[i] < utf8.RuneSelf && value[i] != '"' && value[i] != '\\'
	}
	if plain {
		return string(value[1:n]), nil
	}
	err = json.Unmarshal(value, &s)
	return s, err
}

// decode reads a value; known asks that all of its keys are.
func decode(value []byte, into any, known bool) error {
	d := json.NewDecoder(bytes.NewReader(value))
	d.UseNumber()
	if known {
		d.DisallowUnknownFields()
	}
	return d.Decode(into)
}
