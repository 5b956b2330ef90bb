package evaluate

import "github.com/open-policy-agent/opa/v1/ast"

// ordered reports an order between things that are in none: a number and a text, as far as the types can be told from the fields, the
// settings and the constants. What only evaluation sees ends in an error there (ordering.go).
func (l *linter) ordered(a, b *ast.Term, loc *ast.Location) {
	left, right := l.typeOf(a), l.typeOf(b)
	for _, side := range []struct {
		term *ast.Term
		typ  string
	}{{a, left}, {b, right}} {
		if side.typ != "" && side.typ != aNumber && side.typ != aText {
			l.say(false, loc, "%s is %s, which is in no order; compare numbers", l.spell(side.term), side.typ)
			return
		}
	}
	if left != "" && right != "" && left != right {
		l.say(false, loc, "%s is %s and %s is %s: such two are in no order, so one answer would always come out; compare numbers", l.spell(a), left, l.spell(b), right)
	}
}

const (
	aNumber = "a number"
	aText   = "a text"
)

// typeOf is the type of a term; "" where it cannot be told.
func (l *linter) typeOf(t *ast.Term) string {
	switch v := t.Value.(type) {
	case ast.Number, ast.String, ast.Boolean, ast.Null, *ast.Array, ast.Object, ast.Set:
		return typeOf(v)
	case ast.Ref:
		if r := l.expand(v); len(r) == 3 && r[0].Equal(ast.InputRootDocument) && r[1].Equal(settingsKey) {
			name, _ := r[2].Value.(ast.String)
			return settingType(l.settings[string(name)])
		}
	}
	f, r := l.field(t)
	if f == nil {
		if tag := r; len(tag) == 4 && tag[2].Equal(ast.StringTerm("tags")) {
			return aText
		}
		return ""
	}
	switch f.shape {
	case anInt, days:
		return aNumber
	case aString, aTime:
		return aText
	case aBool:
		return "true or false"
	case aStruct, aMap:
		return "an object"
	}
	return "a list"
}

func settingType(v any) string {
	switch plainValue(v).(type) {
	case int, float64:
		return aNumber
	case string:
		return aText
	case bool:
		return "true or false"
	case []any:
		return "a list"
	}
	return ""
}

// spell writes a term as it stands, or what its name stands for.
func (l *linter) spell(t *ast.Term) string {
	if r, ok := t.Value.(ast.Ref); ok {
		return l.expand(r).String()
	}
	return t.String()
}
