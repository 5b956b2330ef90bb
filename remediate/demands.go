package remediate

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/relate"
)

// Demands are what the configuration of who applies asks of a plan, whatever the configuration of who planned said. A plan is a file that its
// planner may have written in any way, so what it says of its own approval counts only if it says the same.
type Demands struct {
	Settings *Settings
	Classify relate.Config
}

// others returns an error for a plan with other approvers besides people. It looks for the programs that approve, so it is asked where they are.
func (d *Demands) others(p *plan.Plan) error {
	outside, err := d.Settings.outside()
	if err != nil {
		return err
	}
	// Whether the files are those of the plan is asked when they are used.
	if !slices.EqualFunc(outside, p.Outside, func(a, b plan.Outside) bool { a.SHA256, b.SHA256 = "", ""; return reflect.DeepEqual(a, b) }) {
		return errors.New("the plan has other approvers besides people than the configuration (rotation.outside); plan anew with this configuration")
	}
	return nil
}

// check returns an error for a plan that asks for another approval than the configuration does, and the tiers that only the plan claims.
func (d *Demands) check(p *plan.Plan) (claimed map[string]bool, err error) {
	if e := p.Emergency; e != nil && e.ApproveWithin > d.Settings.Emergency.ApproveWithin {
		return nil, fmt.Errorf("the plan may be approved within %s, and emergency.approve_within of the configuration is %s; plan anew with this configuration", e.ApproveWithin, d.Settings.Emergency.ApproveWithin)
	}
	for _, tier := range sortedKeys(p.Approval) {
		if want := d.Settings.approval(tier, p.Emergency != nil); !reflect.DeepEqual(want, p.Approval[tier]) {
			return nil, fmt.Errorf("the plan is to be approved by %s in tier %s, and the configuration wants %s; plan anew with this configuration", p.Approval[tier], tier, want)
		}
	}
	estate, err := relate.New(&inventory.Snapshot{}, d.Classify)
	if err != nil {
		return nil, err
	}
	claimed = map[string]bool{}
	for i := range p.Rotations {
		r := &p.Rotations[i]
		switch tier := estate.Labels(bare(r)).Tier; {
		case tier.Open() && strings.Contains(" "+strings.Join(tier.Candidates, " ")+" ", " "+r.Tier+" "):
			claimed[r.Tier] = true
		case tier.Open() || tier.Value != r.Tier:
			return nil, fmt.Errorf("rotation %s is one of tier %s in the plan, and the configuration makes it %s; plan anew with this configuration", r.ID, r.Tier, tier.Value)
		}
	}
	return claimed, nil
}

// bare is the resource of a rotation with no more than what says which one it is: its tags, aliases and all other names are only what the plan claims.
func bare(r *plan.Rotation) *inventory.Resource {
	res := &inventory.Resource{ID: r.Resource, Type: r.Type, Name: r.Name, Scope: inventory.Scope(r.Scope), Origin: inventory.Live}
	res.Unknown = []inventory.Unknown{{Fact: "tags", Why: inventory.NotRead}, {Fact: "refs", Why: inventory.NotRead}}
	if r.Type != "vault.transit.key" || !strings.HasSuffix(string(r.Resource), "/keys/"+r.Name) {
		res.Unknown = append(res.Unknown, inventory.Unknown{Fact: "name", Why: inventory.NotRead})
	}
	return res
}
