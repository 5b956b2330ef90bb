package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/cmd/internal/cli"
	"github.com/keyreeve/keyreeve/collectors/aws"
	"github.com/keyreeve/keyreeve/collectors/vault"
	"github.com/keyreeve/keyreeve/remediate"
	rotateaws "github.com/keyreeve/keyreeve/remediate/aws"
	"github.com/keyreeve/keyreeve/remediate/material"
	"github.com/keyreeve/keyreeve/remediate/plan"
	rotatevault "github.com/keyreeve/keyreeve/remediate/vault"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// A kind of thing that can be rotated: one line of the table.
type kind struct {
	typ     string // of resource; empty: what another line drafts
	rotator string
	draft   remediate.Drafter
	open    func(*dialer) plan.Rotator
	policy  func(plan.Rotation) []string               // rules of a Vault policy; nil where it is not Vault's
	allow   func(plan.Rotation) []rotateaws.Permission // for IAM; nil where it is not AWS's
}

// kinds is the table of rotators.
var kinds = []kind{
	{
		"vault.transit.key", rotatevault.TransitName, rotatevault.DraftTransit,
		func(d *dialer) plan.Rotator { return rotatevault.Transit{Dial: d.vault} }, rotatevault.TransitPolicy, nil,
	},
	{
		"vault.kv.secret", rotatevault.KVName, rotatevault.DraftKV,
		func(d *dialer) plan.Rotator { return rotatevault.KV{Dial: d.vault, Programs: d.programs()} }, rotatevault.KVPolicy, nil,
	},
	{
		"vault.approle.role", rotatevault.AppRoleName, rotatevault.DraftAppRole,
		func(d *dialer) plan.Rotator {
			return rotatevault.AppRole{Dial: d.vault, Programs: d.programs(), Now: d.app.now}
		}, rotatevault.AppRolePolicy, nil,
	},
	{
		"aws.kms.key", rotateaws.KMSName, rotateaws.DraftKMS,
		func(d *dialer) plan.Rotator { return rotateaws.KMS{Dial: d.aws} }, nil, rotateaws.KMSPermissions,
	},
	{
		"aws.kms.key", rotateaws.RollName, nil, // DraftKMS drafts it
		func(d *dialer) plan.Rotator { return rotateaws.Roll{Dial: d.aws} }, nil, rotateaws.RollPermissions,
	},
	{
		"aws.secretsmanager.secret", rotateaws.SecretName, rotateaws.DraftSecret,
		func(d *dialer) plan.Rotator { return rotateaws.Secret{Dial: d.aws, Programs: d.programs()} }, nil, rotateaws.SecretPermissions,
	},
	{
		"aws.iam.access_key", rotateaws.AccessKeyName, rotateaws.DraftAccessKey,
		func(d *dialer) plan.Rotator {
			return rotateaws.AccessKey{Dial: d.aws, Now: d.app.now, Stores: map[string]rotateaws.Store{"aws": rotateaws.ManagedStore{Dial: d.aws}, "vault": rotatevault.KVStore{Dial: d.vault}}}
		}, nil, rotateaws.AccessKeyPermissions,
	},
}

func drafters() map[string]remediate.Drafter {
	all := map[string]remediate.Drafter{}
	for _, k := range kinds {
		if k.draft != nil {
			all[k.typ] = k.draft
		}
	}
	return all
}

// A dialer connects to the back ends that the configuration names, once each.
type dialer struct {
	app    *app
	desk   *desk
	vaults map[string]*vault.Connection
	clouds map[string]*aws.Connection
}

func (a *app) dialer(d *desk) *dialer {
	return &dialer{app: a, desk: d, vaults: map[string]*vault.Connection{}, clouds: map[string]*aws.Connection{}}
}

func (d *dialer) rotators() map[string]plan.Rotator {
	all := map[string]plan.Rotator{remediate.ByHandName: remediate.ByHand{}}
	for _, k := range kinds {
		all[k.rotator] = k.open(d)
	}
	return all
}

// programs runs what the configuration names to make values and to take them.
func (d *dialer) programs() material.Runner { return material.Runner{Environ: d.app.env} }

func (d *dialer) vault(ctx context.Context, cluster, namespace string) (*vault.Connection, error) {
	at := cluster + "/" + namespace
	if c := d.vaults[at]; c != nil {
		return c, nil
	}
	for _, c := range d.desk.config.Sources.Vault {
		if c.Name != cluster {
			continue
		}
		c.CAFile = d.desk.config.Resolve(c.CAFile)
		conn, err := vault.Connect(ctx, c, vault.Options{Env: d.app.env, Now: d.app.now, Version: version}, namespace)
		if err == nil {
			d.vaults[at] = conn
		}
		return conn, err
	}
	return nil, fmt.Errorf("%q names no Vault of sources.vault", cluster)
}

func (d *dialer) aws(ctx context.Context, account, region string) (*aws.Connection, error) {
	at := account + "/" + region
	if c := d.clouds[at]; c != nil {
		return c, nil
	}
	var errs []error
	for _, c := range d.desk.clouds(account) {
		conn, err := aws.Connect(ctx, c, aws.Options{Env: d.app.env, Now: d.app.now, Version: version}, account, region)
		if err == nil {
			d.clouds[at] = conn
			return conn, nil
		}
		errs = append(errs, err)
	}
	if len(errs) == 0 {
		return nil, errors.New("the configuration names no AWS in sources.aws")
	}
	return nil, errors.Join(errs...)
}

// clouds are the entries of sources.aws that may lead into an account: those that name a role there, else all.
func (d *desk) clouds(account string) []aws.Config {
	var named, all []aws.Config
	for _, c := range d.config.Sources.AWS {
		c.CAFile = d.config.Resolve(c.CAFile)
		all = append(all, c)
		if slices.ContainsFunc(c.Accounts, func(a aws.Account) bool { return strings.Contains(a.RoleARN, ":"+account+":") }) {
			named = append(named, c)
		}
	}
	if len(named) > 0 {
		return named
	}
	return all
}

// endpoint says where the calls for a resource go, as the plan states it.
func (d *desk) endpoint(r *inventory.Resource) (string, error) {
	parts := r.Scope.Parts()
	if parts[0] == "vault" {
		for _, c := range d.config.Sources.Vault {
			if c.Name == parts[1] {
				return c.Address, nil
			}
		}
		return "", fmt.Errorf("the configuration names no Vault %q", parts[1])
	}
	if parts[0] == "aws" {
		var all []string
		for _, c := range d.clouds(parts[2]) {
			to := "AWS"
			if c.Endpoint != "" {
				to = c.Endpoint
			}
			if !slices.Contains(all, to) {
				all = append(all, to)
			}
		}
		if len(all) == 0 {
			return "", errors.New("the configuration names no AWS in sources.aws")
		}
		return strings.Join(all, " or "), nil
	}
	return "", fmt.Errorf("keyreeve-rotate cannot reach %s", r.Scope)
}

// sameEndpoints refuses a plan whose calls would now go elsewhere than when it was approved, or that no drafter can have drafted.
func (d *desk) sameEndpoints(p *plan.Plan) error {
	for i := range p.Rotations {
		r := &p.Rotations[i]
		if r.Rotator == remediate.ByHandName {
			continue
		}
		if !slices.ContainsFunc(kinds, func(k kind) bool { return k.rotator == r.Rotator && k.typ == r.Type }) {
			return fmt.Errorf("rotation %s: %s rotates no %s", r.ID, r.Rotator, r.Type)
		}
		now, err := d.endpoint(&inventory.Resource{ID: r.Resource, Scope: inventory.Scope(r.Scope)})
		if err != nil {
			return err
		}
		if now != r.Endpoint {
			return cli.Hinted(fmt.Errorf("rotation %s was approved for %s, and the configuration now says %s", r.ID, r.Endpoint, now), "make a new plan")
		}
	}
	return nil
}
