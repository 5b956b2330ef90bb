package ledger

import (
	"bytes"
	"slices"
	"testing"
)

// FuzzReadIsCanonical: Read does not panic, and what it accepts encodes to the bytes that were read. The input is a ledger's
// objects one after the other, each ending in a line feed.
func FuzzReadIsCanonical(f *testing.F) {
	for _, id := range []string{mine, theirs} {
		l, objects := five(id)
		e := next(l, l.Checkpoint())
		objects[Name(e.Seq)] = e.Bytes()
		var all []byte
		for seq := range len(objects) {
			all = append(all, objects[Name(seq+1)]...)
			f.Add(slices.Clone(all))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		objects := files{}
		for i, object := range bytes.SplitAfter(data, []byte("\n")) {
			if len(object) > 0 {
				objects[Name(i+1)] = object
			}
			if e, err := Parse(object); err == nil && !bytes.Equal(e.Bytes(), object) {
				t.Errorf("%q was accepted as an entry and encodes to %q", object, e.Bytes())
			}
		}
		l, err := Read(t.Context(), objects)
		if err != nil {
			return
		}
		var again []byte
		for _, e := range l.Entries {
			again = append(again, e.Bytes()...)
		}
		if !bytes.Equal(again, data) {
			t.Errorf("%q was accepted as a ledger and encodes to %q", data, again)
		}
	})
}
