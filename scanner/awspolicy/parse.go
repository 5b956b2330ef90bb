package awspolicy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access/rawjson"
)

// Parse reads a policy document in JSON as AWS accepts it: a single value wherever a list may stand, names of elements in their exact
// letter case and once each. It demands of a statement what AWS demands, and refuses elements that AWS does not know.
func Parse(text []byte) (Document, error) {
	doc, err := ParseKeyPolicy(text)
	for i := range doc.Statements {
		if s := &doc.Statements[i]; s.Actions == nil && s.NotActions == nil {
			return Document{}, fmt.Errorf(`read policy document: element "Statement": statement %d: %w`, i+1, errAction)
		}
	}
	return doc, err
}

var errAction = errors.New(`it needs one of the elements "Action" and "NotAction"`)

// ParseKeyPolicy reads the policy of a KMS key. AWS KMS stores, unlike others, statements without an action or a resource; they have no
// effect. From "PutKeyPolicy" in the AWS KMS API Reference.
func ParseKeyPolicy(text []byte) (Document, error) {
	var doc Document
	text = bytes.TrimPrefix(text, []byte("\xEF\xBB\xBF"))
	raw, err := value(quoteMarkers(text))
	if err != nil {
		return doc, fmt.Errorf("read policy document: %w", err)
	}
	if isMarker(raw) {
		return Document{Statements: []Statement{unknownStatement()}}, nil
	}
	stated := false
	err = members(raw, func(name string, v json.RawMessage) (err error) {
		switch name {
		case "Version":
			doc.Version, err = scalar(v)
		case "Id":
			_, err = scalar(v)
		case "Statement":
			stated = true
			doc.Statements, err = statements(v)
		default:
			err = errElement
		}
		return err
	})
	if err == nil && !stated {
		err = errors.New(`element "Statement" is missing`)
	}
	if err != nil {
		return Document{}, fmt.Errorf("read policy document: %w", err)
	}
	return doc, nil
}

func unknownStatement() Statement {
	return Statement{Effect: Unknown, Actions: []string{Unknown}, Principals: []Principal{{Unknown, Unknown}}, Resources: []string{Unknown}}
}

func statements(raw json.RawMessage) ([]Statement, error) {
	list, err := items(raw)
	if err != nil {
		return nil, err
	}
	out := make([]Statement, len(list))
	for i, raw := range list {
		if isMarker(raw) {
			out[i] = unknownStatement()
		} else if out[i], err = statement(raw); err != nil {
			return nil, fmt.Errorf("statement %d: %w", i+1, err)
		}
	}
	return out, nil
}

func statement(raw json.RawMessage) (Statement, error) {
	var s Statement
	err := members(raw, func(name string, v json.RawMessage) (err error) {
		switch name {
		case "Sid":
			s.Sid, err = scalar(v)
		case "Effect":
			s.Effect, err = scalar(v)
		case "Principal":
			s.Principals, err = principals(v)
		case "NotPrincipal":
			s.NotPrincipals, err = principals(v)
		case "Action":
			s.Actions, err = texts(v)
		case "NotAction":
			s.NotActions, err = texts(v)
		case "Resource":
			s.Resources, err = texts(v)
		case "NotResource":
			s.NotResources, err = texts(v)
		case "Condition":
			s.Conditions, err = conditions(v)
		default:
			err = errElement
		}
		return err
	})
	switch {
	case err != nil:
	case s.Effect != "Allow" && s.Effect != "Deny" && !open(s.Effect) && s.Effect != Computed:
		err = errors.New(`element "Effect" is neither "Allow" nor "Deny"`)
	case s.Actions != nil && s.NotActions != nil:
		err = errAction
	case s.Principals != nil && s.NotPrincipals != nil:
		err = errors.New(`it has both of the elements "Principal" and "NotPrincipal"`)
	case s.Resources != nil && s.NotResources != nil:
		err = errors.New(`it has both of the elements "Resource" and "NotResource"`)
	}
	return s, err
}

func principals(raw json.RawMessage) ([]Principal, error) {
	if raw[0] == '"' {
		v, err := scalar(raw)
		switch {
		case err != nil:
			return nil, err
		case open(v):
			return []Principal{{Unknown, Unknown}}, nil
		case v != "*":
			return nil, errors.New(`a principal is "*", or has a type such as "AWS"`)
		}
		return []Principal{{"*", "*"}}, nil
	}
	out := []Principal{}
	err := members(raw, func(name string, v json.RawMessage) error {
		switch name {
		case "AWS", "Service", "Federated", "CanonicalUser":
		default:
			if !strings.ContainsAny(name, Unknown+Computed) {
				return errElement
			}
			name = Unknown
		}
		values, err := texts(v)
		for _, v := range values {
			out = append(out, Principal{name, v})
		}
		return err
	})
	return out, err
}

func conditions(raw json.RawMessage) ([]Condition, error) {
	unknown := Condition{Operator: Unknown, Key: Unknown, Values: []string{Unknown}}
	if isMarker(raw) {
		return []Condition{unknown}, nil
	}
	var out []Condition
	err := members(raw, func(operator string, v json.RawMessage) error {
		if isMarker(v) {
			out = append(out, Condition{operator, Unknown, []string{Unknown}})
			return nil
		}
		return members(v, func(key string, v json.RawMessage) error {
			values, err := texts(v)
			out = append(out, Condition{operator, key, values})
			return err
		})
	})
	return out, err
}

var errElement = errors.New("AWS does not know it; names are told apart by letter case")

// members calls do for each member of an object, in order.
func members(raw json.RawMessage, do func(name string, v json.RawMessage) error) error {
	return rawjson.Members(raw, func(name, v []byte) error {
		if err := do(string(name), v); err != nil {
			return fmt.Errorf("element %q: %w", name, err)
		}
		return nil
	})
}

// items returns the items of a list, or a value that is not a list as one item.
func items(raw json.RawMessage) ([]json.RawMessage, error) {
	if raw[0] != '[' {
		return []json.RawMessage{raw}, nil
	}
	list := []json.RawMessage{}
	return list, rawjson.Items(raw, func(item []byte) error {
		list = append(list, item)
		return nil
	})
}

func texts(raw json.RawMessage) ([]string, error) {
	list, err := items(raw)
	out := make([]string, len(list))
	for i := range list {
		if err == nil {
			out[i], err = scalar(list[i])
		}
	}
	return out, err
}

// scalar reads a string; a number or a truth value is its text, as AWS reads it in conditions.
func scalar(raw json.RawMessage) (string, error) {
	switch raw[0] {
	case '"':
		return rawjson.String(raw)
	case '{', '[', 'n':
		return "", errors.New("it is not a string")
	}
	return string(raw), nil
}

// isMarker reports whether a value is a marker and nothing else.
func isMarker(raw json.RawMessage) bool {
	s, err := scalar(raw)
	return err == nil && (open(s) || s == Computed) && strings.Trim(s, Unknown+Computed) == ""
}

// value reads the one JSON value that a text is.
func value(text []byte) (json.RawMessage, error) {
	if json.Valid(text) {
		return bytes.TrimSpace(text), nil
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	var raw json.RawMessage
	if err := dec.Decode(&raw); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("it is empty")
		}
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows after its end")
	}
	return raw, nil
}

// quoteMarkers makes strings of the markers that stand outside of strings.
func quoteMarkers(text []byte) []byte {
	if !bytes.Contains(text, []byte(Unknown)) && !bytes.Contains(text, []byte(Computed)) {
		return text
	}
	var out []byte
	inside := false
	for i := 0; i < len(text); i++ {
		switch rest := text[i:]; {
		case inside && text[i] == '\\' && len(rest) > 1:
			out = append(out, text[i])
			i++
		case text[i] == '"':
			inside = !inside
		case !inside && (bytes.HasPrefix(rest, []byte(Unknown)) || bytes.HasPrefix(rest, []byte(Computed))):
			out = append(append(append(out, '"'), rest[:len(Unknown)]...), '"')
			i += len(Unknown) - 1
			continue
		}
		out = append(out, text[i])
	}
	return out
}
