package vault_test

import (
	"encoding/json"
	"flag"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/access/vault"
)

// How many random requests each property is tried on, and which: other numbers give other requests.
var (
	caseCount = flag.Int("cases", 1000, "random requests for each property")
	firstCase = flag.Uint64("first-case", 0, "number of the sequences that random requests are drawn from")
)

// With neither limits nor templates an answer is that of the naive evaluator, but for paths that ask for sudo.
func TestAnswersAreThoseOfTheNaiveEvaluator(t *testing.T) {
	g := newGenerator(1)
	allowed := 0
	for range *caseCount {
		r := g.request(15, 0, false)
		e := vault.New()
		naive := naiveRules(r.Namespace, r.Policies)
		for range 8 {
			namespace := ""
			if r.Namespace != "" {
				namespace = strings.Trim(r.Namespace, "/") + "/"
			}
			want := naive.allows(r.Operation, namespace+r.Path)
			got := e.Decide(r)
			if n := naive.decides(namespace+r.Path, r.Operation == "list"); want && !n.capabilities["sudo"] && got.Decision != access.Allowed && asksSudo(r.Path) {
				continue
			}
			if (got.Decision == access.Allowed) != want || got.Decision == access.Failed || got.Decision == access.Conditional {
				t.Fatalf("%s %s in %q is %+v, want %v\n%v", r.Operation, r.Path, r.Namespace, got, want, r.Policies)
			}
			if want {
				allowed++
			}
			r.Operation, r.Path = g.one(operations...), g.path()
		}
	}
	if allowed < *caseCount/2 {
		t.Errorf("only %d requests were allowed", allowed)
	}
	t.Logf("%d random cases", *caseCount)
}

func asksSudo(path string) bool {
	return strings.HasPrefix(path, "sys/") || strings.HasPrefix(path, "auth/token/") || strings.HasPrefix(path, "pki/")
}

// outcome is what of an answer must not change where the order of what is given does.
func outcome(a access.Answer) string {
	var because []string
	for _, b := range a.Because {
		because = append(because, b.Document+" "+strings.TrimPrefix(b.Statement, "/"))
	}
	slices.Sort(because)
	text, _ := json.Marshal([]any{a.Decision, a.Explicit, a.Residual, slices.Compact(because)})
	return string(text)
}

// blocks are the blocks of a text that a generator made, by their closing lines.
func blocks(text string) []string {
	out := strings.SplitAfter(text, "\n}\npath")
	for i := range out[:len(out)-1] {
		out[i] = strings.TrimSuffix(out[i], "path")
	}
	for i := range out[1:] {
		out[i+1] = "path" + out[i+1]
	}
	return out
}

// What does not change an answer: the order of policies and of blocks, a policy twice, a policy in two halves, and other policies whose
// rules match nothing that is asked.
func TestWhatDoesNotMatter(t *testing.T) {
	g := newGenerator(2)
	for i := range *caseCount {
		r := g.request(15, 40*(i%2), i%3 == 0)
		want := outcome(vault.New().Decide(r))
		check := func(what string, changed []vault.Policy) {
			r := r
			r.Policies = changed
			if got := outcome(vault.New().Decide(r)); got != want {
				t.Fatalf("%s: %s, want %s\n%s %s\n%v", what, got, want, r.Operation, r.Path, changed)
			}
		}
		check("policies in another order", swapped(g, r.Policies))
		check("a policy twice", append(slices.Clone(r.Policies), r.Policies[g.IntN(len(r.Policies))]))
		p := g.IntN(len(r.Policies))
		parts := blocks(r.Policies[p].Text)
		changed := slices.Clone(r.Policies)
		changed[p].Text = strings.Join(swapped(g, parts), "")
		check("blocks in another order", changed)
		half := g.IntN(len(parts) + 1)
		changed = slices.Clone(r.Policies)
		changed[p].Text = strings.Join(parts[:half], "")
		check("a policy in two halves", append(changed, vault.Policy{Name: changed[p].Name, Text: strings.Join(parts[half:], "")}))
		check("a rule for another path", append(slices.Clone(r.Policies), vault.Policy{Name: "q", Text: rule("elsewhere/*", "deny")}))
		changed = slices.Clone(r.Policies)
		changed[p].Text = singly(r.Policies[p].Text)
		check("a block for each capability", changed)
	}
	t.Logf("%d random cases", *caseCount)
}

// singly repeats each block of a text for each of its capabilities.
func singly(text string) string {
	var out strings.Builder
	for _, b := range blocks(text) {
		before, rest, _ := strings.Cut(b, "capabilities = [")
		list, after, many := strings.Cut(rest, "]")
		if !many || list == "" {
			out.WriteString(b)
			continue
		}
		for c := range strings.SplitSeq(list, ", ") {
			out.WriteString(before + "capabilities = [" + c + "]" + after)
		}
	}
	return out.String()
}

// Whatever its pattern, a further rule that denies never gives anything. That of one that grants the like does not hold: it may go before a
// rule that grants more.
func TestDenialNeverGives(t *testing.T) {
	g := newGenerator(9)
	taken := 0
	for range *caseCount {
		r := g.request(10, 30, true)
		before := vault.New().Decide(r)
		if before.Decision == access.Failed {
			continue // a template that comes to "+*"
		}
		b := compiled(t, r).Capabilities(r.Path)
		pattern := g.near(r.Path)
		if g.chance(40) {
			pattern = g.pattern(false)
		}
		r.Policies = append(slices.Clone(r.Policies), vault.Policy{Name: "denial", Text: rule(pattern, "deny")})
		after, a := vault.New().Decide(r), compiled(t, r).Capabilities(r.Path)
		if rank[after.Decision] > rank[before.Decision] || a.Sure&^b.Sure != 0 || a.Possible&^b.Possible != 0 {
			t.Fatalf("to deny %q makes %s %s: sure %s, possible %s; it was %s: sure %s, possible %s\n%+v",
				pattern, r.Path, after.Decision, a.Sure, a.Possible, before.Decision, b.Sure, b.Possible, r)
		}
		if rank[after.Decision] < rank[before.Decision] {
			taken++
		}
	}
	if taken < *caseCount/20 {
		t.Errorf("only %d requests were denied by it", taken)
	}
	t.Logf("%d random cases", *caseCount)
}

var rank = map[access.Decision]int{access.Denied: 0, access.Conditional: 1, access.Allowed: 2}

// The namespace's name is nothing to its rules.
func TestNamesOfNamespacesDoNotMatter(t *testing.T) {
	g := newGenerator(10)
	for i := range *caseCount {
		r := g.request(15, 40*(i%2), i%3 == 0)
		if r.Namespace == "" {
			r.Namespace = "n"
		}
		want := outcome(vault.New().Decide(r))
		r.Namespace = g.one("a", "zz/y", "/b/", "N")
		if got := outcome(vault.New().Decide(r)); got != want {
			t.Fatalf("%s in namespace %q, want %s\n%+v", got, r.Namespace, want, r)
		}
	}
	t.Logf("%d random cases", *caseCount)
}

// A path in capitals is another path: it is as if it were of letters that no rule has.
func TestLetterCaseOfPathsMatters(t *testing.T) {
	g := newGenerator(11)
	differ := 0
	for range *caseCount {
		r := g.request(15, 0, false)
		if asksSudo(r.Path) {
			continue
		}
		e := vault.New()
		here := e.Decide(r).Decision
		capitals, others := r, r
		capitals.Path = strings.ToUpper(r.Path)
		others.Path = strings.NewReplacer("a", "x", "b", "y").Replace(r.Path)
		got, want := e.Decide(capitals), e.Decide(others)
		if outcome(got) != outcome(want) {
			t.Fatalf("%s is %+v, %s is %+v\n%v", capitals.Path, got, others.Path, want, r.Policies)
		}
		if got.Decision != here {
			differ++
		}
	}
	if differ < *caseCount/20 {
		t.Errorf("only %d paths are told apart by the case of letters", differ)
	}
	t.Logf("%d random cases", *caseCount)
}

// To deny the very pattern that decides leaves nothing; a further capability there never takes one away.
func TestRulesOfTheDecidingPattern(t *testing.T) {
	g := newGenerator(3)
	looked := 0
	for range *caseCount {
		r := g.request(10, 0, false)
		acl := compiled(t, r)
		before := acl.Capabilities(r.Path)
		list := r.Operation == "list"
		a := vault.New().Decide(r)
		if len(a.Because) == 0 || a.Decision == access.Failed {
			continue
		}
		looked++
		pattern := a.Because[0].Statement
		with := func(capabilities string) vault.Request {
			r := r
			r.Policies = append(slices.Clone(r.Policies), vault.Policy{Name: "more", Text: rule(pattern, capabilities)})
			return r
		}
		denied := with("deny")
		if got := vault.New().Decide(denied); got.Decision != access.Denied || !got.Explicit {
			t.Fatalf("with a denial: %+v\n%v", got, denied.Policies)
		}
		after := compiled(t, with("read list")).Capabilities(r.Path)
		if !list && before.Sure&^vault.List&^after.Sure != 0 {
			t.Fatalf("with read and list more than %s is %s\n%v", before.Sure, after.Sure, r.Policies)
		}
	}
	if looked < *caseCount/4 {
		t.Errorf("only %d answers were looked at", looked)
	}
	t.Logf("%d random cases", looked)
}

func compiled(t *testing.T, r vault.Request) *vault.ACL {
	acl, err := vault.New().ACL(r.Namespace, r.Policies, r.Identity)
	if err != nil {
		t.Fatal(err)
	}
	return acl
}

var bits = map[string]vault.Capabilities{"create": vault.Create, "read": vault.Read, "update": vault.Update, "delete": vault.Delete, "list": vault.List, "patch": vault.Patch}

// What is sure is possible, and each request is answered within the two: what is sure is allowed whatever the request holds, what is not
// possible is denied.
func TestRequestsAreWithinWhatIsSureAndPossible(t *testing.T) {
	g := newGenerator(4)
	between := 0
	for i := range *caseCount {
		r := g.request(10, 60, i%2 == 0)
		e := vault.New()
		acl, err := e.ACL(r.Namespace, r.Policies, r.Identity)
		if err != nil {
			continue // a template that comes to "+*"
		}
		c := acl.Capabilities(r.Path)
		if c.Sure&^c.Possible != 0 {
			t.Fatalf("sure of %s, but possible is %s", c.Sure, c.Possible)
		}
		need := bits[r.Operation]
		got := e.Decide(r)
		if c.Sure&need != 0 && got.Decision != access.Allowed || c.Possible&need == 0 && got.Decision != access.Denied {
			t.Fatalf("%s %s: sure %s, possible %s, but %+v\n%+v", r.Operation, r.Path, c.Sure, c.Possible, got, r)
		}
		if c.Possible&^c.Sure&need != 0 {
			between++
			if len(c.Residual) == 0 {
				t.Fatalf("%s is possible and not sure, and nothing is left to ask\n%+v", r.Operation, r)
			}
		}
	}
	if between < *caseCount/50 {
		t.Errorf("only %d requests were between", between)
	}
	t.Logf("%d random cases", *caseCount)
}

// An evaluator that has seen much, and forgotten some, answers as a new one.
func TestWhatIsKeptDoesNotMatter(t *testing.T) {
	g := newGenerator(6)
	old := vault.New()
	var requests []vault.Request
	for i := range *caseCount / 4 {
		requests = append(requests, g.request(15, 30, i%2 == 0))
	}
	for range 2 {
		for _, r := range requests {
			if d, want := outcome(old.Decide(r)), outcome(vault.New().Decide(r)); d != want {
				t.Fatalf("%s, want %s\n%+v", d, want, r)
			}
		}
	}
}
