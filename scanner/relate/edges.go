package relate

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// The ways and ends of an edge.
const (
	Out = "out"
	In  = "in"

	Present = "present"
	Absent  = "absent"
	Unread  = "unread"
)

// aliasTarget is the type of what an alias edge leads to. An alias is no resource of its own: the back end named it when it was
// asked for the key, so its end is present.
const aliasTarget = "aws.kms.alias"

// Edges returns how a resource is related to others: what it names, and what names it, sorted. It is never nil.
//
// What names it is what was read: a resource that could not be read may name it too.
func (e *Estate) Edges(r *inventory.Resource) []Edge {
	in := e.in[r.ID]
	edges := make([]Edge, 0, len(r.Refs)+len(in))
	for _, ref := range r.Refs {
		edges = append(edges, Edge{Type: ref.Edge, Way: Out, To: ref.To, Target: ref.Target, Name: ref.Name, End: e.end(r, ref)})
	}
	edges = append(edges, in...)
	sortEdges(edges)
	return edges
}

// end says whether what a ref leads to is there. It is absent only where it would have been seen.
func (e *Estate) end(from *inventory.Resource, ref inventory.Ref) string {
	if e.byID[ref.To] != nil || ref.Target == aliasTarget {
		return Present
	}
	if scope, ok := home(from, ref.To); ok && e.read[scope][ref.Target] {
		return Absent
	}
	return Unread
}

// home returns the scope in which a resource with this ID would lie, where the ID tells it.
//
//	arn:aws:kms:REGION:ACCOUNT:...   the Region of the account, beside the naming resource's organization
//	arn:aws:iam::ACCOUNT:...         "global" of the account, likewise
//	vault:CLUSTER/NAMESPACE/...      the naming resource's own namespace. Another one cannot be told from the path within it.
//	repo:NAME#...                    the repository
func home(from *inventory.Resource, to inventory.ID) (inventory.Scope, bool) {
	switch scheme, rest, _ := strings.Cut(string(to), ":"); scheme {
	case "arn":
		part := strings.SplitN(rest, ":", 5) // partition, service, region, account, resource
		if len(part) < 5 || from.Scope.Backend() != "aws" {
			return "", false
		}
		return inventory.NewScope("aws", from.Scope.Part(1), part[3], cmp.Or(part[2], "global")), true
	case "vault":
		cluster, namespace := vaultHome(from.Scope)
		return from.Scope, from.Scope.Backend() == "vault" && strings.HasPrefix(string(to), string(inventory.VaultID(cluster, namespace)))
	case "repo":
		name, _, ok := strings.Cut(rest, "#")
		return inventory.NewScope("repo", name), ok
	}
	return "", false
}

// vaultHome returns the cluster and namespace of a scope.
func vaultHome(s inventory.Scope) (cluster, namespace string) {
	parts := s.Parts()
	if len(parts) < 3 {
		return s.Part(1), inventory.VaultNamespace("")
	}
	return parts[1], strings.Join(parts[2:], "/")
}

// readTypes says of which types each scope was read without a gap that may hide one. A gap of a wider scope hides what lies in a
// narrower one, and the other way round.
func readTypes(snap *inventory.Snapshot) map[inventory.Scope]map[string]bool {
	out := make(map[inventory.Scope]map[string]bool, len(snap.Scopes))
	for _, s := range snap.Scopes {
		types := map[string]bool{}
		for _, typ := range s.Types {
			types[typ] = true
		}
		out[s.Scope] = types
	}
	for _, g := range snap.Gaps {
		for scope, types := range out {
			if !g.Scope.Contains(scope) && !scope.Contains(g.Scope) {
				continue
			}
			for typ := range types {
				if g.Covers(typ) {
					delete(types, typ)
				}
			}
		}
	}
	return out
}

func sortEdges(edges []Edge) {
	slices.SortFunc(edges, func(a, b Edge) int {
		return cmp.Or(strings.Compare(a.Type, b.Type), strings.Compare(a.Way, b.Way), cmp.Compare(a.To, b.To), strings.Compare(a.Name, b.Name))
	})
}
