package aws

import (
	"crypto/sha256"
	"slices"
	"strconv"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/awspolicy"
)

// term is a statement made ready to be evaluated for all actions at once, but for whom it names. Equal ones of all documents are one term.
type term struct {
	id int
	statement
	classes  [realms][]class
	plain    bool // it covers every resource and has no conditions
	span     span
	level    [realms]level
	asks     []string // the condition keys that it mentions, in lower case, sorted
	askCount int      // of those in front that are about the caller
}

// class is a set of actions for which a statement asks the same, as each takes the same of the condition keys that the statement mentions.
type class struct {
	acts   pair   // that the statement is about
	action string // one of them, in lower case
	free   bool   // it is FreeGrant
}

func newTerm(from *awspolicy.Statement, acts [realms]pair, s statement) *term {
	p := &term{statement: s, span: newSpan(from)}
	p.name, p.actions = "", nil // acts says it
	p.plain = !p.notResources && len(p.conditions) == 0 && slices.ContainsFunc(p.resources, func(a arnPattern) bool { return a.everything })
	p.mention()
	for r := range realms {
		p.classes[r] = p.classify(r, acts[r])
		p.level[r] = p.span.level[r]
		for _, key := range p.asks {
			p.level[r] = max(p.level[r], levelOf(key))
		}
	}
	return p
}

// mention lists the condition keys in conditions and policy variables, those about the caller first.
func (p *term) mention() {
	add := func(key string) {
		if !strings.ContainsAny(key, awspolicy.Unknown+awspolicy.Computed) {
			p.asks = append(p.asks, key)
		}
	}
	for i := range p.resources {
		p.resources[i].variables(add)
	}
	for i := range p.conditions {
		c := &p.conditions[i]
		add(c.key)
		for j := range c.values {
			c.values[j].variables(add)
		}
	}
	slices.SortFunc(p.asks, func(a, b string) int {
		if x, y := ofCaller(a), ofCaller(b); x != y {
			if x {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	p.asks = slices.Compact(p.asks)
	p.askCount = len(p.asks)
	if i := slices.IndexFunc(p.asks, func(k string) bool { return !ofCaller(k) }); i >= 0 {
		p.askCount = i
	}
}

// ofCaller lists what it asks about the caller.
func (p *term) ofCaller() []string { return p.asks[:p.askCount] }

// classify divides actions by which of the mentioned condition keys they take.
func (p *term) classify(r realm, acts pair) []class {
	var services []string
	for _, key := range p.asks {
		if universe.services[serviceOf(key)] {
			services = append(services, key)
		}
		if key == "kms:encryptioncontextkeys" {
			services = append(services, encryptionContext)
		}
	}
	var out []class
	var signatures []string
	for i, name := range actionsOf[r].names {
		bit := Set(1) << i
		if acts.p&bit == 0 {
			continue
		}
		name = strings.ToLower(name)
		sign := make([]byte, len(services))
		for j, key := range services {
			sign[j] = '-'
			if takes(name, key) {
				sign[j] = '+'
			}
		}
		at := slices.Index(signatures, string(sign))
		if at < 0 {
			at = len(out)
			out, signatures = append(out, class{action: name}), append(signatures, string(sign))
		}
		out[at].acts = out[at].acts.or(acts.within(bit))
	}
	if acts.p&FreeGrant != 0 {
		out = append(out, class{acts: acts.within(FreeGrant), action: "kms:creategrant", free: true})
	}
	return out
}

// apply says for which actions the statement is about the request, but for whom it names.
func (p *term) apply(f *facts, r realm, ofIdentity bool) (out pair) {
	arn := f.request.Resource.ARN
	if p.noResource || p.span.misses(arn) {
		return out
	}
	for i := range p.classes[r] {
		c := &p.classes[r][i]
		f.action, f.free = c.action, c.free
		truth := access.Yes
		if !p.plain {
			truth = p.covers(f, arn, ofIdentity)
		}
		if truth != access.No {
			truth = truth.And(p.holds(f))
		}
		if p.allows && p.denies {
			truth = truth.And(access.Maybe)
		}
		out = out.or(c.acts.when(truth))
	}
	f.free = false
	return out
}

// acts are the actions that it is certainly about.
func (p *term) acts(r realm) (s Set) {
	for i := range p.classes[r] {
		s |= p.classes[r][i].acts.t
	}
	return s
}

// level is of what the truth of a statement depends, beside the caller.
type level uint8

const (
	always   level = iota // nothing
	bySite                // where the resource is: its partition, Region and account
	byItself              // the resource itself
)

// levelOf is the level of a condition key in lower case.
func levelOf(key string) level {
	switch {
	case strings.HasPrefix(key, "aws:resourcetag/"), strings.HasPrefix(key, "secretsmanager:resourcetag/"), slices.Contains(ofTarget, key), key == requestAlias:
		return byItself
	case slices.Contains(ofSite, key):
		return bySite
	}
	return always
}

// What is known before a request. Any other condition key that a document mentions is unknown.
var (
	ofTarget = []string{"kms:resourcealiases", "kms:keyspec", "kms:keyusage", "kms:keyorigin", "kms:multiregion", "kms:multiregionkeytype"}
	ofSite   = []string{"aws:requestedregion", "aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths"}
	ofWho    = []string{
		"aws:principalarn", "aws:principalaccount", "kms:calleraccount", "aws:principalorgid", "aws:principalorgpaths", "aws:principaltype",
		"aws:principalisawsservice", "aws:principalservicename", "aws:principalservicenameslist", "aws:username", "aws:userid",
	}
)

// ofCaller reports whether a condition key is about the caller.
func ofCaller(key string) bool {
	return strings.HasPrefix(key, "aws:principaltag/") || slices.Contains(ofWho, key)
}

// known reports whether it is known before a request what a condition key says.
func known(key string) bool {
	return ofCaller(key) || levelOf(key) > always && key != requestAlias || key == "aws:securetransport"
}

// digestOf is a digest that two statements share only if they say the same.
func digestOf(from *awspolicy.Statement, variables bool) digest {
	out := make([]byte, 0, 256)
	add := func(s string) { out = append(append(strconv.AppendInt(out, int64(len(s)), 10), ':'), s...) }
	list := func(name string, list []string) {
		if list == nil {
			return
		}
		out = strconv.AppendInt(append(out, name...), int64(len(list)), 10)
		for _, s := range list {
			add(s)
		}
	}
	who := func(name string, list []awspolicy.Principal) {
		if list == nil {
			return
		}
		out = strconv.AppendInt(append(out, name...), int64(len(list)), 10)
		for _, p := range list {
			add(p.Type)
			add(p.Value)
		}
	}
	out = strconv.AppendBool(out, variables)
	add(from.Effect)
	list("A", from.Actions)
	list("a", from.NotActions)
	list("R", from.Resources)
	list("r", from.NotResources)
	who("P", from.Principals)
	who("p", from.NotPrincipals)
	for _, c := range from.Conditions {
		add(c.Operator)
		add(c.Key)
		list("C", c.Values)
	}
	return sha256.Sum256(out)
}
