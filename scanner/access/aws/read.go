package aws

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/keyreeve/keyreeve/scanner/access/rawjson"
)

// UnmarshalJSON reads a request. A key that no request has is an error, so that no document is overlooked for its misspelt name; null is
// as if the key were absent.
func (r *Request) UnmarshalJSON(data []byte) error {
	return members(bytes.Clone(data), func(name string, v []byte) error { // documents stay parts of the text
		switch name {
		case "id":
			return take(&r.ID, rawjson.String, v)
		case "system":
			return take(&r.System, rawjson.String, v)
		case "action":
			return take(&r.Action, rawjson.String, v)
		case "principal":
			return members(v, r.Principal.member)
		case "resource":
			return members(v, r.Resource.member)
		case "scps":
			return take(&r.SCPs, oneOrMore(documents), v)
		case "rcps":
			return take(&r.RCPs, oneOrMore(documents), v)
		case "management_account":
			return take(&r.Management, rawjson.String, v)
		case "context":
			return pairs(&r.Context, values, v)
		case "unknown":
			return take(&r.Unknown, values, v)
		}
		return errKey
	})
}

func (p *Principal) member(name string, v []byte) error {
	switch name {
	case "arn":
		return take(&p.ARN, rawjson.String, v)
	case "session_name":
		return take(&p.SessionName, rawjson.String, v)
	case "tags":
		return pairs(&p.Tags, rawjson.String, v)
	case "identity":
		return take(&p.Identity, documents, v)
	case "boundary":
		return take(&p.Boundary, documents, v)
	case "session":
		return take(&p.Session, documents, v)
	case "org":
		return take(&p.Org, rawjson.String, v)
	case "path":
		return take(&p.Path, oneOrMore(rawjson.String), v)
	}
	return errKey
}

func (r *Resource) member(name string, v []byte) error {
	switch name {
	case "arn":
		return take(&r.ARN, rawjson.String, v)
	case "policy":
		return take(&r.Policy, documents, v)
	case "tags":
		return pairs(&r.Tags, rawjson.String, v)
	case "aliases":
		return take(&r.Aliases, values, v)
	case "grants":
		return take(&r.Grants, oneOrMore(grantIn), v)
	case "key":
		if r.Key == nil {
			r.Key = &Resource{}
		}
		return members(v, r.Key.member)
	}
	return errKey
}

func grantIn(v []byte) (g Grant, err error) {
	err = members(v, func(name string, v []byte) error {
		switch name {
		case "grantee":
			return take(&g.Grantee, rawjson.String, v)
		case "operations":
			return take(&g.Operations, values, v)
		case "constraints":
			return members(v, g.Constraints.member)
		}
		return errKey
	})
	return g, err
}

func (c *Constraints) member(name string, v []byte) error {
	switch name {
	case "EncryptionContextEquals":
		return pairs(&c.Equals, rawjson.String, v)
	case "EncryptionContextSubset":
		return pairs(&c.Subset, rawjson.String, v)
	case "SourceArn":
		return take(&c.Source, rawjson.String, v)
	}
	return errKey
}

// documents reads one document or a list of them.
func documents(v []byte) (Documents, error) {
	list, err := oneOrMore(func(v []byte) (json.RawMessage, error) { return v, nil })(v)
	return list, err
}

// values reads one value of a condition key or a list of them.
func values(v []byte) (Values, error) {
	list, err := oneOrMore(scalar)(v)
	return list, err
}

func scalar(v []byte) (string, error) {
	switch v[0] {
	case '"':
		return rawjson.String(v)
	case '{', '[', 'n':
		return "", errors.New("it is neither a string, a number nor a truth value")
	}
	return string(v), nil
}

var errKey = errors.New("no request has it")

// members is rawjson.Members with the name of what is wrong in errors, and without what is null.
func members(v []byte, do func(name string, v []byte) error) error {
	return rawjson.Members(v, func(name, v []byte) error {
		if string(v) == "null" {
			return nil
		}
		if err := do(string(name), v); err != nil {
			return fmt.Errorf("key %q: %w", name, err)
		}
		return nil
	})
}

func take[T any](to *T, read func([]byte) (T, error), v []byte) (err error) {
	*to, err = read(v)
	return err
}

// pairs reads an object into a map.
func pairs[T any](to *map[string]T, read func([]byte) (T, error), v []byte) error {
	if *to == nil {
		*to = map[string]T{}
	}
	return members(v, func(name string, v []byte) error {
		one, err := read(v)
		(*to)[name] = one
		return err
	})
}

// oneOrMore reads a list, or one item as a list of one.
func oneOrMore[T any](read func([]byte) (T, error)) func([]byte) ([]T, error) {
	return func(v []byte) ([]T, error) {
		if v[0] != '[' {
			one, err := read(v)
			return []T{one}, err
		}
		list := []T{}
		err := rawjson.Items(v, func(item []byte) error {
			one, err := read(item)
			list = append(list, one)
			return err
		})
		return list, err
	}
}
