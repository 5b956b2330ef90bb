package aws

import (
	"crypto/sha256"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/keyreeve/keyreeve/scanner/access"
	eval "github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Summaries say of keys, secrets, roles, policies of identities and root users what rules ask about who may do what. All of them come
// from one pass over the rights on all keys and secrets. Those that are equal are one: most keys of an account are alike.
//
// A principal that uses and administers keys by statements about all keys of its account is told once, of the account's root user, and not
// of each key. The root user itself is no conflict: the account is its own. Neither are roles that are linked to a service, whose
// permissions AWS writes, nor keys that AWS manages, whose policies it writes.
type Summaries struct {
	index    *eval.Index
	causes   causes
	keys     map[string]*inventory.Resource
	roots    map[string]bool             // accounts whose root user is in the snapshot
	orgs     map[string]string           // of accounts, where it is known
	policies map[string][][]inventory.ID // see holdings
	onward   onward

	mu       sync.Mutex
	alike    map[[sha256.Size]byte]*access.Found
	byARN    map[string]*access.Found
	accounts map[string]*account
	reaches  map[string]*reach // by ID of a role or policy
}

const rootType = "aws.iam.root"

// few is how many of a list are named.
const few = 5

// Summarize works the summaries out. The index must be that of the snapshot's accounts.
func Summarize(ix *eval.Index, snap *inventory.Snapshot) *Summaries {
	s := &Summaries{
		index: ix, causes: newCauses(snap), keys: map[string]*inventory.Resource{}, roots: map[string]bool{}, orgs: map[string]string{}, alike: map[[sha256.Size]byte]*access.Found{},
		byARN: map[string]*access.Found{}, accounts: map[string]*account{}, reaches: map[string]*reach{},
	}
	for i := range snap.Resources {
		switch r := &snap.Resources[i]; {
		case r.Origin != inventory.Live:
		case r.Type == keyType:
			s.keys[string(r.ID)] = r
		case r.Type == rootType:
			s.roots[accountOf(string(r.ID))] = true
		}
	}
	for m := range ix.Members() {
		if org, known := m.Org(); known {
			s.orgs[m.Account()] = org
		}
	}
	s.policies = holdings(ix, snap)
	s.onward = newOnward(ix, snap)
	ix.Each(runtime.GOMAXPROCS(0), s.take)
	clear(s.alike)
	return s
}

// Found returns the summary of a resource. It is shared: it must not be changed.
func (s *Summaries) Found(r *inventory.Resource) access.Found {
	f := s.found(r)
	if f.Summary != nil {
		f.Unknown = slices.Concat(f.Unknown, notSummarized)
	}
	return f
}

// notSummarized are lists that are empty because nothing here fills them: single documents say them.
var notSummarized = []inventory.Unknown{
	{Fact: "access.everyone", Why: inventory.NotRead, Hint: "a policy of the resource says it"},
	{Fact: "access.dangling", Why: inventory.NotRead, Hint: "a policy of the resource says it"},
	{Fact: "access.wildcards", Why: inventory.NotRead, Hint: "a policy of an identity says it"},
	{Fact: "access.federation", Why: inventory.NotRead, Hint: "a trust policy says it"},
}

func (s *Summaries) found(r *inventory.Resource) access.Found {
	if r.Origin != inventory.Live {
		return access.Found{}
	}
	switch r.Type {
	case keyType, secretType:
		if f := s.byARN[string(r.ID)]; f != nil {
			return *f
		}
	case rootType:
		return s.ofAccount(accountOf(string(r.ID)))
	case roleType, policyType:
		return s.ofReach(r)
	}
	return access.Found{}
}

// take takes in the rights on one key or secret.
func (s *Summaries) take(arn string, rights iter.Seq[eval.Rights]) {
	t := asset{s: s, arn: arn, account: accountOf(arn), duties: ofKeys}
	if key := s.keys[arn]; key != nil {
		t.managed, t.duties = key.Key != nil && key.Key.Manager == "provider", t.duties.fitting(key)
	}
	if strings.HasPrefix(arn, "arn:") && strings.Split(arn, ":")[2] == "secretsmanager" {
		t.duties, t.secret = ofSecrets, true
	}
	t.duties = t.duties.counting(s.index.Labelled(arn))
	t.unread = s.index.UnreadOn(arn)
	t.rights = slices.Collect(rights)
	like := []byte(s.index.Likeness(arn))
	for i := range t.rights {
		like = t.rights[i].Append(like)
	}
	like = fmt.Appendf(like, "%t %x %x", t.managed, t.duties.use, t.duties.administer)
	t.members(t.duties.actions.Of(createGrant)|t.duties.labels, func(r *eval.Rights, m eval.Member) {
		if t.limited(r, m) || t.relabels(r, m) { // what it gives itself is asked of each key
			like = append(like, arn...)
		}
	})
	key := sha256.Sum256(like)
	s.mu.Lock()
	found := s.alike[key]
	s.mu.Unlock()
	var wide account
	if found == nil {
		found, wide = t.summarize()
	}
	counts := t.counts()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.alike[key], s.byARN[arn] = found, found
	s.accountOf(t.account).merge(&wide)
	s.count(&t, counts)
}
