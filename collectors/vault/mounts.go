package vault

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// builtin are the mounts that every Vault has: nobody mounted them, and no key or secret of somebody is kept there.
var builtin = []string{"system", "identity", "cubbyhole", "token", "ns_system", "ns_identity", "ns_cubbyhole", "ns_token"}

// A side is one of Vault's two lists of mounts.
type side struct {
	auth  bool
	what  string
	field string // its part of sys/internal/ui/mounts
	call  inventory.Call
	types []string // what may be missing when the list is
}

var sides = []side{
	{false, "list of secrets engines", "secret", readMounts, []string{"vault.kv.secret", "vault.mount", "vault.transit.key"}},
	{true, "list of auth methods", "auth", readAuth, []string{"vault.approle.role", "vault.jwt.role", "vault.kubernetes.role", "vault.mount", "vault.userpass.user"}},
}

// readMounts lists the mounts of both sides and begins to read what each holds. Where a list is denied it reads the mounts that
// the token may use, which any token may ask for, and those that the configuration names; that there may be others is a gap.
func (r *run) readMounts(ctx context.Context) {
	for _, s := range sides {
		mounts, err := r.client.read(ctx, s.call, place{})
		var refused *refusal
		if errors.As(err, &refused) {
			mounts = r.usableMounts(ctx, s)
			told := *refused
			told.text += "; the mounts that the token may use are read all the same, and there may be others"
			r.gap(ctx, s.what, s.call, place{}, &told, s.types...)
			for _, e := range engines {
				for _, path := range r.server.config.Mounts[e.name] {
					if _, listed := mounts[strings.Trim(path, "/")+"/"]; e.auth == s.auth && !listed {
						r.readEngine(ctx, e, strings.Trim(path, "/"), true)
					}
				}
			}
		}
		for path, raw := range mounts {
			r.readMount(ctx, s, strings.Trim(path, "/"), raw, refused)
		}
	}
}

// usableMounts is what the token may use of a side. That it could not be asked is no gap of its own.
func (r *run) usableMounts(ctx context.Context, s side) map[string]json.RawMessage {
	both, err := r.client.read(ctx, readUsableMounts, place{})
	if err != nil {
		return nil
	}
	var mounts map[string]json.RawMessage
	if json.Unmarshal(both[s.field], &mounts) != nil {
		return nil
	}
	return mounts
}

// readMount yields a mount and begins to read what it holds. refused says why the side's own list could not be read.
func (r *run) readMount(ctx context.Context, s side, path string, raw json.RawMessage, refused *refusal) {
	name, base := path, "sys/mounts/"
	if s.auth {
		name, base = "auth/"+path, "sys/auth/"
	}
	res := r.resource("vault.mount", name, base+path)
	a := &answer{Resource: &res, call: s.call}
	if json.Unmarshal(raw, &a.fields) != nil || a.text("store.engine", "type") == "" {
		r.gap(ctx, fmt.Sprintf("mount %q", name), s.call, place{}, &refusal{why: inventory.Unreadable, text: "the answer does not say which engine it is"}, s.types...)
		return
	}
	kind := a.text("store.engine", "type")
	if slices.Contains(builtin, kind) {
		return
	}
	version, stated := a.version(kind)
	i := slices.IndexFunc(engines, func(e engine) bool { return e.name == kind && e.auth == s.auth && e.version == version })
	res.Store = &inventory.Store{
		Engine: kind, Version: version, Auth: ref(s.auth), Read: ref(i >= 0),
		Local: a.flag("store.local", "local"), SealWrap: a.flag("store.seal_wrap", "seal_wrap"),
	}
	if refused == nil {
		var config answer
		_ = json.Unmarshal(a.fields["config"], &config.fields) // when malformed, the fact is unknown
		config.Resource, config.call = &res, s.call
		res.Store.MaxLeaseTTL = config.number("store.max_lease_ttl_seconds", "max_lease_ttl")
	} else { // this answer gives the time that applies, not the one that is configured
		a.unknown("store.max_lease_ttl_seconds", refused.why, refused.advice(r.client.grant(s.call, place{})))
	}
	if !stated {
		res.Store.Read = nil
		a.unknown("store.version", inventory.NotRead, "")
		a.unknown("store.read", inventory.NotRead, "")
	}
	if i >= 0 && engines[i].settle != nil {
		r.crew.add(func() { r.readAbout(ctx, engines[i], path, res) })
	} else {
		r.yield(ctx, res)
	}
	switch {
	case i >= 0:
		r.readEngine(ctx, engines[i], path, false)
	case !stated:
		r.gap(ctx, fmt.Sprintf("secrets in %q", path), s.call, place{}, &refusal{why: inventory.NotRead, text: "the answer does not say which version of KV it is"}, "vault.kv.secret")
	case kind == "kv" || kind == "generic":
		r.gap(ctx, fmt.Sprintf("secrets in %q", path), s.call, place{}, &refusal{
			why: inventory.Unsupported, text: "KV version 1 keeps no metadata, so nothing tells the age of its secrets",
			hint: fmt.Sprintf("move to version 2: vault kv enable-versioning %s", path),
		}, "vault.kv.secret")
	}
}

// readAbout asks a mount for what the list of mounts does not tell, and yields it.
func (r *run) readAbout(ctx context.Context, e engine, path string, res inventory.Resource) {
	at := place{mount: path}
	fields, err := r.client.read(ctx, e.about, at)
	var refused *refusal
	switch {
	case err == nil:
		e.settle(&answer{Resource: &res, call: e.about, fields: fields})
	case errors.As(err, &refused):
		r.unread(&res, e.about, at, refused)
	default:
		return // the context ended
	}
	r.yield(ctx, res)
}

// version is the version of a KV mount, which Vault leaves out of the options when it is 1; other engines have none.
func (a *answer) version(kind string) (version string, stated bool) {
	if kind != "kv" && kind != "generic" {
		return "", true
	}
	var options struct {
		Version string `json:"version"`
	}
	if json.Unmarshal(a.fields["options"], &options) != nil {
		return "", false
	}
	return cmp.Or(options.Version, "1"), true
}
