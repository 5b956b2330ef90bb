package terraform

import (
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/keyreeve/keyreeve/scanner/awspolicy"
)

// Unset marks the value of a variable that has none: "var.rotate". What it would be is not in the code.
type Unset string

// An Encoded marks an unknown string that is the JSON text of Value, which cannot be resolved in every part: a policy that names the
// ARN of a key. A mark outlives whatever becomes of a string, such as a condition or a replacement, so it counts only while the
// string is still refined to begin with Prefix, which no other string does.
type Encoded struct {
	Prefix string
	Value  *cty.Value
}

// encodeJSON is the JSON text of a value: known, or unknown with an Encoded mark. Its Shapes are not trusted; see encodeShaped.
func encodeJSON(v cty.Value) cty.Value { return encodeShaped(reshape(v, false)) }

// encodeShaped is encodeJSON of a value whose Shapes are right, in all its parts, because a scope has put it together.
func encodeShaped(v cty.Value) cty.Value {
	bare, marks := v.UnmarkDeep()
	for m := range marks {
		switch m.(type) {
		case Encoded, Shape:
			delete(marks, m)
		}
	}
	if bare.IsWhollyKnown() {
		if text, err := ctyjson.Marshal(bare, bare.Type()); err == nil {
			return cty.StringVal(string(text)).WithMarks(marks)
		}
		return cty.UnknownVal(cty.String).WithMarks(marks)
	}
	digest := fnv.New64a()
	digest.Write([]byte(bare.GoString()))
	e := Encoded{Prefix: fmt.Sprintf("{\"\ue000%x\"", digest.Sum64()), Value: &v}
	return cty.UnknownVal(cty.String).Refine().NotNull().StringPrefixFull(e.Prefix).NewValue().WithMarks(marks).Mark(e)
}

// decoded returns what an unknown string is the JSON text of.
func decoded(v cty.Value) (cty.Value, bool) {
	bare, marks := v.Unmark()
	if bare.IsKnown() || bare.Type() != cty.String {
		return cty.NilVal, false
	}
	prefix := bare.Range().StringPrefix()
	for m := range marks {
		if e, ok := m.(Encoded); ok && e.Prefix == prefix {
			return *e.Value, true
		}
	}
	return cty.NilVal, false
}

// refer is the value that an attribute of another resource will have. Of an ARN its beginning is known, of an ID that there is one.
func refer(to Reference, attribute string) cty.Value {
	v := cty.DynamicVal
	switch {
	case attribute == "arn" || strings.HasSuffix(attribute, "_arn"):
		v = cty.UnknownVal(cty.String).Refine().NotNull().StringPrefixFull("arn:").NewValue()
	case oneThing[attribute]:
		v = cty.UnknownVal(cty.String).RefineNotNull()
	}
	if oneThing[attribute] {
		v = v.Mark(Shape(awspolicy.Computed))
	}
	return v.Mark(to)
}

// references lists the resources that a value, or a part of it, comes from, sorted.
func references(v cty.Value) []Reference {
	if v == cty.NilVal {
		return nil
	}
	_, marks := v.UnmarkDeep()
	found := map[Reference]bool{}
	for m := range marks {
		switch m := m.(type) {
		case Reference:
			found[m] = true
		case Encoded:
			for _, r := range references(*m.Value) {
				found[r] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}
