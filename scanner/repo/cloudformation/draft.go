package cloudformation

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
)

// A draft is a resource in the making beside the properties that state its facts. Each of its readers takes the fact that a property
// answers: when the property is stated and not known, the fact is open.
type draft struct {
	block *block
	props value
	r     *inventory.Resource
}

func (d *draft) get(property string) value { return d.props.get(property) }

// at is the place of a property.
func (d *draft) at(property string) (inventory.Location, bool) {
	for _, p := range d.props.pairs {
		if p.key == property {
			at := inventory.Location{Path: d.block.whole.Path, StartLine: p.at.Line, EndLine: p.at.Line}
			if p.value.node != nil { // one that an anchor names may stand further up
				at.EndLine = max(at.EndLine, p.value.node.EndLine)
			}
			return at, true
		}
	}
	return d.block.whole, false
}

// open notes why a property leaves a fact open.
func (d *draft) open(fact, property string, v value) {
	why := v.reason()
	if why == "" {
		why = "it cannot be resolved"
	}
	d.opened(fact, property+": "+why)
}

func (d *draft) opened(fact, why string) {
	if d.r.Unread(fact) == nil {
		declare.Open(d.r, fact, why)
	}
}

// word is a text; the fallback where it is not stated. It is "" where it is open.
func (d *draft) word(fact, property, fallback string) string {
	v := d.get(property)
	if v.form == absent {
		return fallback
	}
	s, ok := v.known()
	if !ok {
		d.open(fact, property, v)
		return ""
	}
	return s
}

// bools are the spellings of a truth value: CloudFormation takes those of YAML 1.1.
var bools = map[string]bool{"true": true, "yes": true, "on": true, "y": true, "false": false, "no": false, "off": false, "n": false}

// flag is nil where the property is open.
func (d *draft) flag(fact, property string, fallback bool) *bool {
	v := d.get(property)
	if v.form == absent {
		return new(fallback)
	}
	if s, ok := v.known(); ok {
		if b, ok := bools[strings.ToLower(s)]; ok {
			return new(b)
		}
		v.why = "it is neither true nor false"
	}
	d.open(fact, property, v)
	return nil
}

// number is nil where the property is open.
func (d *draft) number(fact, property string, fallback int) *int {
	v := d.get(property)
	if v.form == absent {
		return new(fallback)
	}
	if s, ok := v.known(); ok {
		if n, err := strconv.ParseFloat(strings.TrimSpace(s), 64); err == nil && n == float64(int(n)) {
			return new(int(n))
		}
		v.why = "it is no whole number"
	}
	d.open(fact, property, v)
	return nil
}

// words are the texts of a list; none where it is not stated. Where a part is not known the fact is open.
func (d *draft) words(fact, property string) []string {
	out := []string{}
	v := d.get(property)
	switch v.form {
	case absent:
		return out
	case text:
		v.items = []value{v}
	case list:
	default:
		d.open(fact, property, v)
	}
	for _, item := range v.items {
		s, ok := item.known()
		if !ok {
			d.open(fact, property, item)
			continue
		}
		out = append(out, s)
	}
	return out
}

// named gives the resource the name that a property states, after a prefix. Without one, CloudFormation makes a name that begins with
// that of the stack.
func (d *draft) named(property string) {
	if name := d.word("name", property, ""); name != "" {
		d.r.Name = name
	}
}

// tags are a list of objects with Key and Value. A single value that is not known is open by itself, unless it may tell labels.
func (d *draft) tags() {
	d.r.Tags = map[string]string{}
	all := d.get("Tags")
	if all.form != list && all.form != absent {
		d.open("tags", "Tags", all)
	}
	for _, tag := range all.items {
		v := tag.get("Value")
		key, ok := tag.get("Key").known()
		switch s, known := v.known(); {
		case !ok:
			d.open("tags", "Tags", tag)
		case known:
			d.r.Tags[key] = s
		case conventional(key):
			d.open("tags", "Tags", v)
		default:
			d.open("tags."+key, "Tags", v)
		}
	}
}

// conventional reports whether labels are told by a tag in any letter case, so that an unknown one leaves them all open.
func conventional(tag string) bool {
	tag = strings.ToLower(tag)
	return strings.HasPrefix(tag, "keyreeve:") || tag == "environment" || tag == "env" || tag == "owner" || tag == "team"
}

func (d *draft) refer(edge string, to *draft) {
	d.refs(inventory.Ref{Edge: edge, To: to.r.ID, Target: to.r.Type, Name: to.r.Name})
}

func (d *draft) refs(ref inventory.Ref) {
	d.r.Refs = append(d.r.Refs, ref)
	slices.SortFunc(d.r.Refs, func(a, b inventory.Ref) int {
		return strings.Compare(fmt.Sprint(a.Edge, "\x00", a.Name, "\x00", a.To), fmt.Sprint(b.Edge, "\x00", b.Name, "\x00", b.To))
	})
}
