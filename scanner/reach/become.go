package reach

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// indirect are those who may not by themselves and can become one of the holders, or one of those who give themselves the permission by
// a last step; each by its shortest way. Of those who may under conditions they are those with a way that is certain.
func indirect(s system, h *access.Holders, key inventory.ID, last map[string]access.Step) []access.Holder {
	w := NewWays(withGains(h.Holders, last), stepsFor(s, h.Action, key))
	out := []access.Holder{}
	for who, step := range last {
		out = append(out, along(who, key, []access.Step{step}, false))
	}
	for _, who := range w.All() {
		path, holder, ok := w.From(who)
		if !ok || path[0].From != who {
			continue
		}
		if step, is := last[holder]; is {
			path = append(path, step)
		}
		out = append(out, along(who, key, path, w.known[holder].unsure > 0))
	}
	sure := newSurer(s, h, last, key)
	for _, holder := range h.Holders {
		if _, is := last[holder.Principal]; is || holder.Decision == access.Allowed {
			continue
		}
		if path, _ := sure.from(holder.Principal); path != nil {
			out = append(out, along(holder.Principal, key, path, false))
		}
	}
	slices.SortFunc(out, func(a, b access.Holder) int { return strings.Compare(a.Principal, b.Principal) })
	return out
}

// along is a principal with the way that it has. It is certain only if the whole way is, and so is what the holder may.
func along(who string, key inventory.ID, path []access.Step, unsure bool) access.Holder {
	h := access.Holder{Principal: who, Kind: kindOf(who), Decision: access.Allowed, Residual: []access.Residual{}, Unread: unreadOn(path, key), Path: path}
	for _, s := range path {
		unsure = unsure || s.Decision != access.Allowed
		h.Residual = append(h.Residual, s.Residual...)
	}
	if unsure {
		h.Decision = access.Conditional
	}
	return h
}

// unreadOn lists what was not read of a way to a key or secret. Its steps hang on it.
func unreadOn(path []access.Step, key inventory.ID) []access.Unread {
	out := []access.Unread{}
	for _, s := range path {
		for _, r := range s.Residual {
			why, is := strings.CutPrefix(r.Statement, "not read")
			u := access.Unread{Document: r.Key, Of: owner(r.Key, &s, key), Why: cmp.Or(strings.TrimPrefix(why, ": "), "it was not read")}
			if is && !slices.Contains(out, u) {
				out = append(out, u)
			}
		}
	}
	return out
}

// owner is whose a document is on which a step hangs: the key's or secret's own, a policy of an identity of AWS that takes the step, or else one of whom
// the step leads to.
func owner(document string, s *access.Step, key inventory.ID) string {
	kind, _, _ := strings.Cut(document, " ")
	switch {
	case s.From == s.To && (document == "key policy" || document == "resource policy"):
		return string(key)
	case strings.HasPrefix(s.From, "arn:") && (kind == "policy" || kind == "boundary"):
		return s.From
	}
	return s.To
}

// azureKinds are the kinds of principals of Azure, by where their names begin.
var azureKinds = map[string]string{
	"user": "user", "group": "group", "service-principal": "service principal", "managed-identity": "managed identity", "workload": "workload",
}

// kindOf says what somebody is who takes a step, as far as the name tells.
func kindOf(name string) string {
	switch parts := strings.SplitN(name, ":", 6); {
	case name == everyone:
		return "everyone"
	case strings.HasPrefix(name, "service "):
		return "service"
	case parts[0] == "oidc" || parts[0] == "saml":
		return "identity provider"
	case len(parts) == 6 && parts[0] == "arn" && parts[5] == "root":
		return "account root"
	case len(parts) == 6 && parts[0] == "arn":
		kind, _, _ := strings.Cut(parts[5], "/")
		return kind
	case parts[0] == "system":
		return "service account"
	}
	kind, _, _ := strings.Cut(name, "/")
	return cmp.Or(azureKinds[kind], "login")
}
