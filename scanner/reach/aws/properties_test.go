package aws_test

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/access/aws"
)

// How many random worlds each property is tried on, and which: other numbers give other worlds.
var (
	caseCount = flag.Int("cases", 2000, "random worlds for each property")
	firstCase = flag.Uint64("first-case", 0, "number of the sequences that random worlds are drawn from")
)

func pick(r *rand.Rand, list ...string) string { return list[r.IntN(len(list))] }

// anyActions, anyCondition and so on draw from what makes a difference.
func anyActions(r *rand.Rand) string {
	return pick(r, `"kms:*"`, `"kms:Decrypt"`, `["kms:Decrypt","kms:DisableKey"]`, `"kms:Create*"`, `"kms:PutKeyPolicy"`, `["kms:Encrypt","kms:Describe*"]`, `["kms:CreateGrant","kms:Sign"]`)
}

func anyCondition(r *rand.Rand) string {
	return pick(r, "", "", "", `,"Condition":{"Bool":{"kms:GrantIsForAWSResource":"true"}}`, `,"Condition":{"StringEquals":{"kms:CallerAccount":"111122223333"}}`,
		`,"Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`, `,"Condition":{"StringEquals":{"aws:ResourceTag/team":"x"}}`)
}

func anyIdentity(r *rand.Rand) string {
	effect := pick(r, "Allow", "Allow", "Allow", "Deny")
	return fmt.Sprintf(`{"Effect":%q,"Action":%s,"Resource":%q%s}`, effect, anyActions(r), pick(r, "*", keyARN), anyCondition(r))
}

func anyWorld(r *rand.Rand) world {
	w := world{key: []string{}, identities: map[string]string{}, boundary: map[string]string{}, noRoot: r.IntN(4) == 0}
	if r.IntN(3) > 0 {
		w.key = append(w.key, toAccount)
	}
	for _, name := range []string{"role/a", "user/b"} {
		w.identities[name] = pick(r, "", anyIdentity(r), anyIdentity(r))
		w.boundary[name] = pick(r, "", "", anyIdentity(r))
	}
	for range r.IntN(3) {
		w.key = append(w.key, anyAllow(r))
	}
	if r.IntN(3) == 0 {
		w.key = append(w.key, strings.Replace(anyAllow(r), `"Allow"`, `"Deny"`, 1))
	}
	if r.IntN(3) == 0 {
		w.scps = []string{`{"Effect":"Allow","Action":"*","Resource":"*"}`, strings.Replace(anyIdentity(r), `"Allow"`, `"Deny"`, 1)}
	}
	if r.IntN(4) == 0 {
		w.grants = []aws.Grant{{Grantee: pick(r, arnOf("role/a"), "arn:aws:iam::"+vendor+":role/x"), Operations: aws.Values{"Decrypt", "CreateGrant"}}}
	}
	return w
}

func anyAllow(r *rand.Rand) string {
	return to("S", pick(r, "*", arnOf("role/a"), arnOf("user/b"), "arn:aws:iam::"+vendor+":root"), anyActions(r), anyCondition(r))
}

// told is what a world's summaries say, by fact: who is on the list of the key or of its account.
func told(t *testing.T, w *world) (entries map[string][]string, unknown map[string]bool) {
	s := w.summaries(t)
	entries, unknown = map[string][]string{}, map[string]bool{}
	for _, f := range []access.Found{ofKey(s), s.Found(resource(arnOf("root"), "aws.iam.root"))} {
		for _, u := range f.Unknown {
			unknown[u.Fact] = true
		}
		for _, c := range f.Summary.Conflicts {
			entries["access.conflicts"] = append(entries["access.conflicts"], c.Principal)
		}
		for _, c := range f.Summary.SelfGrants {
			entries["access.self_grants"] = append(entries["access.self_grants"], c.Principal)
		}
		for _, c := range f.Summary.Outsiders {
			entries["access.outsiders"] = append(entries["access.outsiders"], c.Account)
		}
		for _, c := range f.Summary.Grantors {
			entries["access.grantors"] = append(entries["access.grantors"], c.Principal)
		}
		for _, c := range f.Summary.Bypasses {
			entries["access.bypasses"] = append(entries["access.bypasses"], c.Principal)
		}
	}
	return entries, unknown
}

func TestAnAllowRemovesNoConflict(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2+*firstCase))
	conflicts := 0
	for range *caseCount {
		w := anyWorld(r)
		before, _ := told(t, &w)
		more := w
		if r.IntN(2) == 0 {
			more.key = append(slices.Clone(w.key), anyAllow(r))
		} else {
			more.grants = append(slices.Clone(w.grants), aws.Grant{Grantee: arnOf("user/b"), Operations: aws.Values{"Decrypt"}})
		}
		after, _ := told(t, &more)
		conflicts += len(before["access.conflicts"])
		for _, who := range before["access.conflicts"] {
			if !slices.Contains(after["access.conflicts"], who) {
				t.Fatalf("%s is no conflict any more\n%+v\n%+v", who, w, more)
			}
		}
	}
	if conflicts < *caseCount/20 {
		t.Errorf("only %d conflicts were there to be removed", conflicts)
	}
	t.Logf("%d random cases", *caseCount)
}

func TestWhatWasNotReadMakesNothingCleaner(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4+*firstCase))
	lost := map[string]int{}
	for range *caseCount {
		w := anyWorld(r)
		before, _ := told(t, &w)
		less := w
		less.identities, less.boundary = maps.Clone(w.identities), maps.Clone(w.boundary)
		switch name := pick(r, "role/a", "user/b"); r.IntN(5) {
		case 0:
			less.key = nil
		case 1:
			less.identities[name] = "?"
		case 2:
			less.boundary[name] = "?"
		case 3:
			less.scpUnread = true
		default:
			delete(less.identities, name)
			less.unlisted = "denied"
		}
		after, unknown := told(t, &less)
		for fact, list := range before {
			if len(list) > 0 && len(after[fact]) == 0 {
				lost[fact]++
				if !unknown[fact] {
					t.Fatalf("%s: %v was there, and nobody is after a document was not read\n%+v\n%+v", fact, list, w, less)
				}
			}
		}
	}
	for _, fact := range []string{"access.conflicts", "access.self_grants", "access.outsiders", "access.grantors", "access.bypasses"} {
		if lost[fact] == 0 {
			t.Errorf("no %s was lost by what was not read", fact)
		}
	}
	t.Logf("%d random cases", *caseCount)
}
