package remediate

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/remediate/approval"
	"github.com/keyreeve/keyreeve/remediate/material"
	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/relate"
	"github.com/keyreeve/keyreeve/scanner/strictyaml"
)

// Settings is the section `rotation:` of keyreeve.yaml:
//
//	rotation:
//	  ledger: ledger                     # a folder, or a bucket
//	  signers: allowed_signers           # whose signatures count; the file of ssh-keygen
//	  approval:
//	    production: {approvers: [ana@example.com], count: 1}
//	  keys:
//	    - match: [{vault_path: "prod/transit/keys/jwt*"}]
//	      token_life: 1h
//	      cache_time: 15m
//	      clients: [gateway, billing]
//	      gates: [{before: PROMOTED, command: [./publish-jwks.sh]}]
type Settings struct {
	Ledger     string              `yaml:"ledger"`
	LedgerHead string              `yaml:"ledger_head"` // hash of an entry that was kept: a ledger without it is neither read nor written
	Signers    string              `yaml:"signers"`
	Approval   map[string]Approval `yaml:"approval"` // by tier
	Outside    []OutsideSettings   `yaml:"outside"`  // approvers that are not people
	OnCall     []string            `yaml:"on_call"`  // who may approve an emergency
	Emergency  Emergency           `yaml:"emergency"`
	Limits     Limits              `yaml:"limits"`
	Windows    []plan.Window       `yaml:"windows"`
	Freezes    []plan.Freeze       `yaml:"freezes"`
	KillSwitch string              `yaml:"kill_switch"`
	Keys       []Key               `yaml:"keys"` // the first that matches holds

	dir string // of the file; programs that are named with a slash are looked for from here
}

// Approval is what a tier demands. What is not set: one approver, and in production other people than who plans and who applies.
type Approval struct {
	Approvers []string `yaml:"approvers"`
	Count     *int     `yaml:"count"`
	Distinct  *bool    `yaml:"distinct"`
}

// OutsideSettings is an approver that is not a person: Issuer with Claims, or Command.
type OutsideSettings struct {
	Name    string            `yaml:"name"`
	Issuer  string            `yaml:"issuer"`  // of identity tokens: https://token.actions.githubusercontent.com, https://gitlab.example.com
	Claims  map[string]string `yaml:"claims"`  // environment, and repository (GitHub) or project_path (GitLab)
	CAFile  string            `yaml:"ca_file"` // where the issuer's certificate is of an authority of one's own
	Command []string          `yaml:"command"` // ends with 0 when the plan on its standard input is approved
}

func (s *OutsideSettings) check() error {
	switch {
	case s.Name == "" || strings.ContainsAny(s.Name, "*?!,\" \t\n"):
		return fmt.Errorf("name %q is no name for approvers to hold", s.Name)
	case (s.Issuer == "") == (len(s.Command) == 0):
		return fmt.Errorf("exactly one of issuer and command has to be set")
	case s.Issuer != "":
		return approval.Issuer{URL: s.Issuer, Claims: s.Claims}.Check()
	case len(s.Claims) > 0 || s.CAFile != "":
		return fmt.Errorf("claims and ca_file are for an issuer")
	}
	return nil
}

// Emergency says how emergencies are approved.
type Emergency struct {
	// ApproveWithin lets an emergency begin before it is approved; the approval has to come within this time, at most a day.
	ApproveWithin plan.Duration `yaml:"approve_within"`
}

// maxApproveWithin is the longest that an emergency may go on without an approval.
const maxApproveWithin = plan.Duration(24 * time.Hour)

// Limits are those of the plan.
type Limits struct {
	Run     int `yaml:"run"`
	Account int `yaml:"account"`
	Service int `yaml:"service"`
}

// Key says how some keys are rotated.
type Key struct {
	Match   []relate.Selector `yaml:"match"`
	Pattern plan.Pattern      `yaml:"pattern"` // overlap, canary or in_place; the default goes by purpose
	// TokenLife is how long what the key signed is accepted; CacheTime how long those who verify keep public keys. The defaults are those of the
	// rules: a day together.
	TokenLife *plan.Duration `yaml:"token_life"`
	CacheTime *plan.Duration `yaml:"cache_time"`
	// Soak is how long the new one is watched before the old one goes; default an hour.
	Soak    *plan.Duration    `yaml:"soak"`
	Clients []string          `yaml:"clients"` // who has to confirm; none: nobody
	Canary  []relate.Selector `yaml:"canary"`  // rotations that have to be through first
	Gates   []GateSettings    `yaml:"gates"`
	// Generator makes a new value: it prints it, and nothing else, on standard output. It may be run again when a run was interrupted, so it must not
	// leave something behind each time. Random makes the value without a program. Of the two, one at most is set.
	Generator []string         `yaml:"generator"`
	Random    *material.Random `yaml:"random"`
	// Field is the field of a KV secret that holds the value. The others stay as they are.
	Field string `yaml:"field"`
	// Deliver takes what must be handed over, on standard input: the wrapping token of an AppRole's secret-id, which is good for WrapTTL; default an
	// hour.
	Deliver []string       `yaml:"deliver"`
	WrapTTL *plan.Duration `yaml:"wrap_ttl"`
	// Store is where the secret of a new access key goes: the ID of a secret of Secrets Manager or of KV, as a scan shows it. Its fields
	// access_key_id and secret_access_key are set. It may hold the key that is replaced, and no other.
	Store inventory.ID `yaml:"store"`
	// PeriodDays is the period of automatic rotation to set, where the back end can rotate by itself.
	PeriodDays int `yaml:"period_days"`
}

// GateSettings is a gate before a stage: exactly one of Command, URL and Unused is set.
type GateSettings struct {
	Before  plan.Stage    `yaml:"before"`
	Command []string      `yaml:"command"`
	URL     string        `yaml:"url"`
	Status  int           `yaml:"status"` // default 200
	Unused  plan.Duration `yaml:"unused"`
	Timeout plan.Duration `yaml:"timeout"` // default: a minute for a command; then the rotation counts as stalled
}

// ReadSettings reads the section `rotation:` of a configuration.
func ReadSettings(path string) (*Settings, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	var file struct {
		Version, Sources, Classify, Rules, Coverage, Waivers any      // read by package config
		Rotation                                             Settings `yaml:"rotation"`
	}
	if err := strictyaml.Decode(path, data, &file); err != nil {
		return nil, err
	}
	s := &file.Rotation
	s.dir = filepath.Dir(path)
	if err := s.check(s.dir); err != nil {
		return nil, fmt.Errorf("read %q: rotation: %w", path, err)
	}
	return s, nil
}

// check fills in what is not set, makes paths absolute, and says in a sentence what is wrong.
func (s *Settings) check(dir string) error {
	if s.Ledger == "" {
		return fmt.Errorf("ledger is missing; name a folder or a bucket, and make it with: keyreeve-rotate ledger init")
	}
	if s.Signers == "" {
		return fmt.Errorf("signers is missing; name a file of ssh-keygen's allowed signers")
	}
	abs := func(path *string) error {
		if *path == "" || filepath.IsAbs(*path) || strings.Contains(*path, "://") {
			return nil
		}
		full, err := filepath.Abs(filepath.Join(dir, *path))
		*path = full
		return err
	}
	for _, path := range []*string{&s.Ledger, &s.Signers, &s.KillSwitch} {
		if err := abs(path); err != nil {
			return err
		}
	}
	for tier, a := range s.Approval {
		if !slices.Contains(relate.Tiers, tier) {
			return fmt.Errorf("approval: %s", strictyaml.Unknown("tier", tier, relate.Tiers))
		}
		if a.Count != nil && *a.Count < 1 {
			return fmt.Errorf("approval.%s.count is %d; nothing is applied without an approval", tier, *a.Count)
		}
		if who := len(slices.Compact(slices.Sorted(slices.Values(a.Approvers)))); who > 0 && a.Count != nil && *a.Count > who {
			return fmt.Errorf("approval.%s.count is %d and approvers names %d; it could never be approved", tier, *a.Count, who)
		}
	}
	names := map[string]bool{}
	for i := range s.Outside {
		o := &s.Outside[i]
		if names[o.Name] {
			return fmt.Errorf("outside[%d]: %q is named twice", i, o.Name)
		}
		names[o.Name] = true
		if err := errors.Join(abs(&o.CAFile), o.check()); err != nil {
			return fmt.Errorf("outside[%d]: %w", i, err)
		}
	}
	if w := s.Emergency.ApproveWithin; w < 0 || w > maxApproveWithin {
		return fmt.Errorf("emergency.approve_within is %s; a day is the most, and without it the approval comes first", w)
	}
	if s.Limits.Run < 0 || s.Limits.Account < 0 || s.Limits.Service < 0 {
		return fmt.Errorf("limits cannot be negative")
	}
	for i, w := range s.Windows {
		if err := w.Check(); err != nil {
			return fmt.Errorf("windows[%d]: %w", i, err)
		}
	}
	for i, f := range s.Freezes {
		if !f.Until.After(f.From) {
			return fmt.Errorf("freezes[%d]: until is not after from", i)
		}
	}
	for i := range s.Keys {
		if err := s.Keys[i].check(fmt.Sprintf("keys[%d]", i)); err != nil {
			return err
		}
	}
	return nil
}

func (k *Key) check(at string) error {
	if len(k.Match) == 0 {
		return fmt.Errorf("%s has no match, so nothing would be in it; add a selector", at)
	}
	for i, sel := range k.Match {
		if err := sel.Check(fmt.Sprintf("%s.match[%d]", at, i)); err != nil {
			return err
		}
	}
	for i, sel := range k.Canary {
		if err := sel.Check(fmt.Sprintf("%s.canary[%d]", at, i)); err != nil {
			return err
		}
	}
	if k.Pattern != "" && !slices.Contains([]plan.Pattern{plan.Overlap, plan.Canary, plan.InPlace, plan.ByHand}, k.Pattern) {
		return fmt.Errorf("%s.pattern is %q; write overlap, canary, in_place or by_hand", at, k.Pattern)
	}
	if k.Pattern == plan.Canary && len(k.Canary) == 0 {
		return fmt.Errorf("%s.pattern is canary and no canary is named; say with selectors which rotations have to be through first", at)
	}
	for i := range k.Gates {
		g := &k.Gates[i]
		if err := g.check(); err != nil {
			return fmt.Errorf("%s.gates[%d]: %w", at, i, err)
		}
	}
	if len(k.Generator) > 0 && k.Random != nil {
		return fmt.Errorf("%s has both generator and random; a new value comes from one of them", at)
	}
	if k.Random != nil {
		if err := k.Random.Check(); err != nil {
			return fmt.Errorf("%s.random: %w", at, err)
		}
	}
	if w := k.WrapTTL; w != nil && (*w < plan.Duration(time.Minute) || *w > plan.Duration(plan.Life)) {
		return fmt.Errorf("%s.wrap_ttl is %s; it is a minute or more, and no longer than a plan lives (%s)", at, *w, plan.Duration(plan.Life))
	}
	return nil
}

func (g *GateSettings) check() error {
	if !slices.Contains(plan.Stages[1:], g.Before) {
		return fmt.Errorf("before is %q; it names the stage that the gate guards: CREATED, DISTRIBUTED, CANARY, PROMOTED, SOAKING, OLD DISABLED, GRACE or DONE", g.Before)
	}
	set := 0
	for _, is := range []bool{len(g.Command) > 0, g.URL != "", g.Unused > 0} {
		if is {
			set++
		}
	}
	if set != 1 {
		return fmt.Errorf("exactly one of command, url and unused has to be set")
	}
	if g.URL != "" {
		if u, err := url.Parse(g.URL); err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
			return fmt.Errorf("url %q is no https://HOST/PATH without a password", g.URL)
		}
		if g.Status == 0 {
			g.Status = 200
		}
	}
	return nil
}

// locate finds the programs that a plan is to name. Who only approves or confirms need not have them.
func (s *Settings) locate() error {
	for i := range s.Keys {
		k := &s.Keys[i]
		for name, argv := range map[string][]string{"generator": k.Generator, "deliver": k.Deliver} {
			if err := locate(argv, s.dir); err != nil {
				return fmt.Errorf("rotation.keys[%d].%s: %w", i, name, err)
			}
		}
		for j, g := range k.Gates {
			if err := locate(g.Command, s.dir); err != nil {
				return fmt.Errorf("rotation.keys[%d].gates[%d]: %w", i, j, err)
			}
		}
	}
	return nil
}

// locate makes the path of a command's program absolute: its file is what is approved.
func locate(argv []string, dir string) error {
	if len(argv) == 0 {
		return nil
	}
	path := argv[0]
	if strings.Contains(path, "/") && !filepath.IsAbs(path) {
		full, err := filepath.Abs(filepath.Join(dir, path))
		if err != nil {
			return err
		}
		path = full
	}
	found, err := exec.LookPath(path)
	if err != nil {
		return fmt.Errorf("the program %q is not there or cannot be run", argv[0])
	}
	argv[0], err = filepath.Abs(found)
	return err
}

// approval is what the plan says of a tier.
func (s *Settings) approval(tier string, emergency bool) plan.Approval {
	if emergency {
		return plan.Approval{Approvers: slices.Sorted(slices.Values(s.OnCall)), Count: 1, Distinct: true}
	}
	set := s.Approval[tier]
	a := plan.Approval{Approvers: slices.Sorted(slices.Values(set.Approvers)), Count: 1, Distinct: tier == relate.Tiers[0]}
	if a.Approvers == nil {
		a.Approvers = []string{}
	}
	if set.Count != nil {
		a.Count = *set.Count
	}
	if set.Distinct != nil {
		a.Distinct = *set.Distinct
	}
	return a
}

// key finds how a resource is rotated; nil: nothing says, so the defaults hold. The error says that it cannot be told.
func (s *Settings) key(r *inventory.Resource) (*Key, error) {
	for i := range s.Keys {
		k := &s.Keys[i]
		for _, sel := range k.Match {
			is, err := sel.Selects(r)
			if err != nil {
				return nil, fmt.Errorf("rotation.keys[%d]: %w", i, err)
			}
			if is {
				return k, nil
			}
		}
	}
	return &Key{}, nil
}
