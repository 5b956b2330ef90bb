package evaluate

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/relate"
)

// judgeBody judges one subject by one rule of the given body.
func judgeBody(t *testing.T, body string, w *world) Judgement {
	t.Helper()
	e, err := Load(Options{Builtin: corpusFS([]struct{ name, body string }{{"rule", body}})})
	if err != nil {
		t.Fatal(err)
	}
	return newRun(context.Background(), e).judge(e.rules[0], w.subject())
}

// key is a Transit key, enabled and 100 days old, changed as told.
func key(change func(w *world)) *world {
	rotated, no, yes, one := exampleClock.AddDate(0, 0, -100), false, true, 1
	w := &world{
		resource: inventory.Resource{ID: "x", Type: "vault.transit.key", Kind: inventory.KindKey, Name: "x", Key: &inventory.Key{
			Spec: "rsa-2048", Algorithm: "rsa", Usages: []string{"sign", "verify"}, Manager: "customer", Origin: "generated", State: "enabled", RotatedAt: &rotated,
			Rotation: &inventory.Rotation{Supported: &yes, Automatic: &no, KeepsOldForever: &no}, Exportable: &no, PlaintextBackup: &no, DeletionAllowed: &no,
			Versions: &inventory.KeyVersions{Latest: &one, MinDecryption: &one, Accepted: &one},
		}},
		labels: relate.Labels{Tier: relate.Label{Value: "production"}, Purpose: relate.Label{Value: "token_signing"}},
	}
	if change != nil {
		change(w)
	}
	w.resource.Complete()
	return w
}

func unknownFacts(facts ...string) func(w *world) {
	return func(w *world) {
		for _, f := range facts {
			take(&w.resource, f)
			w.resource.Unknown = append(w.resource.Unknown, inventory.Unknown{Fact: f, Why: inventory.Denied})
		}
	}
}

// TestTraps are the ways in which partial evaluation, used as it comes, gives a wrong verdict.
func TestTraps(t *testing.T) {
	ends := func(after, before int) func(w *world) {
		return func(w *world) {
			a, b := exampleClock.AddDate(0, 0, -after), exampleClock.AddDate(0, 0, -before)
			w.resource.Key.RotatedAt = nil
			w.resource.Unknown = []inventory.Unknown{{Fact: "key.rotated_at", Why: inventory.Denied, After: &a, Before: &b}}
		}
	}
	for _, tt := range []struct {
		name   string
		body   string
		change func(w *world)
		want   finding.Verdict
	}{
		{"iterating binds what holds the unread fact", `deny contains {"message": "m"} if { some k, v in input.resource.key; k == "rotation"; v.automatic }`, unknownFacts("key.rotation.automatic"), finding.Unknown},
		{"iterating, below a negation", `deny contains {"message": "m"} if { some k, v in input.resource.key; k == "rotation"; not v.automatic }`, unknownFacts("key.rotation.automatic"), finding.Unknown},
		{"iterating over what is absent with the fact", `deny contains {"message": "m"} if { some k, _ in input.resource.tags; k == "env" }`, unknownFacts("tags.env"), finding.Unknown},
		{"an object dropped below a negation", `deny contains {"message": "m"} if { t := input.resource.tags; not t.team }`, unknownFacts("tags.env"), finding.Unknown},
		{"an unread fact as the key of an object", `deny contains {"message": "m"} if { m := {input.resource.key.state: 1}; m.enabled }`, unknownFacts("key.state"), finding.Unknown},
		{"an error on what is known", `deny contains {"message": "m"} if { to_number(input.resource.name) > 5; input.resource.key.exportable }`, unknownFacts("key.exportable"), finding.Unknown},
		{"an error below a negation", `deny contains {"message": "m"} if { not to_number(input.resource.name) > 5; input.resource.key.exportable }`, unknownFacts("key.exportable"), finding.Unknown},
		{"an unread fact in the head only", `deny contains {"message": "m", "facts": {"a": input.resource.key.age_days}} if input.resource.key.state == "enabled"`, unknownFacts("key.rotated_at"), finding.Fail},
		{"an absent fact in the head only", `deny contains {"message": "m", "facts": {"a": input.resource.key.expires_in_days}} if input.resource.key.state == "enabled"`, nil, finding.Fail},
		{"an unread fact as the part", `deny contains {"message": "m", "at": input.resource.key.spec} if input.resource.key.state == "enabled"`, unknownFacts("key.spec"), finding.Fail},
		{"passes at both ends of its bounds and fails between", `deny contains {"message": "m"} if { input.resource.key.age_days > 10; input.resource.key.age_days < 20 }`, ends(30, 0), finding.Unknown},
		{"passes all over its bounds", `deny contains {"message": "m"} if { input.resource.key.age_days > 10; input.resource.key.age_days < 20 }`, ends(9, 0), finding.Pass},
		{"fails all over its bounds", `deny contains {"message": "m"} if { input.resource.key.age_days > 10; input.resource.key.age_days < 20 }`, ends(19, 11), finding.Fail},
		{"one day of its bounds differs", `deny contains {"message": "m"} if { input.resource.key.age_days > 10; input.resource.key.age_days < 20 }`, ends(20, 11), finding.Unknown},
		{"an age is never negative", `deny contains {"message": "m"} if input.resource.key.age_days < 0`, unknownFacts("key.rotated_at"), finding.Pass},
		{"every value of a closed set fails", `deny contains {"message": "m"} if not input.resource.key.manager == "nobody"`, unknownFacts("key.manager"), finding.Fail},
		{"an optional fact may be absent", `deny contains {"message": "m"} if input.resource.key.derived == false
			deny contains {"message": "m"} if input.resource.key.derived == true`, unknownFacts("key.derived"), finding.Unknown},
		{"a required one may not", `deny contains {"message": "m"} if input.resource.key.exportable == false
			deny contains {"message": "m"} if input.resource.key.exportable == true`, unknownFacts("key.exportable"), finding.Fail},
		{"whether it applies hangs on it", `applies if input.resource.key.exportable
			deny contains {"message": "m"} if input.resource.key.state == "disabled"`, unknownFacts("key.exportable"), finding.Unknown},
		{"it does not apply, whatever the rest", `applies if input.resource.key.manager == "provider"
			deny contains {"message": "m"} if input.resource.key.exportable`, unknownFacts("key.exportable"), finding.NotApplicable},
		{"a value that came along does not decide", `deny contains {"message": "m"} if input.resource.key.exportable`, func(w *world) {
			w.resource.Unknown = []inventory.Unknown{{Fact: "key.exportable", Why: inventory.Denied}}
		}, finding.Unknown},
		{"one unread field through a name for the whole", `deny contains {"message": "m"} if { k := input.resource.key; k.state == "disabled"; k.exportable }`, unknownFacts("key.exportable"), finding.Pass},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if j := judgeBody(t, tt.body, key(tt.change)); j.Verdict != tt.want {
				t.Errorf("got %s %v (hangs on %v) %s, want %s", j.Verdict, j.Violations, j.Deciding, j.Err, tt.want)
			}
		})
	}
}

func TestRuntimeErrorIsUnknown(t *testing.T) {
	for _, body := range []string{
		`deny contains {"message": "m"} if to_number(input.resource.name) > 5`,
		`deny contains {"message": "m"} if not to_number(input.resource.name) > 5`,
		`applies if to_number(input.resource.name) > 5
		 deny contains {"message": "m"} if input.resource.key.state == "enabled"`,
		"deny contains {\"message\": \"m\"} if input.resource.key.state == \"enabled\"\ndeny contains {\"message\": \"n\"} if to_number(input.resource.name) > 5",
	} {
		if j := judgeBody(t, body, key(nil)); j.Verdict != finding.Unknown || !strings.Contains(j.Err, "corpus/rule/rule.rego line") || !strings.Contains(j.Err, "to_number") {
			t.Errorf("%s\ngives %s with error %q", body, j.Verdict, j.Err)
		}
	}
}

// TestOrderOfTypesIsUnknown: Rego orders numbers before texts, so a slip of the type would decide the verdict for everything.
func TestOrderOfTypesIsUnknown(t *testing.T) {
	for _, body := range []string{
		`limit := max([input.settings.max, "180"])
		 deny contains {"message": "m"} if input.resource.key.age_days > limit`,
		`limit := max([input.settings.max, "180"])
		 deny contains {"message": "m"} if not input.resource.key.age_days < limit`,
		`limit := max([input.settings.max, "180"])
		 deny contains {"message": "m"} if gte(input.resource.key.age_days, limit)`,
		`limit := [x | x := input.settings.max]
		 deny contains {"message": "m"} if limit <= input.resource.key.age_days`,
	} {
		for _, unread := range []bool{false, true} {
			change := func(w *world) {
				if unread {
					unknownFacts("key.exportable")(w)
				}
			}
			if j := judgeBody(t, body, key(change)); j.Verdict != finding.Unknown || !strings.Contains(j.Err, "a number is compared with") && !strings.Contains(j.Err, "is compared with a number") {
				t.Errorf("%s\ngives %s with error %q", body, j.Verdict, j.Err)
			}
		}
	}
}

// TestEndlessRuleIsUnknown: a rule that takes too long says so, and holds nothing up; below a negation too.
func TestEndlessRuleIsUnknown(t *testing.T) {
	const many = `count([x | some a in numbers.range(1, 5000); some b in numbers.range(1, 5000); x := a * b]) > 3`
	for _, body := range []string{
		`deny contains {"message": "m"} if ` + many,
		"long if " + many + "\n" + `deny contains {"message": "m"} if not long`,
		"applies if " + many + "\n" + `deny contains {"message": "m"} if input.resource.key.exportable`,
	} {
		for _, change := range []func(*world){nil, unknownFacts("key.exportable")} {
			e, err := Load(Options{Builtin: corpusFS([]struct{ name, body string }{{"rule", body}})})
			if err != nil {
				t.Fatal(err)
			}
			e.patience = 20 * time.Millisecond
			j := newRun(t.Context(), e).judge(e.rules[0], key(change).subject())
			if j.Verdict != finding.Unknown || !strings.Contains(j.Err, "longer than") {
				t.Errorf("%s\ngives %s with error %q", body, j.Verdict, j.Err)
			}
		}
	}
}

func TestViolations(t *testing.T) {
	j := judgeBody(t, `
deny contains {"message": "b", "at": u, "facts": {"age": input.resource.key.age_days, "expires": input.resource.key.expires_in_days, "list": [u], "half": 0.5}} if some u in input.resource.key.usages
deny contains {"message": "a"} if input.resource.key.exportable == false`, key(nil))
	facts := func(u string) map[string]any {
		return map[string]any{"age": 100, "expires": NotKnown, "list": []any{u}, "half": 0.5}
	}
	want := []Violation{{"a", "", nil, finding.High}, {"b", "sign", facts("sign"), finding.High}, {"b", "verify", facts("verify"), finding.High}}
	if j.Verdict != finding.Fail || !reflect.DeepEqual(j.Violations, want) {
		t.Errorf("got %s %v, want %v", j.Verdict, j.Violations, want)
	}

	// Without one fact, what is certain stays and what is not goes.
	j = judgeBody(t, `
deny contains {"message": "sure", "facts": {"age": input.resource.key.age_days, "spec": input.resource.key.spec}} if input.resource.key.state == "enabled"
deny contains {"message": "not sure"} if input.resource.key.age_days > 50`, key(unknownFacts("key.rotated_at")))
	want = []Violation{{"sure", "", map[string]any{"age": NotKnown, "spec": "rsa-2048"}, finding.High}}
	if j.Verdict != finding.Fail || !reflect.DeepEqual(j.Violations, want) {
		t.Errorf("got %s %v, want %v", j.Verdict, j.Violations, want)
	}
}

// TestSeverityOfViolations: a deny may ask for less than the rule's severity. What was not read never lowers, and nothing raises.
func TestSeverityOfViolations(t *testing.T) {
	const young = `
young := "low" if input.resource.key.age_days < 200
deny contains {"message": "m", "severity": young} if input.resource.key.state == "enabled"`
	const sure = `
deny contains {"message": "m", "severity": "info"} if input.resource.key.state == "enabled"
deny contains {"message": "m", "severity": "low"} if input.resource.key.age_days > 50`
	staging := func(w *world) { w.labels.Tier = relate.Label{Value: "staging"} }
	for _, tt := range []struct {
		name   string
		body   string
		change func(w *world)
		want   finding.Severity
	}{
		{"it holds", young, nil, finding.Low},
		{"it does not hold", young, func(w *world) { at := exampleClock.AddDate(-1, 0, 0); w.resource.Key.RotatedAt = &at }, finding.High},
		{"it was not read", young, unknownFacts("key.rotated_at"), finding.High},
		{"it was not read, below a negation", strings.Replace(young, "if input", "if not input", 1), unknownFacts("key.rotated_at"), finding.High},
		{"something else was not read", young, unknownFacts("key.exportable"), finding.Low},
		{"the tier, which it does not hang on, cannot be told", young, func(w *world) {
			w.labels.Tier = relate.Label{Value: "staging", Candidates: []string{"production", "staging"}}
		}, finding.Low},
		{"it is above that of the tier", strings.Replace(young, `"low"`, `"critical"`, 1), staging, finding.Low},
		{"it is above that of the rule", strings.Replace(young, `"low"`, `"critical"`, 1), nil, finding.High},
		{"it is none", strings.Replace(young, `"low"`, `"lowest"`, 1), nil, finding.High},
		{"two denies say the same", sure, nil, finding.Low},
		{"two denies say the same, and one may not hold", sure, unknownFacts("key.rotated_at"), finding.Low},
		{"two denies, and one that may hold asks for nothing", strings.Replace(sure, `, "severity": "low"`, "", 1), unknownFacts("key.rotated_at"), finding.High},
		{"one of two of which one holds", `
deny contains {"message": "m", "severity": "low"} if input.resource.key.exportable
deny contains {"message": "m"} if not input.resource.key.exportable`, unknownFacts("key.exportable"), finding.High},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j := judgeBody(t, tt.body, key(tt.change))
			if j.Verdict != finding.Fail || len(j.Violations) != 1 || j.Violations[0].Severity != tt.want {
				t.Errorf("got %s %v (%+v), want one of severity %s", j.Verdict, j.Violations, j.Violations, tt.want)
			}
		})
	}
}

func TestOpenLabels(t *testing.T) {
	tier := func(candidates ...string) func(w *world) {
		return func(w *world) { w.labels.Tier = relate.Label{Value: candidates[0], Candidates: candidates} }
	}
	const limit = `deny contains {"message": "m", "facts": {"limit": input.settings.tiered}} if input.resource.key.age_days > input.settings.tiered`
	for _, tt := range []struct {
		name     string
		body     string
		change   func(w *world)
		verdict  finding.Verdict
		severity finding.Severity
		facts    map[string]any
		deciding []string
	}{
		{"a tier brings its settings", limit, tier("production", "staging"), finding.Fail, finding.High, map[string]any{"limit": NotKnown}, nil},
		{"and their verdicts have to agree", strings.Replace(limit, "tiered if", "tiered if", 1), func(w *world) {
			tier("development", "production")(w)
			at := exampleClock.AddDate(0, 0, -50)
			w.resource.Key.RotatedAt = &at
		}, finding.Unknown, finding.High, nil, []string{"tier"}},
		{"the lowest severities of candidates do not hide the worst", `deny contains {"message": "m"} if input.resource.key.state == "enabled"`, tier("development", "production", "staging"), finding.Fail, finding.High, nil, nil},
		{"a purpose that does not matter", `deny contains {"message": "m"} if input.resource.key.exportable`, func(w *world) { w.labels.Purpose.Candidates = []string{"encryption", "token_signing"} }, finding.Pass, finding.High, nil, nil},
		{"a purpose that matters", `deny contains {"message": "m"} if input.resource.purpose == "encryption"`, func(w *world) { w.labels.Purpose.Candidates = []string{"encryption", "token_signing"} }, finding.Unknown, finding.High, nil, []string{"purpose"}},
		{"a purpose that matters with a fact that does", `deny contains {"message": "m"} if { input.resource.purpose == "encryption"; input.resource.key.exportable }`, func(w *world) {
			w.labels.Purpose.Candidates = []string{"encryption", "token_signing"}
			unknownFacts("key.exportable")(w)
		}, finding.Unknown, finding.High, nil, []string{"key.exportable", "purpose"}},
		{"a purpose whose every candidate fails", `deny contains {"message": "m"} if input.resource.purpose in {"encryption", "token_signing"}`, func(w *world) { w.labels.Purpose.Candidates = []string{"encryption", "token_signing"} }, finding.Fail, finding.High, nil, nil},
		{"an owner that may be absent", `deny contains {"message": "m"} if not input.resource.owner`, func(w *world) { w.labels.Owner.Candidates = []string{"", "a"} }, finding.Unknown, finding.High, nil, []string{"owner"}},
		{"an owner that is one of two", `deny contains {"message": "m"} if not input.resource.owner`, func(w *world) { w.labels.Owner = relate.Label{Value: "a", Candidates: []string{"a", "b"}} }, finding.Pass, finding.High, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j := judgeBody(t, tt.body, key(tt.change))
			var named []string
			for _, d := range j.Deciding {
				named = append(named, d.Fact)
			}
			if j.Verdict != tt.verdict || j.Severity != tt.severity || !reflect.DeepEqual(named, tt.deciding) {
				t.Errorf("got %s %s, hanging on %v; want %s %s %v", j.Verdict, j.Severity, named, tt.verdict, tt.severity, tt.deciding)
			}
			if tt.facts != nil && !reflect.DeepEqual(j.Violations[0].Facts, tt.facts) {
				t.Errorf("facts are %v, want %v", j.Violations[0].Facts, tt.facts)
			}
		})
	}
}

func TestDecidingFactsCarryTheirHint(t *testing.T) {
	w := key(func(w *world) {
		w.resource.Key.RotatedAt = nil
		w.resource.Unknown = []inventory.Unknown{
			{Fact: "key.rotated_at", Why: inventory.Denied, Call: "GET transit/keys/NAME", Hint: "grant transit/keys/+: read"},
			{Fact: "key.exportable", Why: inventory.Throttled},
		}
	})
	j := judgeBody(t, `deny contains {"message": "m"} if input.resource.key.age_days > 50`, w)
	want := []finding.Deciding{{Fact: "key.rotated_at", Why: inventory.Denied, Call: "GET transit/keys/NAME", Hint: "grant transit/keys/+: read"}}
	if !reflect.DeepEqual(j.Deciding, want) {
		t.Errorf("got %+v, want %+v", j.Deciding, want)
	}
}

func TestReplaces(t *testing.T) {
	e, err := Load(Options{Builtin: ownRules})
	if err != nil {
		t.Fatal(err)
	}
	old := func(days int) *world {
		return key(func(w *world) { at := exampleClock.AddDate(0, 0, -days); w.resource.Key.RotatedAt = &at })
	}
	for _, tt := range []struct {
		name      string
		w         *world
		old, very finding.Verdict
		replaced  string
	}{
		{"neither", old(97), finding.Pass, finding.Pass, ""},
		{"the ordinary one", old(98), finding.Fail, finding.Pass, ""},
		{"in its place", old(181), finding.NotApplicable, finding.Fail, "rotation/very-old-key"},
		{"where it does not apply by itself", key(func(w *world) { *w = *old(181); w.resource.Key.State = "disabled" }), finding.NotApplicable, finding.Fail, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			js, err := e.Judge(context.Background(), tt.w.subject())
			if err != nil {
				t.Fatal(err)
			}
			if len(js) != 2 || js[0].Rule.ID != "rotation/old-key" || js[0].Verdict != tt.old || js[1].Verdict != tt.very || js[0].ReplacedBy != tt.replaced || len(js[0].Violations) > 0 && tt.replaced != "" {
				t.Errorf("got %+v", js)
			}
		})
	}
}

func TestJudgeAsksOnlyRulesAboutTheType(t *testing.T) {
	e, err := Load(Options{Builtin: ownRules})
	if err != nil {
		t.Fatal(err)
	}
	for typ, want := range map[string]int{"vault.token": 1, "vault.transit.key": 2, "repo.credential": 0, "aws.kms.key": 2} {
		info, _ := inventory.TypeOf(typ)
		r := &inventory.Resource{ID: "x", Type: typ, Kind: info.Kind}
		r.Complete()
		js, err := e.Judge(context.Background(), NewSubject(r, relate.Labels{}, nil, nil, access.Found{}, exampleClock))
		if err != nil || len(js) != want {
			t.Errorf("%s is judged by %d rules, want %d: %v", typ, len(js), want, err)
		}
		for _, j := range js {
			if j.Verdict != finding.Unknown || len(j.Deciding) == 0 {
				t.Errorf("%s: %s of a resource of which nothing was read: %+v", j.Rule.ID, j.Verdict, j)
			}
		}
	}
}

func TestJudgeConcurrently(t *testing.T) {
	e := everyRule(t)
	type result struct {
		s    *Subject
		want []Judgement
	}
	var all []result
	for seed := uint64(1); seed <= 20; seed++ {
		d := newDice(seed)
		w, _ := d.forget(d.world())
		s := w.subject()
		js, err := e.Judge(context.Background(), s)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, result{s, js})
	}
	fresh := everyRule(t) // nothing analysed yet
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for _, r := range all {
				got, err := fresh.Judge(context.Background(), r.s)
				if err != nil {
					t.Error(err)
				}
				for i := range got {
					got[i].Rule = r.want[i].Rule
				}
				if !reflect.DeepEqual(got, r.want) {
					t.Errorf("judged beside others: %+v, alone: %+v", got, r.want)
				}
			}
		})
	}
	group.Wait()
}

func TestJudgeEndsWithItsContext(t *testing.T) {
	e, err := Load(Options{Builtin: fstest.MapFS{"corpus/slow/rule.rego": {Data: []byte(strings.NewReplacer("%s", "key", "%q", `"slow"`).Replace(corpusHeader) +
		"\ndeny contains {\"message\": \"m\"} if count([1 | some a in numbers.range(1, 3000); some b in numbers.range(1, 3000); some c in numbers.range(1, 3000); a * b == c]) == 1\n")}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []*world{key(nil), key(unknownFacts("key.state"))} {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		_, err = e.Judge(ctx, w.subject())
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	}
}
