package terraform

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// A family is what count or for_each makes of one block: resources, or modules.
type family[T any] struct {
	mode    mode
	keys    []string // of for_each
	members []T
}

type mode int

const (
	alone     mode = iota // neither count nor for_each
	counted               // [0], [1], ...
	keyed                 // ["a"], ["b"], ...
	uncertain             // how many there are cannot be resolved: one member stands for each that there would be
)

// expand makes a family of a block. Make is called with the end of each member's address and the names that its arguments may use.
func expand[T any](s *scope, b *hclsyntax.Block, address string, env names, made func(key string, env names) T) *family[T] {
	f := &family[T]{}
	one := func(key string, more names) { f.members = append(f.members, made(key, more)) }
	unsure := func(at hcl.Range, what string, marks cty.ValueMarks, n int) {
		why := "cannot be resolved"
		if n > maxCopies {
			why = fmt.Sprintf("is %d, more than the %d instances that are told apart", n, maxCopies)
		}
		s.notes.uncounted(s.root, address, at, fmt.Sprintf("%s of %q %s, so it is judged as one", what, address, why))
		f.mode = uncertain
		one("", names{
			"count": cty.ObjectVal(names{"index": because(cty.Number, marks, "count.index")}),
			"each":  cty.ObjectVal(names{"key": because(cty.String, marks, "each.key"), "value": because(cty.DynamicPseudoType, marks, "each.value")}),
		})
	}
	if a := b.Body.Attributes["count"]; a != nil {
		v, marks := s.value(a.Expr, env).Unmark()
		n, ok := natural(v)
		if !ok || n > maxCopies {
			unsure(a.SrcRange, "count", marks, n)
			return f
		}
		f.mode = counted
		for i := range n {
			one("["+strconv.Itoa(i)+"]", names{"count": cty.ObjectVal(names{"index": cty.NumberIntVal(int64(i))})})
		}
		return f
	}
	a := b.Body.Attributes["for_each"]
	if a == nil {
		one("", nil)
		return f
	}
	v, marks := s.value(a.Expr, env).Unmark()
	if !iterable(v) {
		unsure(a.SrcRange, "for_each", marks, 0)
		return f
	}
	if n := v.LengthInt(); n > maxCopies {
		unsure(a.SrcRange, "the length of for_each", marks, n)
		return f
	}
	f.mode = keyed
	for it := v.ElementIterator(); it.Next(); {
		k, item := it.Element()
		key := k.AsString()
		f.keys = append(f.keys, key)
		one("["+quoteKey(key)+"]", names{"each": cty.ObjectVal(names{"key": cty.StringVal(key), "value": item})})
	}
	return f
}

// conditions are those of a block whose count or for_each cannot be resolved, with those of the module around it. Two blocks of a
// module with the same text "count = CONDITION ? 1 : 0" have the same condition; every other one has its own.
func (s *scope) conditions(b *hclsyntax.Block, address string) []string {
	condition := address
	if a := b.Body.Attributes["count"]; a != nil {
		if e, ok := a.Expr.(*hclsyntax.ConditionalExpr); ok && isNumber(e.TrueResult, 1) && isNumber(e.FalseResult, 0) {
			if text := s.textOf(e.Condition.Range()); text != "" {
				condition = s.path + "if " + text
			}
		}
	}
	return append(slices.Clone(s.uncertain), condition)
}

func isNumber(e hclsyntax.Expression, n int) bool {
	v, diags := e.Value(nil)
	is, ok := natural(v)
	return !diags.HasErrors() && ok && is == n
}

// textOf is the text of an expression in native syntax; "" in JSON.
func (t *tree) textOf(at hcl.Range) string {
	data := bytes.TrimPrefix(t.files[at.Filename].Data, []byte("\xef\xbb\xbf"))
	if strings.HasSuffix(at.Filename, ".json") || at.End.Byte > len(data) || at.Start.Byte >= at.End.Byte {
		return ""
	}
	return strings.Join(strings.Fields(string(data[at.Start.Byte:at.End.Byte])), " ")
}

// because is an unknown value for the reasons that another one is; if that gives none, for its own name.
func because(t cty.Type, marks cty.ValueMarks, name string) cty.Value {
	if len(reasons(marks)) == 0 {
		return cty.UnknownVal(t).Mark(Unset(name)).WithMarks(marks)
	}
	return cty.UnknownVal(t).WithMarks(marks)
}

// natural is a number that counts something.
func natural(v cty.Value) (int, bool) {
	if !v.IsKnown() || v.IsNull() || v.Type() != cty.Number {
		return 0, false
	}
	n, accuracy := v.AsBigFloat().Int64()
	return int(n), accuracy == 0 && n >= 0
}

// iterable reports whether for_each may go over a value: a map, an object, or a set of strings that are all known.
func iterable(v cty.Value) bool {
	if !v.IsKnown() || v.IsNull() {
		return false
	}
	t := v.Type()
	if t.IsSetType() {
		if !v.IsWhollyKnown() {
			return false
		}
		for it := v.ElementIterator(); it.Next(); {
			if k, item := it.Element(); k.Type() != cty.String || item.IsNull() {
				return false
			}
		}
		return true
	}
	return t.IsMapType() || t.IsObjectType()
}

// quoteKey writes a key as Terraform does in addresses.
func quoteKey(key string) string {
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(strconv.Quote(key))
}

// value puts the members of a family together as an expression sees them.
func (f *family[T]) value(of func(T) cty.Value) cty.Value {
	switch f.mode {
	case alone:
		return of(f.members[0])
	case counted:
		list := make([]cty.Value, 0, len(f.members))
		for _, m := range f.members {
			list = append(list, of(m))
		}
		return cty.TupleVal(list)
	}
	object := make(map[string]cty.Value, len(f.members))
	for i, m := range f.members {
		object[f.keys[i]] = of(m)
	}
	return cty.ObjectVal(object)
}
