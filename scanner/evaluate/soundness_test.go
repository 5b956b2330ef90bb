package evaluate

import (
	"context"
	"flag"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/relate"
)

var triples = flag.Int("triples", 110_000, "how many (rule, resource, unknown set) triples TestSoundUnderCompletion tries")

// ignorance is what was made unknown in a world, with the ways to complete it.
type ignorance struct {
	facts  []string // of the resource
	bounds map[string][2]*time.Time
	tier   []string
	use    []string
	role   bool
	edges  bool
	access []string            // of who may do what; "access": all of it
	names  map[string][]string // environment, owner, rewrap: candidates
}

// forget makes a random part of a world unknown.
func (d dice) forget(w *world) (*world, *ignorance) {
	out, ig := w.clone(), &ignorance{bounds: map[string][2]*time.Time{}, names: map[string][]string{}}
	paths := factPaths(out.resource.Kind)
	for range 1 + d.IntN(4) {
		fact := pick(d, paths...)
		if slices.ContainsFunc(ig.facts, func(f string) bool { return nests(f, fact) || nests(fact, f) }) {
			continue
		}
		ig.facts = append(ig.facts, fact)
		u := inventory.Unknown{Fact: fact, Why: inventory.Denied, Call: "call " + fact, Hint: "grant " + fact}
		if names := splitFact(fact); len(names) > 1 {
			if f := fieldAt(names); f != nil && f.shape == aTime && d.chance(50) {
				u.After, u.Before = d.someBounds(f)
				ig.bounds[fact] = [2]*time.Time{u.After, u.Before}
			}
		}
		take(&out.resource, fact)
		if d.chance(20) { // a stand-in that came along must not decide
			d.give(&out.resource, fact)
		}
		out.resource.Unknown = append(out.resource.Unknown, u)
	}
	if d.chance(15) {
		ig.edges = true
		out.edges = nil
		out.resource.Unknown = append(out.resource.Unknown, inventory.Unknown{Fact: "refs", Why: inventory.Denied})
	}
	d.forgetAccess(out, ig)
	if d.chance(15) {
		ig.tier = pick(d, []string{"production", "staging"}, []string{"development", "production", "staging"})
		out.labels.Tier = relate.Label{Value: ig.tier[0], Candidates: ig.tier}
	}
	if d.chance(15) && out.labels.Purpose.Value != "" {
		ig.use = pick(d, []string{"encryption", "token_signing"}, []string{"config", "other", "token_signing"})
		out.labels.Purpose = relate.Label{Value: ig.use[0], Candidates: ig.use}
	}
	if out.series != nil && d.chance(30) {
		ig.role = true
		out.series = &relate.Series{Name: out.series.Name}
	}
	open := func(name string, l *relate.Label) {
		if d.chance(10) {
			ig.names[name] = pick(d, []string{"", "x"}, []string{"x", "y"}, []string{"", standIn})
			*l = relate.Label{Value: ig.names[name][0], Candidates: ig.names[name]}
		}
	}
	open("environment", &out.labels.Environment)
	open("owner", &out.labels.Owner)
	if out.resource.Key != nil && out.resource.Key.Rewrap == "" && !slices.Contains(ig.facts, "key.rewrap") {
		open("rewrap", &out.labels.Rewrap)
	}
	out.resource.Complete()
	return out, ig
}

// forgetAccess makes some of who may do what unknown, or all of it. What came along for a part must not decide.
func (d dice) forgetAccess(w *world, ig *ignorance) {
	if d.chance(60) {
		return
	}
	if d.chance(20) {
		ig.access, w.found = []string{"access"}, access.Found{}
		return
	}
	for range 1 + d.IntN(3) {
		part := pick(d, structPaths(planOf(reflect.TypeFor[access.Summary]()), "access.")...)
		if slices.ContainsFunc(ig.access, func(f string) bool { return nests(f, part) || nests(part, f) }) {
			continue
		}
		ig.access = append(ig.access, part)
		w.found.Unknown = append(w.found.Unknown, inventory.Unknown{Fact: part, Why: inventory.Denied, Call: "call " + part, Hint: "grant " + part})
	}
}

func nests(outer, inner string) bool {
	return outer == inner || len(inner) > len(outer) && inner[:len(outer)] == outer && inner[len(outer)] == '.'
}

func (d dice) someBounds(f *field) (after, before *time.Time) {
	at := func(days int) *time.Time { t := exampleClock.Add(time.Duration(days) * 24 * time.Hour); return &t }
	lo, hi := -d.number(), -d.number()
	if f.derived != nil && f.derived.until && d.chance(50) {
		lo, hi = d.number(), d.number()
	}
	if lo > hi {
		lo, hi = hi, lo
	}
	if d.chance(70) {
		after = at(lo)
	}
	if d.chance(70) {
		before = at(hi)
	}
	return after, before
}

// factPaths lists the paths of a kind's facet, containers included, and of tags.
func factPaths(k inventory.Kind) []string {
	return append([]string{"tags", "tags.env", "tags.a.b"}, structPaths(facetOf(k).sub, string(k)+".")...)
}

// complete makes one world of an unknown one: each unknown fact gets a value, or is absent where that can be.
func (d dice) complete(w *world, ig *ignorance) *world {
	out := w.clone()
	mustHave := w.resource.RequiredFacts()
	for _, fact := range ig.facts {
		take(&out.resource, fact)
		if !slices.Contains(mustHave, fact) && d.chance(30) || conditional(&w.resource, fact) && d.chance(30) {
			continue
		}
		d.give(&out.resource, fact)
		b := ig.bounds[fact]
		if v, _ := placeOf(&out.resource, fact); b[0] != nil || b[1] != nil {
			t := d.between(b[0], b[1], v.Interface().(*time.Time))
			v.Set(reflect.ValueOf(&t))
		}
	}
	for _, u := range w.resource.Unknown { // what Complete found missing
		if !slices.Contains(ig.facts, u.Fact) && u.Fact != "refs" && !out.resource.HasFact(u.Fact) {
			d.give(&out.resource, u.Fact)
		}
	}
	out.resource.Unknown = nil
	if ig.edges {
		out.edges = d.edgeList()
	}
	d.completeAccess(out, ig)
	if ig.tier != nil {
		out.labels.Tier = relate.Label{Value: pick(d, ig.tier...)}
	}
	if ig.use != nil {
		out.labels.Purpose = relate.Label{Value: pick(d, ig.use...)}
	}
	if ig.role {
		out.series = &relate.Series{Name: out.series.Name, Role: pick(d, relate.Current, relate.Predecessor)}
	}
	for name, candidates := range ig.names {
		v := pick(d, candidates...)
		if v == standIn || slices.Contains(ig.facts, "tags") && v != "" {
			v = pick(d, "x", "y", "anything")
		}
		l := map[string]*relate.Label{"environment": &out.labels.Environment, "owner": &out.labels.Owner, "rewrap": &out.labels.Rewrap}[name]
		*l = relate.Label{Value: v}
	}
	return out
}

// completeAccess gives what was unknown of who may do what a value.
func (d dice) completeAccess(w *world, ig *ignorance) {
	whole := d.summary()
	if w.found.Unknown = nil; w.found.Summary == nil {
		w.found.Summary = whole
		return
	}
	for _, part := range ig.access {
		fact := strings.TrimPrefix(part, "access.")
		to, _ := placeIn(reflect.ValueOf(w.found.Summary).Elem(), fact, false)
		from, _ := placeIn(reflect.ValueOf(whole).Elem(), fact, false)
		to.Set(from)
	}
}

func placeOf(r *inventory.Resource, fact string) (reflect.Value, *field) {
	if nests("tags", fact) {
		return reflect.Value{}, nil
	}
	return place(r, fact, false)
}

// between moves a time into bounds: to an end of them, or to a random moment between.
func (d dice) between(after, before, t *time.Time) time.Time {
	lo, hi := exampleClock.AddDate(-3, 0, 0), exampleClock.AddDate(3, 0, 0)
	if after != nil {
		lo = *after
	}
	if before != nil {
		hi = *before
	}
	if after != nil && before == nil && t.After(lo) || before != nil && after == nil && t.Before(hi) {
		return *t
	}
	if !hi.After(lo) || d.chance(30) {
		return lo
	}
	if d.chance(30) {
		return hi
	}
	return lo.Add(time.Duration(d.Int64N(int64(hi.Sub(lo)))))
}

// conditional reports whether a fact is required only if another holds that is unknown.
func conditional(r *inventory.Resource, fact string) bool {
	info, _ := inventory.TypeOf(r.Type)
	for _, q := range info.Required {
		if q.Fact == fact && q.If != "" && isUnread(r, q.If) {
			return true
		}
	}
	return false
}

// TestSoundUnderCompletion is the property the engine exists for: whatever the facts that were not read turn out to be, no pass, fail
// or not_applicable given without them was wrong, and nothing a failing rule said was.
func TestSoundUnderCompletion(t *testing.T) {
	e := everyRule(t)
	run := newRun(context.Background(), e)
	const completions = 6
	done, certain, unknown := 0, 0, 0
	loose := map[string]int{}
	wrong := map[string]int{}
	for seed := uint64(1); done < *triples; seed++ {
		d := newDice(seed)
		w, ig := d.forget(d.world())
		s := w.subject()
		if len(s.unread) == 0 && len(s.open) == 0 {
			continue
		}
		whole := make([]*Subject, completions)
		for i := range whole {
			whole[i] = d.complete(w, ig).subject()
			if len(whole[i].unread) > 0 || len(whole[i].open) > 0 {
				t.Fatalf("seed %d: the completion leaves %v open", seed, whole[i].unread)
			}
		}
		for _, rl := range e.about(s.typ, s.kind) {
			done++
			j := run.judge(rl, s)
			agree := true
			var first finding.Verdict
			for i, c := range whole {
				k := run.judge(rl, c)
				if k.Err != "" {
					t.Fatalf("seed %d: %s: %s", seed, rl.ID, k.Err)
				}
				if i == 0 {
					first = k.Verdict
				}
				agree = agree && k.Verdict == first
				if text := contradiction(j, k); text != "" {
					if wrong[rl.ID]++; wrong[rl.ID] == 1 {
						t.Errorf("seed %d: %s says %s %v without %v (bounds %v), but completed it is %s %v: %s", seed, rl.ID, j.Verdict, j.Violations, ig, ig.bounds, k.Verdict, k.Violations, text)
					}
				}
			}
			if j.Verdict != finding.Unknown {
				certain++
			} else {
				unknown++
				if agree {
					loose[rl.ID]++
				}
				if len(j.Deciding) == 0 {
					t.Errorf("seed %d: %s is unknown and names no fact: %+v", seed, rl.ID, j)
				}
			}
		}
		if t.Failed() && len(wrong) > 10 {
			break
		}
	}
	t.Logf("%d triples: %d certain, %d unknown (for %d of them all %d completions agreed)", done, certain, unknown, sum(loose), completions)
	if testing.Verbose() {
		t.Logf("unknown although completions agreed: %v", loose)
	}
	if unknown == 0 || certain == 0 {
		t.Error("the worlds do not exercise the procedure")
	}
}

func sum(m map[string]int) (n int) {
	for _, v := range m {
		n += v
	}
	return n
}

// contradiction says how the judgement of a completed subject contradicts the one made before.
func contradiction(before, after Judgement) string {
	if before.Verdict == finding.Unknown {
		return ""
	}
	if before.Verdict != after.Verdict {
		return "the verdict differs"
	}
	for _, v := range before.Violations {
		if v.Message == before.Rule.Title {
			continue // it fails in one way or another
		}
		if !slices.ContainsFunc(after.Violations, func(w Violation) bool {
			if w.Message != v.Message || v.At != "" && v.At != w.At {
				return false
			}
			if w.Severity.Rank() > v.Severity.Rank() || v.Severity.Rank() > before.Severity.Rank() {
				return false // what was not read never lowers, and nothing raises
			}
			for k, fact := range v.Facts {
				if fact != NotKnown && !reflect.DeepEqual(fact, w.Facts[k]) {
					return false
				}
			}
			return true
		}) {
			return "it does not find " + v.String()
		}
	}
	return ""
}
