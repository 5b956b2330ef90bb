package vault

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// readTokens yields the service tokens, by accessor. Batch tokens have no accessor and cannot be listed.
func (r *run) readTokens(ctx context.Context) {
	limits := r.server.config.Tokens
	if !limits.List {
		r.gap(ctx, "list of tokens", listAccessors, place{}, &refusal{
			why: inventory.NotAsked, text: "it is read only on request",
			hint: fmt.Sprintf("set tokens: {list: true} for Vault %q; it needs sudo, and Vault answers with every accessor at once", r.server.config.Name),
		})
		return
	}
	accessors, err := r.client.list(ctx, listAccessors, place{})
	if err != nil {
		r.gap(ctx, "list of tokens", listAccessors, place{}, err)
		return
	}
	if over := len(accessors) - limits.MaxLookups; over > 0 {
		slices.Sort(accessors) // so that the same ones are looked up each time
		accessors = accessors[:limits.MaxLookups]
		r.gap(ctx, "tokens beyond the limit", lookUpToken, place{}, &refusal{
			why:  inventory.OutOfScope,
			text: fmt.Sprintf("%d of %d were not looked up", over, over+limits.MaxLookups), hint: "raise tokens.max_lookups",
		})
	}
	var denied atomic.Pointer[refusal]
	for _, accessor := range accessors {
		r.crew.add(func() { r.readToken(ctx, accessor, &denied) })
	}
}

// readToken looks one token up. The permission is the same for all, so once it is denied it is not tried again.
func (r *run) readToken(ctx context.Context, accessor string, denied *atomic.Pointer[refusal]) {
	// An accessor lets its holder look a token up and revoke it, so it is kept out of reports: the ID has a digest of it, which is
	// as stable and as unique. A key for the digest would add nothing, since accessors are random and long.
	sum := sha256.Sum256([]byte(accessor))
	digest := hex.EncodeToString(sum[:12])
	res := r.resource("vault.token", digest, "auth/token/accessors/"+digest)
	res.Credential = &inventory.Credential{Class: "token"}
	refused := denied.Load()
	if refused == nil {
		fields, err := r.client.lookUp(ctx, lookUpToken, map[string]string{"accessor": accessor})
		switch {
		case err == nil:
			r.fillToken(&answer{Resource: &res, call: lookUpToken, fields: fields})
			r.yield(ctx, res)
			return
		case !errors.As(err, &refused) || refused.gone:
			return // the context ended, or the token did
		case refused.why == inventory.Denied:
			denied.Store(refused)
		}
	}
	r.unread(&res, lookUpToken, place{}, refused)
	r.yield(ctx, res)
}

func (r *run) fillToken(a *answer) {
	c := a.Credential
	if name := a.text("name", "display_name"); name != "" {
		a.Name = name
	}
	c.TokenType = a.text("credential.token_type", "type")
	c.CreatedAt = a.unixTime("credential.created_at", "creation_time")
	if string(a.fields["expire_time"]) != "null" { // null is never
		c.ExpiresAt = a.time("credential.expires_at", "expire_time")
	}
	c.Orphan = a.flag("credential.orphan", "orphan")
	c.LoginPath = a.text("credential.login_path", "path")
	c.EntityID = a.text("credential.entity_id", "entity_id")
	c.Policies = a.texts("credential.policies", "policies")

	// Vault leaves these out when they are empty.
	whole := a.has("accessor", "creation_time", "policies", "type")
	if a.has("identity_policies") || !whole {
		if identity := a.texts("credential.policies", "identity_policies"); c.Policies != nil && identity != nil {
			c.Policies = append(c.Policies, identity...)
			slices.Sort(c.Policies)
			c.Policies = slices.Compact(c.Policies)
		}
	}
	// Nor does it say of a token without a lease, which is what a root token is, whether and when that lease was issued.
	if c.Renewable = ref(false); a.has("renewable") || a.has("issue_time") || !whole {
		c.Renewable = a.flag("credential.renewable", "renewable")
	}
	if c.PeriodSeconds = ref(0); a.has("period") || !whole {
		c.PeriodSeconds = a.number("credential.period_seconds", "period")
	}
	if c.BoundCIDRs = []string{}; a.has("bound_cidrs") || !whole {
		c.BoundCIDRs = a.texts("credential.bound_cidrs", "bound_cidrs")
	}
	r.grants(a, c.Policies)
}
