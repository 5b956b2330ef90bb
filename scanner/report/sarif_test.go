package report

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/report/sariftest"
)

// doc is as much of a SARIF file as the tests below look at.
type doc struct {
	Runs []struct {
		Invocations []struct {
			ExecutionSuccessful bool
			EndTimeUtc          string
			Execution           []note `json:"toolExecutionNotifications"`
			Configuration       []note `json:"toolConfigurationNotifications"`
		}
		AutomationDetails struct{ ID string }
		Results           []res
		Tool              struct {
			Driver struct {
				SemanticVersion string
				Rules           []struct {
					ID         string
					Properties map[string]any
					Help       struct{ Markdown string }
				}
			}
		}
	}
}

type note struct {
	Descriptor struct{ ID string }
	Level      string
	Message    struct{ Text string }
	Properties map[string]any
}

type res struct {
	RuleID              string
	Kind, Level         string
	Rank                float64
	Message             struct{ Text string }
	BaselineState       string
	OccurrenceCount     int
	Suppressions        *[]struct{ Kind, Status, Justification, Guid string }
	Fingerprints        map[string]string
	PartialFingerprints map[string]string
	Properties          map[string]any
	Locations           []struct {
		PhysicalLocation struct {
			ArtifactLocation struct{ URI string }
			Region           struct{ StartLine, EndLine int }
		}
		LogicalLocations []struct{ Name, FullyQualifiedName, Kind string }
	}
}

func (r res) uri() string { return r.Locations[0].PhysicalLocation.ArtifactLocation.URI }

func sarifOf(t *testing.T, r *finding.Result, o Options) doc {
	t.Helper()
	raw := write(t, "sarif", r, o)
	sariftest.Document(t, raw)
	var d doc
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestSARIFIsWhatConsumersTake(t *testing.T) {
	for name, o := range map[string]Options{
		"default":  {},
		"included": {Suppressed: "include"},
		"open":     {Unknowns: true},
		"anchored": {Anchor: "docs/SECURITY notes.md", Suppressed: "include", Unknowns: true},
		"category": {Category: "keyreeve/aws/111122223333/"},
	} {
		for state, r := range map[string]*finding.Result{"nightly": nightly(), "nothing": nothingRead(), "clear": clearEstate(), "zero": {}} {
			t.Run(name+"/"+state, func(t *testing.T) { sarifOf(t, r, o) })
		}
	}
}

func TestSARIFPlaces(t *testing.T) {
	for id, want := range map[string]string{
		"arn:aws:kms:eu-west-1:111122223333:key/1234abcd":                 "keys/aws/111122223333/eu-west-1/kms/1234abcd",
		"arn:aws-cn:kms:cn-north-1:111122223333:key/1234abcd":             "keys/aws-cn/111122223333/cn-north-1/kms/1234abcd",
		"arn:aws:secretsmanager:eu-west-1:111122223333:secret:db/pw-AbCd": "keys/aws/111122223333/eu-west-1/secretsmanager/secret%3Adb/pw-AbCd",
		"arn:aws:iam::111122223333:user/ada":                              "keys/aws/111122223333/~/iam/user/ada",
		"vault:eu/root/transit/keys/jwt":                                  "keys/vault/eu/root/transit/keys/jwt",
		"vault:eu/team-a/app/kv/metadata/../a//b c?#%":                    "keys/vault/eu/team-a/app/kv/metadata/~../a/~/b%20c%3F%23%25",
		"vault:eu/root/~x/@y":                                             "keys/vault/eu/root/~~x/%40y",
		"plain":                                                           "keys/other/plain",
		"unlisted:aws/-/111122223333/eu-west-1":                           "keys/unlisted/aws/-/111122223333/eu-west-1",
	} {
		f := fail("a/b", finding.High, &finding.Resource{ID: inventory.ID(id)}, "m")
		if got := syntheticPath(&f); got != want {
			t.Errorf("%s\n got %s\nwant %s", id, got, want)
		}
		f.At = "statement: 1/2"
		if got := syntheticPath(&f); got != want+"/@statement%3A%201%2F2" {
			t.Errorf("%s with a part: %s", id, got)
		}
	}
}

func TestSARIFTellsRealFilesFromMadeUpOnes(t *testing.T) {
	real, made := 0, 0
	for _, r := range sarifOf(t, nightly(), Options{}).Runs[0].Results {
		_, hashed := r.PartialFingerprints["primaryLocationLineHash"]
		if strings.HasPrefix(r.uri(), "keys/") {
			made++
			if !hashed {
				t.Errorf("%s: GitHub cannot make a line hash of a file that it does not have", r.uri())
			}
		} else {
			real++
			if hashed {
				t.Errorf("%s: the line hash of a real file is GitHub's to make", r.uri())
			}
		}
		if r.Fingerprints["keyreeve/v1"] == "" || r.Fingerprints["keyreeve/v1"] != r.PartialFingerprints["keyreeve/v1"] {
			t.Errorf("%s: fingerprints %v", r.uri(), r.Fingerprints)
		}
		if l := r.Locations[0].LogicalLocations[0]; l.Kind != "resource" || l.FullyQualifiedName == "" {
			t.Errorf("%s: logical location %+v", r.uri(), l)
		}
	}
	if real < 10 || made < 5 {
		t.Errorf("%d real and %d made-up places", real, made)
	}
}

// Consumers tell findings of one rule apart by file and lines, so two credentials on a line are one result that says so.
func TestSARIFJoinsFindingsOnTheSameLines(t *testing.T) {
	all := 0
	for _, r := range sarifOf(t, nightly(), Options{}).Runs[0].Results {
		n := max(1, r.OccurrenceCount)
		all += n
		if also, _ := r.Properties["alsoHere"].([]any); len(also) != n-1 {
			t.Errorf("%s counts %d and names %d others", r.uri(), n, len(also))
		}
	}
	if want := nightly().Summary.Fail; all != want {
		t.Errorf("%d findings are told, of %d", all, want)
	}
}

func TestSARIFMessagesDoNotChangeWithTime(t *testing.T) {
	older := nightly()
	for i := range older.Findings {
		if older.Findings[i].Facts["age_days"] != nil {
			older.Findings[i].Facts = map[string]any{"age_days": 4321, "limit_days": 90}
		}
	}
	was, is := sarifOf(t, nightly(), Options{}).Runs[0].Results, sarifOf(t, older, Options{}).Runs[0].Results
	for i := range was {
		if was[i].Message.Text != is[i].Message.Text || was[i].uri() != is[i].uri() {
			t.Errorf("%q became %q", was[i].Message.Text, is[i].Message.Text)
		}
	}
}

func TestSARIFSeverityStandsWhereEachConsumerLooks(t *testing.T) {
	run := sarifOf(t, nightly(), Options{}).Runs[0]
	want := map[string]string{"credentials/in-repository": "9.5", "rotation/signing-key-overdue": "8.0", "rotation/automatic-rotation-off": "5.5", "estate/unclassified": "2.5"}
	for _, r := range run.Tool.Driver.Rules {
		if w := want[r.ID]; w != "" && r.Properties["security-severity"] != w {
			t.Errorf("%s: security-severity %v, want %s", r.ID, r.Properties["security-severity"], w)
		}
		if strings.HasPrefix(r.ID, "meta/") {
			t.Errorf("%s is about the run and no rule of results", r.ID)
		}
	}
	for _, r := range run.Tool.Driver.Rules {
		if md := r.Help.Markdown; r.ID == "rotation/signing-key-overdue" &&
			(!strings.Contains(md, "max_age_days (default 90)") || !strings.Contains(md, "pci-dss-4.0.1: 3.7.4") || !strings.Contains(md, "https://csrc.nist.gov")) {
			t.Errorf("help of %s: %s", r.ID, md)
		}
	}
	levels := map[string]string{}
	last := 101.0
	for _, r := range run.Results {
		levels[r.Properties["severity"].(string)] = fmt.Sprintf("%s %v", r.Level, r.Rank)
		if r.Rank > last {
			t.Errorf("%s with rank %v comes after rank %v", r.RuleID, r.Rank, last)
		}
		last = r.Rank
	}
	for s, w := range map[string]string{"critical": "error 95", "high": "error 80", "medium": "warning 55", "low": "note 25", "info": "note 5"} {
		if levels[s] != w {
			t.Errorf("%s: level and rank %q, want %q", s, levels[s], w)
		}
	}
}

func TestSARIFWaivedFindings(t *testing.T) {
	omitted := sarifOf(t, nightly(), Options{Suppressed: "omit"}).Runs[0].Results
	for _, r := range omitted {
		if r.Suppressions != nil {
			t.Errorf("%s: has suppressions although none are asked for", r.uri())
		}
	}
	var reasons []string
	included := sarifOf(t, nightly(), Options{Suppressed: "include"}).Runs[0].Results
	for _, r := range included {
		for _, s := range *r.Suppressions {
			reasons = append(reasons, s.Kind+" "+s.Status+" "+s.Justification)
		}
	}
	if len(included) != len(omitted)+2 {
		t.Errorf("%d results with waived ones, %d without", len(included), len(omitted))
	}
	want := "inSource accepted a gitleaks:allow comment\n" +
		"external accepted The partner fetches our keys by hand until the spring release. (waivers/2026.yaml#3: until 2026-04-01, owner team-payments, approved by ciso, SEC-123)"
	if got := strings.Join(reasons, "\n"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestSARIFUnknownsAreNeverFails(t *testing.T) {
	for _, r := range sarifOf(t, nightly(), Options{}).Runs[0].Results {
		if r.Kind != "fail" {
			t.Errorf("%s has kind %s", r.RuleID, r.Kind)
		}
	}
	open := 0
	run := sarifOf(t, nightly(), Options{Unknowns: true}).Runs[0]
	for _, r := range run.Results {
		if r.Kind == "open" {
			open++
		}
	}
	if want := nightly().Summary.Unknown; open != want {
		t.Errorf("%d open results, want %d", open, want)
	}
	verdicts := 0.0
	for _, n := range run.Invocations[0].Execution {
		if n.Descriptor.ID == "meta/unknown" {
			verdicts += n.Properties["verdicts"].(float64)
		}
	}
	if int(verdicts) != nightly().Summary.Unknown {
		t.Errorf("notifications tell of %v unknown verdicts, want %d", verdicts, nightly().Summary.Unknown)
	}
}

func TestSARIFSaysHowTheRunWent(t *testing.T) {
	inv := sarifOf(t, nightly(), Options{}).Runs[0].Invocations[0]
	if inv.ExecutionSuccessful {
		t.Error("a run with gaps calls itself successful")
	}
	if !sarifOf(t, clearEstate(), Options{}).Runs[0].Invocations[0].ExecutionSuccessful {
		t.Error("a whole run calls itself unsuccessful")
	}
	if inv.EndTimeUtc != "2026-01-01T03:00:00Z" {
		t.Errorf("endTimeUtc %s", inv.EndTimeUtc)
	}
	levels := map[string][]string{}
	for _, n := range inv.Execution {
		levels[n.Descriptor.ID] = append(levels[n.Descriptor.ID], n.Level)
	}
	// Of the repository the broken file, what a file leaves open and the accepted gap; then the refused listing, and what nobody asked for.
	if got := fmt.Sprint(levels["meta/gap"]); got != "[error note note error note]" {
		t.Errorf("levels of gaps: %s", got)
	}
	if len(levels["meta/emulated"]) != 1 {
		t.Error("nothing says that a test server answered")
	}
	if len(inv.Configuration) != 2 {
		t.Errorf("%d diagnostics, want 2", len(inv.Configuration))
	}
}

func TestSARIFCategory(t *testing.T) {
	for _, c := range []struct{ verb, category, want string }{
		{"scan", "", "keyreeve/scan/2026-01-01T03:00:00Z"},
		{"lint", "", "keyreeve/lint/2026-01-01T03:00:00Z"},
		{"scan", "nightly", "nightly/2026-01-01T03:00:00Z"},
		{"scan", "nightly/aws/111122223333/", "nightly/aws/111122223333/2026-01-01T03:00:00Z"},
	} {
		r := &finding.Result{Verb: c.verb, TakenAt: night}
		if got := sarifOf(t, r, Options{Category: c.category}).Runs[0].AutomationDetails.ID; got != c.want {
			t.Errorf("category %q of %s: %s, want %s", c.category, c.verb, got, c.want)
		}
	}
}

func TestSARIFRefusesOptionsItCannotFollow(t *testing.T) {
	for want, o := range map[string]Options{
		`"hide" is neither omit nor include`: {Suppressed: "hide"},
		`anchor "/etc/passwd"`:               {Anchor: "/etc/passwd"},
		`anchor "../x"`:                      {Anchor: "../x"},
		`anchor "a/../../x"`:                 {Anchor: "a/../../x"},
		`anchor "."`:                         {Anchor: "."},
		`slashes only`:                       {Category: "//"},
	} {
		err := Write(&strings.Builder{}, "sarif", nightly(), o)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", o, err, want)
		}
	}
}

func TestSARIFLeavesOutTheLeastSevereAndSaysSo(t *testing.T) {
	var b strings.Builder
	if err := writeSARIFCapped(&b, newView(nightly()), Options{}, 3); err != nil {
		t.Fatal(err)
	}
	sariftest.Document(t, []byte(b.String()))
	var d doc
	if err := json.Unmarshal([]byte(b.String()), &d); err != nil {
		t.Fatal(err)
	}
	run := d.Runs[0]
	if len(run.Results) != 3 || run.Results[2].Properties["severity"] != "critical" {
		t.Errorf("%d results kept", len(run.Results))
	}
	all := len(sarifOf(t, nightly(), Options{}).Runs[0].Results)
	first := run.Invocations[0].Execution[0]
	if first.Descriptor.ID != "meta/left-out" || first.Level != "error" || first.Properties["leftOut"] != float64(all-3) {
		t.Errorf("the first notification is %+v, want %d left out", first, all-3)
	}
}

// many is an estate with n overdue keys.
func many(n int) *finding.Result {
	r := nightly()
	r.Findings = nil
	for i := range n {
		f := fail("rotation/signing-key-overdue", finding.High, vaultKey(fmt.Sprintf("key-%06d", i), "team-payments"), "has served longer than its limit")
		f.Facts = map[string]any{"age_days": 400, "limit_days": 90}
		r.Findings = append(r.Findings, f)
	}
	r.Summarize()
	return r
}

// counter is a writer that keeps the number of bytes, and the most memory in use at any time beyond what was in use before.
type counter struct {
	bytes, before, most uint64
	writes              int
}

func (c *counter) Write(p []byte) (int, error) {
	c.bytes += uint64(len(p))
	if c.writes++; c.writes%20000 == 0 {
		c.most = max(c.most, heap()-min(heap(), c.before))
	}
	return len(p), nil
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// The results themselves are never held: all that grows is a pointer or two a finding.
func TestSARIFIsStreamed(t *testing.T) {
	const n = 100_000
	r := many(n)
	v := newView(r)
	c := &counter{before: heap()}
	if err := writeSARIFCapped(c, v, Options{}, n); err != nil {
		t.Fatal(err)
	}
	if c.bytes < n*500 {
		t.Fatalf("%d bytes for %d results", c.bytes, n)
	}
	if limit := uint64(n * 200); c.most == 0 || c.most > limit {
		t.Errorf("%d bytes in use while writing %d, want at most %d", c.most, c.bytes, limit)
	}
	runtime.KeepAlive(r)
}

func BenchmarkSARIF100000(b *testing.B) {
	r := many(100_000)
	b.ReportAllocs()
	for b.Loop() {
		c := &counter{writes: -1 << 40}
		if err := writeSARIFCapped(c, newView(r), Options{}, len(r.Findings)); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(c.bytes))
	}
}

// Of two findings on one line, the waived one is not told where waived ones are left out, and never hides the other.
func TestSARIFWaiverHidesNoOtherFindingOnItsLine(t *testing.T) {
	live, waived := fail("a/b", finding.High, leak("f", 1), "is bad"), fail("a/b", finding.Critical, leak("f", 1), "is bad")
	waived.Resource.ID += ":first"
	waived.Fingerprint = finding.Fingerprint(waived.Rule, waived.Resource.ID, "")
	waived.Waived = &finding.Waived{By: "w"}
	r := &finding.Result{Findings: []finding.Finding{waived, live}}
	for _, suppressed := range []string{"omit", "include"} {
		got := sarifOf(t, r, Options{Suppressed: suppressed}).Runs[0].Results
		if len(got) != 1 || got[0].Fingerprints["keyreeve/v1"] != live.Fingerprint {
			t.Errorf("%s: %+v, want the live finding", suppressed, got)
		} else if s := got[0].Suppressions; suppressed == "include" && len(*s) != 0 {
			t.Errorf("the live finding is suppressed: %+v", *s)
		}
	}
}

func TestSARIFAnchorGivesEachResourceALine(t *testing.T) {
	lines := map[string]int{}
	for _, r := range sarifOf(t, nightly(), Options{Anchor: "docs/keys.md"}).Runs[0].Results {
		if r.uri() != "docs/keys.md" {
			continue
		}
		id := r.Locations[0].LogicalLocations[0].FullyQualifiedName
		if at, _ := r.Properties["at"].(string); at != "" {
			id += "@" + at
		}
		line := r.Locations[0].PhysicalLocation.Region.StartLine
		if other, ok := lines[id]; ok && other != line {
			t.Errorf("%s is on lines %d and %d", id, line, other)
		}
		lines[id] = line
	}
	used := map[int]string{}
	for id, line := range lines {
		if other, ok := used[line]; ok {
			t.Errorf("%s and %s are both on line %d", id, other, line)
		}
		used[line] = id
	}
	if len(lines) < 8 {
		t.Errorf("%d resources are tied to the anchor", len(lines))
	}
}

// A message names every finding of a result while there is room, and counts the rest.
func TestSARIFMessagesNameAllThatTheyStandFor(t *testing.T) {
	of := func(name, text string) *finding.Finding {
		f := fail("rotation/automatic-rotation-off", finding.Medium, kmsKey(name, name), text)
		f.Resource.Location = &inventory.Location{Path: "keys.tf", StartLine: 3}
		return &f
	}
	c := chosen{first: of("a", "it is off"), more: []*finding.Finding{of("b", "it is off"), of("c", "it is slow")}}
	if got, want := message(c), "'a', 'b' (aws.kms.key, emulated): it is off; 'c' (aws.kms.key, emulated): it is slow."; got != want {
		t.Errorf("%s; want %s", got, want)
	}
	for range 500 {
		c.more = append(c.more, of("another", "it is off"))
	}
	got := message(c)
	named := strings.Count(got, "'another'") + 2
	if strings.Contains(got, "'c'") {
		named++
	}
	if end := fmt.Sprintf("; %d more of this rule in the same lines.", 503-named); !strings.HasSuffix(got, end) || len(got) > maxMessage || named < 50 {
		t.Errorf("%d letters that name %d, and end in %q", len(got), named, got[len(got)-60:])
	}
}

// Places that are written alike are one, as consumers drop all but one result of a rule there.
func TestFindingsOfOneSpotAreOneResult(t *testing.T) {
	at := func(l *inventory.Location) *finding.Finding {
		return &finding.Finding{Rule: "a/b", Verdict: finding.Fail, Resource: &finding.Resource{ID: "vault:eu/root/x", Location: l}}
	}
	for _, pair := range [][2]*finding.Finding{
		{at(nil), at(&inventory.Location{StartLine: 3})},
		{at(&inventory.Location{Path: "a/../b.tf", StartLine: 2}), at(&inventory.Location{Path: "b.tf", StartLine: 2})},
	} {
		if compareSpots(pair[0], pair[1]) != 0 {
			t.Errorf("%+v and %+v are two places", pair[0].Resource.Location, pair[1].Resource.Location)
		}
	}
}
