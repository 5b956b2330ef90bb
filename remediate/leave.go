package remediate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/keyreeve/keyreeve/remediate/plan"
)

// A Halt is why nothing more may be begun now. It is no failure: what is under way is as safe as before.
type Halt struct {
	Why  string
	Next time.Time // when it may be tried again; zero: a person has to do something
}

func (h *Halt) Error() string { return h.Why }

// leave is asked right before every act: may it be begun now? What cannot be told is no.
func leave(ctx context.Context, p *plan.Plan, now time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if now.Before(p.MadeAt) {
		return &Halt{Why: fmt.Sprintf("the clock says %s, before the plan was made (%s)", stamp(now), stamp(p.MadeAt))}
	}
	if why := expired(p, now); why != "" {
		return stop("%s", why)
	}
	if err := killed(p.KillSwitch); err != nil {
		return err
	}
	if why, until := p.Closed(now); why != "" {
		return &Halt{Why: why, Next: until}
	}
	return nil
}

// leave asks the plan and then the configuration, which may be newer than the plan, and of another machine.
func (run *Run) leave(ctx context.Context) error {
	if err := leave(ctx, run.Plan, run.Now()); err != nil || run.Demands == nil {
		return err
	}
	s := run.Demands.Settings
	if err := killed(s.KillSwitch); err != nil {
		return err
	}
	if e := run.Plan.Emergency; e == nil || e.Drill { // an emergency does not wait for routine
		if why, until := (&plan.Plan{Windows: s.Windows, Freezes: s.Freezes}).Closed(run.Now()); why != "" {
			return &Halt{Why: why, Next: until}
		}
	}
	return nil
}

// expired says that nothing may be begun any more; "" while something may.
func expired(p *plan.Plan, now time.Time) string {
	if now.Before(p.Expires) {
		return ""
	}
	return fmt.Sprintf("the plan expired at %s; make a new one", stamp(p.Expires))
}

// killed looks for the kill switch.
func killed(path string) error {
	if path == "" {
		return nil
	}
	_, err := os.Lstat(path)
	switch {
	case err == nil:
		return &Halt{Why: fmt.Sprintf("the kill switch %q is there; remove the file to go on", path)}
	case errors.Is(err, fs.ErrNotExist):
		return nil
	}
	return &Halt{Why: fmt.Sprintf("the kill switch cannot be looked for, which counts as there: %v", err)}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
