package scanner

import (
	"context"
	"runtime"
	"slices"
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
	// Only says which resources are judged; the others are there because those refer to them. Nil: all.
	Only func(*inventory.Resource) bool
}

// Judge relates the resources of a snapshot, lets every rule judge each of them and adds what concerns the run: waivers,
// coverage and diagnostics. Equal input gives an equal result, whatever the number of processors.
func Judge(ctx context.Context, snap *inventory.Snapshot, o JudgeOptions) (*finding.Result, error) {
	estate, err := relate.New(snap, o.Classify)
	if err != nil {
		return nil, err
	}
	judged, err := judgeAll(ctx, snap, estate, AccessOf(snap, o.Engine), o)
	if err != nil {
		return nil, err
	}

	r := &finding.Result{Format: finding.ResultFormat, Tool: o.Tool, Verb: o.Verb, TakenAt: snap.TakenAt, AsOf: o.AsOf}
	tally := judged.tallies
	r.Findings = judged.findings
	for _, f := range unlisted(snap, o.Engine.Rules()) {
		tally.count(f.Rule, finding.Unknown)
		r.Findings = append(r.Findings, f)
	}
	for _, g := range snap.Gaps {
		r.Gaps = append(r.Gaps, finding.Gap{Gap: g})
	}
	r.Rules = append(append(r.Rules, o.Engine.Rules()...), Diagnostics...)
	r.Off = o.Engine.Off()
	r.Tallies = tally.rows()
	r.Coverage = coverage(snap)
	for _, s := range snap.Scopes {
		r.Emulated = r.Emulated || s.Emulated
	}
	waivers := append(o.Waivers.Apply(r, o.AsOf), finding.ApplyComments(r, o.AsOf)...)
	r.Diagnostics = slices.Concat(troubles(waivers), unused(r.Coverage), unreliable(snap), uncovered(r, o.Floors))
	r.Reading = reading(snap, r, o.Floors)
	r.Summary.Resources = judged.resources
	r.Summarize()
	r.Sort()
	return r, nil
}

// verdicts are what the rules say of some resources, in the order of the snapshot.
type verdicts struct {
	resources int
	tallies   tallies
	findings  []finding.Finding
}

// judgeAll judges every resource on all processors, a part of the snapshot at a time.
func judgeAll(ctx context.Context, snap *inventory.Snapshot, estate *relate.Estate, found Found, o JudgeOptions) (verdicts, error) {
	// A part is small enough that all processors have one, and large enough to be worth it: each compiles what it evaluates partially.
	size := int64(min(256, max(16, len(snap.Resources)/runtime.GOMAXPROCS(0)+1)))
	parts := make([]verdicts, (int64(len(snap.Resources))+size-1)/size)
	rules := o.Engine.Rules()
	var next atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() error {
			for i := next.Add(1) - 1; i < int64(len(parts)); i = next.Add(1) - 1 {
				part := verdicts{tallies: newTallies(rules)}
				for k := i * size; k < min((i+1)*size, int64(len(snap.Resources))); k++ {
					if err := part.judge(ctx, &snap.Resources[k], estate, found, o); err != nil {
						return err
					}
				}
				parts[i] = part
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return verdicts{}, err
	}
	return join(parts, rules), nil
}

// join puts the parts together and lets go of each as it is copied.
func join(parts []verdicts, rules []finding.Rule) verdicts {
	n := 0
	for _, p := range parts {
		n += len(p.findings)
	}
	all := verdicts{tallies: newTallies(rules), findings: make([]finding.Finding, 0, n)}
	for i, p := range parts {
		all.resources += p.resources
		all.tallies.add(p.tallies)
		all.findings = append(all.findings, p.findings...)
		parts[i] = verdicts{}
	}
	return all
}

func (v *verdicts) judge(ctx context.Context, res *inventory.Resource, estate *relate.Estate, found Found, o JudgeOptions) error {
	if o.Only != nil && !o.Only(res) {
		return nil
	}
	v.resources++
	labels := estate.Labels(res)
	may, err := found(res)
	if err != nil {
		return err
	}
	subject := evaluate.NewSubject(res, labels, estate.Edges(res), estate.Series(res), may, o.AsOf)
	judgements, err := o.Engine.Judge(ctx, subject)
	if err != nil {
		return err
	}
	shown, waived := shown(res, labels), accepted(res)
	for _, j := range judgements {
		v.tallies.count(j.Rule.ID, j.Verdict)
		v.findings = append(v.findings, findings(j, shown, waived)...)
	}
	return nil
}

// findings turns a judgement into what somebody should see: nothing for a pass.
func findings(j evaluate.Judgement, res *finding.Resource, waived *finding.Waived) []finding.Finding {
	f := finding.Finding{Rule: j.Rule.ID, Verdict: j.Verdict, Severity: j.Severity, Resource: res, Error: j.Err, Waived: waived}
	switch j.Verdict {
	case finding.Fail:
		out := make([]finding.Finding, 0, len(j.Violations))
		for _, v := range j.Violations {
			f.At, f.Message, f.Facts, f.Severity = v.At, v.Message, v.Facts, v.Severity
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

func shown(res *inventory.Resource, l relate.Labels) *finding.Resource {
	return &finding.Resource{
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
