package yamlnode

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// show writes a node on one line: lists and maps as in JSON, tags before values, and LINE-ENDLINE behind each value.
func show(n *Node, places bool) string {
	if n == nil {
		return "<nil>"
	}
	var b strings.Builder
	if n.Tag != "" {
		b.WriteString(n.Tag + " ")
	}
	switch n.Kind {
	case List:
		b.WriteString("[")
		for i, item := range n.Items {
			if i > 0 {
				b.WriteString(" ")
			}
			b.WriteString(show(item, places))
		}
		b.WriteString("]")
	case Map:
		b.WriteString("{")
		for i, k := range n.Keys {
			if i > 0 {
				b.WriteString(" ")
			}
			b.WriteString(show(k, false) + ":" + show(n.Values[i], places))
		}
		b.WriteString("}")
	case String:
		fmt.Fprintf(&b, "%q", n.Text)
	case Null:
		b.WriteString("null")
	default:
		b.WriteString(n.Text)
	}
	if places {
		fmt.Fprintf(&b, "@%d-%d", n.Line, n.EndLine)
	}
	return b.String()
}

func showAll(docs []*Node, places bool) string {
	var out []string
	for _, d := range docs {
		out = append(out, show(d, places))
	}
	return strings.Join(out, " | ")
}

func TestDocuments(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"empty":               {"", ""},
		"only a comment":      {"# nothing\n", ""},
		"scalars":             {"a: 1\nb: true\nc: ~\nd: 1.5\ne: yes\nf: '1'\ng: 2024-01-01\nh:\ni: !!str 5\n", `{"a":1 "b":true "c":null "d":1.5 "e":"yes" "f":"1" "g":"2024-01-01" "h":null "i":"5"}`},
		"tags":                {"a: !Ref Key\nb: !Join ['-', [a, !Ref B]]\nc: !If {x: 1}\nd: !Ref 12\n", `{"a":!Ref "Key" "b":!Join ["-" ["a" !Ref "B"]] "c":!If {"x":1} "d":!Ref "12"}`},
		"documents":           {"a: 1\n---\nb: 2\n---\n...\n---\n- c\n", `{"a":1} | {"b":2} | null | ["c"]`},
		"aliases":             {"a: &x {k: 1}\nb: *x\n", `{"a":{"k":1} "b":{"k":1}}`},
		"merge":               {"a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  l: 3\n", `{"a":{"k":1 "l":2} "b":{"l":3 "k":1}}`},
		"merge of several":    {"a: &x {k: 1}\nb: &y {k: 2, m: 3}\nc: {<<: [*x, *y]}\n", `{"a":{"k":1} "b":{"k":2 "m":3} "c":{"k":1 "m":3}}`},
		"a quoted << is one":  {"\"<<\": 1\n", `{"<<":1}`},
		"a key of any kind":   {"{a: b}: c\n", `{{"a":"b"}:"c"}`},
		"JSON":                {"{\n\t\"a\":\t[1, 2.5, true, null, \"\\ud83d\\ude00\\/\"]\n}\n", `{"a":[1 2.5 true null "😀/"]}`},
		"almost JSON":         {"{\"a\": [1, 2,], # more\n b: 3}", `{"a":[1 2] "b":3}`},
		"a version":           {"%YAML 1.2\n---\na: yes\n", `{"a":"yes"}`},
		"a byte order mark":   {"\xef\xbb\xbfa: 1\n", `{"a":1}`},
		"UTF-16, no mark":     {"a\x00:\x00 \x001\x00\n\x00", `{"a":1}`},
		"UTF-16, big, bare":   {"\x00a\x00:\x00 \x001\x00\n", `{"a":1}`},
		"UTF-16":              {"\xff\xfea\x00:\x00 \x001\x00\n\x00", `{"a":1}`},
		"CRLF":                {"a: 1\r\nb: |\r\n  x\r\n  y\r\n", `{"a":1 "b":"x\ny\n"}`},
		"an empty tagged one": {"a: !Ref\nb: 1\n", `{"a":!Ref "" "b":1}`},
	} {
		docs, err := Documents([]byte(c.in))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := showAll(docs, false); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

func TestLines(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"a block":          {"a:\n  b: 1\n  c:\n    - d\n    - e\nf: 2\n", `{"a":{"b":1@2-2 "c":["d"@4-4 "e"@5-5]@4-5}@2-5 "f":2@6-6}@1-6`},
		"a flow":           {"a: [\n  1, # one\n  2,\n]\nb: {\n}\n", `{"a":[1@2-2 2@3-3]@1-4 "b":{}@5-6}@1-6`},
		"literal":          {"a: |\n  one\n\n  two\n\nb: >-\n  three\n  four\n", `{"a":"one\n\ntwo\n"@1-4 "b":"three four"@6-8}@1-8`},
		"quoted":           {"a: \"x\n  y\\\"z\"\nb: 'x''\n  y'\nc: x\n  y\n", `{"a":"x y\"z"@1-2 "b":"x' y"@3-4 "c":"x y"@5-6}@1-6`},
		"tags and anchors": {"a: !Sub |\n  x\n  y\nb: &b !Join\n  - ''\n  - [c]\nc: *b\n", `{"a":!Sub "x\ny\n"@1-3 "b":!Join [""@5-5 ["c"@6-6]@6-6]@4-6 "c":!Join [""@5-5 ["c"@6-6]@6-6]@4-6}@1-7`},
		"CRLF":             {"a: |\r\n  x\r\n  y\r\nb: 1\r\n", `{"a":"x\ny\n"@1-3 "b":1@4-4}@1-4`},
		"JSON":             {"{\n\t\"a\": [\n\t\t1\n\t],\n\t\"b\": {}\n}\n", `{"a":[1@3-3]@2-4 "b":{}@5-5}@1-6`},
		"odd line breaks":  {"a: 'x\u2028  y'\nb: 1\nc: 2\n", `{"a":"x\u2028y"@1-1 "b":1@2-2 "c":2@3-3}@1-3`},
		"documents":        {"a: 1\n---\nb: 2\n", `{"a":1@1-1}@1-1 | {"b":2@3-3}@3-3`},
	} {
		docs, err := Documents([]byte(c.in))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := showAll(docs, true); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

func TestErrors(t *testing.T) {
	deep := strings.Repeat("[", 201) + strings.Repeat("]", 201)
	bomb := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c < 'k'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s*%c]\n", c, c, strings.Repeat(fmt.Sprintf("*%c, ", c-1), 9), c-1)
	}
	for name, c := range map[string]struct{ in, before, want string }{
		"a second document":     {"a: 1\n---\nb: 2\n---\nc: ]\n---\nd: 4\n", `{"a":1} | {"b":2}`, "line 5: did not find expected node content"},
		"a key twice":           {"x:\n  a: 1\n  b: 2\n  a: 3\n", "", `line 4: the key "a" stands twice in one map, first in line 2; YAML allows it once`},
		"a key twice in JSON":   {"{\"a\": 1,\n\"a\": 2}", "", `line 2: the key "a" stands twice in one map, first in line 1`},
		"indentation":           {"a:\n  b: 1\n c: 2\n", "", "line 3"},
		"a tab":                 {"a:\n\tb: 1\n", "", "line 2: found character that cannot start any token"},
		"an open quote":         {"a: 1\nb: \"x\nc: 2\nd: 3\ne: 4\n", "", "line 2: found unexpected end of stream"},
		"a control character":   {"a: 1\nb: \x01\n", "", "line 2: control characters are not allowed"},
		"an unknown anchor":     {"a: 1\nb: *x\n", "", "line 2: unknown anchor 'x' referenced"},
		"a cycle":               {"a: 1\nb: &b [*b]\n", "", `line 2: the alias "*b" stands inside what it names`},
		"deep":                  {deep, "", "line 1: it is nested more than 200 levels deep"},
		"deep YAML":             {"a: " + deep, "", "line 1: it is nested more than 200 levels deep"},
		"deep by an alias":      {"a: &a " + deep[100:302] + "\nb: " + strings.Repeat("[", 120) + "*a" + strings.Repeat("]", 120), "", `line 2: with the alias "*a" it is nested more than 200 levels deep`},
		"deeper":                {strings.Repeat("[", 1_000_000), "", "exceeded max depth"},
		"billion laughs":        {bomb, "", "line 6: up to here the file holds more than 1000000 values"},
		"a million commas":      {"[" + strings.Repeat("x,", 1_000_001) + "]", "", "it holds more than 1000000 values"},
		"a merge of no map":     {"a: 1\nb: {<<: 1}\n", "", "line 2: a merge key"},
		"a merge within itself": {"a: &a\n  b: 1\n  <<: *a\n", "", `line 3: the alias "*a"`},
	} {
		docs, err := Documents([]byte(c.in))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v; want one with %q", name, err, c.want)
		}
		if got := showAll(docs, false); got != c.before {
			t.Errorf("%s: before it %s; want %s", name, got, c.before)
		}
	}
}

func TestAccess(t *testing.T) {
	docs, err := Documents([]byte("a: {b: {c: 5, d: '5', e: 0x1F}}\nf: [x, 1]\ng: x\nh: true\ni: ~\nj: [[x]]\n"))
	if err != nil {
		t.Fatal(err)
	}
	n := docs[0]
	for key, want := range map[string]Kind{"c": Int, "d": String, "e": Int} { // a number in quotes is none
		if got := n.Get("a", "b", key).Kind; got != want {
			t.Errorf("%s is of kind %d, want %d", key, got, want)
		}
	}
	if v, ok := n.Get("a", "b", "c").Str(); v != "5" || !ok {
		t.Error(v, ok)
	}
	if n.Get("a", "x", "c") != nil {
		t.Error("a value where there is no key")
	}
	if v, ok := n.Get("f").Strings(); !ok || strings.Join(v, " ") != "x 1" {
		t.Error(v, ok)
	}
	if v, ok := n.Get("g").Strings(); !ok || strings.Join(v, " ") != "x" {
		t.Error(v, ok)
	}
	for _, key := range []string{"i", "j", "none"} {
		if v, ok := n.Get(key).Strings(); ok {
			t.Error(key, v)
		}
	}
	if v, ok := n.Get("h").Bool(); !v || !ok {
		t.Error(v, ok)
	}
	if _, ok := n.Get("g").Bool(); ok {
		t.Error("x is read as a bool")
	}
	if _, ok := n.Get("i").Str(); ok {
		t.Error("null has a text")
	}
	keys := ""
	n.Each(func(key string, k, v *Node) { keys += key })
	if keys != "afghij" {
		t.Error(keys)
	}
}

// The shapes of a large file that are read in time that grows with the size only: a line as long as the file, and all that a reader looks at again.
func TestLargeFiles(t *testing.T) {
	const size = 1_500_000
	fill := func(begin, part, end string) string {
		return begin + strings.Repeat(part, (size-len(begin)-len(end))/len(part)) + end
	}
	for name, in := range map[string]string{
		"JSON in a line":         fill(`[0`, `,{"name":"a name that is long enough"}`, `]`),
		"almost JSON in a line":  fill(`[0`, `,{"name":"a name that is long enough"}`, `,]`),
		"YAML":                   fill("", "- name: a name that is long enough\n  value: another one\n", ""),
		"a literal":              fill("a: |\n", "  lines of text, as many as there are\n", ""),
		"comments":               fill("a: 1\n", "# a comment\n", "b: 2\n"),
		"a quoted scalar":        fill(`a: "`, "words and words ", `"`),
		"a plain scalar":         fill(`a: `, "words\n  and words\n  ", ``),
		"documents":              fill("", "---\na: a name that is long enough\n", ""),
		"text that is no YAML":   fill("", "words and words\n\n", ": ]"),
		"an open list and lines": fill("a: [", "words and words\n", ""),
	} {
		begin := time.Now()
		_, err := Documents([]byte(in))
		took := time.Since(begin)
		t.Logf("%s: %v, %v", name, took, err)
		if took > 20*time.Second {
			t.Errorf("%s: it took %v", name, took)
		}
	}
}

func FuzzDocumentsKeepsBounds(f *testing.F) {
	for _, s := range []string{"a: 1\n", "{\"a\": [1]}", "a: &a [*a]", "a: &a {x: 1}\nb: {<<: *a}\n", "- !Ref x\n- |\n  y\n", "a: >2-\n  x\n", "\xff\xfea\x00", "? [a]\n: b\n---\n...\n", "!\r", "a: \"\\\n b\"", "a: 'b\u2028c'\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		docs, err := Documents(data)
		lines := 1 + strings.Count(string(UTF8(data)), "\n")
		var check func(n *Node, depth int)
		check = func(n *Node, depth int) {
			if depth > maxDepth || n.Line < 1 || n.EndLine < n.Line || n.EndLine > lines || len(n.Keys) != len(n.Values) {
				t.Fatalf("a node of lines %d to %d of %d at depth %d", n.Line, n.EndLine, lines, depth)
			}
			for _, v := range n.Items {
				check(v, depth+1)
			}
			for i, v := range n.Values {
				check(n.Keys[i], depth+1)
				check(v, depth+1)
			}
		}
		for _, d := range docs {
			check(d, 1)
		}
		if e, ok := err.(*Error); err != nil && (!ok || e.Line < 0 || e.Line > lines+1) {
			t.Fatalf("an error without a place in the file: %v", err)
		}
	})
}

func TestStreamGoesOnBehindABrokenDocument(t *testing.T) {
	docs, broken := Stream([]byte("a: 1\n---\nb: [\n---\nc:\n  d: 2\n--- # e\nf: }\n---\ng: 3\n"))
	if len(docs) != 3 || len(broken) != 2 {
		t.Fatalf("%d documents and %d mistakes", len(docs), len(broken))
	}
	if d := docs[1].Get("c", "d"); d == nil || d.Line != 6 || d.EndLine != 6 {
		t.Errorf("the second: %+v", d)
	}
	if g := docs[2].Get("g"); g == nil || g.Line != 10 {
		t.Errorf("the third: %+v", g)
	}
	if broken[1].Line != 8 {
		t.Errorf("the second mistake: %+v", broken[1])
	}
	if docs, broken := Stream([]byte(strings.Repeat("---\n[\n", 1_000))); len(docs) != 0 || len(broken) > maxBroken+2 {
		t.Errorf("%d documents and %d mistakes", len(docs), len(broken))
	}
}
