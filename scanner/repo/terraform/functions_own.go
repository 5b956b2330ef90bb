package terraform

import (
	"crypto/md5"  //nolint:gosec // md5() of Terraform
	"crypto/sha1" //nolint:gosec // sha1() of Terraform
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// Functions that Terraform has and the standard library of cty has not, or has with another meaning.

// textFunc is a function of one text.
func textFunc(f func(string) (string, error)) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "text", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			s, err := f(args[0].AsString())
			if err != nil {
				return cty.UnknownVal(cty.String), err
			}
			return cty.StringVal(s), nil
		},
	})
}

func toBase64(s string) (string, error) { return base64.StdEncoding.EncodeToString([]byte(s)), nil }
func toQuery(s string) (string, error)  { return url.QueryEscape(s), nil }

func fromBase64(s string) (string, error) {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil || !utf8.Valid(b) {
		return "", errors.New("not the base64 form of a text")
	}
	return string(b), nil
}

func md5Sum(s string) []byte    { d := md5.Sum([]byte(s)); return d[:] }  //nolint:gosec // see above
func sha1Sum(s string) []byte   { d := sha1.Sum([]byte(s)); return d[:] } //nolint:gosec // see above
func sha256Sum(s string) []byte { d := sha256.Sum256([]byte(s)); return d[:] }
func sha512Sum(s string) []byte { d := sha512.Sum512([]byte(s)); return d[:] }

func digestHex(sum func(string) []byte) func(string) (string, error) {
	return func(s string) (string, error) { return hex.EncodeToString(sum(s)), nil }
}

func digest64(sum func(string) []byte) func(string) (string, error) {
	return func(s string) (string, error) { return base64.StdEncoding.EncodeToString(sum(s)), nil }
}

// pairFunc is a question about two texts.
func pairFunc(f func(a, b string) bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "text", Type: cty.String}, {Name: "part", Type: cty.String}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.BoolVal(f(args[0].AsString(), args[1].AsString())), nil
		},
	})
}

func startsWith(a, b string) bool { return strings.HasPrefix(a, b) }
func endsWith(a, b string) bool   { return strings.HasSuffix(a, b) }
func contains(a, b string) bool   { return strings.Contains(a, b) }

// freeFunc is a function of any values that says itself what of them must be known. Its result is of no fixed type.
func freeFunc(parameters int, rest bool, impl func(args []cty.Value) (cty.Value, error)) function.Function {
	any := function.Parameter{Name: "value", Type: cty.DynamicPseudoType, AllowNull: true, AllowUnknown: true, AllowDynamicType: true}
	spec := &function.Spec{Type: function.StaticReturnType(cty.DynamicPseudoType)}
	for range parameters {
		spec.Params = append(spec.Params, any)
	}
	if rest {
		spec.VarParam = &any
	}
	spec.Impl = func(args []cty.Value, _ cty.Type) (cty.Value, error) { return impl(args) }
	return function.New(spec)
}

var errArgument = errors.New("not an argument that this function takes")

// lengthFunc also takes texts, of which it counts the characters.
var lengthFunc = freeFunc(1, false, func(args []cty.Value) (cty.Value, error) {
	v := args[0]
	switch {
	case v.Type() == cty.String && v.IsKnown() && !v.IsNull():
		return stdlib.Strlen(v)
	case !v.IsKnown():
		return cty.UnknownVal(cty.Number), nil
	case v.IsNull() || !v.CanIterateElements():
		return cty.NilVal, errArgument
	}
	return v.Length(), nil
})

// lookupFunc has its default as an optional argument.
var lookupFunc = freeFunc(2, true, func(args []cty.Value) (cty.Value, error) {
	m, key := args[0], args[1]
	if !m.IsKnown() || !key.IsKnown() {
		return cty.DynamicVal, nil
	}
	if m.IsNull() || key.IsNull() || key.Type() != cty.String || len(args) > 3 {
		return cty.NilVal, errArgument
	}
	switch t := m.Type(); {
	case t.IsObjectType() && t.HasAttribute(key.AsString()):
		return m.GetAttr(key.AsString()), nil
	case t.IsMapType() && m.HasIndex(key).True():
		return m.Index(key), nil
	case !t.IsObjectType() && !t.IsMapType() || len(args) < 3:
		return cty.NilVal, errArgument
	}
	return args[2], nil
})

// coalesceFunc is the first argument that is neither null nor an empty text.
var coalesceFunc = freeFunc(0, true, func(args []cty.Value) (cty.Value, error) {
	for _, v := range args {
		if !v.IsKnown() {
			return cty.DynamicVal, nil
		}
		if !v.IsNull() && (v.Type() != cty.String || v.AsString() != "") {
			return v, nil
		}
	}
	return cty.NilVal, errArgument
})

// oneFunc is the element of a list of one, and null for an empty list.
var oneFunc = freeFunc(1, false, func(args []cty.Value) (cty.Value, error) {
	list := args[0]
	if !list.IsKnown() || list.Type().IsSetType() && !list.IsWhollyKnown() {
		return cty.DynamicVal, nil
	}
	if list.IsNull() || !list.CanIterateElements() || list.LengthInt() > 1 {
		return cty.NilVal, errArgument
	}
	for it := list.ElementIterator(); it.Next(); {
		_, v := it.Element()
		return v, nil
	}
	return cty.NullVal(cty.DynamicPseudoType), nil
})

var sumFunc = freeFunc(1, false, func(args []cty.Value) (cty.Value, error) {
	if !args[0].IsWhollyKnown() {
		return cty.UnknownVal(cty.Number), nil
	}
	if args[0].IsNull() || !args[0].CanIterateElements() || args[0].LengthInt() == 0 {
		return cty.NilVal, errArgument
	}
	total := cty.Zero
	for it := args[0].ElementIterator(); it.Next(); {
		_, v := it.Element()
		n, err := convert.Convert(v, cty.Number)
		if err != nil || n.IsNull() {
			return cty.NilVal, errArgument
		}
		total = total.Add(n)
	}
	return total, nil
})

// boolsFunc is anytrue or alltrue: whether one element has the value that decides.
func boolsFunc(decides bool) function.Function {
	return freeFunc(1, false, func(args []cty.Value) (cty.Value, error) {
		if !args[0].IsKnown() {
			return cty.UnknownVal(cty.Bool), nil
		}
		if args[0].IsNull() || !args[0].CanIterateElements() {
			return cty.NilVal, errArgument
		}
		open := false
		for it := args[0].ElementIterator(); it.Next(); {
			_, v := it.Element()
			b, err := convert.Convert(v, cty.Bool)
			switch {
			case err != nil:
				return cty.NilVal, errArgument
			case !b.IsKnown():
				open = true
			case !b.IsNull() && b.True() == decides, b.IsNull() && !decides:
				return cty.BoolVal(decides), nil
			}
		}
		if open {
			return cty.UnknownVal(cty.Bool), nil
		}
		return cty.BoolVal(!decides), nil
	})
}

var indexFunc = freeFunc(2, false, func(args []cty.Value) (cty.Value, error) {
	list, wanted := args[0], args[1]
	if !list.IsWhollyKnown() || !wanted.IsWhollyKnown() {
		return cty.UnknownVal(cty.Number), nil
	}
	if list.IsNull() || !list.CanIterateElements() {
		return cty.NilVal, errArgument
	}
	n := int64(0)
	for it := list.ElementIterator(); it.Next(); n++ {
		if _, v := it.Element(); v.Type().Equals(wanted.Type()) && v.RawEquals(wanted) {
			return cty.NumberIntVal(n), nil
		}
	}
	return cty.NilVal, errArgument
})

// matchKeysFunc keeps the values whose keys, at the same place in a second list, are in a third.
var matchKeysFunc = freeFunc(3, false, func(args []cty.Value) (cty.Value, error) {
	for _, v := range args {
		if !v.IsWhollyKnown() {
			return cty.DynamicVal, nil
		}
		if v.IsNull() || !v.CanIterateElements() || v.Type().IsMapType() || v.Type().IsObjectType() {
			return cty.NilVal, errArgument
		}
	}
	list, keys, wanted := args[0].AsValueSlice(), args[1].AsValueSlice(), args[2].AsValueSlice()
	if len(list) != len(keys) {
		return cty.NilVal, errArgument
	}
	out := []cty.Value{}
	for i, k := range keys {
		for _, w := range wanted {
			if k.RawEquals(w) {
				out = append(out, list[i])
				break
			}
		}
	}
	return cty.TupleVal(out), nil
})

// transposeFunc turns {key: [names]} into {name: [keys]}.
var transposeFunc = freeFunc(1, false, func(args []cty.Value) (cty.Value, error) {
	if !args[0].IsWhollyKnown() {
		return cty.DynamicVal, nil
	}
	m, err := convert.Convert(args[0], cty.Map(cty.List(cty.String)))
	if err != nil || m.IsNull() {
		return cty.NilVal, errArgument
	}
	turned := map[string][]cty.Value{}
	for it := m.ElementIterator(); it.Next(); {
		key, list := it.Element()
		for names := list.ElementIterator(); names.Next(); {
			_, name := names.Element()
			turned[name.AsString()] = append(turned[name.AsString()], key)
		}
	}
	out := map[string]cty.Value{}
	for name, keys := range turned {
		out[name] = cty.ListVal(keys)
	}
	if len(out) == 0 {
		return cty.MapValEmpty(cty.List(cty.String)), nil
	}
	return cty.MapVal(out), nil
})

// replaceFunc takes a pattern between slashes as a regular expression.
var replaceFunc = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "text", Type: cty.String}, {Name: "part", Type: cty.String}, {Name: "by", Type: cty.String}},
	Type:   function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		if p := args[1].AsString(); len(p) > 1 && p[0] == '/' && p[len(p)-1] == '/' {
			return stdlib.RegexReplace(args[0], cty.StringVal(p[1:len(p)-1]), args[2])
		}
		return stdlib.Replace(args[0], args[1], args[2])
	},
})

var sameFunc = freeFunc(1, false, func(args []cty.Value) (cty.Value, error) { return args[0], nil })

// widthFunc is a function that formats, but for widths that would fill the memory.
func widthFunc(f function.Function) function.Function {
	return freeFunc(1, true, func(args []cty.Value) (cty.Value, error) {
		if args[0].IsKnown() && !args[0].IsNull() && args[0].Type() == cty.String && wide.MatchString(args[0].AsString()) {
			return cty.DynamicVal, nil
		}
		return f.Call(args)
	})
}

var wide = regexp.MustCompile(`%[^a-zA-Z%]*([0-9]{5}|\*)`)

// jsonEncodeFunc keeps what a text with unknown parts is made of.
var jsonEncodeFunc = function.New(&function.Spec{
	Params: []function.Parameter{{
		Name: "value", Type: cty.DynamicPseudoType, AllowNull: true, AllowUnknown: true, AllowDynamicType: true, AllowMarked: true,
	}},
	Type: function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return encodeJSON(args[0]), nil },
})

// jsonDecodeFunc also decodes what jsonEncodeFunc kept.
var jsonDecodeFunc = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "text", Type: cty.String, AllowUnknown: true, AllowDynamicType: true, AllowMarked: true}},
	Type:   function.StaticReturnType(cty.DynamicPseudoType),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		bare, marks := args[0].Unmark()
		if v, ok := decoded(args[0]); ok {
			return v, nil
		}
		if !bare.IsKnown() {
			return cty.DynamicVal.WithMarks(marks), nil
		}
		v, ok := readJSON(bare.AsString())
		if !ok {
			return cty.NilVal, errors.New("not JSON")
		}
		return v.WithMarks(marks), nil
	},
})
