package evaluate

import (
	"reflect"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
)

// builder turns structs into values of the input, straight, without JSON in between. What it makes equals what OPA reads from the
// JSON of the same struct, with the derived day counts added.
type builder struct{ asOf time.Time }

func (b builder) object(v reflect.Value, p *plan) ast.Object {
	items := make([][2]*ast.Term, 0, len(p.fields)+2)
	for _, f := range p.fields {
		fv := v.Field(f.index)
		if f.omit && fv.IsZero() {
			continue
		}
		if fv.Kind() == reflect.Pointer {
			fv = fv.Elem()
		}
		if f.shape == aTime {
			t := fv.Interface().(time.Time)
			items = append(items, [2]*ast.Term{f.key, ast.StringTerm(t.Format(time.RFC3339Nano))})
			if d := f.derived; d != nil {
				items = append(items, [2]*ast.Term{d.key, ast.InternedTerm(d.days(t, b.asOf))})
			}
			continue
		}
		items = append(items, [2]*ast.Term{f.key, b.term(fv, f)})
	}
	return ast.NewObject(items...)
}

func (b builder) term(v reflect.Value, f *field) *ast.Term {
	switch f.shape {
	case aString:
		return f.text(v.String())
	case aBool:
		return ast.InternedTerm(v.Bool())
	case anInt:
		return ast.InternedTerm(int(v.Int()))
	case aStruct:
		return ast.NewTerm(b.object(v, f.sub))
	case aMap:
		items := make([][2]*ast.Term, 0, v.Len())
		for it := v.MapRange(); it.Next(); {
			items = append(items, [2]*ast.Term{ast.StringTerm(it.Key().String()), ast.StringTerm(it.Value().String())})
		}
		return ast.ObjectTerm(items...)
	}
	elems := make([]*ast.Term, v.Len())
	for i := range elems {
		if f.shape == structs {
			elems[i] = ast.NewTerm(b.object(v.Index(i), f.sub))
		} else {
			elems[i] = f.text(v.Index(i).String())
		}
	}
	return ast.ArrayTerm(elems...)
}

func (f *field) text(s string) *ast.Term {
	if t, ok := f.terms[s]; ok {
		return t
	}
	return ast.StringTerm(s)
}

// days counts whole days between a time and the clock. What came to be after the clock is new: an age is never negative. Days
// until a time round down, so that what ended an hour ago is at -1.
func (f *field) days(t, asOf time.Time) int {
	const day = 24 * time.Hour
	if f.until {
		d := t.Sub(asOf)
		n := int(d / day)
		if d%day < 0 {
			n--
		}
		return n
	}
	return max(0, int(asOf.Sub(t)/day))
}
