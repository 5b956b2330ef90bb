package report

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/testdata/schemas"
)

// Every field of the result has to come back: a field that the writer forgot would be lost to gate, report and explain.
func TestJSONReadsBackEqual(t *testing.T) {
	want := nightly()
	var got finding.Result
	if err := json.Unmarshal(write(t, "json", want, Options{}), &got); err != nil {
		t.Fatal(err)
	}
	ordered := *want
	ordered.Findings, ordered.Diagnostics, ordered.Gaps = values(newView(want).findings), values(newView(want).diagnostics), values(newView(want).gaps)
	ordered.Rules, ordered.Tallies, ordered.Coverage = values(newView(want).rules), values(newView(want).tallies), values(newView(want).coverage)
	normal := func(r finding.Result) any { // as encoding/json has it, so that numbers have one type
		raw, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var v any
		if err := json.Unmarshal(raw, &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	// A nil list of a meta rule's types comes back as an empty one.
	nils := cmpopts.IgnoreMapEntries(func(k string, v any) bool { return k == "applies_to" && (v == nil || cmp.Equal(v, []any{})) })
	if diff := cmp.Diff(normal(ordered), normal(got), nils); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
}

func values[T any](list []*T) []T {
	out := make([]T, len(list))
	for i, p := range list {
		out[i] = *p
	}
	return out
}

func TestJSONMatchesItsSchema(t *testing.T) {
	schema, err := os.ReadFile("result.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	check, err := schemas.Compile(schema)
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]*finding.Result{"nightly": nightly(), "empty": {Format: finding.ResultFormat, Reading: finding.Nothing}, "clear": clearEstate()} {
		r.Format = finding.ResultFormat
		if err := check(write(t, "json", r, Options{})); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	good := string(write(t, "json", nightly(), Options{}))
	for what, edit := range map[string][2]string{
		"a verdict there is not":  {`"verdict":"fail"`, `"verdict":"perhaps"`},
		"a severity there is not": {`"severity":"high"`, `"severity":"dire"`},
		"a version too new":       {`"keyreeve-result/1"`, `"keyreeve-result/2"`},
		"a missing field":         {`"fingerprint":`, `"footprint":`},
		"a number as text":        {`"resources": `, `"resources": "x" `},
	} {
		bad := strings.Replace(good, edit[0], edit[1], 1)
		if bad == good {
			if bad = strings.Replace(good, strings.ReplaceAll(edit[0], ": ", ":"), `"resources":"x","more":`, 1); bad == good {
				t.Fatalf("%s: the report does not hold %s", what, edit[0])
			}
		}
		if err := check([]byte(bad)); err == nil {
			t.Errorf("the schema accepts %s", what)
		}
	}
}

func TestJSONHasNoNullAndEndsInANewline(t *testing.T) {
	for _, r := range []*finding.Result{nightly(), {}} {
		got := write(t, "json", r, Options{})
		if bytes.Contains(got, []byte("null")) {
			t.Errorf("null in %s", got)
		}
		if !bytes.HasSuffix(got, []byte("}\n")) {
			t.Errorf("ends in %q", got[len(got)-3:])
		}
	}
}
