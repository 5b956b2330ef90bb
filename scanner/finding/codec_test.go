package finding_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/report"
)

var clock = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// result is one of some findings, the n-th of which has the n-th severity.
func result(n int) *finding.Result {
	r := &finding.Result{
		Format: finding.ResultFormat, Tool: "1.0.0", Verb: "scan", TakenAt: clock, AsOf: clock, Reading: finding.Partial,
		Rules: []finding.Rule{{ID: "area/rule", Severity: finding.High, AppliesTo: []string{"key"}}, {ID: "area/other", Severity: finding.Low, AppliesTo: []string{"secret"}}},
	}
	for i := range n {
		res := &finding.Resource{ID: inventory.ID(fmt.Sprintf("vault:eu/root/transit/keys/k%03d", i)), Type: "vault.transit.key", Kind: inventory.KindKey, Name: fmt.Sprintf("k%03d", i), Origin: inventory.Live, Scope: "vault/eu/root"}
		f := finding.Finding{
			Fingerprint: finding.Fingerprint("area/rule", res.ID, ""), Rule: "area/rule", Verdict: finding.Fail, Severity: finding.Severities()[i%5],
			Resource: res, Message: "is too old", Facts: map[string]any{"age_days": float64(91 + i)},
		}
		if i%7 == 3 {
			f.Verdict, f.Facts = finding.Unknown, nil
			f.Deciding = []finding.Deciding{{Fact: "key.rotated_at", Why: inventory.Denied, Call: "GET transit/keys/NAME", Hint: "transit/keys/+: read"}}
		}
		r.Findings = append(r.Findings, f)
	}
	r.Gaps = []finding.Gap{{Gap: inventory.Gap{Scope: "vault/eu/root", Types: []string{"vault.token"}, What: "list of tokens", Why: inventory.Denied}}}
	r.Coverage = []finding.Coverage{{ScopeRead: inventory.ScopeRead{Scope: "vault/eu/root", Resources: n, Report: inventory.Report{Types: []string{"vault.token", "vault.transit.key"}}}, Gaps: 1}}
	r.Sort()
	r.Summarize()
	return r
}

func encoded(t testing.TB, r *finding.Result) string {
	t.Helper()
	var b strings.Builder
	if err := report.Write(&b, "json", r, report.Options{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestResultRoundTrip(t *testing.T) {
	for _, n := range []int{0, 1, 40} {
		want := result(n)
		file := encoded(t, want)
		for _, in := range []string{file, strings.TrimSuffix(file, "\n")} {
			got, err := finding.ReadResult(iotest.HalfReader(strings.NewReader(in)), "r.json")
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
				t.Errorf("read back (-written +read):\n%s", d)
			}
			if encoded(t, got) != file {
				t.Error("writing what was read gives other bytes")
			}
		}
	}
}

func TestReadResultRefusesEveryPrefix(t *testing.T) {
	file := strings.TrimSpace(encoded(t, result(3)))
	for i := range len(file) {
		if _, err := finding.ReadResult(strings.NewReader(file[:i]), "r.json"); err == nil {
			t.Fatalf("accepted the first %d of %d bytes", i, len(file))
		}
	}
}

func TestReadResultRefuses(t *testing.T) {
	file := encoded(t, result(3))
	swap := func(old, new string) string {
		if !strings.Contains(file, old) {
			t.Fatalf("the file does not hold %q", old)
		}
		return strings.Replace(file, old, new, 1)
	}
	const made = "; a result is what -o json=FILE writes"
	for _, c := range []struct{ name, file, want string }{
		{"empty", "", "the file is empty" + made},
		{"cut off", file[:len(file)/2], "the file is cut off; make it anew with -o json=FILE"},
		{"YAML", "version: 1\n", "it is no JSON (at byte 1)" + made},
		{"another value", "[]", "cannot unmarshal array into Go value of type finding.Result" + made},
		{"a newer format with keys of its own", `{"format":"keyreeve-result/2","news":1}`, `its format is "keyreeve-result/2" and this keyreeve reads "keyreeve-result/1"; make it anew with -o json=FILE`},
		{"a snapshot", `{"format":"keyreeve-snapshot","version":1}` + "\n{}\n", `its format is "keyreeve-snapshot" and this keyreeve reads "keyreeve-result/1"; make it anew with -o json=FILE`},
		{"no format", "{}", `its format is "" and this keyreeve reads "keyreeve-result/1"; make it anew with -o json=FILE`},
		{"a format that stands last", `{"tool":"x","format":"keyreeve-result/2"}`, `its format is "keyreeve-result/2" and this keyreeve reads "keyreeve-result/1"; make it anew with -o json=FILE`},
		{"an unknown key", swap(`"tool"`, `"tol"`), `unknown field "tol"` + made},
		{"two results", file + file, "something follows after the end of the result; make it anew with -o json=FILE"},
		{"without findings", `{"format":"keyreeve-result/1","reading":"whole","rules":[],"tallies":[]}`, `it lacks the list "findings"; make it anew with -o json=FILE`},
		{"findings that are null", swap(`"diagnostics": []`, `"diagnostics": null`), `it lacks the list "diagnostics"; make it anew with -o json=FILE`},
		{"another reading", swap(`"partial"`, `"complete"`), `reading is "complete", which no keyreeve writes`},
		{"another verdict", swap(`"verdict":"fail"`, `"verdict":"pass"`), `has the verdict "pass" and the severity "medium", which no keyreeve writes`},
		{"another count", swap(`"fail":3`, `"fail":2`), "its summary is not that of its findings, so it was edited; make it anew with -o json=FILE"},
		{"a finding about nothing", swap(`"message":`, `"resource":null,"message":`), "names no resource, which every finding of keyreeve does"},
		{"another severity", swap(`"severity":"medium"`, `"severity":"Medium"`), `has the verdict "fail" and the severity "Medium", which no keyreeve writes`},
	} {
		r, err := finding.ReadResult(strings.NewReader(c.file), "r.json")
		if err == nil || r != nil || !strings.HasPrefix(err.Error(), `read result "r.json": `) || !strings.HasSuffix(err.Error(), c.want) {
			t.Errorf("%s:\n got %v\nwant %s", c.name, err, c.want)
		}
	}
}

// What the reader accepts can be written, and comes back the same.
func FuzzReadResultSettles(f *testing.F) {
	f.Add(encoded(f, result(0)))
	f.Add(encoded(f, result(4)))
	f.Add(`{"format":"keyreeve-result/2"}`)
	f.Fuzz(func(t *testing.T, file string) {
		r, err := finding.ReadResult(strings.NewReader(file), "r.json")
		if err != nil {
			if r != nil {
				t.Error("refused, and returned something")
			}
			return
		}
		first := encoded(t, r)
		again, err := finding.ReadResult(strings.NewReader(first), "r.json")
		if err != nil {
			t.Fatalf("wrote what it refuses: %v\n%s", err, first)
		}
		if encoded(t, again) != first {
			t.Error("does not settle")
		}
	})
}

func TestSort(t *testing.T) {
	want := result(60)
	got := result(60)
	dice := rand.New(rand.NewPCG(1, 1))
	dice.Shuffle(len(got.Findings), func(i, j int) { got.Findings[i], got.Findings[j] = got.Findings[j], got.Findings[i] })
	got.Sort()
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for i := 1; i < len(got.Findings); i++ {
		a, b := got.Findings[i-1], got.Findings[i]
		if a.Severity.Rank() < b.Severity.Rank() || a.Severity == b.Severity && a.Resource.ID >= b.Resource.ID {
			t.Errorf("%s %s stands before %s %s", a.Severity, a.Resource.ID, b.Severity, b.Resource.ID)
		}
	}
}

func TestCompare(t *testing.T) {
	one := func(change func(*finding.Finding)) *finding.Result {
		r := result(1)
		change(&r.Findings[0])
		return r
	}
	same := func(*finding.Finding) {}
	unknown := func(f *finding.Finding) { f.Verdict = finding.Unknown }
	waived := func(f *finding.Finding) { f.Waived = &finding.Waived{By: "w"} }
	read := func(r *finding.Result) *finding.Result { r.Coverage[0].Gaps = 0; return r }
	elsewhere := func(r *finding.Result) *finding.Result { r.Coverage[0].Scope = "vault/us/root"; return r }
	for _, c := range []struct {
		name     string
		now, old *finding.Result
		want     finding.Change
		mark     string
	}{
		{"the same", one(same), one(same), finding.Change{Unchanged: 1}, finding.Unchanged},
		{"other words, ages and severity", one(func(f *finding.Finding) { f.Message, f.Facts, f.Severity = "x", nil, finding.Low }), one(same), finding.Change{Unchanged: 1}, finding.Unchanged},
		{"not there before", one(same), result(0), finding.Change{New: 1}, finding.New},
		{"unknown before, fails now", one(same), one(unknown), finding.Change{New: 1}, finding.New},
		{"failed before, unknown now", one(unknown), one(same), finding.Change{Unchanged: 1}, finding.Unchanged},
		{"waived before, not now", one(same), one(waived), finding.Change{New: 1}, finding.New},
		{"waived both times", one(waived), one(waived), finding.Change{Unchanged: 1}, finding.Unchanged},
		{"waived now", one(waived), one(same), finding.Change{Unchanged: 1}, finding.Unchanged},
		{"gone", read(result(0)), one(same), finding.Change{Absent: 1}, ""},
		{"gone, and a gap may hide it", result(0), one(same), finding.Change{}, ""},
		{"gone, and its scope was not read", elsewhere(read(result(0))), one(same), finding.Change{}, ""},
	} {
		if got := c.now.Compare(c.old); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
		for _, f := range c.now.Findings {
			if f.Baseline != c.mark {
				t.Errorf("%s: marked %q, want %q", c.name, f.Baseline, c.mark)
			}
		}
	}
}
