package evaluate

import "github.com/open-policy-agent/opa/v1/ast"

// watched is an object of the input that notes when something which was not read is asked for: an unread key of its own, or the
// object as a whole (iteration, comparison, handing it to a built-in) when something unread lies in it. Whatever is no plain look-up
// of another key counts, so noting too much is possible and noting too little is not.
type watched struct {
	ast.Object
	unread map[string]bool // keys of this object
	note   *bool
}

// watch rebuilds the way down to the unread paths with watched objects. All but the last part of each path exists (see lift).
func watch(o ast.Object, paths []ast.Ref, note *bool) ast.Object {
	w := &watched{unread: map[string]bool{}, note: note}
	below := map[string][]ast.Ref{}
	for _, p := range paths {
		name := string(p[0].Value.(ast.String))
		if len(p) == 1 {
			w.unread[name] = true
		} else {
			below[name] = append(below[name], p[1:])
		}
	}
	items := make([][2]*ast.Term, 0, o.Len())
	o.Foreach(func(k, v *ast.Term) {
		name, _ := k.Value.(ast.String)
		sub, isObject := v.Value.(ast.Object)
		if deeper := below[string(name)]; len(deeper) > 0 && isObject {
			v = ast.NewTerm(watch(sub, deeper, note))
		}
		items = append(items, [2]*ast.Term{k, v})
	})
	w.Object = ast.NewObject(items...)
	return w
}

func (w *watched) touch() ast.Object {
	*w.note = true
	return w.Object
}

func (w *watched) Get(k *ast.Term) *ast.Term {
	if s, ok := k.Value.(ast.String); !ok || w.unread[string(s)] {
		w.touch()
	}
	return w.Object.Get(k)
}

func (w *watched) Find(r ast.Ref) (ast.Value, error) {
	if len(r) == 0 {
		return w, nil
	}
	t := w.Get(r[0])
	if t == nil {
		return w.Object.Find(r)
	}
	return t.Value.Find(r[1:])
}

func (w *watched) Compare(o ast.Value) int                       { return w.touch().Compare(o) }
func (w *watched) Hash() int                                     { return w.touch().Hash() }
func (w *watched) String() string                                { return w.touch().String() }
func (w *watched) Len() int                                      { return w.touch().Len() }
func (w *watched) Copy() ast.Object                              { return w.touch().Copy() }
func (w *watched) Insert(a, b *ast.Term)                         { w.touch().Insert(a, b) }
func (w *watched) Iter(f func(*ast.Term, *ast.Term) error) error { return w.touch().Iter(f) }
func (w *watched) Until(f func(*ast.Term, *ast.Term) bool) bool  { return w.touch().Until(f) }
func (w *watched) Foreach(f func(*ast.Term, *ast.Term))          { w.touch().Foreach(f) }
func (w *watched) Diff(o ast.Object) ast.Object                  { return w.touch().Diff(o) }
func (w *watched) Intersect(o ast.Object) [][3]*ast.Term         { return w.touch().Intersect(o) }
func (w *watched) Merge(o ast.Object) (ast.Object, bool)         { return w.touch().Merge(o) }
func (w *watched) Filter(o ast.Object) (ast.Object, error)       { return w.touch().Filter(o) }
func (w *watched) Keys() []*ast.Term                             { return w.touch().Keys() }
func (w *watched) KeysIterator() ast.ObjectKeysIterator          { return w.touch().KeysIterator() }
func (w *watched) MergeWith(o ast.Object, f func(a, b *ast.Term) (*ast.Term, bool)) (ast.Object, bool) {
	return w.touch().MergeWith(o, f)
}

func (w *watched) Map(f func(a, b *ast.Term) (*ast.Term, *ast.Term, error)) (ast.Object, error) {
	return w.touch().Map(f)
}
