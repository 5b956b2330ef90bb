package vault

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// What a template stands for may hold a wildcard: somebody's metadata may be "+". In Vault 1.21.1 it works as one of the policy's own;
// later releases skip the path, as they do where there is no value, and deny what no other rule allows. See the note to "Policies: Templated
// policies" in Vault's documentation. Which Vault a request is for it does not say, so there are two ACLs, and sure is what both say. A "/"
// in a value makes segments, as long as deny_slash_in_templated_paths is not set; by default it is not.

// wildValue reports whether a value holds a wildcard.
func wildValue(value string) bool { return strings.ContainsAny(value, "+*") }

// identityResidual is that it hangs on a value of the identity what a rule is worth.
func identityResidual(because []access.Because) access.Residual {
	r := access.Residual{Class: access.Who, Key: "identity"}
	if len(because) > 0 {
		r.Statement = because[0].Statement
	}
	return r
}

// either is an answer of which one of two is right; one is that of the ACL with all paths.
func either(one, other access.Answer) access.Answer {
	one.Explicit = one.Explicit && other.Explicit
	if one.Decision == other.Decision && one.Decision != access.Conditional {
		return one
	}
	one.Residual = append(slices.Clip(one.Residual), other.Residual...)
	if one.Decision != other.Decision {
		one.Residual = append(one.Residual, identityResidual(one.Because))
	}
	one.Decision = access.Conditional
	one.Residual = ordered(one.Residual)
	one.Because = joined(one.Because, other.Because)
	return one
}

// either is the same of what can be done on a path.
func (e Effective) either(other Effective) Effective {
	e.Residual = append(slices.Clip(e.Residual), other.Residual...)
	if e.Sure != other.Sure || e.Possible != other.Possible {
		e.Residual = append(e.Residual, identityResidual(e.Because))
	}
	e.Sure &= other.Sure
	e.Possible |= other.Possible
	e.Explicit = e.Explicit && other.Explicit
	e.Residual = ordered(e.Residual)
	e.Because = joined(e.Because, other.Because)
	return e
}

func ordered(residual []access.Residual) []access.Residual {
	slices.SortFunc(residual, compareResidual)
	return slices.Compact(residual)
}

func joined[T comparable](one, other []T) []T {
	out := slices.Clip(one)
	for _, b := range other {
		if !slices.Contains(out, b) {
			out = append(out, b)
		}
	}
	return out
}
