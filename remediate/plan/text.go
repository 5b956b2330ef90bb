package plan

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// tell is fmt.Fprintf of things that are Shown: a plan is a file of whoever planned it, and what others read of it before they sign must not be a trick
// of their terminals.
func tell(b *strings.Builder, format string, args ...any) {
	for i, a := range args {
		if _, ok := a.(fmt.Stringer); ok || reflect.TypeOf(a).Kind() == reflect.String {
			args[i] = Shown(fmt.Sprint(a))
		}
	}
	fmt.Fprintf(b, format, args...)
}

// Shown is a text of one line in which everything is seen: what moves the cursor, hides or turns around letters is written as Go writes it.
func Shown(text string) string {
	var b strings.Builder
	for _, c := range text {
		if unicode.IsPrint(c) {
			b.WriteRune(c)
		} else {
			b.WriteString(strings.Trim(strconv.QuoteRune(c), "'"))
		}
	}
	return b.String()
}

// Text is the plan for people who decide about it: everything that will be done, in order.
func (p *Plan) Text() string {
	var b strings.Builder
	tell(&b, "Plan %s\nmade %s from a scan of %s; expires %s\n", p.Digest(), minutes(p.MadeAt), minutes(p.TakenAt), minutes(p.Expires))
	if e := p.Emergency; e != nil {
		what := "EMERGENCY"
		if e.Drill {
			what = "DRILL OF AN EMERGENCY"
		}
		tell(&b, "%s, ticket %s: overlap and canary are skipped\n", what, e.Ticket)
		if e.ApproveWithin > 0 {
			tell(&b, "may begin before it is approved; the approval has to come within %s\n", e.ApproveWithin)
		}
	}
	for _, w := range p.Windows {
		tell(&b, "only %s\n", w)
	}
	for _, f := range p.Freezes {
		tell(&b, "not from %s until %s: %s\n", minutes(f.From), minutes(f.Until), f.Reason)
	}
	if p.KillSwitch != "" {
		tell(&b, "stops while %s is there\n", p.KillSwitch)
	}
	for _, o := range p.Outside {
		tell(&b, "%s\n", o)
	}
	for _, r := range p.Rotations {
		b.WriteString("\n" + r.text(p.Approval[r.Tier]))
	}
	if len(p.Rotations) == 0 {
		b.WriteString("\nNothing is to be rotated.\n")
	}
	if len(p.Refused) > 0 {
		tell(&b, "\nNot planned (%d):\n", len(p.Refused))
		for _, r := range p.Refused {
			tell(&b, "  %s  %s\n      %s\n", r.Name, r.Resource, r.Why)
			if r.Next != "" {
				tell(&b, "      next: %s\n", r.Next)
			}
		}
	}
	return b.String()
}

func (r *Rotation) text(a Approval) string {
	var b strings.Builder
	what := slices.DeleteFunc([]string{r.Tier, r.Purpose, string(r.Pattern)}, func(s string) bool { return s == "" }) // a role has no purpose
	tell(&b, "%s  %s  (%s)\n", r.ID, r.Resource, strings.Join(what, ", "))
	if len(r.Findings) > 0 {
		tell(&b, "  because of %s\n", strings.Join(r.Findings, ", "))
	}
	tell(&b, "  at %s; approved by %s\n", r.Endpoint, a)
	for i, s := range r.Steps {
		tell(&b, "  %d. %s: %s\n", i+1, s.Stage, s.Says)
		for _, g := range s.Gates {
			tell(&b, "     waits until %s\n", g)
		}
		if len(s.Expect) > 0 {
			tell(&b, "     expects %s\n", s.Expect)
		}
		switch {
		case s.Act == "":
		case s.Undo != "":
			undo := s.Undo
			if s.UndoBefore != "" {
				undo += fmt.Sprintf(", before %s is reached: afterwards it stays, as what it made is in use", s.UndoBefore)
			}
			tell(&b, "     undone by: %s\n", undo)
		default:
			tell(&b, "     no way back: %s\n", s.Final)
		}
	}
	return b.String()
}

// String says who has to approve.
func (a Approval) String() string {
	whose := "any signer"
	if len(a.Approvers) > 0 {
		whose = strings.Join(a.Approvers, " or ")
	}
	text := fmt.Sprintf("%d of %s", a.Count, whose)
	if a.Distinct {
		text += ", who neither planned nor applies it"
	}
	return text
}

// String says how it approves.
func (o Outside) String() string {
	if len(o.Command) > 0 {
		return fmt.Sprintf("%s approves when %q ends with 0 (SHA-256 %.12s)", o.Name, o.Command, o.SHA256)
	}
	var claims []string
	for name, v := range o.Claims {
		claims = append(claims, name+" "+v)
	}
	slices.Sort(claims)
	return fmt.Sprintf("%s approves by a token of %s for %s", o.Name, o.Issuer, strings.Join(claims, ", "))
}

// String says when the gate opens.
func (g Gate) String() string {
	switch g.Kind {
	case Wait:
		return g.For.String() + " have passed"
	case Command:
		return fmt.Sprintf("%q ends with 0 (SHA-256 %.12s)", g.Command, g.SHA256)
	case HTTP:
		return fmt.Sprintf("GET %s answers %d", g.URL, g.Status)
	case Unused:
		return fmt.Sprintf("the old version was not used for %s, as told %s later", g.For, g.Lag)
	case Confirmed:
		if g.Client != "" {
			return fmt.Sprintf("it is confirmed with --client %s", g.Client)
		}
		return "all clients have confirmed"
	case Finished:
		return "the back end has finished"
	case After:
		return fmt.Sprintf("rotation %s has reached %s", g.Rotation, g.Stage)
	}
	return string(g.Kind)
}

func minutes(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// Diff says what is different in a newer plan, as lines that begin with +, - or a space. Times and digests, which differ in all plans, are
// left out.
func Diff(old, now *Plan) string {
	var b strings.Builder
	was, is := map[string]string{}, map[string]string{}
	var ids []string
	for into, p := range map[*map[string]string]*Plan{&was: old, &is: now} {
		for _, r := range p.Rotations {
			(*into)[r.ID] = r.text(p.Approval[r.Tier])
			ids = append(ids, r.ID)
		}
		for _, r := range p.Refused {
			id := "not planned: " + string(r.Resource)
			(*into)[id] = fmt.Sprintf("not planned: %s, as %s\n", Shown(string(r.Resource)), Shown(r.Why))
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if was[id] == is[id] {
			tell(&b, "  %s: unchanged\n", id)
			continue
		}
		for mark, text := range []string{was[id], is[id]} {
			for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
				if text != "" {
					tell(&b, "%c %s\n", "-+"[mark], line)
				}
			}
		}
	}
	return b.String()
}
