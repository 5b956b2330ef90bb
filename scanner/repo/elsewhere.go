package repo

import (
	"encoding/json"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// elsewhere pairs what has gone from one file with what has come into another, new or not, under the same address and with the same
// facts: a document that was split off, a block that was moved. Where more than one is gone or has come, which was which is not told.
func (c *Change) elsewhere(taken map[inventory.ID]bool) {
	gone, come := map[string][]*inventory.Resource{}, map[string][]*inventory.Resource{}
	for i := range c.before.Resources {
		if r := &c.before.Resources[i]; !taken[r.ID] {
			if k := addressed(r); k != "" {
				gone[k] = append(gone[k], r)
			}
		}
	}
	for i := range c.after.Resources {
		if r := &c.after.Resources[i]; c.twins[r.ID] == nil {
			if k := addressed(r); k != "" {
				come[k] = append(come[k], r)
			}
		}
	}
	for k, now := range come {
		if was := gone[k]; len(now) == 1 && len(was) == 1 {
			c.twins[now[0].ID], taken[was[0].ID] = was[0], true
		}
	}
}

// named are the dialects whose addresses name a thing wherever it is written: an object of Kubernetes by namespace, kind and name. A
// job of a pipeline or a service of a compose file is named within its file only.
var named = map[string]bool{"kubernetes": true}

// addressed writes all that a resource says, and its dialect and address, without its place; "" of what has no address of that kind.
func addressed(r *inventory.Resource) string {
	dialect, rest, _ := strings.Cut(string(r.ID), ":")
	_, address, ok := strings.Cut(rest, "#")
	if !ok || !named[dialect] {
		return ""
	}
	part := *r
	part.ID, part.Location = "", nil
	text, err := json.Marshal(part)
	if err != nil {
		return "" // no resource is without JSON; it is then like no other
	}
	return dialect + "#" + address + "\n" + string(text)
}

// counted lists the IDs that an address of Terraform had before the resource was given a count, or lost it: Terraform itself takes
// ADDRESS and ADDRESS[0] for one object when the other is gone.
func counted(id inventory.ID) []inventory.ID {
	text := string(id)
	if !strings.HasPrefix(text, "terraform:") {
		return nil
	}
	if was, ok := strings.CutSuffix(text, "[0]"); ok {
		return []inventory.ID{inventory.ID(was)}
	}
	return []inventory.ID{inventory.ID(text + "[0]")}
}
