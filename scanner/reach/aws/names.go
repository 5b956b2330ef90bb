package aws

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	eval "github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/strictyaml"
)

// asked finds a key or secret and spells an action on it as AWS does. The action may be in any letter case, and without its service.
func (e *Estate) asked(action string, id inventory.ID) (*target, string, error) {
	t := e.target(id)
	if t == nil {
		return nil, "", fmt.Errorf("resource %q: it is not among the keys and secrets that were read", id)
	}
	actions, service, what, example := eval.KeyActions, "kms:", "a KMS key", "kms:Decrypt"
	if t.resource.Type == secretType {
		actions, service, what, example = eval.SecretActions, "secretsmanager:", "a secret of Secrets Manager", "secretsmanager:GetSecretValue"
	}
	full := action
	if !strings.Contains(full, ":") {
		full = service + full
	}
	if names := actions.Names(actions.Of(full)); len(names) == 1 {
		return t, names[0], t.refused(names[0])
	}
	if strings.ContainsAny(action, "*?") {
		return nil, "", fmt.Errorf("action %q has a wildcard; ask about one action at a time, such as %q", action, example)
	}
	err := fmt.Errorf("action %q is none on %s", action, what)
	if meant := eval.Meant(full, actions.Names(^eval.Set(0))); meant != "" {
		return nil, "", fmt.Errorf("%w; %s", err, meant)
	}
	return nil, "", fmt.Errorf("%w; %q is one", err, example)
}

// principal finds whom a name means: an ARN, an account, the name of a service, "*" for whoever is not known, or the end of an ARN, such as
// "role/app" or "user/ann", which need not have the path between. A session that no document names is as its role.
func (e *Estate) principal(name string) (string, error) {
	full := name
	if isAccount(name) {
		full = "arn:aws:iam::" + name + ":root"
	}
	if e.index.Known(full) {
		return full, nil
	}
	account, kind, short := "", "", full
	if strings.HasPrefix(full, "arn:") {
		account = accountIn(full)
		kind, short, _ = strings.Cut(lastPart(full), "/")
		if kind != "assumed-role" {
			return "", e.stranger(name, account)
		}
		short, _, _ = strings.Cut(short, "/")
		short = "role/" + short
	}
	var exact, near []string
	for p := range e.index.Principals() {
		if account != "" && accountIn(p) != account {
			continue
		}
		if of := lastPart(p); of == short && (strings.Contains(short, "/") || short == "root") {
			exact = append(exact, p)
		} else if typ, rest, found := strings.Cut(of, "/"); found && typ+"/"+rest[strings.LastIndexByte(rest, '/')+1:] == short {
			near = append(near, p)
		}
	}
	if len(exact) == 0 {
		exact = near
	}
	switch len(exact) {
	case 0:
		return "", e.stranger(name, account)
	case 1:
		return exact[0], nil
	}
	slices.Sort(exact)
	return "", fmt.Errorf("principal %q may be any of %d: %s; give the ARN", name, len(exact), strings.Join(exact[:min(5, len(exact))], ", "))
}

// hidden is the error about a principal of an account whose principals were not all read. It may be there, and what it may is not known.
type hidden struct{ access.Unread }

func (h hidden) Error() string { return h.Document + " of account " + h.Of + ": " + h.Why }

// stranger is the error about a principal that is not known.
func (e *Estate) stranger(name, account string) error {
	err := fmt.Errorf("principal %q: it is not among those that were read, and no document of a key or secret names it", name)
	for i := range e.world.accounts {
		switch a := &e.world.accounts[i]; {
		case a.Unlisted == "":
		case a.ID == account:
			return hidden{access.Unread{Document: listOfPrincipals, Of: account, Why: a.Unlisted}}
		case account == "":
			return fmt.Errorf("%w; those of account %s were not all read, so give its ARN", err, a.ID)
		}
	}
	var names, same []string
	for p := range e.index.Principals() {
		if !strings.HasPrefix(name, "arn:") {
			p = lastPart(p)
		}
		if names = append(names, p); p != name && p[strings.LastIndexByte(p, '/')+1:] == name && !slices.Contains(same, strconv.Quote(p)) {
			same = append(same, strconv.Quote(p))
		}
	}
	if len(same) > 0 {
		slices.Sort(same)
		return fmt.Errorf("%w; did you mean %s?", err, strings.Join(same[:min(3, len(same))], " or "))
	}
	if near := strictyaml.Nearest(name, names); near != "" && near != name {
		return fmt.Errorf("%w; did you mean %q?", err, near)
	}
	return fmt.Errorf(`%w; "*" is whoever is not named`, err)
}

func isAccount(s string) bool { return len(s) == 12 && strings.Trim(s, "0123456789") == "" }

// lastPart is the part of an ARN behind its account; of another name, all of it.
func lastPart(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return parts[5]
	}
	return arn
}

// kindOf says what sort of principal a name of the index is.
func kindOf(name string) string {
	if name == "*" {
		return "everyone else"
	}
	if !strings.HasPrefix(name, "arn:") {
		if strings.HasSuffix(name, ".amazonaws.com") || strings.HasSuffix(name, ".amazonaws.com.cn") {
			return "service"
		}
		return "identity provider"
	}
	typ, _, _ := strings.Cut(lastPart(name), "/")
	if kind := kinds[typ]; kind != "" {
		return kind
	}
	return typ
}

var kinds = map[string]string{
	"root": "account root", "assumed-role": "session of a role", "federated-user": "federated user", "oidc-provider": "identity provider", "saml-provider": "identity provider",
}

// sameUnread keeps what is unread once.
func sameUnread(list []access.Unread) []access.Unread {
	out := []access.Unread{}
	seen := map[access.Unread]bool{}
	for _, u := range list {
		if !seen[u] {
			seen[u] = true
			out = append(out, u)
		}
	}
	return out
}
