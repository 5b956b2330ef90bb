package terraform

import (
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
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

// encodeJSON is the JSON text of a value: known, or unknown with an Encoded mark.
func encodeJSON(v cty.Value) cty.Value {
	bare, marks := v.UnmarkDeep()
	for m := range marks {
		if _, ok := m.(Encoded); ok {
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

// refer is the value that an attribute of another resource will have. Of an ARN its beginning is known, and every resource has an ID.
func refer(to Reference, attribute string) cty.Value {
	v := cty.DynamicVal
	switch {
	case attribute == "arn" || strings.HasSuffix(attribute, "_arn"):
		v = cty.UnknownVal(cty.String).Refine().NotNull().StringPrefixFull("arn:").NewValue()
	case attribute == "id" || attribute == "key_id":
		v = cty.UnknownVal(cty.String).RefineNotNull()
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
