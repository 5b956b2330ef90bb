package vault

import (
	"slices"
	"time"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/vaultpolicy"
)

// rule is what all blocks of a token's policies with the same pattern come to together.
type rule struct {
	pattern
	can                Capabilities
	allowed, denied    map[string][]any // as in vaultpolicy.Limits
	required           []string
	minWrap, maxWrap   time.Duration
	mfa                bool
	control            []vaultpolicy.Factor
	from               []origin
	because            []access.Because // from, as an answer tells of it
	sure, possible     Capabilities     // of can: what is allowed whatever the request holds, and what some request is allowed
	wrapNever, limited bool             // no wrapping suits both limits; parameters are limited
}

// origin is one block of one policy.
type origin struct {
	policy, path string // path as it is written
	line, told   int    // told to readers: 0 where the text has one line
	can          Capabilities
}

// add merges one more block. A denial takes all else away, and stays. Parameters and what they must be are put together; of wrapping
// TTLs the smallest count, even where that lets nothing through.
func (r *rule) add(block *vaultpolicy.Rule, o origin) {
	if r.can&deny != 0 && o.can&deny == 0 {
		return
	}
	r.from = append(r.from, o)
	if o.can&deny != 0 {
		r.can = deny
		r.from = slices.DeleteFunc(r.from, func(o origin) bool { return o.can&deny == 0 })
		return
	}
	r.can |= o.can
	l := block.Limits
	if l == nil {
		return
	}
	r.allowed = addAll(r.allowed, l.Allowed)
	r.denied = addAll(r.denied, l.Denied)
	for _, p := range l.Required {
		if !slices.Contains(r.required, p) {
			r.required = append(r.required, p)
		}
	}
	r.minWrap, r.maxWrap = smaller(r.minWrap, l.MinWrap), smaller(r.maxWrap, l.MaxWrap)
	r.mfa = r.mfa || len(l.MFAMethods) > 0
	r.control = append(r.control, l.ControlGroups...)
}

// addAll adds values by parameter; to is nil where no block has given any.
func addAll(to, values map[string][]any) map[string][]any {
	if to == nil && len(values) > 0 {
		to = make(map[string][]any, len(values))
	}
	for p, v := range values {
		vaultpolicy.AddValues(to, p, v)
	}
	return to
}

// smaller is the smaller of two limits, of which one that is not positive is none.
func smaller(have, other time.Duration) time.Duration {
	if other > 0 && (have <= 0 || other < have) {
		return other
	}
	return have
}

// settle works out what follows from all blocks together.
func (r *rule) settle() {
	for _, o := range r.from {
		r.because = append(r.because, access.Because{Document: "policy " + o.policy, Statement: o.path, Line: o.told})
	}
	_, all := r.allowed["*"]
	r.limited = len(r.required)+len(r.denied) > 0 || len(r.allowed) > 1 || len(r.allowed) == 1 && !all
	r.wrapNever = r.minWrap > 0 && r.maxWrap > 0 && r.maxWrap < r.minWrap
	r.possible = r.can &^ deny
	if r.wrapNever {
		r.possible &= Sudo
	}
	r.sure = r.possible
	if r.minWrap > 0 || r.maxWrap > 0 || r.mfa {
		r.sure &= Sudo
	}
	if r.limited {
		r.sure &^= holdParameters
	}
	for c := Create; c < deny; c <<= 1 {
		if c != Sudo && r.controls(c) {
			r.sure &^= c
		}
	}
}

// controls reports whether a capability needs the authorization of others.
func (r *rule) controls(c Capabilities) bool {
	return slices.ContainsFunc(r.control, func(f vaultpolicy.Factor) bool {
		return len(f.Capabilities) == 0 || capabilitiesOf(f.Capabilities)&c != 0
	})
}

// granting is the blocks that give a capability.
func (r *rule) granting(c Capabilities) []access.Because {
	all := true
	for i := range r.from {
		all = all && r.from[i].can&c != 0
	}
	if all {
		return r.because
	}
	out := []access.Because{}
	for i := range r.from {
		if r.from[i].can&c != 0 {
			out = append(out, r.because[i])
		}
	}
	return out
}

// statement is how an answer names the rule.
func (r *rule) statement() string { return r.from[0].path }
