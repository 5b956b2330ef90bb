package terraform

import (
	"math/big"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
)

// A draft is a resource in the making beside the block that states its facts. Each of its readers takes the fact that an argument
// answers: when the argument is stated and not known, the fact is open.
type draft struct {
	block
	r *inventory.Resource
}

func (d *draft) open(fact, why string) {
	if why != "" && d.r.Unread(fact) == nil {
		declare.Open(d.r, fact, why)
	}
}

// close takes back that a fact is open, for one that turned out to be known.
func (d *draft) close(fact string) {
	kept := d.r.Unknown[:0]
	for _, u := range d.r.Unknown {
		if u.Fact != fact {
			kept = append(kept, u)
		}
	}
	d.r.Unknown = kept
}

func ref[T any](v T) *T { return &v }

// flag is nil when the argument is not known, or neither stated nor given a default.
func (d *draft) flag(fact, arg string) *bool {
	v, why := d.read(arg, cty.Bool)
	d.open(fact, why)
	if v == cty.NilVal {
		return nil
	}
	return ref(v.True())
}

func (d *draft) number(fact, arg string) *int {
	v, why := d.read(arg, cty.Number)
	d.open(fact, why)
	if v == cty.NilVal {
		return nil
	}
	n, exact := v.AsBigFloat().Int64()
	if exact != big.Exact || int64(int(n)) != n {
		d.open(fact, d.path+arg+" is not a whole number")
		return nil
	}
	return ref(int(n))
}

func (d *draft) word(fact, arg string) string {
	v, why := d.read(arg, cty.String)
	d.open(fact, why)
	if v == cty.NilVal {
		return ""
	}
	return v.AsString()
}

// words are the elements of a list or set of strings; none when it is not stated. Where a part is not known the fact is open, and
// the known ones are returned.
func (d *draft) words(fact, arg string) []string {
	out := []string{}
	v := d.raw(arg)
	if v == cty.NilVal {
		return out
	}
	list, whole := knownStrings(v)
	if !whole {
		d.open(fact, d.unresolved(arg, v))
	}
	return append(out, list...)
}

// knownStrings are the known strings in a list, set or tuple, or the one that a string is. Whole is false when some are not known.
func knownStrings(v cty.Value) (list []string, whole bool) {
	v, _ = v.Unmark()
	switch ty := v.Type(); {
	case !v.IsKnown():
		return nil, false
	case v.IsNull():
		return nil, true
	case ty == cty.String:
		return []string{v.AsString()}, true
	case !ty.IsListType() && !ty.IsSetType() && !ty.IsTupleType():
		return nil, false
	}
	whole = true
	for it := v.ElementIterator(); it.Next(); {
		_, element := it.Element()
		inner, known := knownStrings(element)
		list = append(list, inner...)
		whole = whole && known
	}
	return list, whole
}

// moment is a time in the form of RFC 3339.
func (d *draft) moment(fact, arg string) *time.Time {
	s := d.word(fact, arg)
	if s == "" {
		return nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		d.open(fact, d.path+arg+" is not a time of RFC 3339")
		return nil
	}
	return ref(t.UTC())
}

// tags are those of an argument, over those that the provider adds where the argument does not hold all. A single one that is not known
// is open by itself.
func (d *draft) tags(args ...string) {
	d.r.Tags = map[string]string{}
	arg := d.first(args...)
	for _, other := range args { // a provider computes all tags from those that are stated, which may be known without it
		if v := d.raw(other); v != cty.NilVal {
			if bare, _ := v.Unmark(); bare.IsKnown() {
				arg = other
				break
			}
		}
	}
	v := d.raw(arg)
	if d.in.DefaultTags != cty.NilVal && (arg != "tags_all" || v == cty.NilVal) {
		d.tagged("default_tags", d.in.DefaultTags)
	}
	if v != cty.NilVal {
		d.tagged(arg, v)
	}
}

// tagged adds tags to those that a resource has, or takes their place.
func (d *draft) tagged(arg string, v cty.Value) {
	bare, _ := v.Unmark()
	if bare.IsKnown() && bare.IsNull() {
		return
	}
	if ty := bare.Type(); !bare.IsKnown() || !ty.IsObjectType() && !ty.IsMapType() {
		d.open("tags", d.unresolved(arg, v))
		return
	}
	for it := bare.ElementIterator(); it.Next(); {
		k, element := it.Element()
		key, _ := k.Unmark()
		name := key.AsString()
		value, _ := element.Unmark()
		switch {
		case value.IsKnown() && value.IsNull():
		case value.IsKnown() && value.Type() == cty.String:
			d.r.Tags[name] = value.AsString()
			d.close("tags." + name)
		case conventional(name):
			d.open("tags", d.unresolved(arg, element))
		default:
			d.open("tags."+name, d.unresolved(arg, element))
		}
	}
}

// conventional reports whether labels are told by a tag in any letter case, so that an unknown one leaves them all open.
func conventional(tag string) bool {
	tag = strings.ToLower(tag)
	return strings.HasPrefix(tag, "keyreeve:") || tag == "environment" || tag == "env" || tag == "owner" || tag == "team"
}

// named gives the resource the name that an argument states, after a prefix.
func (d *draft) named(prefix, arg string) {
	if name, ok := d.text(arg); ok {
		d.r.Name = prefix + name
	} else if d.raw(arg) != cty.NilVal {
		d.open("name", d.unresolved(arg, d.raw(arg)))
	}
}
