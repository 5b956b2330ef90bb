package cloudformation

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/awspolicy"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// form says what a value is.
type form int

const (
	absent form = iota // not stated, or AWS::NoValue
	text               // a scalar: CloudFormation takes "true" and "90" for true and 90
	list
	object
	open // anything at all, even nothing
)

// A value is what a part of a template resolves to.
type value struct {
	form form
	// text of a scalar. Parts that are not resolved are the markers of package awspolicy: Unknown may be anything, Computed is the
	// name of something, known after deployment.
	text  string
	some  bool // of text that is not resolved: it is not empty
	items []value
	pairs []pair // of an object, in order
	more  string // of an object: why it may hold more than its pairs; "" when it does not
	// why the value, or the first part of it, is not resolved: "the parameter X has no Default".
	why  string
	refs []string       // logical IDs of the resources that it comes from, in order
	node *yamlnode.Node // where it is stated
}

type pair struct {
	key   string
	at    *yamlnode.Node // the key
	value value
}

func opened(why string) value { return value{form: open, why: why} }

// unknown is a scalar that lies outside of the template.
func unknown(why string) value { return value{form: text, text: awspolicy.Unknown, why: why} }

func computed(why string, refs ...string) value {
	return value{form: text, text: awspolicy.Computed, why: why, refs: refs}
}

func plain(s string) value { return value{form: text, text: s} }

const markers = awspolicy.Unknown + awspolicy.Computed

// known is the text of a scalar that is resolved as a whole.
func (v value) known() (string, bool) {
	return v.text, v.form == text && !strings.ContainsAny(v.text, markers)
}

// get is a field of an object; absent where it is certain that there is none.
func (v value) get(key string) value {
	switch v.form {
	case object:
		for _, p := range v.pairs {
			if p.key == key {
				return p.value
			}
		}
		if v.more != "" {
			return opened(v.more)
		}
	case open:
		return opened(v.why)
	case text:
		if _, ok := v.known(); !ok {
			return opened(v.why)
		}
	}
	return value{}
}

// from takes over why another value is not resolved and what it comes from.
func (v *value) from(part value) {
	if v.why == "" {
		v.why = part.why
	}
	for _, r := range part.refs {
		if !slices.Contains(v.refs, r) {
			v.refs = append(v.refs, r)
		}
	}
}

// within takes over from a value and all that it holds.
func (v *value) within(part value) {
	v.from(part)
	for _, item := range part.items {
		v.within(item)
	}
	for _, p := range part.pairs {
		v.within(p.value)
	}
}

// json writes a value as JSON, with markers for what is not resolved. All scalars are strings, as in policies AWS takes them so.
func (v value) json(b *strings.Builder) {
	switch v.form {
	case text:
		quote(b, v.text)
	case list:
		b.WriteByte('[')
		for i, item := range v.items {
			if i > 0 {
				b.WriteByte(',')
			}
			item.json(b)
		}
		b.WriteByte(']')
	case object:
		if v.more != "" {
			quote(b, awspolicy.Unknown)
			return
		}
		b.WriteByte('{')
		for i, p := range v.pairs {
			if i > 0 {
				b.WriteByte(',')
			}
			quote(b, p.key)
			b.WriteByte(':')
			p.value.json(b)
		}
		b.WriteByte('}')
	default:
		quote(b, awspolicy.Unknown)
	}
}

func (v value) asJSON() string {
	var b strings.Builder
	v.json(&b)
	return b.String()
}

func quote(b *strings.Builder, s string) {
	out, _ := json.Marshal(s) // a string always can be
	b.Write(out)
}

// of takes over from the parts of a text. What may be anything is the better reason beside what is a name for certain.
func (v *value) of(parts []value) {
	for _, p := range parts {
		if v.why == "" && strings.Contains(p.text, awspolicy.Unknown) {
			v.why = p.why
		}
	}
	for _, p := range parts {
		v.from(p)
	}
}

// reason is why a value is not resolved, looking inside: for what may be anything first.
func (v value) reason() string { return cmp.Or(v.because(true), v.because(false)) }

func (v value) because(ofAnything bool) string {
	if v.why != "" && (!ofAnything || v.form == open || strings.Contains(v.text, awspolicy.Unknown)) {
		return v.why
	}
	if v.more != "" {
		return v.more
	}
	for _, item := range v.items {
		if why := item.because(ofAnything); why != "" {
			return why
		}
	}
	for _, p := range v.pairs {
		if why := p.value.because(ofAnything); why != "" {
			return why
		}
	}
	return ""
}
