package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/jedib0t/go-pretty/v6/text"
	"pgregory.net/rapid"

	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/report/sariftest"
)

// allOptions are the circumstances under which the properties have to hold.
var allOptions = []Options{
	{},
	{Width: 80, MaxLines: 3, Color: true, Suppressed: "include"},
	{Width: 20, Unknowns: true, Anchor: "SECURITY.md"},
	{Width: 1, MaxLines: 1},
}

// The order in which findings arrive depends on which back end answered first; the report must not.
func TestOrderOfInputDoesNotMatter(t *testing.T) {
	for _, f := range formats {
		for _, o := range allOptions {
			want := write(t, f.Name, nightly(), o)
			for seed := range uint64(20) {
				r := nightly()
				shuffle(rand.New(rand.NewPCG(seed, 1)), r)
				if got := write(t, f.Name, r, o); !bytes.Equal(want, got) {
					t.Fatalf("%s with %+v: seed %d gives another report", f.Name, o, seed)
				}
			}
		}
	}
}

func shuffle(rnd *rand.Rand, r *finding.Result) {
	swap := func(n int, s func(i, j int)) { rnd.Shuffle(n, s) }
	swap(len(r.Findings), func(i, j int) { r.Findings[i], r.Findings[j] = r.Findings[j], r.Findings[i] })
	swap(len(r.Diagnostics), func(i, j int) { r.Diagnostics[i], r.Diagnostics[j] = r.Diagnostics[j], r.Diagnostics[i] })
	swap(len(r.Gaps), func(i, j int) { r.Gaps[i], r.Gaps[j] = r.Gaps[j], r.Gaps[i] })
	swap(len(r.Rules), func(i, j int) { r.Rules[i], r.Rules[j] = r.Rules[j], r.Rules[i] })
	swap(len(r.Coverage), func(i, j int) { r.Coverage[i], r.Coverage[j] = r.Coverage[j], r.Coverage[i] })
	swap(len(r.Tallies), func(i, j int) { r.Tallies[i], r.Tallies[j] = r.Tallies[j], r.Tallies[i] })
}

func TestReportsLeaveTheResultAsItIs(t *testing.T) {
	r, want := nightly(), fmt.Sprintf("%+v", nightly().Findings)
	for _, f := range formats {
		write(t, f.Name, r, Options{Suppressed: "include"})
	}
	if got := fmt.Sprintf("%+v", r.Findings); len(got) == 0 || findingsOf(got) != findingsOf(want) {
		t.Error("writing a report changed its findings")
	}
}

var addresses = regexp.MustCompile(`0x[0-9a-f]+`)

func findingsOf(s string) string { return addresses.ReplaceAllString(s, "POINTER") }

// escapes is what colours consist of, and nothing else.
var escapes = regexp.MustCompile(`\x1b\[[0-9;]*m`)

func harmless(t interface{ Fatalf(string, ...any) }, s []byte) {
	if !utf8.Valid(s) {
		t.Fatalf("not UTF-8: %q", s)
	}
	for _, r := range escapes.ReplaceAllString(string(s), "") {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r)) {
			t.Fatalf("the terminal would be sent %U in %q", r, s)
		}
	}
}

// Whatever a result holds, every format writes it, text is harmless to a terminal, and SARIF is what consumers take.
func TestAnyResultCanBeWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyResult(t)
		o := rapid.SampledFrom(allOptions).Draw(t, "options")
		for _, f := range formats {
			var b bytes.Buffer
			if err := Write(&b, f.Name, r, o); err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
			switch f.Name {
			case "lines", "github":
				harmless(t, b.Bytes())
			case "codequality":
				if !json.Valid(b.Bytes()) {
					t.Fatalf("no JSON: %q", b.Bytes())
				}
			case "text":
				harmless(t, b.Bytes())
				if !o.Color && bytes.Contains(b.Bytes(), []byte("\x1b")) {
					t.Fatalf("colour that nobody asked for")
				}
			case "sarif":
				if p := sariftest.Problems(b.Bytes()); p != nil {
					t.Fatalf("%s", strings.Join(p, "\n"))
				}
			}
		}
		for _, f := range r.Findings {
			var b bytes.Buffer
			if err := Finding(&b, r, f, o); err != nil {
				t.Fatalf("%v", err)
			}
			harmless(t, b.Bytes())
		}
	})
}

func anyResult(t *rapid.T) *finding.Result {
	name := rapid.OneOf(rapid.SampledFrom([]string{"", evil, "jwt", "鍵", "a/../b", "e\u0301\u200d", "..", "rotation/x"}), rapid.String())
	severity := rapid.SampledFrom([]finding.Severity{"", "low", "critical", "high", "dire"})
	verdict := rapid.SampledFrom([]finding.Verdict{"", finding.Fail, finding.Fail, finding.Unknown, "perhaps"})
	ids := rapid.OneOf(rapid.SampledFrom([]string{"arn:aws:kms:r:1:key/k", "arn:aws:::", "vault:eu/root/x", "vault:", ":", "a"}), rapid.String())
	waived := func() *finding.Waived {
		if !rapid.Bool().Draw(t, "waived") {
			return nil
		}
		return &finding.Waived{By: name.Draw(t, "by"), Reason: name.Draw(t, "reason"), Owner: name.Draw(t, "owner")}
	}
	states := []string{""} // a result is compared as a whole, or not
	if rapid.Bool().Draw(t, "compared") {
		states = []string{finding.New, finding.Unchanged}
	}
	one := rapid.Custom(func(t *rapid.T) finding.Finding {
		f := finding.Finding{
			Fingerprint: rapid.SampledFrom([]string{"", "ab", "00112233445566778899aabbccddeeff"}).Draw(t, "fingerprint"),
			Rule:        rapid.SampledFrom([]string{"a/b", "c", "meta/x", evil}).Draw(t, "rule"), Verdict: verdict.Draw(t, "verdict"), Severity: severity.Draw(t, "severity"),
			Resource: &finding.Resource{ID: inventory.ID(ids.Draw(t, "id")), Name: name.Draw(t, "name"), Type: name.Draw(t, "type"), Scope: inventory.Scope(name.Draw(t, "scope"))},
			At:       name.Draw(t, "at"), Message: name.Draw(t, "message"), Error: name.Draw(t, "error"), Waived: waived(),
			Baseline: rapid.SampledFrom(states).Draw(t, "baseline"),
		}
		if rapid.Bool().Draw(t, "located") {
			f.Resource.Location = &inventory.Location{Path: name.Draw(t, "path"), StartLine: rapid.IntRange(-1, 3).Draw(t, "line"), EndLine: rapid.IntRange(-1, 3).Draw(t, "end")}
		}
		if rapid.Bool().Draw(t, "facts") {
			f.Facts = map[string]any{
				name.Draw(t, "fact"): name.Draw(t, "value"), "age_days": rapid.Int().Draw(t, "age"), "list": []any{nil, name.Draw(t, "item"), true},
				"none": nil, "map": map[string]any{"x": nil}, "strings": []string(nil), "ttl_seconds": 7200,
			}
		}
		if rapid.Bool().Draw(t, "deciding") {
			f.Deciding = []finding.Deciding{{Fact: name.Draw(t, "fact"), Why: inventory.Reason(name.Draw(t, "why")), Hint: name.Draw(t, "hint")}, {}}
		}
		return f
	})
	r := &finding.Result{
		Tool: name.Draw(t, "tool"), Verb: name.Draw(t, "verb"), Emulated: rapid.Bool().Draw(t, "emulated"),
		Reading:  rapid.SampledFrom([]finding.Reading{"", finding.Whole, finding.Partial, finding.Nothing}).Draw(t, "reading"),
		Findings: rapid.SliceOfN(one, 0, 8).Draw(t, "findings"), Diagnostics: rapid.SliceOfN(one, 0, 2).Draw(t, "diagnostics"),
		Summary: finding.Summary{Resources: rapid.IntRange(0, 2).Draw(t, "resources")},
	}
	for _, id := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a/b", "c", "meta/x", "ü/ß-z"}), 0, 4, rapid.ID).Draw(t, "rules") {
		r.Rules = append(r.Rules, finding.Rule{
			ID: id, Title: name.Draw(t, "title"), Description: strings.Repeat(name.Draw(t, "about"), 300), Severity: severity.Draw(t, "of"),
			Tags: rapid.SliceOfN(name, 0, 25).Draw(t, "tags"), Meta: strings.HasPrefix(id, "meta/"),
		})
	}
	for range rapid.IntRange(0, 2).Draw(t, "gaps") {
		r.Gaps = append(r.Gaps, finding.Gap{Gap: inventory.Gap{Scope: inventory.Scope(name.Draw(t, "scope")), What: name.Draw(t, "what"), Why: inventory.Reason(name.Draw(t, "why")), Err: name.Draw(t, "err")}, Accepted: waived()})
		r.Coverage = append(r.Coverage, finding.Coverage{Facts: rapid.IntRange(0, 3).Draw(t, "facts")})
	}
	r.Summarize()
	return r
}

func FuzzCleanIsHarmless(f *testing.F) {
	for _, s := range []string{evil, "", "plain", "\u2066a\u2069", "\xc3\x28", "\ufffd", "\u0000", "e\u0301"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := clean(s)
		harmless(t, []byte(got))
		if strings.Contains(got, "\n") {
			t.Fatalf("%q breaks the line", got)
		}
		if again := clean(got); again != got {
			t.Fatalf("cleaned twice: %q, then %q", got, again)
		}
		for width := range 30 {
			if short := shorten(got, width); width >= 5 && text.StringWidth(short) > width {
				t.Fatalf("%q is wider than %d", short, width)
			}
		}
	})
}

// What stands below each other must, also where letters are two columns wide.
func TestColumnsAlign(t *testing.T) {
	var b strings.Builder
	p := &page{w: &b}
	p.table(2, [][]cell{{{text: "鍵-署名"}, {text: "|"}}, {{text: "jwt"}, {text: "|"}}, {{text: "a\x1bb"}, {text: "|"}}, {{text: "Ωμέγα"}, {text: "|"}}})
	at := -1
	for _, line := range strings.Split(strings.TrimSpace(b.String()), "\n") {
		column := text.StringWidth(line[:strings.Index(line, "|")])
		if at >= 0 && column != at {
			if line = "  " + strings.TrimLeft(line, " "); text.StringWidth(line[:strings.Index(line, "|")]) != at {
				t.Errorf("column %d, want %d: %q", column, at, line)
			}
		} else if at < 0 {
			at = column + 2 // TrimSpace took the indent
		}
	}
}

// Where the terminal has room for short columns, nothing sticks out but what is there to be copied.
func TestTablesFitTheTerminal(t *testing.T) {
	for _, width := range []int{80, 100, 120, 200} {
		for _, line := range strings.Split(string(write(t, "text", nightly(), Options{Width: width})), "\n") {
			copied := strings.Contains(line, "hint: ") || strings.Contains(line, "grant: ") || strings.Contains(line, "next: ")
			if n := text.StringWidth(line); n > width && !copied {
				t.Errorf("%d columns of %d: %s", n, width, line)
			}
		}
	}
}

// Green is for what is known to be good.
func TestUnknownNeverLooksGood(t *testing.T) {
	green := text.FgGreen.EscapeSeq()
	for name, r := range map[string]*finding.Result{"nightly": nightly(), "nothing": nothingRead(), "zero": {}} {
		if got := string(write(t, "text", r, Options{Color: true})); strings.Contains(got, green) || !strings.Contains(got, "\x1b") {
			t.Errorf("%s: something is green, or nothing is coloured", name)
		}
	}
	if got := string(write(t, "text", clearEstate(), Options{Color: true})); !strings.Contains(got, green) {
		t.Error("a clear estate is not green")
	}
	for _, bad := range []string{"Everything was read", "nothing has to be done"} {
		for name, r := range map[string]*finding.Result{"nothing": nothingRead(), "zero": {}, "gap only": {Verb: "lint", Reading: finding.Partial, Gaps: gaps()[:1]}, "partial": {Verb: "lint", Reading: finding.Partial}} {
			if got := string(write(t, "text", r, Options{})); strings.Contains(got, bad) {
				t.Errorf("%s: says %q", name, bad)
			}
		}
	}
}

func TestOnlyAllIsAHundredPercent(t *testing.T) {
	for _, c := range []struct {
		part, all int
		want      string
	}{{0, 3, "0 %"}, {1999, 2000, "99 %"}, {2000, 2000, "100 %"}} {
		if got := percent(c.part, c.all); got != c.want {
			t.Errorf("%d of %d: %s, want %s", c.part, c.all, got, c.want)
		}
	}
}

func TestColorDoesNotDependOnTheEnvironment(t *testing.T) {
	want := write(t, "text", nightly(), Options{Color: true})
	text.DisableColors() // as go-pretty does by itself where NO_COLOR is set
	defer text.EnableColors()
	if got := write(t, "text", nightly(), Options{Color: true}); !bytes.Equal(want, got) {
		t.Error("the caller decides about colours, not the environment")
	}
}

func TestLongListsAreCutAndSaySo(t *testing.T) {
	got := string(write(t, "text", nightly(), Options{MaxLines: 10}))
	if !strings.Contains(got, "and 6 more") || !strings.Contains(got, "--max-lines 0") {
		t.Errorf("nothing says what was cut:\n%s", got)
	}
	all := string(write(t, "text", nightly(), Options{}))
	if strings.Contains(all, "--max-lines") || strings.Contains(all, "and 6 more") {
		t.Error("something was cut although everything was asked for")
	}
	for _, f := range nightly().Findings {
		if f.Verdict == finding.Fail && !strings.Contains(all, short(f.Fingerprint)) {
			t.Errorf("finding %s of %s is missing", f.Fingerprint, f.Rule)
		}
	}
}

type full struct{ room int }

func (f *full) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errors.New("no space left on device")
	}
	return len(p), nil
}

func TestWriteErrorsAreReported(t *testing.T) {
	for _, f := range formats {
		size := len(write(t, f.Name, many(2000), Options{}))
		for _, room := range []int{0, size / 2, size - 1} {
			if err := Write(&full{room}, f.Name, many(2000), Options{}); err == nil {
				t.Errorf("%s: no error although only %d of %d bytes fit", f.Name, room, size)
			}
		}
	}
	if err := Write(&full{}, "xml", nightly(), Options{}); err == nil || !strings.Contains(err.Error(), "formats are text, json, sarif") {
		t.Errorf("unknown format: %v", err)
	}
}
