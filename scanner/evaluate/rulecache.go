package evaluate

import "github.com/open-policy-agent/opa/v1/ast"

// ruleCache is what OPA keeps of rules that one evaluation has evaluated, as a topdown.VirtualCache. Our rules call few others, so a
// list that is searched, and used again for the next evaluation, costs a third of OPA's tree of maps.
type ruleCache struct {
	entries []ruleEntry
	frames  []int // where each frame but the first begins
}

type ruleEntry struct {
	ref   ast.Ref
	value *ast.Term // nil: undefined
}

// reset empties it for another evaluation.
func (c *ruleCache) reset() *ruleCache {
	clear(c.entries)
	c.entries, c.frames = c.entries[:0], c.frames[:0]
	return c
}

// Push begins a frame that knows nothing.
func (c *ruleCache) Push() { c.frames = append(c.frames, len(c.entries)) }

// Pop forgets the last frame.
func (c *ruleCache) Pop() {
	last := len(c.frames) - 1
	c.entries, c.frames = c.entries[:c.frames[last]], c.frames[:last]
}

func (c *ruleCache) frame() []ruleEntry {
	if n := len(c.frames); n > 0 {
		return c.entries[c.frames[n-1]:]
	}
	return c.entries
}

// Get returns the value of a rule, or whether it is known to be undefined.
func (c *ruleCache) Get(ref ast.Ref) (*ast.Term, bool) {
	for i := range c.frame() {
		if e := &c.frame()[i]; sameRef(e.ref, ref) {
			return e.value, e.value == nil
		}
	}
	return nil, false
}

// Put notes the value of a rule; nil is undefined.
func (c *ruleCache) Put(ref ast.Ref, value *ast.Term) {
	for i := range c.frame() {
		if e := &c.frame()[i]; sameRef(e.ref, ref) {
			e.value = value
			return
		}
	}
	c.entries = append(c.entries, ruleEntry{append(ast.Ref(nil), ref...), value})
}

// Keys lists the rules whose value is known.
func (c *ruleCache) Keys() []ast.Ref {
	var out []ast.Ref
	for _, e := range c.frame() {
		if e.value != nil {
			out = append(out, e.ref)
		}
	}
	return out
}

// sameRef compares from the end, where references to rules differ.
func sameRef(a, b ast.Ref) bool {
	if len(a) != len(b) {
		return false
	}
	for i := len(a) - 1; i >= 0; i-- {
		if !a[i].Equal(b[i]) {
			return false
		}
	}
	return true
}
