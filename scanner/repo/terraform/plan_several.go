package terraform

import (
	"path"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// Disputed marks what the plans of one root module do not say alike: they are of several environments, or of several times. It is the
// names of their files.
type Disputed string

// mergeAll puts the plans of one root module over what its configuration declares. What only some of them have is there, perhaps; what
// they do not say alike is unknown.
func mergeAll(plans []*plan, list []Instance) []Instance {
	out := plans[0].merge(list)
	if len(plans) == 1 {
		return out
	}
	names := make([]string, len(plans))
	for i, p := range plans {
		names[i] = path.Base(p.file)
	}
	why := Disputed(strings.Join(names, " and "))
	at, in := map[string]int{}, make([]int, len(out)) // how many plans have it
	for i := range out {
		at[out[i].Address], in[i] = i, 1
	}
	for _, p := range plans[1:] {
		for _, other := range p.merge(list) {
			i, ok := at[other.Address]
			if !ok {
				at[other.Address] = len(out)
				out, in = append(out, other), append(in, 1)
				continue
			}
			out[i].Values = why.agree(out[i].Values, other.Values)
			out[i].DefaultTags = why.agree(out[i].DefaultTags, other.DefaultTags)
			in[i]++
		}
	}
	for i := range out {
		if in[i] < len(plans) {
			out[i].Uncertain = append(slices.Clone(out[i].Uncertain), "which of "+string(why)+" is applied")
		}
	}
	return out
}

// agree is what two values have in common, part by part, also of documents that are texts of JSON. Either may be missing.
func (why Disputed) agree(a, b cty.Value) cty.Value {
	if a == cty.NilVal && b == cty.NilVal {
		return a
	}
	if a == cty.NilVal || b == cty.NilVal {
		return cty.DynamicVal.Mark(why)
	}
	bareA, marksA := a.Unmark()
	bareB, marksB := b.Unmark()
	both := cty.NewValueMarks(why)
	for _, marks := range []cty.ValueMarks{marksA, marksB} {
		for m := range marks {
			both[m] = struct{}{}
		}
	}
	ta, tb := bareA.Type(), bareB.Type()
	switch {
	case a.RawEquals(b):
		return a
	case !bareA.IsKnown() || !bareB.IsKnown() || bareA.IsNull() || bareB.IsNull():
	case ta.IsObjectType() && tb.IsObjectType():
		object := map[string]cty.Value{}
		for name := range ta.AttributeTypes() {
			object[name] = why.agree(bareA.GetAttr(name), attr(bareB, name))
		}
		for name := range tb.AttributeTypes() {
			if !ta.HasAttribute(name) {
				object[name] = cty.DynamicVal.Mark(why)
			}
		}
		return cty.ObjectVal(object)
	case ta.IsTupleType() && tb.IsTupleType() && bareA.LengthInt() == bareB.LengthInt():
		list := make([]cty.Value, bareA.LengthInt())
		for i := range list {
			n := cty.NumberIntVal(int64(i))
			list[i] = why.agree(bareA.Index(n), bareB.Index(n))
		}
		return cty.TupleVal(list)
	case ta == cty.String && tb == cty.String:
		if bareA.RawEquals(bareB) {
			return bareA.WithMarks(marksA, marksB)
		}
		if v, ok := why.documents(bareA.AsString(), bareB.AsString()); ok {
			return v.WithMarks(both)
		}
		return cty.UnknownVal(cty.String).RefineNotNull().WithMarks(both).Mark(Written{}) // of a secret, only a constant is known
	}
	return cty.DynamicVal.WithMarks(both)
}

// documents is what two texts of JSON have in common.
func (why Disputed) documents(a, b string) (cty.Value, bool) {
	if !startsObject(a) || !startsObject(b) {
		return cty.NilVal, false
	}
	va, ok := readJSON(a)
	vb, ok2 := readJSON(b)
	if !ok || !ok2 || !va.Type().IsObjectType() || !vb.Type().IsObjectType() {
		return cty.NilVal, false
	}
	return encodeShaped(why.agree(va, vb)), true
}

func attr(object cty.Value, name string) cty.Value {
	if !object.Type().HasAttribute(name) {
		return cty.NilVal
	}
	return object.GetAttr(name)
}

// disputed reports whether the plans do not say a value alike, so that what one of them says of it decides nothing.
func disputed(v cty.Value) bool {
	_, marks := v.UnmarkDeep()
	for m := range marks {
		if _, is := m.(Disputed); is {
			return true
		}
	}
	return false
}
