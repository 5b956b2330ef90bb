package remediate

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/collectors/ledger"
	"github.com/keyreeve/keyreeve/remediate/plan"
)

var monday = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

// asking is a question about a rotation whose last step was done at nine o'clock on a Monday, asked so much later.
func asking(later time.Duration, facts plan.Facts) *question {
	r := &plan.Rotation{ID: "r", Clients: []string{"billing", "shop"}, Steps: []plan.Step{{ID: "s"}}}
	return &question{
		plan: &plan.Plan{}, rotation: r, step: &r.Steps[0], position: &position{at: []time.Time{monday}}, facts: facts, now: monday.Add(later),
		stage: func(string) *position { return nil }, client: LocalClient(), environ: func(string) string { return "" },
	}
}

// TestUnused: what the back end does not tell has not passed, and its telling may be late.
func TestUnused(t *testing.T) {
	at := func(d time.Duration) string { return monday.Add(d).Format(time.RFC3339) }
	gate := plan.Gate{Kind: plan.Unused, For: plan.Duration(2 * time.Hour), Lag: plan.Duration(time.Hour)}
	for _, c := range []struct {
		name  string
		later time.Duration
		facts plan.Facts
		pass  bool
		until time.Duration // from nine o'clock, where it is told
	}{
		{"the facts could not be read", 9 * time.Hour, nil, false, -1},
		{"the back end tells nothing", 9 * time.Hour, plan.Facts{}, false, -1},
		{"it tells no time", 9 * time.Hour, plan.Facts{plan.OldUsedAt: "yesterday"}, false, -1},
		{"used long before the new one took over", 2 * time.Hour, plan.Facts{plan.OldUsedAt: at(-48 * time.Hour)}, false, 3 * time.Hour},
		{"and the quiet time since is over", 3 * time.Hour, plan.Facts{plan.OldUsedAt: at(-48 * time.Hour)}, true, -1},
		{"used afterwards", 4 * time.Hour, plan.Facts{plan.OldUsedAt: at(2 * time.Hour)}, false, 5 * time.Hour},
		{"used afterwards, long ago", 5 * time.Hour, plan.Facts{plan.OldUsedAt: at(2 * time.Hour)}, true, -1},
		{"no use on record since long before", 3 * time.Hour, plan.Facts{plan.OldTrackedFrom: at(-1000 * time.Hour)}, true, -1},
		{"no use on record since a while ago", 3 * time.Hour, plan.Facts{plan.OldTrackedFrom: at(time.Hour)}, false, 4 * time.Hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := asking(c.later, c.facts).ask(context.Background(), &gate)
			if a.passed != c.pass || a.note == "" {
				t.Errorf("passed %t: %s", a.passed, a.note)
			}
			if c.until >= 0 && !a.until.Equal(monday.Add(c.until)) {
				t.Errorf("until %s, want %s", a.until, monday.Add(c.until))
			}
		})
	}
}

func TestFinished(t *testing.T) {
	gate := plan.Gate{Kind: plan.Finished}
	for _, c := range []struct {
		name  string
		facts plan.Facts
		pass  bool
	}{
		{"not read", nil, false},
		{"under way", plan.Facts{plan.InProgress: "a rotation"}, false},
		{"over", plan.Facts{"state": "Enabled"}, true},
	} {
		if a := asking(0, c.facts).ask(context.Background(), &gate); a.passed != c.pass || a.note == "" {
			t.Errorf("%s: passed %t: %s", c.name, a.passed, a.note)
		}
	}
}

// TestHTTP: one status passes, at the address that was approved and at no other.
func TestHTTP(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "/fine", http.StatusFound)
		case "/fine":
		case "/slow":
			<-r.Context().Done()
		default:
			http.NotFound(w, r)
		}
	}))
	defer s.Close()
	gone := httptest.NewServer(nil)
	gone.Close()
	for _, c := range []struct {
		url    string
		status int
		pass   bool
		says   string
	}{
		{s.URL + "/fine", 200, true, "answered 200"},
		{s.URL + "/other", 200, false, "answered 404, not 200"},
		{s.URL + "/other", 404, true, "answered 404"},
		{s.URL + "/moved", 200, false, "answered 302, not 200"},
		{s.URL + "/slow", 200, false, "no answer"},
		{gone.URL, 200, false, "no answer"},
	} {
		g := plan.Gate{Kind: plan.HTTP, URL: c.url, Status: c.status, Timeout: plan.Duration(200 * time.Millisecond)}
		if c.pass {
			g.Timeout = plan.Duration(time.Minute)
		}
		a := asking(0, nil).ask(context.Background(), &g)
		if a.passed != c.pass || !strings.Contains(a.note, c.says) {
			t.Errorf("%s: passed %t: %s", c.url, a.passed, a.note)
		}
	}
}

func TestOtherGates(t *testing.T) {
	reached := map[string]*position{
		"there": {reached: plan.Promoted}, "behind": {reached: plan.Created}, "aborted": {reached: plan.Done, aborting: &ledger.Entry{}},
	}
	q := asking(time.Hour, nil)
	q.stage = func(id string) *position { return reached[id] }
	q.confirms = []string{"billing"}
	for _, c := range []struct {
		name string
		gate plan.Gate
		pass bool
		says string
	}{
		{"a wait that is over", plan.Gate{Kind: plan.Wait, For: plan.Duration(time.Hour)}, true, "passed since"},
		{"a wait that is not", plan.Gate{Kind: plan.Wait, For: plan.Duration(time.Hour + 1)}, false, "have to pass"},
		{"some clients", plan.Gate{Kind: plan.Confirmed}, false, "not confirmed by shop"},
		{"the client it names", plan.Gate{Kind: plan.Confirmed, Client: "billing"}, true, "confirmed by billing"},
		{"another it names", plan.Gate{Kind: plan.Confirmed, Client: HandMade}, false, "not confirmed by by-hand:made"},
		{"a rotation that is there", plan.Gate{Kind: plan.After, Rotation: "there", Stage: plan.Promoted}, true, "reached PROMOTED"},
		{"one that is behind", plan.Gate{Kind: plan.After, Rotation: "behind", Stage: plan.Promoted}, false, "has to reach PROMOTED"},
		{"one that was taken back", plan.Gate{Kind: plan.After, Rotation: "aborted", Stage: plan.Promoted}, false, "was aborted"},
		{"one that is not in the plan", plan.Gate{Kind: plan.After, Rotation: "else", Stage: plan.Promoted}, false, "is not in the plan"},
		{"a kind of a later version", plan.Gate{Kind: "moon"}, false, "is not known"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if a := q.ask(context.Background(), &c.gate); a.passed != c.pass || !strings.Contains(a.note, c.says) {
				t.Errorf("passed %t: %s", a.passed, a.note)
			}
		})
	}
}

// TestAnswerTime: one request takes no longer than a minute, however long the gate may take.
func TestAnswerTime(t *testing.T) {
	for set, want := range map[time.Duration]time.Duration{0: time.Minute, time.Second: time.Second, time.Hour: time.Minute} {
		if got := answerTime(&plan.Gate{Kind: plan.HTTP, Timeout: plan.Duration(set)}); got != want {
			t.Errorf("a gate of %s waits %s for an answer, want %s", set, got, want)
		}
	}
}
