package inventory_test

import (
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// policyWith is a policy whose document has a text.
func policyWith(id inventory.ID, text string) inventory.Resource {
	return inventory.Resource{
		ID: id, Type: "aws.iam.policy", Kind: inventory.KindPolicy, Name: string(id), Origin: inventory.Live, Scope: "aws/-/1/global", Document: text,
		Policy: &inventory.Policy{Statements: []inventory.Statement{}, Document: inventory.DocumentHash(text)},
	}
}

// A document that many attach is in the file once, and one string again when it is read.
func TestSnapshotHoldsADocumentOnce(t *testing.T) {
	s := &inventory.Snapshot{Resources: []inventory.Resource{policyWith("a", `{"x":"<&>"}`), policyWith("b", "other\n"), policyWith("c", `{"x":"<&>"}`)}}
	file := written(t, s)
	if n := strings.Count(file, `"text":`); n != 2 {
		t.Errorf("%d documents in\n%s", n, file)
	}
	got, err := read(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(s.Resources, got.Resources); d != "" {
		t.Errorf("read back (-written +read):\n%s", d)
	}
	if a, c := got.Resources[0].Document, got.Resources[2].Document; unsafe.StringData(a) != unsafe.StringData(c) {
		t.Error("two copies of one text")
	}
}

func TestReadSnapshotRefusesDocumentsThatDoNotFit(t *testing.T) {
	file := written(t, &inventory.Snapshot{Resources: []inventory.Resource{policyWith("a", "1"), policyWith("b", "2")}, Gaps: []inventory.Gap{{Scope: "a", What: "x", Why: inventory.Denied}}})
	lines := strings.SplitAfter(file, "\n") // header, a, b, hash of 1, hash of 2, gap, trailer
	for _, c := range []struct {
		name  string
		order []int
		edit  func(string) string
		want  string
	}{
		{"one is missing", []int{0, 1, 2, 3, 5}, nil, "line 6: the policy document of a resource is missing"},
		{"one is nobody's", []int{0, 1, 3, 4}, nil, "is no resource's"},
		{"out of order", []int{0, 1, 2, 4, 3, 5}, nil, "is out of order"},
		{"one is there twice", []int{0, 1, 2, 3, 3}, nil, "is out of order"},
		{"before its resource", []int{0, 1, 3, 2, 4}, nil, "line 4: a resource stands after the documents"},
		{"after the gaps", []int{0, 1, 2, 3, 5, 4}, nil, "line 6: a document stands after the gaps"},
		{"another text", []int{0, 1, 2, 3, 4, 5}, func(s string) string { return strings.Replace(s, `"text":"1"`, `"text":"3"`, 1) }, "is not what its hash says"},
	} {
		var text string
		for _, i := range c.order {
			text += lines[i]
		}
		if c.edit != nil {
			text = c.edit(text)
		}
		if _, err := read(sealed(text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
	}
}

func TestDocumentsKeepsOneCopy(t *testing.T) {
	var d inventory.Documents
	hash, first := d.Keep(strings.Clone("text"))
	again, second := d.Keep(strings.Clone("text"))
	if hash != inventory.DocumentHash("text") || again != hash || unsafe.StringData(first) != unsafe.StringData(second) {
		t.Errorf("%s, %s", hash, again)
	}
}
