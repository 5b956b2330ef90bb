package aws

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// state is what is known of a condition key.
type state int

const (
	absent state = iota
	unknown
	given
)

// facts are the condition keys of one request.
type facts struct {
	request   *Request
	principal *Principal // the caller as the request has it
	caller    *caller
	home      string            // account of the resource, or of the caller if there is none
	region    string            // of the call
	action    string            // in lower case
	context   map[string]Values // by key in lower case
	unknown   []string          // in lower case
	buffer    [1]string         // of the last single value
	free      bool              // the request is for FreeGrant
}

func newFacts(r *Request) (*facts, error) {
	f := &facts{request: r, principal: &r.Principal, home: part(r.Resource.ARN, account), region: part(r.Resource.ARN, region), action: strings.ToLower(r.Action), context: make(map[string]Values, len(r.Context))}
	for k, v := range r.Context {
		lower := strings.ToLower(k)
		if _, twice := f.context[lower]; twice {
			return nil, fmt.Errorf("the context has the key %q twice; letter case does not tell keys apart", lower)
		}
		f.context[lower] = v
	}
	for _, k := range r.Unknown {
		f.unknown = append(f.unknown, strings.ToLower(k))
	}
	return f, nil
}

// of returns the values of a condition key in lower case: given in the context, else unknown, else derived. An empty list is absent.
func (f *facts) of(key string) ([]string, state) {
	if v, there := f.context[key]; there {
		return v, present(v)
	}
	if f.free {
		if v, there := freeGrant[key]; there {
			return v, present(v)
		}
	}
	if f.asked(key) {
		return nil, unknown
	}
	return f.derived(key)
}

func present(values []string) state {
	if len(values) == 0 {
		return absent
	}
	return given
}

// asked reports whether a key is called unknown and the action may have it at all.
func (f *facts) asked(key string) bool {
	for _, u := range f.unknown {
		start, open := strings.CutSuffix(u, "*")
		if u == key || open && strings.HasPrefix(key, start) {
			return takes(f.action, key)
		}
	}
	return false
}

// derived returns what the principal and the resource themselves say of a key. From "AWS global condition context keys" and "AWS KMS
// condition keys".
func (f *facts) derived(key string) ([]string, state) {
	r, c := f.request, f.caller
	if start, tag, found := strings.Cut(key, "/"); found {
		switch start {
		case "aws:principaltag":
			return f.tag(f.principal.Tags, tag)
		case "aws:resourcetag", "secretsmanager:resourcetag":
			return f.tag(r.Resource.Tags, tag)
		}
		return nil, absent
	}
	switch key {
	case "aws:principalarn":
		if c.outside() {
			return nil, absent
		}
		return f.one(cmp.Or(c.holed, c.arn))
	case "aws:principalaccount", "kms:calleraccount":
		return f.one(c.account)
	case "aws:principalorgid":
		return f.one(f.principal.Org)
	case "aws:principalorgpaths":
		return f.paths()
	case "aws:principaltype":
		return f.one(principalTypes[c.kind])
	case "aws:principalisawsservice":
		return f.one(fmt.Sprint(c.kind == machine))
	case "aws:principalservicename", "aws:principalservicenameslist":
		if c.kind == machine {
			return f.one(c.arn)
		}
	case "aws:username":
		if c.kind == user {
			return f.one(c.name)
		}
	case "aws:userid":
		return f.userID()
	case "aws:resourceaccount":
		return f.one(f.home)
	case "aws:resourceorgid":
		if f.home == c.account {
			return f.one(f.principal.Org)
		}
	case "aws:resourceorgpaths":
		if f.home == c.account {
			return f.paths()
		}
	case "aws:requestedregion":
		return f.one(f.region)
	case "aws:securetransport":
		return f.one("true")
	case "kms:multiregion", "kms:multiregionkeytype":
		return f.multiRegion(key)
	case "kms:resourcealiases":
		return r.Resource.Aliases, present(r.Resource.Aliases)
	case "kms:encryptioncontextkeys":
		return f.encryptionContextKeys()
	}
	return nil, absent
}

var principalTypes = map[kind]string{root: "Account", user: "User", role: "AssumedRole", federated: "FederatedUser"}

// userID is the unique ID of the caller as far as its ARN says it: what IAM made up for a user or role is a hole. From the table of
// principals in "IAM policy elements: Variables and tags".
func (f *facts) userID() ([]string, state) {
	id := string([]byte{anyID})
	switch c := f.caller; c.kind {
	case root:
		return f.one(c.account)
	case user:
		return f.one("AIDA" + id)
	case role:
		if c.session == "" {
			return nil, unknown
		}
		return f.one("AROA" + id + ":" + last(c.session))
	case federated:
		return f.one(c.account + ":" + last(c.arn))
	}
	return nil, absent
}

// multiRegion says whether the key is a multi-Region key, which its ID shows. Of which sort such a key is, it does not show.
func (f *facts) multiRegion(key string) ([]string, state) {
	arn := f.request.Resource.ARN
	id, is := strings.CutPrefix(resource(arn), "key/")
	switch multi := strings.HasPrefix(id, "mrk-"); {
	case !is || part(arn, service) != "kms" || !takes(f.action, key):
		return nil, absent
	case key == "kms:multiregion":
		return f.one(strconv.FormatBool(multi))
	case multi:
		return nil, unknown
	}
	return nil, absent
}

// one returns a single value, or none for "". It is valid until the next call.
func (f *facts) one(v string) ([]string, state) {
	if v == "" {
		return nil, absent
	}
	f.buffer[0] = v
	return f.buffer[:], given
}

// tag looks a tag up. Names of condition keys are not told apart by letter case, so which of two tags that differ in nothing else AWS
// takes is not known.
func (f *facts) tag(tags map[string]string, name string) (value []string, is state) {
	for k, v := range tags {
		if !strings.EqualFold(k, name) {
			continue
		}
		if is == given && value[0] != v {
			return nil, unknown
		}
		value, is = []string{v}, given
	}
	return value, is
}

// paths is the account's place in its organization: "o-a/r-b/ou-c/".
func (f *facts) paths() ([]string, state) {
	return f.one(orgPath(f.principal.Org, f.principal.Path))
}

// orgPath writes a place in an organization, or nothing if it is not known.
func orgPath(org string, path []string) string {
	if org == "" || len(path) == 0 {
		return ""
	}
	return org + "/" + strings.Join(path, "/") + "/"
}

const encryptionContext = "kms:encryptioncontext:"

// encryptionContextKeys are the names in the encryption context, which the keys for their values give.
func (f *facts) encryptionContextKeys() (names []string, is state) {
	for _, u := range f.unknown {
		if strings.HasPrefix(u, encryptionContext) && takes(f.action, encryptionContext) {
			return nil, unknown
		}
	}
	for k := range f.request.Context {
		if len(k) > len(encryptionContext) && strings.EqualFold(k[:len(encryptionContext)], encryptionContext) {
			names = append(names, k[len(encryptionContext):])
		}
	}
	slices.Sort(names)
	return names, present(names)
}
