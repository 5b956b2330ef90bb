package vault

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// identityMount is where every namespace has its identity store.
const identityMount = "identity"

// entities and groups are the identity store: who a token is for, however it was got, and which policies that adds to it.
//
// Metadata of entities and aliases may be about persons. It is kept because templates in policies complete paths with it, goes nowhere
// but into the resource, and is in no message.
var (
	entities = engine{
		name: "entities", what: "entities", list: listEntities, read: readEntity,
		start: func(res *inventory.Resource, _ string) { res.Principal = &inventory.Principal{} },
		fill: func(r *run, a *answer) {
			r.identified(a)
			a.Principal.Disabled = a.flag("principal.disabled", "disabled")
			a.Principal.Aliases = a.aliases()
			// Those of groups that it is in through other groups follow from these.
			r.memberOf(a, a.texts("refs", "direct_group_ids"))
		},
	}
	groups = engine{
		name: "groups", what: "groups", list: listGroups, read: readGroup,
		start: func(res *inventory.Resource, _ string) { res.Principal = &inventory.Principal{} },
		fill: func(r *run, a *answer) {
			r.identified(a)
			a.Principal.GroupType = a.text("principal.group_type", "type")
			a.Principal.Aliases = a.groupAlias()
			r.memberOf(a, a.texts("refs", "parent_group_ids"))
		},
	}
)

// readIdentity adds the reading of the identity store to the work. It is mounted in every namespace and cannot be moved.
func (r *run) readIdentity(ctx context.Context) {
	r.readEngine(ctx, entities, identityMount, false)
	r.readEngine(ctx, groups, identityMount, false)
}

// identified reads what entities and groups have in common.
func (r *run) identified(a *answer) {
	if name := a.text("name", "name"); name != "" {
		a.Name = name
	}
	a.Tags = a.words("tags", "metadata")
	r.grants(a, a.texts("refs", "policies"))
}

// memberOf refers to groups. In Vault Enterprise a group may have members of the namespaces above its own, which an ID does not tell: such
// a group is looked for in the member's namespace, and not found.
func (r *run) memberOf(a *answer, ids []string) {
	for _, id := range ids {
		a.Refs = append(a.Refs, inventory.Ref{Edge: "member_of", To: inventory.VaultID(r.server.config.Name, r.namespace, "identity/group/id", id), Target: "vault.group", Name: id})
	}
}

const aliasesFact = "principal.aliases"

// aliases are in Vault's order: of two at one mount, templates take the first.
func (a *answer) aliases() []inventory.Alias {
	given, ok := get[[]map[string]json.RawMessage](a, aliasesFact, "aliases")
	if !ok {
		return nil
	}
	all := []inventory.Alias{}
	for _, fields := range given {
		one := a.part(fields)
		alias := one.alias()
		alias.CustomMetadata = one.words(aliasesFact, "custom_metadata")
		all = append(all, alias)
	}
	return a.whole(all)
}

// groupAlias is what an external group is called by the auth method that decides who is in it. Vault writes {} for none. No template
// names its metadata, so it is not kept.
func (a *answer) groupAlias() []inventory.Alias {
	fields, ok := get[map[string]json.RawMessage](a, aliasesFact, "alias")
	switch {
	case !ok:
		return nil
	case len(fields) == 0:
		return []inventory.Alias{}
	}
	alias := a.part(fields).alias()
	alias.Metadata = nil
	return a.whole([]inventory.Alias{alias})
}

// alias reads what aliases of entities and groups have in common. Of a mount that is gone Vault gives neither path nor type.
func (a *answer) alias() inventory.Alias {
	alias := inventory.Alias{
		ID: a.text(aliasesFact, "id"), Name: a.text(aliasesFact, "name"), Accessor: a.text(aliasesFact, "mount_accessor"), Metadata: a.words(aliasesFact, "metadata"),
	}
	if a.has("mount_path") || a.has("mount_type") {
		alias.Mount = strings.Trim(a.text(aliasesFact, "mount_path"), "/")
	}
	return alias
}

// whole is nil where something of the aliases was not read.
func (a *answer) whole(all []inventory.Alias) []inventory.Alias {
	if a.Unread(aliasesFact) != nil {
		return nil
	}
	return all
}
