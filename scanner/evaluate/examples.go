package evaluate

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/relate"
	"github.com/keyreeve/keyreeve/scanner/strictyaml"
)

// examplesFile is examples.yaml, beside each rule:
//
//	bases:                                  # optional: resources that examples start from
//	  jwt: {type: vault.transit.key, name: jwt, key: {spec: ed25519, ...}}
//	examples:
//	  - name: a JWT key 100 days old        # a sentence
//	    why: "..."                          # optional: the trap it guards against
//	    resource: {base: jwt, key: {rotated_at: 2025-09-23T00:00:00Z}, unknown: [{fact: key.exportable, why: denied}]}
//	    labels: {tier: production, purpose: token_signing, owner: team-a, environment: prod}
//	    purpose_candidates: [token_signing, encryption]    # a purpose that cannot be told; likewise tier_candidates
//	    series: {name: jwt, role: current}
//	    edges: []
//	    settings: {max_age_days: 60}
//	    as_of: 2026-01-01T00:00:00Z         # the clock; this is the default
//	    verdict: fail
//	    findings: [{message: ..., at: ..., facts: {...}, severity: low}]  # optional; exact when given
//	    deciding: [key.rotated_at]          # of an unknown
//
// Who may do what stands under access of the resource: {access: {conflicts: [{principal: p, use: [...], administer: [...]}]}}; what such
// a mapping leaves out is nobody and nothing. Without it nothing is known of that.
//
// An example's resource is merged over its base; null takes a fact away. A required fact that is missing is unknown (not_read). Labels
// that are not given are those of a resource without any configuration.
type examplesFile struct {
	Bases    map[string]map[string]any `yaml:"bases"`
	Examples []example                 `yaml:"examples"`
}

type example struct {
	Name              string           `yaml:"name"`
	Why               string           `yaml:"why"`
	Resource          map[string]any   `yaml:"resource"`
	Labels            exampleLabels    `yaml:"labels"`
	PurposeCandidates []string         `yaml:"purpose_candidates"`
	TierCandidates    []string         `yaml:"tier_candidates"`
	Series            *exampleSeries   `yaml:"series"`
	Edges             []exampleEdge    `yaml:"edges"`
	Settings          map[string]any   `yaml:"settings"`
	AsOf              time.Time        `yaml:"as_of"`
	Verdict           finding.Verdict  `yaml:"verdict"`
	Findings          []exampleFinding `yaml:"findings"`
	Deciding          []string         `yaml:"deciding"`

	line    int
	subject *Subject
}

type exampleLabels struct {
	Environment *string `yaml:"environment"`
	Tier        *string `yaml:"tier"`
	Purpose     *string `yaml:"purpose"`
	Owner       *string `yaml:"owner"`
}

type exampleSeries struct {
	Name            string           `yaml:"name"`
	Role            string           `yaml:"role"`
	Successor       string           `yaml:"successor"`
	OverlapClosesAt time.Time        `yaml:"overlap_closes_at"`
	OverlapUnread   inventory.Reason `yaml:"overlap_unread"` // the ledger was not read, and why
}

type exampleEdge struct {
	Type   string `yaml:"type"`
	Way    string `yaml:"way"`
	To     string `yaml:"to"`
	Target string `yaml:"target"`
	Name   string `yaml:"name"`
	End    string `yaml:"end"`
}

type exampleFinding struct {
	Message string         `yaml:"message"`
	At      string         `yaml:"at"`
	Facts   map[string]any `yaml:"facts"`
	// Severity is that of the finding, where it is given.
	Severity finding.Severity `yaml:"severity"`
}

// exampleClock is the clock of examples that do not set one.
var exampleClock = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// readExamples reads a rule's examples and makes their subjects.
func readExamples(fsys fs.FS, path, name string) ([]*example, error) {
	data, err := fs.ReadFile(fsys, path)
	if err != nil {
		return nil, fmt.Errorf("read examples: %w", err)
	}
	return parseExamples(name, data)
}

func parseExamples(name string, data []byte) ([]*example, error) {
	var f examplesFile
	if err := strictyaml.Decode(name, data, &f); err != nil {
		return nil, err
	}
	lines := strings.Split(string(data), "\n")
	seen := map[string]bool{}
	out := make([]*example, len(f.Examples))
	for i := range f.Examples {
		x := &f.Examples[i]
		x.line = lineOf(lines, x.Name)
		wrong := func(err error) error {
			return &strictyaml.Error{File: name, Line: x.line, Text: fmt.Sprintf("example %q: %v", x.Name, err)}
		}
		switch {
		case x.Name == "":
			return nil, &strictyaml.Error{File: name, Text: fmt.Sprintf("example %d has no name", i+1)}
		case seen[x.Name]:
			return nil, wrong(fmt.Errorf("there are two of this name"))
		}
		seen[x.Name] = true
		if err := x.check(); err != nil {
			return nil, wrong(err)
		}
		if err := x.build(f.Bases); err != nil {
			return nil, wrong(err)
		}
		out[i] = x
	}
	return out, nil
}

// lineOf finds the line on which an example's name stands.
func lineOf(lines []string, name string) int {
	for i, l := range lines {
		if strings.Contains(l, "name:") && strings.Contains(l, name) {
			return i + 1
		}
	}
	return 0
}

func (x *example) check() error {
	verdicts := []string{string(finding.Pass), string(finding.Fail), string(finding.NotApplicable), string(finding.Unknown)}
	if !slices.Contains(verdicts, string(x.Verdict)) {
		return errors.New(unknown("verdict", string(x.Verdict), verdicts))
	}
	if len(x.Findings) > 0 && x.Verdict != finding.Fail {
		return fmt.Errorf("it has findings, but its verdict is %s, not fail", x.Verdict)
	}
	if len(x.Deciding) > 0 && x.Verdict != finding.Unknown {
		return fmt.Errorf("it names deciding facts, but its verdict is %s, not unknown", x.Verdict)
	}
	named := slices.Clone(x.TierCandidates)
	if x.Labels.Tier != nil {
		named = append(named, *x.Labels.Tier)
	}
	for _, t := range named {
		if !slices.Contains(tiers, t) {
			return errors.New(unknown("tier", t, tiers))
		}
	}
	uses := slices.Clone(x.PurposeCandidates)
	if x.Labels.Purpose != nil && *x.Labels.Purpose != "" {
		uses = append(uses, *x.Labels.Purpose)
	}
	for _, p := range uses {
		if !slices.Contains(purposes, p) {
			return errors.New(unknown("purpose", p, purposes))
		}
	}
	return nil
}

// build makes the subject.
func (x *example) build(bases map[string]map[string]any) error {
	r, found, err := resourceOf(x.Resource, bases)
	if err != nil {
		return err
	}
	labels, err := defaultLabels(r)
	if err != nil {
		return err
	}
	set := func(l *relate.Label, v *string, candidates []string) {
		if v != nil {
			*l = relate.Label{Value: *v}
		}
		if len(candidates) > 0 {
			*l = relate.Label{Value: candidates[0], Candidates: candidates}
		}
	}
	set(&labels.Environment, x.Labels.Environment, nil)
	set(&labels.Tier, x.Labels.Tier, x.TierCandidates)
	set(&labels.Purpose, x.Labels.Purpose, x.PurposeCandidates)
	set(&labels.Owner, x.Labels.Owner, nil)
	if x.AsOf.IsZero() {
		x.AsOf = exampleClock
	}
	x.subject = NewSubject(r, labels, x.edges(), x.series(), found, x.AsOf)
	return nil
}

func (x *example) series() *relate.Series {
	if x.Series == nil {
		return nil
	}
	s := &relate.Series{Name: x.Series.Name, Role: x.Series.Role, Successor: inventory.ID(x.Series.Successor), OverlapUnread: x.Series.OverlapUnread}
	if at := x.Series.OverlapClosesAt; !at.IsZero() {
		s.OverlapClosesAt = &at
	}
	return s
}

func (x *example) edges() []relate.Edge {
	var out []relate.Edge
	for _, e := range x.Edges {
		out = append(out, relate.Edge{Type: e.Type, Way: e.Way, To: inventory.ID(e.To), Target: e.Target, Name: e.Name, End: e.End})
	}
	return out
}
