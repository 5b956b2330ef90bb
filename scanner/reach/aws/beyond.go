package aws

import (
	"slices"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Beyond lists the accounts whose principals were not all read, which documents of a key or secret may let in, and one of which somebody
// may become: whose account it is, or who may hold sts:AssumeRole for roles of others. An error says what is wrong with the action.
func (e *Estate) Beyond(principal, action string, key inventory.ID) ([]access.Unread, error) {
	t, action, err := e.asked(action, key)
	if err != nil {
		return nil, err
	}
	found, err := e.index.Who(t.ARN, action)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(found.Unlisted)
	if len(out) > 0 && !e.becoming().leaves(principal) {
		account := accountIn(principal)
		out = slices.DeleteFunc(out, func(u access.Unread) bool { return u.Of != account })
	}
	return sameUnread(out), nil
}

// leaves reports whether a principal may assume roles of other accounts. Of one whose policies were not read it may.
func (b *becoming) leaves(principal string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	id := b.byARN[principal]
	return id == nil || slices.Contains(b.assuming(accountIn(principal)), id)
}
