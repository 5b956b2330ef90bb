package rawjson

import (
	"encoding/json"
	"reflect"
	"testing"
)

// What is taken apart and put together again by these functions is what package json reads.
func FuzzPartsAreThoseOfPackageJSON(f *testing.F) {
	for _, s := range []string{
		`{}`, `[]`, ` { "a" : [1, -2.5e3 ,true,null,"x\"]}", {"b":{}}] , "c\u0041":"é" } `, `[[],[[1]],{"a":1}]`, `"x"`, `12`, `{"a":1,"b":[{"c":"}"}]}`, `{"a":1,"a":2}`,
		"[1\n,2\t]", "{\"\x80\":1}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if !json.Valid(text) {
			t.Skip()
		}
		got, twice := read(t, text)
		if twice {
			return
		}
		var want any
		if err := json.Unmarshal(text, &want); err != nil {
			t.Skip() // such as a number out of range
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%s: got %#v, want %#v", text, got, want)
		}
	})
}

func read(t *testing.T, raw []byte) (v any, twice bool) {
	switch raw[space(raw, 0)] {
	case '{':
		m := map[string]any{}
		err := Members(raw, func(name, value []byte) error {
			inner, again := read(t, value)
			m[string(name)], twice = inner, twice || again
			return nil
		})
		return m, twice || err != nil
	case '[':
		l := []any{}
		err := Items(raw, func(item []byte) error {
			inner, again := read(t, item)
			l, twice = append(l, inner), twice || again
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return l, twice
	case '"':
		s, err := String(raw[space(raw, 0):skip(raw, space(raw, 0))])
		if err != nil {
			t.Fatal(err)
		}
		return s, false
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Skip()
	}
	return v, false
}

func TestMembersOfWhatIsNoObject(t *testing.T) {
	none := func(_, _ []byte) error { return nil }
	for text, want := range map[string]string{`[]`: "it is not an object", `"{"`: "it is not an object", `{"a":1,"\u0061":2}`: `key "a" is there twice`} {
		if err := Members([]byte(text), none); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
	if err := Items([]byte(`{}`), nil); err == nil {
		t.Error("an object is no list")
	}
	if _, err := String([]byte(`1`)); err == nil {
		t.Error("a number is no string")
	}
}
