package vault

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// Requests repeat their policies. So a line is taken apart here only into the values of its keys, and policies whose very bytes were read
// before are not read again; what the values say is left to encoding/json.

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
	*r, err = New().parse(data)
	return err
}

var errShape = errors.New("it is not one JSON object")

// parse reads a request. A key that is there twice is an error, as is one that is unknown.
func (e *Evaluator) parse(line []byte) (r Request, err error) {
	line = bytes.TrimSpace(line)
	if len(line) < 2 || line[0] != '{' {
		return r, errShape
	}
	var seen [10]string
	rest := bytes.TrimLeft(line[1:], space)
	for n := 0; rest[0] != '}'; n++ {
		var raw, value []byte
		var key string
		if raw, rest, err = next(rest); err != nil {
			return r, err
		}
		if key, err = text(raw); err != nil {
			return r, errShape
		}
		if !bytes.HasPrefix(rest, []byte(":")) {
			return r, errShape
		}
		if value, rest, err = next(bytes.TrimLeft(rest[1:], space)); err != nil {
			return r, err
		}
		for _, k := range seen[:min(n, len(seen))] {
			if k == key {
				return r, fmt.Errorf("the key %q is there twice", key)
			}
		}
		if err = e.set(&r, key, value); err != nil {
			return r, err
		}
		seen[n%len(seen)] = key
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

// set takes the value of one key.
func (e *Evaluator) set(r *Request, key string, value []byte) (err error) {
	switch key {
	case "id":
		r.ID, err = text(value)
	case "system":
		r.System, err = text(value)
	case "namespace":
		r.Namespace, err = text(value)
	case "operation":
		r.Operation, err = text(value)
	case "path":
		r.Path, err = text(value)
	case "wrap_ttl":
		r.WrapTTL, err = text(value)
	case "policies":
		r.Policies, err = e.policies(value)
	case "data":
		err = decode(value, &r.Data, false)
	case "identity":
		err = decode(value, &r.Identity, false)
	default:
		return fmt.Errorf("the key %q is unknown", key)
	}
	if err != nil {
		return fmt.Errorf("the value of %q is not what it should be", key)
	}
	return nil
}

// policies reads a list of policies, unless the same bytes were read before.
func (e *Evaluator) policies(value []byte) ([]Policy, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if p, ok := e.read.get(value); ok {
		return p, nil
	}
	var p []Policy
	if err := decode(value, &p, true); err != nil {
		return nil, err
	}
	e.read.put(string(value), p)
	return p, nil
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
func text(value []byte) (string, error) {
	if n := len(value); n >= 2 && value[0] == '"' && value[n-1] == '"' && utf8.Valid(value) && !bytes.ContainsFunc(value[1:n-1], func(c rune) bool { return c < ' ' || c == '\\' || c == '"' }) {
		return string(value[1 : n-1]), nil
	}
	var s string
	err := json.Unmarshal(value, &s)
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
