package scanner

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/keyreeve/keyreeve/scanner/evaluate"
	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/relate"
)

// JudgeOptions are what a snapshot is judged by.
type JudgeOptions struct {
	Verb     string // "scan", "check" or "lint"
	Tool     string // version of keyreeve
	AsOf     time.Time
	Engine   *evaluate.Engine
	Classify relate.Config
	Waivers  *finding.Waivers   // nil: none
	Floors   map[string]float64 // coverage in percent that is enough, by back end
}

// Judge relates the resources of a snapshot, lets every rule judge each of them and adds what concerns the run: waivers,
// coverage and diagnostics. Equal input gives an equal result, whatever the number of processors.
func Judge(ctx context.Context, snap *inventory.Snapshot, o JudgeOptions) (*finding.Result, error) {
	estate, err := relate.New(snap, o.Classify)
	if err != nil {
		return nil, err
	}
	judged, err := judgeAll(ctx, snap, estate, o)
	if err != nil {
		return nil, err
	}

	r := &finding.Result{Format: finding.ResultFormat, Tool: o.Tool, Verb: o.Verb, TakenAt: snap.TakenAt, AsOf: o.AsOf}
	tally := newTallies(o.Engine.Rules())
	for _, rows := range judged {
		for _, row := range rows {
			tally.count(row.rule, row.verdict)
			r.Findings = append(r.Findings, row.findings...)
		}
	}
	for _, f := range unlisted(snap, o.Engine.Rules()) {
		tally.count(f.Rule, finding.Unknown)
		r.Findings = append(r.Findings, f)
	}
	for _, g := range snap.Gaps {
		r.Gaps = append(r.Gaps, finding.Gap{Gap: g})
	}
	r.Rules = append(append(r.Rules, o.Engine.Rules()...), Diagnostics...)
	r.Tallies = tally.rows()
	r.Coverage = coverage(snap)
	for _, s := range snap.Scopes {
		r.Emulated = r.Emulated || s.Emulated
	}
	r.Diagnostics = append(troubles(o.Waivers.Apply(r, o.AsOf)), uncovered(r, o.Floors)...)
	r.Reading = reading(snap, r, o.Floors)
	r.Summary.Resources = len(snap.Resources)
	r.Summarize()
	r.Sort()
	return r, nil
}

// row is what one rule says of one resource.
type row struct {
	rule     string
	verdict  finding.Verdict
	findings []finding.Finding
}

// judgeAll judges every resource on all processors. The answer keeps the order of the snapshot.
func judgeAll(ctx context.Context, snap *inventory.Snapshot, estate *relate.Estate, o JudgeOptions) ([][]row, error) {
	out := make([][]row, len(snap.Resources))
	const chunk = 256
	var next atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() error {
			for {
				from := int(next.Add(chunk)) - chunk
				if from >= len(out) {
					return nil
				}
				for i := from; i < min(from+chunk, len(out)); i++ {
					rows, err := judgeOne(ctx, &snap.Resources[i], estate, o)
					if err != nil {
						return err
					}
					out[i] = rows
				}
			}
		})
	}
	return out, group.Wait()
}

func judgeOne(ctx context.Context, res *inventory.Resource, estate *relate.Estate, o JudgeOptions) ([]row, error) {
	labels := estate.Labels(res)
	subject := evaluate.NewSubject(res, labels, estate.Edges(res), estate.Series(res), o.AsOf)
	judgements, err := o.Engine.Judge(ctx, subject)
	if err != nil {
		return nil, err
	}
	rows := make([]row, 0, len(judgements))
	for _, j := range judgements {
		rows = append(rows, row{rule: j.Rule.ID, verdict: j.Verdict, findings: findings(j, shown(res, labels), accepted(res))})
	}
	return rows, nil
}

// findings turns a judgement into what somebody should see: nothing for a pass.
func findings(j evaluate.Judgement, res finding.Resource, waived *finding.Waived) []finding.Finding {
	f := finding.Finding{Rule: j.Rule.ID, Verdict: j.Verdict, Severity: j.Severity, Resource: res, Error: j.Err, Waived: waived}
	switch j.Verdict {
	case finding.Fail:
		out := make([]finding.Finding, 0, len(j.Violations))
		for _, v := range j.Violations {
			f.At, f.Message, f.Facts = v.At, v.Message, v.Facts
			f.Fingerprint = finding.Fingerprint(f.Rule, res.ID, v.At)
			out = append(out, f)
		}
		return out
	case finding.Unknown:
		f.Message, f.Deciding = "cannot tell: facts that decide were not read", j.Deciding
		if j.Err != "" {
			f.Message = "cannot tell: the rule failed with an error"
		}
		f.Fingerprint = finding.Fingerprint(f.Rule, res.ID, "")
		return []finding.Finding{f}
	}
	return nil
}

func shown(res *inventory.Resource, l relate.Labels) finding.Resource {
	return finding.Resource{
		ID: res.ID, Type: res.Type, Kind: res.Kind, Name: res.Name, Origin: res.Origin, Scope: res.Scope,
		Emulated: res.Emulated, Location: res.Location,
		Environment: l.Environment.Value, Tier: l.Tier.Value, Purpose: l.Purpose.Value, Owner: l.Owner.Value,
	}
}

// accepted is what in the repository itself accepts a credential: it is honoured, and shown as waived.
func accepted(res *inventory.Resource) *finding.Waived {
	if res.Credential == nil || res.Credential.AllowedBy == "" {
		return nil
	}
	return &finding.Waived{By: map[string]string{"inline": "a gitleaks:allow comment", "ignore_file": ".gitleaksignore", "baseline": "the baseline of known leaks"}[res.Credential.AllowedBy]}
}
