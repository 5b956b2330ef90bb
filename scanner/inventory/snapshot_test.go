package inventory_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/inventory/inventorytest"
)

func written(t testing.TB, s *inventory.Snapshot) string {
	t.Helper()
	var b strings.Builder
	if err := s.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func read(file string) (*inventory.Snapshot, error) {
	return inventory.ReadSnapshot(strings.NewReader(file), "s.ndjson")
}

// sealed gives lines the trailer that fits them, so that a test can see what else is wrong with them.
func sealed(lines string) string {
	resources, gaps := 0, 0
	for line := range strings.Lines(lines) {
		if strings.HasPrefix(line, `{"id":`) {
			resources++
		}
		if strings.HasPrefix(line, `{"scope":`) {
			gaps++
		}
	}
	return lines + fmt.Sprintf("{\"resources\":%d,\"gaps\":%d,\"sha256\":\"%x\"}\n", resources, gaps, sha256.Sum256([]byte(lines)))
}

func body(file string) string {
	return file[:strings.LastIndexByte(file[:len(file)-1], '\n')+1]
}

func FuzzSnapshotRoundTrip(f *testing.F) {
	f.Add(uint64(1), 0, false)
	f.Add(uint64(2), 25, true)
	f.Add(uint64(3), 300, false)
	f.Fuzz(func(t *testing.T, seed uint64, n int, whole bool) {
		if n < 0 || n > 400 {
			t.Skip()
		}
		want := inventorytest.Generate(seed, inventorytest.Options{Resources: n, Whole: whole})
		file := written(t, want)
		got, err := read(file)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("read back (-written +read):\n%s", d)
		}
		if again := written(t, got); again != file {
			t.Error("writing what was read gives other bytes")
		}
	})
}

// What the reader accepts it would write in the same bytes, but for facts that it found missing and lists as unknown.
func FuzzReadSnapshotAcceptsOneSpelling(f *testing.F) {
	small := written(f, inventorytest.Generate(1, inventorytest.Options{Resources: 20}))
	header, _, _ := strings.Cut(small, "\n")
	header += "\n"
	for line := range strings.Lines(body(small)) {
		f.Add(line)
	}
	f.Add(`{"ID":"x"}` + "\n")
	f.Add(`{"id":"x","type":"vault.policy","kind":"policy","name":"","origin":"live","scope":"vault/eu/root","emulated":false,"policy":{}}` + "\n")
	f.Fuzz(func(t *testing.T, lines string) {
		for _, file := range []string{lines, sealed(lines), sealed(header + lines)} {
			s, err := read(file)
			if err != nil {
				if s != nil {
					t.Error("refused, and returned something")
				}
				continue
			}
			again := written(t, s)
			if again != file && len(again) <= len(file) {
				t.Errorf("accepted\n%s\nwould write\n%s", file, again)
			}
			if got, err := read(again); err != nil || written(t, got) != again {
				t.Errorf("does not settle: %v", err)
			}
		}
	})
}

func TestWriteDoesNotDependOnOrder(t *testing.T) {
	s := inventorytest.Generate(5, inventorytest.Options{Resources: 200})
	want := written(t, s)
	r := rand.New(rand.NewPCG(1, 1))
	for range 3 {
		r.Shuffle(len(s.Resources), func(i, j int) { s.Resources[i], s.Resources[j] = s.Resources[j], s.Resources[i] })
		r.Shuffle(len(s.Gaps), func(i, j int) { s.Gaps[i], s.Gaps[j] = s.Gaps[j], s.Gaps[i] })
		r.Shuffle(len(s.Scopes), func(i, j int) { s.Scopes[i], s.Scopes[j] = s.Scopes[j], s.Scopes[i] })
		if written(t, s) != want {
			t.Fatal("another order gives other bytes")
		}
	}
}

func TestReadSnapshotIsTheSameFromSmallReads(t *testing.T) {
	s := inventorytest.Generate(5, inventorytest.Options{Resources: 50})
	s.Resources[0].Tags = map[string]string{"long": strings.Repeat("x", 200_000)} // longer than any buffer
	file := written(t, s)
	for _, r := range []io.Reader{iotest.OneByteReader(strings.NewReader(file)), iotest.DataErrReader(strings.NewReader(file))} {
		got, err := inventory.ReadSnapshot(r, "s.ndjson")
		if err != nil {
			t.Fatal(err)
		}
		if written(t, got) != file {
			t.Error("read other bytes")
		}
	}
}

// Cut anywhere, the file is refused.
func TestReadSnapshotRefusesEveryPrefix(t *testing.T) {
	file := written(t, inventorytest.Generate(5, inventorytest.Options{Resources: 5}))
	for i := range len(file) {
		if _, err := read(file[:i]); err == nil {
			t.Fatalf("accepted the first %d of %d bytes", i, len(file))
		}
	}
}

// With any one byte changed, the file is refused.
func TestReadSnapshotRefusesEveryEdit(t *testing.T) {
	file := written(t, inventorytest.Generate(5, inventorytest.Options{Resources: 5}))
	for i := range len(file) {
		edited := []byte(file)
		edited[i] ^= 1
		if _, err := inventory.ReadSnapshot(bytes.NewReader(edited), "s.ndjson"); err == nil {
			t.Fatalf("accepted the file with byte %d changed from %q to %q", i, file[i], edited[i])
		}
	}
}

func TestReadSnapshotRefuses(t *testing.T) {
	const (
		header = `{"format":"keyreeve-snapshot","version":2,"taken_at":"2026-01-01T00:00:00Z","tool":"1.0.0","scopes":[]}` + "\n"
		a      = `{"id":"a","type":"vault.policy","kind":"policy","name":"a","origin":"live","scope":"vault/eu/root","emulated":false,"policy":{"builtin":false}}` + "\n"
		gap    = `{"scope":"vault/eu/root","what":"list of keys","why":"denied"}` + "\n"
	)
	b := strings.ReplaceAll(a, `"a"`, `"b"`)
	swap := func(line, old, new string) string {
		if !strings.Contains(line, old) {
			t.Fatalf("%q is not in %q", old, line)
		}
		return strings.Replace(line, old, new, 1)
	}
	ok := sealed(header + a + b + gap)
	if _, err := read(ok); err != nil {
		t.Fatal(err)
	}
	const edited = `, so the file was edited; take the snapshot again with "keyreeve collect"`
	const retake = `; take the snapshot again with "keyreeve collect"`
	for _, c := range []struct{ name, file, want string }{
		{"empty", "", `the file is empty` + retake},
		{"some other file", "resources:\n", `line 1: the file is no snapshot; name a file that "keyreeve collect" wrote`},
		{"some other file of one line", "{}", `line 1: the file is no snapshot; name a file that "keyreeve collect" wrote`},
		{"a result", `{"format":"keyreeve-result/1"}`, `line 1: the file is of format "keyreeve-result/1", which is no snapshot; name a file that "keyreeve collect" wrote`},
		{"a newer format", swap(ok, `"version":2`, `"version":3`), `line 1: the file has version 3 of the format and this keyreeve reads version 2; use the keyreeve that wrote it, or a newer one`},
		{"cut in the header", header[:60], `line 1: the file ends before its trailer, so it was cut off` + retake},
		{"cut after the header", header, `line 2: the file ends before its trailer, so it was cut off` + retake},
		{"cut in a resource", header + a[:30], `line 2: the file ends before its trailer, so it was cut off` + retake},
		{"without the trailer", header + a, `line 3: the file ends before its trailer, so it was cut off` + retake},
		{"without the last line feed", ok[:len(ok)-1], `line 5: the file ends before its trailer, so it was cut off` + retake},
		{"a line feed too many", ok + "\n", `line 6: the file goes on after its trailer` + edited},
		{"something after the trailer", ok + "x", `line 6: the file goes on after its trailer` + edited},
		{"an edited value", swap(ok, `"builtin":false`, `"builtin":true`), `line 5: the checksum is not that of the lines before it` + edited},
		{"a resource taken out", swap(ok, b, ""), `line 4: the trailer counts 2 resources and 1 gaps and the file holds 1 and 1` + edited},
		{"resources out of order", sealed(header + b + a), `line 3: resource "a" stands after "b"` + edited},
		{"an ID twice", sealed(header + a + a), `line 3: resource "a" stands after "a"` + edited},
		{"a resource after a gap", sealed(header + gap + a), `line 3: a resource stands after the gaps` + edited},
		{"gaps out of order", sealed(header + swap(gap, "list", "mist") + gap), `line 3: gap "list of keys" is out of order` + edited},
		{"an unknown key", sealed(header + swap(a, `"builtin"`, `"built_in"`)), `line 2: unknown key "built_in"` + retake + `, or read it with a newer keyreeve`},
		{"a key in other case", sealed(header + swap(a, `"builtin"`, `"Builtin"`)), `line 2: the line is not as keyreeve writes it` + edited},
		{"a key twice", sealed(header + swap(a, `"name":"a"`, `"name":"z","name":"a"`)), `line 2: the line is not as keyreeve writes it` + edited},
		{"other spacing", sealed(header + swap(a, `,"name"`, `, "name"`)), `line 2: the line is not as keyreeve writes it` + edited},
		{"two values on a line", sealed(header + swap(a, "}}\n", "}}{}\n")), `line 2: the line is not as keyreeve writes it` + edited},
		{"a null", sealed(header + swap(a, `"emulated":false`, `"emulated":null`)), `line 2: the line is not as keyreeve writes it` + edited},
		{"bytes that are no UTF-8", sealed(header + swap(a, `"name":"a"`, "\"name\":\"\xff\"")), `line 2: the line is not as keyreeve writes it` + edited},
		{"a number for a string", sealed(header + swap(a, `"name":"a"`, `"name":1`)), `line 2: cannot unmarshal number into Go struct field Resource.name of type string` + retake},
		{"no resource at all", sealed(header + "{}\n"), `line 2: neither a resource, a gap nor a trailer` + retake},
		{"an empty line", sealed(header + "\n"), `line 2: neither a resource, a gap nor a trailer` + retake},
		{"an unknown type", sealed(header + swap(a, `vault.policy`, `vault.polity`)), `line 2: resource "a": there is no resource type "vault.polity"` + retake},
		{"an unknown kind", sealed(header + swap(a, `"kind":"policy"`, `"kind":"polity"`)), `line 2: resource "a": its kind is "polity"; that of vault.policy is "policy"` + retake},
		{"a facet of another kind", sealed(header + swap(a, `"policy":{`, `"audit":{},"policy":{`)), `line 2: the line is not as keyreeve writes it` + edited},
		{"a facet of another kind, in its place", sealed(header + swap(a, `"policy":{"builtin":false}`, `"policy":{"builtin":false},"audit":{}`)), `line 2: resource "a": its kind is "policy" and it carries the facet "audit"` + retake},
		{"no facet", sealed(header + swap(a, `,"policy":{"builtin":false}`, ``)), `line 2: resource "a": its kind is "policy" and it lacks that facet` + retake},
		{"an unknown origin", sealed(header + swap(a, `"live"`, `"lively"`)), `line 2: resource "a": there is no origin "lively"` + retake},
		{"no ID", sealed(header + swap(a, `"id":"a"`, `"id":""`)), `line 2: resource "": its ID is empty` + retake},
		{"no scope", sealed(header + swap(a, `vault/eu/root`, ``)), `line 2: resource "a": its scope is empty` + retake},
		{"an unknown reason", sealed(header + swap(a, "}}\n", `},"unknown":[{"fact":"policy.builtin","why":"lost"}]}`+"\n")), `line 2: resource "a": there is no reason "lost" why policy.builtin is unknown` + retake},
		{"unknown facts out of order", sealed(header + swap(a, "}}\n", `},"unknown":[{"fact":"tags","why":"denied"},{"fact":"refs","why":"denied"}]}`+"\n")), `line 2: resource "a": its unknown facts are not sorted, or refs is there twice` + retake},
		{"a bound that is not in UTC", sealed(header + swap(a, "}}\n", `},"unknown":[{"fact":"tags","why":"denied","after":"2026-01-01T00:00:00+02:00"}]}`+"\n")), `line 2: resource "a": a bound of tags is not in UTC` + retake},
		{"a reason no gap has", sealed(header + swap(gap, `denied`, `lost`)), `line 2: gap "list of keys": there is no reason "lost"` + retake},
		{"a clock that is not in UTC", sealed(swap(header, `00:00:00Z`, `00:00:00+02:00`)), `line 1: taken_at is not in UTC` + retake},
		{"a scope twice", sealed(swap(header, `[]`, `[{"scope":"a","resources":0},{"scope":"a","resources":0}]`)), `line 1: the scope "a" is there twice` + retake},
		{"scopes out of order", sealed(swap(header, `[]`, `[{"scope":"b","resources":0},{"scope":"a","resources":0}]`)), `line 1: the scope "a" stands after "b"` + retake},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := read(c.file)
			want := `read snapshot "s.ndjson": ` + c.want
			if err == nil || s != nil || err.Error() != want {
				t.Errorf("\n got %v\nwant %s", err, want)
			}
		})
	}
}

func TestReadSnapshotRefusesFacetsThatRulesCouldMisread(t *testing.T) {
	key := `{"id":"k","type":"aws.kms.key","kind":"key","name":"k","origin":"live","scope":"aws/-/1/eu","emulated":false,"key":{%s}}` + "\n"
	header := `{"format":"keyreeve-snapshot","version":2,"taken_at":"2026-01-01T00:00:00Z","tool":"","scopes":[]}` + "\n"
	for facet, want := range map[string]string{
		`"state":"Enabled"`:                          `key.state is Enabled, and may be enabled, disabled,`,
		`"usages":["sign","teleport"]`:               `key.usages is [sign teleport], and may be encrypt,`,
		`"created_at":"2026-01-01T00:00:00+02:00"`:   `key.created_at is not in UTC`,
		`"rotation":{"next_at":"2026-01-01T00:00Z"}`: `parsing time`,
	} {
		_, err := read(sealed(header + fmt.Sprintf(key, facet)))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", facet, err, want)
		}
	}
}

// A file of an older version may lack what this one requires.
func TestReadSnapshotCompletes(t *testing.T) {
	header := `{"format":"keyreeve-snapshot","version":2,"taken_at":"2026-01-01T00:00:00Z","tool":"","scopes":[]}` + "\n"
	s, err := read(sealed(header + `{"id":"p","type":"vault.policy","kind":"policy","name":"p","origin":"live","scope":"vault/eu/root","emulated":false,"policy":{}}` + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]inventory.Unknown{{Fact: "policy.builtin", Why: inventory.NotRead}, {Fact: "policy.statements", Why: inventory.NotRead}}, s.Resources[0].Unknown); d != "" {
		t.Error(d)
	}
}

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

func TestWriteRefuses(t *testing.T) {
	policy := func(id inventory.ID) inventory.Resource {
		return inventory.Resource{ID: id, Type: "vault.policy", Kind: inventory.KindPolicy, Origin: inventory.Live, Scope: "vault/eu/root", Policy: &inventory.Policy{}}
	}
	local := time.Date(2026, 1, 1, 0, 0, 0, 0, time.FixedZone("", 3600))
	for _, c := range []struct {
		name string
		s    inventory.Snapshot
		want string
	}{
		{"an ID twice", inventory.Snapshot{Resources: []inventory.Resource{policy("a"), policy("b"), policy("a")}}, `write snapshot: two resources have the ID "a"`},
		{"a scope twice", inventory.Snapshot{Scopes: []inventory.ScopeRead{{Scope: "a"}, {Scope: "b"}, {Scope: "a"}}}, `write snapshot: the scope "a" is there twice`},
		{"a type that nothing describes", inventory.Snapshot{Gaps: []inventory.Gap{{Scope: "a", What: "list", Why: inventory.Denied, Types: []string{"x"}}}}, `write snapshot: gap "list": there is no resource type "x"`},
		{"a time elsewhere", inventory.Snapshot{Resources: []inventory.Resource{{
			ID: "k", Type: "aws.kms.key", Kind: inventory.KindKey, Origin: inventory.Live, Scope: "aws/-/1/eu", Key: &inventory.Key{CreatedAt: &local},
		}}}, `write snapshot: resource "k": key.created_at is not in UTC`},
		{"a document without its text", inventory.Snapshot{Resources: []inventory.Resource{func() inventory.Resource {
			r := policyWith("a", "text")
			r.Document = ""
			return r
		}()}}, `write snapshot: resource "a": its document is not the one whose hash it states`},
		{"a document that is no UTF-8", inventory.Snapshot{Resources: []inventory.Resource{policyWith("a", "\xff")}}, `write snapshot: resource "a": its document is not the one whose hash it states`},
		{"two texts of one hash", inventory.Snapshot{Resources: []inventory.Resource{policyWith("a", "text"), func() inventory.Resource {
			r := policyWith("b", "text")
			r.Document = "other"
			return r
		}()}}, `write snapshot: resource "b": its document is not the one whose hash it states`},
		{"a line too long", inventory.Snapshot{Resources: []inventory.Resource{func() inventory.Resource {
			r := policy("a")
			r.Name = strings.Repeat("x", 9<<20)
			return r
		}()}}, `write snapshot: resource "a": takes 9437312 bytes, more than the 8388608 that a line may have`},
	} {
		if err := c.s.Write(io.Discard); err == nil || err.Error() != c.want {
			t.Errorf("%s:\n got %v\nwant %s", c.name, err, c.want)
		}
	}
}

// The last bytes of a file are written when the buffer is flushed; a full disk shows there.
func TestWriteReportsTheLastWrite(t *testing.T) {
	s := inventorytest.Generate(1, inventorytest.Options{Resources: 100})
	full := errors.New("no space left on device")
	size := len(written(t, s))
	for _, room := range []int{0, size / 2, size - 1} {
		if err := s.Write(&disk{room: room, err: full}); !errors.Is(err, full) {
			t.Errorf("with room for %d of %d bytes: got %v", room, size, err)
		}
	}
	if err := s.Write(&disk{room: size, err: full}); err != nil {
		t.Error(err)
	}
}

type disk struct {
	room int
	err  error
}

func (d *disk) Write(p []byte) (int, error) {
	n := min(len(p), d.room)
	d.room -= n
	if n < len(p) {
		return n, d.err
	}
	return n, nil
}

func TestReadSnapshotRefusesALineWithoutEnd(t *testing.T) {
	header := `{"format":"keyreeve-snapshot","version":2,"taken_at":"2026-01-01T00:00:00Z","tool":"","scopes":[]}` + "\n"
	_, err := inventory.ReadSnapshot(io.MultiReader(strings.NewReader(header), endless{}), "s.ndjson")
	if err == nil || !strings.HasPrefix(err.Error(), `read snapshot "s.ndjson": line 2: the line is longer than 8388608 bytes`) {
		t.Error(err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}
