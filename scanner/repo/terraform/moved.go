package terraform

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
)

// A move says under which address a root module had a resource, or all of a module, before: a block "moved".
type move struct{ root, from, to string }

// moves notes the blocks "moved" of one instance of a module.
func (r *run) moves(s *scope) {
	for _, b := range s.mod.moved {
		from, to := b.Body.Attributes["from"], b.Body.Attributes["to"]
		if from == nil || to == nil {
			continue
		}
		if m := (move{r.root, s.path + addressOf(from.Expr), s.path + addressOf(to.Expr)}); m.from != s.path && m.to != s.path {
			r.notes.moves = append(r.notes.moves, m)
		}
	}
}

// addressOf writes an expression that names a resource, or in JSON a text, as an address.
func addressOf(e hclsyntax.Expression) string {
	t, diags := hcl.AbsTraversalForExpr(e)
	if diags.HasErrors() {
		v, _ := e.Value(nil)
		text, _ := asText(v)
		return text
	}
	var out strings.Builder
	for _, step := range t {
		switch step := step.(type) {
		case hcl.TraverseRoot:
			out.WriteString(step.Name)
		case hcl.TraverseAttr:
			out.WriteString("." + step.Name)
		case hcl.TraverseIndex:
			if key, ok := asText(step.Key); ok && step.Key.Type().FriendlyName() == "number" {
				fmt.Fprintf(&out, "[%s]", key)
			} else {
				fmt.Fprintf(&out, "[%s]", quoteKey(key))
			}
		}
	}
	return out.String()
}

// before is an address as it was before a move; false if the move does not tell of it.
func (m move) before(address string) (string, bool) {
	rest, ok := strings.CutPrefix(address, m.to)
	if !ok || rest != "" && rest[0] != '.' && rest[0] != '[' {
		return "", false
	}
	return m.from + rest, true
}

// maxMoves is how many earlier addresses a resource may have.
const maxMoves = 100

// movedFrom lists the IDs that resources had before they were moved, the latest first.
func movedFrom(t *declare.Tree, moves []move, list []inventory.Resource) map[inventory.ID][]inventory.ID {
	out := map[inventory.ID][]inventory.ID{}
	if len(moves) == 0 {
		return out
	}
	byRoot := map[string][]move{}
	for _, m := range moves {
		byRoot[m.root] = append(byRoot[m.root], m)
	}
	for i := range list {
		for root, moves := range byRoot {
			place := string(t.ID(name, root, ""))
			address, here := strings.CutPrefix(string(list[i].ID), place)
			if !here {
				continue
			}
			known := []string{address}
			for n := 0; n < len(known) && len(known) < maxMoves; n++ {
				for _, m := range moves {
					if was, ok := m.before(known[n]); ok && !slices.Contains(known, was) {
						known = append(known, was)
					}
				}
			}
			for _, was := range known[1:] {
				out[list[i].ID] = append(out[list[i].ID], t.ID(name, root, was))
			}
		}
	}
	return out
}
