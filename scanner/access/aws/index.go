package aws

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Index answers who can do what to which key or secret of an estate, for all principals and all actions at once. What it says of a pair is
// what Evaluator says of it; the index only gets there without deciding each pair by itself:
//
//   - Documents are told apart by their text and read once; of statements only those about keys or secrets are kept, with their actions as bits.
//   - What depends on no resource is found out once for each principal, what depends only on a resource's Region and account once for those.
//   - A resource is held against the principals of its account and those that its own documents name. If they name everybody, the others
//     are held against it in groups of those that are alike to it.
//
// It holds no answers: they are worked out when they are asked for. It may be used by several goroutines.
type Index struct {
	unknown   []string // condition keys that only a request has, in lower case
	accounts  map[string]*domain
	members   []*member // sorted by account and ARN
	byName    map[string][]int32
	targets   []*target // sorted by site and policy
	byARN     map[string]*target
	stranger  int32
	literal   map[string][]int32 // who has statements about resources in another account, by that account
	alike     []int32            // for each member which of those that are alike it belongs to
	mu        sync.Mutex
	divisions map[string]*division

	unlistedIn []*domain // accounts with principals that were not read

	labels   sync.Once
	spare    sync.Pool        // of evaluators, which keep what they have compiled
	labelled map[*domain]bool // see Labelled
}

// domain is an account of the estate, or one that documents name.
type domain struct {
	Account
	foreign    bool // it is not of the estate
	scps, rcps [][]filed
	members    []int32
}

// member is a principal that is of the estate or that documents name.
type member struct {
	name               string // its ARN, the name of a service, or "*"
	principal          Principal
	caller             caller
	account            *domain
	identity, boundary []filed
	unlisted           bool     // it is not of the estate
	unknown            []string // condition keys that are not known of it, in lower case
	linked             bool     // it is, or may be, a role that is linked to a service
	read               bool     // all on its side was read: Member.Unread is empty
	raw                own      // nothing of it asked yet
	own                [realms]own
}

// target is a key or secret.
type target struct {
	realm    realm
	site     string // the beginning of its ARN, with its account
	account  *domain
	resource Resource // without its policy
	policy   []filed
	kms      [4]string // spec, usage, origin and sort of multi-Region key
	unknown  []string  // condition keys that are not known of it, in lower case
	keyARN   string
	key      *target  // of a secret
	blind    []string // what of it could not be read, beside its policy
}

// Build makes an index. It fails on what is no ARN; documents that cannot be read count as unread.
func Build(e Estate) (*Index, error) {
	ix := &Index{accounts: map[string]*domain{}, byName: map[string][]int32{}, byARN: map[string]*target{}, literal: map[string][]int32{}, divisions: map[string]*division{}}
	docs := newPapers()
	for _, a := range e.Accounts {
		made := &domain{Account: a}
		if !a.Management {
			made.scps, made.rcps = levels(docs, scp, a.SCPs), levels(docs, rcp, a.RCPs)
		}
		ix.accounts[a.ID] = made
		if a.Unlisted != "" {
			ix.unlistedIn = append(ix.unlistedIn, made)
		}
	}
	for p := range e.Principals {
		if err := ix.addIdentity(docs, &p); err != nil {
			return nil, err
		}
	}
	for r := range e.Resources {
		if err := ix.addTarget(docs, &r); err != nil {
			return nil, err
		}
	}
	if err := ix.orderTargets(); err != nil {
		return nil, err
	}
	if err := ix.keysOfSecrets(docs); err != nil {
		return nil, err
	}
	ix.addNamed(docs)
	if err := ix.orderMembers(); err != nil {
		return nil, err
	}
	ix.listUnknown(docs)
	ix.fold()
	return ix, nil
}

func levels(docs *papers, at side, list [][]Document) (out [][]filed) {
	for _, l := range list {
		out = append(out, docs.file(at, l))
	}
	return out
}

// accountOf returns an account, which may be foreign to the estate.
func (ix *Index) accountOf(docs *papers, id string) *domain {
	a := ix.accounts[id]
	if a == nil {
		a = &domain{Account: Account{ID: id, OrgUnknown: true}, foreign: true}
		if id != "" {
			unread := []Document{Unread("control policies", "account "+id+" is not among those that were read")}
			a.scps, a.rcps = levels(docs, scp, [][]Document{unread}), levels(docs, rcp, [][]Document{unread})
		}
		ix.accounts[id] = a
	}
	return a
}

func (ix *Index) addTarget(docs *papers, t *Target) error {
	made, err := ix.newTarget(docs, t)
	if err != nil {
		return err
	}
	ix.targets = append(ix.targets, made)
	return nil
}

func (ix *Index) newTarget(docs *papers, t *Target) (*target, error) {
	out := &target{resource: Resource{ARN: t.ARN, Tags: docs.keep(t.Tags), Aliases: t.Aliases}}
	at := keyPolicy
	switch {
	case part(t.ARN, service) == "kms" && strings.HasPrefix(resource(t.ARN), "key/"):
	case strings.HasPrefix(t.ARN, "arn:") && part(t.ARN, service) == "secretsmanager" && strings.HasPrefix(resource(t.ARN), "secret:"):
		out.realm, at = secrets, resourcePolicy
	default:
		return nil, fmt.Errorf("resource %q is the ARN of neither a key nor a secret", t.ARN)
	}
	out.site = t.ARN[:len(t.ARN)-len(resource(t.ARN))]
	out.account = ix.accountOf(docs, accountIn(t.ARN))
	policy := t.Policy
	if out.realm == keys && len(policy) == 0 && ofSecrets(&out.resource) {
		policy = []Document{{Name: "policy of the key that AWS manages", Text: managedPolicy(out.account.ID, throughSecrets(t.ARN))}}
	}
	out.policy = docs.file(at, policy)
	out.describe(t)
	return out, nil
}

// orderTargets brings targets together that have site and policy in common, which are worked on together.
func (ix *Index) orderTargets() error {
	first := func(k *target) int {
		if len(k.policy) == 0 {
			return -1
		}
		return k.policy[0].paper.id
	}
	slices.SortFunc(ix.targets, func(a, b *target) int {
		return cmp.Or(cmp.Compare(a.site, b.site), first(a)-first(b), cmp.Compare(a.resource.ARN, b.resource.ARN))
	})
	for _, k := range ix.targets {
		if ix.byARN[k.resource.ARN] != nil {
			return fmt.Errorf("resource %q is there twice", k.resource.ARN)
		}
		ix.byARN[k.resource.ARN] = k
	}
	return nil
}

// listUnknown lists the condition keys that documents mention and that only a request has. What grants may ask for is among them.
func (ix *Index) listUnknown(docs *papers) {
	ix.unknown = []string{"kms:viaservice", encryptionContext + "*", "kms:encryptioncontextkeys", "aws:sourcearn", "kms:grantoperations", "kms:grantconstrainttype", "kms:grantconstraintsourcearn"}
	for key := range docs.asked {
		start, _, tagged := strings.Cut(key, "/")
		switch {
		case known(key) || strings.HasPrefix(key, encryptionContext):
			continue
		case tagged:
			key = start + "/*"
		}
		ix.unknown = append(ix.unknown, key)
	}
	slices.Sort(ix.unknown)
	ix.unknown = slices.Compact(ix.unknown)
}
