package finding

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/strictyaml"
)

// inline is what the names of waivers in comments begin with.
const inline = "inline "

// maxComment bounds the text of a waiver in a comment, in bytes.
const maxComment = 1000

// ApplyComments marks the findings that waivers in comments cover at the given time, and returns the comments that want attention.
// A comment waives one rule for the resource at which it stands, on any of its lines or directly above it:
//
//	# keyreeve:ignore rotation/automatic-rotation-off until=2026-12-31 reason="The partner rotates in March."
//
// RULE, until and reason are required; owner, approver and ticket may follow. It ends as one in a file does, and no later than a
// year ahead. A finding that is waived already keeps its mark.
func ApplyComments(r *Result, at time.Time) []Trouble {
	var out []Trouble
	for i := range r.Coverage {
		c := &r.Coverage[i]
		for j := range c.Comments {
			if trouble := r.applyComment(c, &c.Comments[j], at); trouble != nil {
				out = append(out, *trouble)
			}
		}
	}
	return out
}

func (r *Result) applyComment(c *Coverage, comment *inventory.Comment, at time.Time) *Trouble {
	place := fmt.Sprintf(inline+"%s:%d", comment.Path, comment.Line)
	of := func(rule, message string, facts map[string]any) *Trouble {
		at := &inventory.Location{Path: comment.Path, StartLine: comment.Line}
		return &Trouble{Rule: rule, Place: place, At: at, Message: message, Facts: facts}
	}
	v, err := parseComment(comment.Text)
	if err != nil {
		return of(WaiverUnmatched, "the comment waives nothing", map[string]any{"why": err.Error()})
	}
	v.place = place
	resources := map[inventory.ID]bool{}
	holds, refused := !v.expired(at) && !v.endless(at), 0 // its place is its selector
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Rule != v.Rule || f.Resource.Scope != c.Scope || !comment.Covers(f.Resource.Location) {
			continue
		}
		resources[f.Resource.ID] = true
		if !comment.Counts(f.Resource.ID) {
			refused++
			continue
		}
		if holds && f.Waived == nil {
			f.Waived = v.waived()
		}
	}
	switch {
	case v.expired(at):
		return of(WaiverExpired, "the waiver has expired; what it covered counts again", map[string]any{"until": v.Until})
	case v.endless(at):
		return of(WaiverTooBroad, "the waiver ends more than a year ahead, so it does not hold", map[string]any{"until": v.Until})
	case refused > 0:
		return of(WaiverUnmatched, "the waiver does not count for what the change waives with it", map[string]any{"why": "this change brings it", "findings": refused})
	case len(resources) > broad:
		return of(WaiverTooBroad, "the waiver covers many resources", map[string]any{"resources": len(resources), "many": broad})
	case len(resources) > 0 || c.Part:
		return nil
	}
	rule := slices.IndexFunc(r.Rules, func(rule Rule) bool { return rule.ID == v.Rule })
	if rule < 0 {
		return of(WaiverUnmatched, notLoaded, v.nearest(r))
	}
	for _, g := range r.Gaps {
		for _, typ := range c.Types {
			if info, ok := inventory.TypeOf(typ); ok && r.Rules[rule].Matches(typ, info.Kind) && hides(&g.Gap, c.Scope, typ) {
				return nil // it may cover what was not read
			}
		}
	}
	return of(WaiverUnmatched, "the waiver matches nothing", nil)
}

// setting is KEY=VALUE, with a value that may stand in quotation marks.
var setting = regexp.MustCompile(`^([a-z]+)=(?:"([^"]*)"|'([^']*)'|([^\s"']+))(?:\s+|$)`)

// parseComment reads the text of a comment. The errors say what is wrong with it, without its text.
func parseComment(text string) (*Waiver, error) {
	if len(text) > maxComment {
		return nil, fmt.Errorf("it is longer than %d bytes", maxComment)
	}
	rule, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	next, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	if strings.Contains(rule, ",") || strings.Contains(next, "/") && !strings.Contains(next, "=") {
		return nil, errors.New("one comment waives one rule; write another one for each")
	}
	area, name, ok := strings.Cut(rule, "/")
	if !ok || area == "" || name == "" || strings.ContainsAny(rule, `*?="`) {
		return nil, errors.New("it does not begin with one rule's ID")
	}
	v := &Waiver{Rule: rule}
	fields := map[string]*string{"until": &v.Until, "reason": &v.Reason, "owner": &v.Owner, "approver": &v.Approver, "ticket": &v.Ticket}
	for rest = strings.TrimSpace(rest); rest != ""; {
		m := setting.FindStringSubmatch(rest)
		if m == nil {
			return nil, errors.New("not all after the rule is KEY=VALUE")
		}
		into := fields[m[1]]
		if into == nil {
			return nil, errors.New(strictyaml.Unknown("key", m[1], []string{"until", "reason", "owner", "approver", "ticket"}))
		}
		if *into != "" {
			return nil, fmt.Errorf("it states %s twice", m[1])
		}
		*into = m[2] + m[3] + m[4]
		rest = rest[len(m[0]):]
	}
	if strings.TrimSpace(v.Reason) == "" {
		return nil, errors.New("reason is missing")
	}
	return v, v.setEnd()
}
