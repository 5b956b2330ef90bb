package remediate

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/remediate/program"
)

// defaultTimeout bounds a gate's command or request that states no timeout.
const defaultTimeout = time.Minute

// An answer is what a gate says: it passed, with the evidence, or not, with the reason and when to ask again.
type answer struct {
	passed bool
	note   string
	until  time.Time // zero: nobody can tell
}

// question is what a gate may ask about.
type question struct {
	plan     *plan.Plan
	rotation *plan.Rotation
	step     *plan.Step
	position *position
	facts    plan.Facts // as just looked up; nil when the look failed
	now      time.Time
	confirms []string               // clients that confirmed, signatures checked
	stage    func(string) *position // of another rotation
	client   *http.Client
	environ  func(string) string
}

// ask puts one gate its question.
func (q *question) ask(ctx context.Context, g *plan.Gate) answer {
	switch g.Kind {
	case plan.Wait:
		return q.wait(g)
	case plan.Unused:
		return q.unused(g)
	case plan.Confirmed:
		return q.confirmed(g)
	case plan.Finished:
		return q.finished()
	case plan.After:
		return q.after(g)
	case plan.Command:
		return q.command(ctx, g)
	case plan.HTTP:
		return q.http(ctx, g)
	}
	return answer{note: fmt.Sprintf("a gate of kind %q is not known to this keyreeve-rotate", g.Kind)}
}

func (q *question) wait(g *plan.Gate) answer {
	until := q.position.before(q.now).Add(time.Duration(g.For))
	if q.now.Before(until) {
		return answer{note: fmt.Sprintf("%s have to pass since the step before", g.For), until: until}
	}
	return answer{passed: true, note: fmt.Sprintf("%s passed since %s", g.For, stamp(q.position.before(q.now)))}
}

// unused passes when the back end tells that the old version was not used for the gate's time before now, and its telling is no later
// than the gate's lag. No record of a use is not enough unless the back end has kept track for as long.
func (q *question) unused(g *plan.Gate) answer {
	if q.facts == nil {
		return answer{note: "the last use of the old version could not be read"}
	}
	quiet := time.Duration(g.For) + time.Duration(g.Lag)
	from, what := q.facts[plan.OldUsedAt], "last used"
	if from == "" {
		from, what = q.facts[plan.OldTrackedFrom], "no use recorded since"
	}
	t, err := time.Parse(time.RFC3339, from)
	if err != nil {
		return answer{note: "the back end does not tell when the old version was last used"}
	}
	// A use before the new version took over does not count against it, but the quiet time begins no earlier.
	if took := q.position.before(q.now); t.Before(took) {
		t = took
	}
	if until := t.Add(quiet); q.now.Before(until) {
		return answer{note: fmt.Sprintf("the old version has to be unused for %s and %s more in which the back end may not have told yet; %s %s", g.For, g.Lag, what, from), until: until}
	}
	return answer{passed: true, note: fmt.Sprintf("the old version was not used for %s (%s %s)", g.For, what, from)}
}

func (q *question) confirmed(g *plan.Gate) answer {
	clients := q.rotation.Clients
	if g.Client != "" {
		clients = []string{g.Client}
	}
	var missing []string
	for _, c := range clients {
		if !slices.Contains(q.confirms, c) {
			missing = append(missing, c)
		}
	}
	if len(missing) > 0 {
		return answer{note: fmt.Sprintf("not confirmed by %s; each says so with: keyreeve-rotate confirm PLAN %s --client NAME", strings.Join(missing, ", "), q.rotation.ID)}
	}
	return answer{passed: true, note: "confirmed by " + strings.Join(clients, ", ")}
}

func (q *question) finished() answer {
	switch {
	case q.facts == nil:
		return answer{note: "whether the back end has finished could not be read"}
	case q.facts[plan.InProgress] != "":
		return answer{note: "the back end has not finished: " + q.facts[plan.InProgress]}
	}
	return answer{passed: true, note: "the back end has finished"}
}

func (q *question) after(g *plan.Gate) answer {
	p := q.stage(g.Rotation)
	switch {
	case p == nil:
		return answer{note: fmt.Sprintf("rotation %q is not in the plan", g.Rotation)}
	case p.aborting != nil:
		return answer{note: fmt.Sprintf("rotation %q was aborted", g.Rotation)}
	case slices.Index(plan.Stages, p.reached) < slices.Index(plan.Stages, g.Stage):
		return answer{note: fmt.Sprintf("rotation %q is at %s and has to reach %s", g.Rotation, p.reached, g.Stage)}
	}
	return answer{passed: true, note: fmt.Sprintf("rotation %q reached %s", g.Rotation, p.reached)}
}

// command runs a program that was named in the plan. It is told in its environment what the gate is about; what it prints is not kept.
func (q *question) command(ctx context.Context, g *plan.Gate) answer {
	p := program.Program{Argv: g.Command, SHA256: g.SHA256}
	if err := p.Run(ctx, program.Call{Environ: q.environ, Within: timeout(g), Env: []string{
		"KEYREEVE_ROTATION=" + q.rotation.ID, "KEYREEVE_RESOURCE=" + string(q.rotation.Resource), "KEYREEVE_STEP=" + q.step.ID,
	}}); err != nil {
		return answer{note: err.Error()}
	}
	return answer{passed: true, note: strings.Join(g.Command, " ") + " ended with 0"}
}

func (q *question) http(ctx context.Context, g *plan.Gate) answer {
	ctx, cancel := context.WithTimeout(ctx, answerTime(g))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, g.URL, nil)
	if err != nil {
		return answer{note: fmt.Sprintf("%s: %v", g.URL, err)}
	}
	resp, err := q.client.Do(req)
	if err != nil {
		return answer{note: fmt.Sprintf("GET %s: no answer", g.URL)}
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20)) // so that the connection can be used again
	resp.Body.Close()
	if resp.StatusCode != g.Status {
		return answer{note: fmt.Sprintf("GET %s answered %d, not %d", g.URL, resp.StatusCode, g.Status)}
	}
	return answer{passed: true, note: fmt.Sprintf("GET %s answered %d", g.URL, g.Status)}
}

// answerTime is how long an address may take to answer: a gate may wait for days, and one request must not hold the ledger meanwhile.
func answerTime(g *plan.Gate) time.Duration { return min(timeout(g), defaultTimeout) }

func timeout(g *plan.Gate) time.Duration {
	if g.Timeout > 0 {
		return time.Duration(g.Timeout)
	}
	return defaultTimeout
}

func short(sum string) string { return sum[:min(12, len(sum))] }

// LocalClient follows no redirects: the address in the plan is the one that was approved.
func LocalClient() *http.Client {
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}
