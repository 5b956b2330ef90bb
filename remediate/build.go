package remediate

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/remediate/program"
	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/relate"
)

// factLife is how old facts may be to plan from.
const factLife = 24 * time.Hour

// Inputs is what a plan is made from.
type Inputs struct {
	Tool           string
	Now            time.Time
	Result         *finding.Result
	Snapshot       *inventory.Snapshot
	ResultSHA      string // of the files
	SnapshotSHA    string
	Classify       relate.Config
	Settings       *Settings
	Ledger         string // its ID
	Signers        string // hash of the file
	Only           []inventory.ID
	Drafters       map[string]Drafter // by type of resource
	Endpoint       func(*inventory.Resource) (string, error)
	Emergency      *plan.Emergency
	Retire, Rewrap bool
}

// A Drafter drafts the steps of one type of resource. It returns an error that says why they cannot be planned safely; a *Refusal also says
// what a person can do.
type Drafter func(Draft) (rotator string, steps []plan.Step, err error)

// A Draft is what a drafter knows.
type Draft struct {
	Resource  *inventory.Resource
	Snapshot  *inventory.Snapshot
	Purpose   string
	Tier      string
	Pattern   plan.Pattern
	Key       *Key
	Now       time.Time
	Emergency bool
	// Findings are the rules that have found it; none: it was named.
	Findings []string
	// Retire asks for the step that ends the acceptance of old versions, and for nothing else.
	Retire bool
}

// A Refusal is why something is not planned, with a next step.
type Refusal struct{ Why, Next string }

func (r *Refusal) Error() string { return r.Why }

// Build makes a plan from a judgement and the observations that it is of. An error means that there can be none; a finding that cannot be
// planned is in the plan's Refused.
func Build(in Inputs) (*plan.Plan, error) {
	if err := errors.Join(in.fresh(), in.urgent(), in.Settings.locate()); err != nil {
		return nil, err
	}
	estate, err := relate.New(in.Snapshot, in.Classify)
	if err != nil {
		return nil, err
	}
	p := &plan.Plan{
		Format: plan.Format, Tool: in.Tool, MadeAt: in.Now.UTC().Truncate(time.Second), Ledger: in.Ledger, Signers: in.Signers,
		Result: in.ResultSHA, Snapshot: in.SnapshotSHA, TakenAt: in.Result.TakenAt.UTC(),
		Approval: map[string]plan.Approval{}, Limits: plan.Limits(in.Settings.Limits),
		Windows: append([]plan.Window{}, in.Settings.Windows...), Freezes: append([]plan.Freeze{}, in.Settings.Freezes...),
		KillSwitch: in.Settings.KillSwitch, Emergency: in.Emergency, Rotations: []plan.Rotation{}, Refused: []plan.Refusal{},
	}
	p.Expires = p.MadeAt.Add(plan.Life)
	if p.Emergency != nil {
		p.Emergency.ApproveWithin = in.Settings.Emergency.ApproveWithin
		if !p.Emergency.Drill { // an emergency does not wait for routine
			p.Windows, p.Freezes = []plan.Window{}, []plan.Freeze{}
		}
	}
	if p.Outside, err = in.Settings.outside(); err != nil {
		return nil, err
	}
	b := &builder{in: in, plan: p, estate: estate}
	for _, w := range b.wanted() {
		b.add(w)
	}
	b.order()
	for _, r := range p.Rotations {
		p.Approval[r.Tier] = in.Settings.approval(r.Tier, in.Emergency != nil)
	}
	if err := p.Check(); err != nil {
		return nil, fmt.Errorf("the plan that was made is no plan: %w", err)
	}
	return p, nil
}

// fresh refuses facts that are too old, from elsewhere, or of something that is not real.
func (in *Inputs) fresh() error {
	switch age := in.Now.Sub(in.Result.TakenAt); {
	case !in.Result.TakenAt.Equal(in.Snapshot.TakenAt):
		return fmt.Errorf("the result is of %s and the snapshot of %s; give those of one scan", stamp(in.Result.TakenAt), stamp(in.Snapshot.TakenAt))
	case age > factLife:
		return fmt.Errorf("the scan is of %s, more than a day ago; scan again", stamp(in.Result.TakenAt))
	case age < -time.Hour:
		return fmt.Errorf("the scan is of %s, which is still to come; check the clock", stamp(in.Result.TakenAt))
	}
	return nil
}

// wanted is a resource with the findings that a rotation would answer.
type wanted struct {
	id       inventory.ID
	findings []string
	unknown  *finding.Finding // a finding that could not be judged
}

// byHand is the endpoint of what people do.
const byHand = "by hand"

type builder struct {
	in     Inputs
	plan   *plan.Plan
	estate *relate.Estate
}

// wanted gathers the findings whose rules name rotation as the remedy, by resource, sorted.
func (b *builder) wanted() []wanted {
	rotate := map[string]bool{}
	for _, r := range b.in.Result.Rules {
		rotate[r.ID] = r.Remedy == "rotate"
	}
	all := map[inventory.ID]*wanted{}
	for i := range b.in.Result.Findings {
		f := &b.in.Result.Findings[i]
		if !rotate[f.Rule] || f.Waived != nil || f.Resource.Origin != inventory.Live || len(b.in.Only) > 0 && !slices.Contains(b.in.Only, f.Resource.ID) {
			continue
		}
		w := all[f.Resource.ID]
		if w == nil {
			w = &wanted{id: f.Resource.ID}
			all[f.Resource.ID] = w
		}
		if f.Verdict == finding.Unknown {
			w.unknown = f
		} else if !slices.Contains(w.findings, f.Rule) {
			w.findings = append(w.findings, f.Rule)
		}
	}
	for _, id := range b.in.Only { // what is asked for by name is planned without a finding too
		if all[id] == nil {
			all[id] = &wanted{id: id}
		}
	}
	var out []wanted
	for _, id := range slices.Sorted(maps.Keys(all)) {
		slices.Sort(all[id].findings)
		out = append(out, *all[id])
	}
	return out
}

func (b *builder) add(w wanted) {
	refuse := func(name, why, next string) {
		b.plan.Refused = append(b.plan.Refused, plan.Refusal{Resource: w.id, Name: name, Findings: append([]string{}, w.findings...), Why: why, Next: next})
	}
	i, there := slices.BinarySearchFunc(b.in.Snapshot.Resources, w.id, func(r inventory.Resource, id inventory.ID) int { return cmp.Compare(r.ID, id) })
	if strings.HasPrefix(string(w.id), "unlisted:") {
		refuse(string(w.id), "what is there could not be listed, so whether something is due is unknown", "see the gaps of the scan, and scan again")
		return
	}
	if !there {
		next := "give the snapshot of the same scan"
		if len(w.findings) == 0 && w.unknown == nil {
			next = "--only takes an ID as the scan writes it, like vault:NAME/root/transit/keys/KEY or an ARN"
		}
		refuse(string(w.id), "it is not in the snapshot", next)
		return
	}
	res := &b.in.Snapshot.Resources[i]
	if len(w.findings) == 0 && w.unknown != nil {
		refuse(res.Name, fmt.Sprintf("whether it is due is unknown (%s)", w.unknown.Rule), "give keyreeve the permission that the finding names, and scan again")
		return
	}
	labels := b.estate.Labels(res)
	for _, l := range []struct {
		what  string
		label relate.Label
	}{{"tier", labels.Tier}, {"purpose", labels.Purpose}} {
		if l.label.Open() {
			refuse(res.Name, fmt.Sprintf("its %s cannot be told (%s)", l.what, strings.Join(l.label.Candidates, " or ")), "say so in the section classify of the configuration")
			return
		}
	}
	key, err := b.in.Settings.key(res)
	if err != nil {
		refuse(res.Name, err.Error(), "select it by something that was read")
		return
	}
	drafter, ok := b.in.Drafters[res.Type]
	endpoint := byHand
	if key.Pattern == plan.ByHand {
		drafter, ok = DraftByHand, true
	} else if ok {
		endpoint, err = b.in.Endpoint(res)
	}
	if !ok {
		refuse(res.Name, fmt.Sprintf("keyreeve-rotate has no rotator for %s", res.Type), "set pattern: by_hand for it in rotation.keys; then people do it, between overlap, gates and ledger")
		return
	}
	if err != nil {
		refuse(res.Name, err.Error(), "name its back end in the section sources of the configuration")
		return
	}
	d := Draft{
		Resource: res, Snapshot: b.in.Snapshot, Purpose: labels.Purpose.Value, Tier: labels.Tier.Value, Key: key, Now: b.in.Now, Findings: w.findings,
		Pattern: pattern(key, labels.Purpose.Value), Emergency: b.in.Emergency != nil, Retire: b.in.Retire,
	}
	if d.Emergency {
		d.Pattern = plan.Urgent
	}
	rotator, steps, err := "", []plan.Step(nil), drilled(b.in.Emergency, d.Tier)
	if err == nil {
		rotator, steps, err = drafter(d)
	}
	if err != nil {
		var r *Refusal
		next := ""
		if errors.As(err, &r) {
			next = r.Next
		}
		refuse(res.Name, err.Error(), next)
		return
	}
	if d.Emergency {
		steps = rush(steps)
	}
	if steps, err = b.guard(steps, key); err != nil {
		refuse(res.Name, err.Error(), "correct the configuration")
		return
	}
	if total := waits(steps); total >= plan.Life {
		refuse(res.Name, fmt.Sprintf("its waits add up to %s, and a plan lives %s", plan.Duration(total), plan.Duration(plan.Life)), "shorten soak, token_life or cache_time in rotation.keys")
		return
	}
	findings := append([]string{}, w.findings...)
	b.plan.Rotations = append(b.plan.Rotations, plan.Rotation{
		ID: rotationID(res), Resource: res.ID, Type: res.Type, Name: res.Name, Scope: string(res.Scope),
		Environment: labels.Environment.Value, Tier: d.Tier, Purpose: d.Purpose, Owner: labels.Owner.Value,
		Rotator: rotator, Endpoint: endpoint, Pattern: d.Pattern, Findings: findings, Clients: append([]string{}, key.Clients...),
		Counterparts: b.counterparts(res, key), Steps: steps,
	})
}

// counterparts are the resources that canary in rotation.keys maps to one: of its type, and of an earlier tier. What cannot be told is left out.
func (b *builder) counterparts(res *inventory.Resource, key *Key) (ids []inventory.ID) {
	tier := b.estate.Labels(res).Tier.Value
	for i := range b.in.Snapshot.Resources {
		o := &b.in.Snapshot.Resources[i]
		l := b.estate.Labels(o).Tier
		if len(key.Canary) == 0 || o.Type != res.Type || o.Origin != res.Origin || l.Open() || slices.Index(relate.Tiers, l.Value) <= slices.Index(relate.Tiers, tier) {
			continue
		}
		if slices.ContainsFunc(key.Canary, func(sel relate.Selector) bool { is, err := sel.Selects(o); return is && err == nil }) {
			ids = append(ids, o.ID)
		}
	}
	return ids
}

// pattern is the configured one, or that of the purpose: what others verify overlaps.
func pattern(k *Key, purpose string) plan.Pattern {
	switch {
	case k.Pattern != "":
		return k.Pattern
	case len(k.Canary) > 0:
		return plan.Canary
	case purpose == "encryption":
		return plan.InPlace
	}
	return plan.Overlap
}

// guard puts the configured gates before the steps that reach their stages. A gate whose stage no step reaches is an error: it would
// never be asked.
func (b *builder) guard(steps []plan.Step, k *Key) ([]plan.Step, error) {
	for _, set := range k.Gates {
		i := slices.IndexFunc(steps, func(s plan.Step) bool { return s.Stage == set.Before })
		if b.in.Emergency != nil { // the step may be gone, what it verifies is not
			if set.Unused > 0 {
				continue
			}
			i = slices.IndexFunc(steps, func(s plan.Step) bool {
				return slices.Index(plan.Stages, s.Stage) >= slices.Index(plan.Stages, set.Before)
			})
		}
		if i < 0 {
			return nil, fmt.Errorf("a gate stands before %s, and this rotation has no step to it", set.Before)
		}
		g := plan.Gate{Kind: plan.Unused, For: set.Unused, Timeout: set.Timeout, Lag: lag(steps)}
		switch {
		case len(set.Command) > 0:
			p, err := program.Bind(set.Command)
			if err != nil {
				return nil, fmt.Errorf("a gate's command: %w", err)
			}
			g = plan.Gate{Kind: plan.Command, Command: p.Argv, SHA256: p.SHA256, Timeout: set.Timeout}
		case set.URL != "":
			g = plan.Gate{Kind: plan.HTTP, URL: set.URL, Status: set.Status, Timeout: set.Timeout}
		}
		steps[i].Gates = append(steps[i].Gates, g)
	}
	return steps, nil
}

// lag is how late the back end tells of a use, by the gates that the rotator has set.
func lag(steps []plan.Step) (most plan.Duration) {
	for _, s := range steps {
		for _, g := range s.Gates {
			most = max(most, g.Lag)
		}
	}
	return most
}

// waits adds up the waits of steps.
func waits(steps []plan.Step) (sum time.Duration) {
	for _, s := range steps {
		for _, g := range s.Gates {
			sum += time.Duration(g.For) + time.Duration(g.Lag)
		}
	}
	return sum
}

// order puts the tiers that come first, first, and lets canaries wait for what they are the canary of.
func (b *builder) order() {
	rank := func(r plan.Rotation) int { return -slices.Index(relate.Tiers, r.Tier) } // development, staging, production
	slices.SortStableFunc(b.plan.Rotations, func(x, y plan.Rotation) int { return cmp.Or(rank(x)-rank(y), cmp.Compare(x.Resource, y.Resource)) })
	kept := b.plan.Rotations[:0]
	for i := range b.plan.Rotations {
		r := b.plan.Rotations[i]
		if r.Pattern != plan.Canary {
			kept = append(kept, r)
			continue
		}
		var gates []plan.Gate
		key, _ := b.in.Settings.key(b.resource(r.Resource))
		for _, first := range kept {
			for _, sel := range key.Canary {
				if is, _ := sel.Selects(b.resource(first.Resource)); is {
					gates = append(gates, plan.Gate{Kind: plan.After, Rotation: first.ID, Stage: plan.Promoted})
				}
			}
		}
		if len(gates) == 0 {
			b.plan.Refused = append(b.plan.Refused, plan.Refusal{
				Resource: r.Resource, Name: r.Name, Findings: r.Findings,
				Why:  "its pattern is canary, and nothing in this plan goes through it first",
				Next: "rotate its counterpart in an earlier tier in the same plan: name it with --only, or correct canary in rotation.keys",
			})
			continue
		}
		r.Steps[0].Gates = append(gates, r.Steps[0].Gates...)
		kept = append(kept, r)
	}
	b.plan.Rotations = kept
	slices.SortStableFunc(b.plan.Refused, func(x, y plan.Refusal) int { return cmp.Compare(x.Resource, y.Resource) })
}

func (b *builder) resource(id inventory.ID) *inventory.Resource {
	i, _ := slices.BinarySearchFunc(b.in.Snapshot.Resources, id, func(r inventory.Resource, id inventory.ID) int { return cmp.Compare(r.ID, id) })
	return &b.in.Snapshot.Resources[i]
}

// rotationID is readable and differs for different resources.
func rotationID(r *inventory.Resource) string {
	var name strings.Builder
	for _, c := range strings.ToLower(r.Name) {
		switch {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			name.WriteRune(c)
		case name.Len() > 0 && !strings.HasSuffix(name.String(), "-"):
			name.WriteByte('-')
		}
		if name.Len() >= 32 {
			break
		}
	}
	sum := sha256.Sum256([]byte(r.ID))
	return strings.Trim(name.String()+"-"+hex.EncodeToString(sum[:4]), "-")
}
