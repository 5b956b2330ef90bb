package repo

import (
	"encoding/json"
	"regexp"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// inList is the end of an ID that names a part without a name of its own by its place in a list: ".inline_policy[0]".
var inList = regexp.MustCompile(`\[[0-9]+\]$`)

// listed pairs the parts of lists. Where a part is inserted or removed the others change their numbers and hence their IDs, so a part
// is the one of its list that says the same, and only then the one in its place.
func (c *Change) listed(byID map[inventory.ID]*inventory.Resource, taken map[inventory.ID]bool) {
	left := map[string][]*inventory.Resource{}
	var moved []*inventory.Resource
	settled := map[inventory.ID]bool{}
	for i := range c.after.Resources {
		r := &c.after.Resources[i]
		if r.Type == credentialType || !inList.MatchString(string(r.ID)) {
			continue
		}
		if same(byID[r.ID], r) {
			c.twins[r.ID], taken[r.ID], settled[r.ID] = byID[r.ID], true, true
		} else {
			moved = append(moved, r)
		}
	}
	if len(moved) == 0 {
		return
	}
	for i := range c.before.Resources {
		r := &c.before.Resources[i]
		if r.Type != credentialType && !settled[r.ID] && inList.MatchString(string(r.ID)) {
			k := content(r)
			left[k] = append(left[k], r)
		}
	}
	for _, r := range moved {
		if k := content(r); len(left[k]) > 0 {
			was := left[k][0]
			c.twins[r.ID], taken[was.ID], left[k] = was, true, left[k][1:]
		}
	}
}

// content writes all that a part of a list says, and the list, without its place in it.
func content(r *inventory.Resource) string {
	list := inList.ReplaceAllString(string(r.ID), "")
	part := *r
	part.ID, part.Name, part.Location = "", "", nil
	text, err := json.Marshal(part)
	if err != nil {
		return string(r.ID) // no resource is without JSON; it is then like no other
	}
	return list + "\n" + string(text)
}
