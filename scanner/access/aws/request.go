package aws

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Request is a question: may the principal do this? Every part may be absent. A condition key that is neither in Context, nor derived from
// the rest, nor in Unknown is known to be absent from the request.
type Request struct {
	ID        string    `json:"id"`
	System    string    `json:"system"` // "aws"
	Principal Principal `json:"principal"`
	Action    string    `json:"action"` // "kms:Decrypt", in any letter case
	Resource  Resource  `json:"resource"`

	// SCPs and RCPs are the service and resource control policies by level: root, organizational units, account. The first stand above the
	// principal's account, the second above the resource's. No levels at all means that there is no organization.
	SCPs []Documents `json:"scps"`
	RCPs []Documents `json:"rcps"`
	// Management is the ID of the organization's management account, which control policies do not restrict.
	Management string `json:"management_account"`

	Context map[string]Values `json:"context"`
	Unknown Values            `json:"unknown"` // condition keys; "*" at the end stands for any ending: "aws:PrincipalTag/*"
}

// Principal is who calls.
type Principal struct {
	// ARN is that of a user, role, session or account ("...:root"), or the name of a service or identity provider. Without it the caller is
	// somebody of the resource's account whom no policy names.
	ARN         string            `json:"arn"`
	SessionName string            `json:"session_name"` // of a role, when ARN is that of the role; without it the session may be any
	Tags        map[string]string `json:"tags"`
	Identity    Documents         `json:"identity"` // all policies of the user and its groups, or of the role
	Boundary    Documents         `json:"boundary"`
	Session     Documents         `json:"session"` // the session policies
	Org         string            `json:"org"`     // "o-..."
	Path        []string          `json:"path"`    // of the account in the organization: "r-...", "ou-..."
}

// Resource is what the action is on.
type Resource struct {
	ARN     string            `json:"arn"` // absent for actions on no resource
	Policy  Documents         `json:"policy"`
	Tags    map[string]string `json:"tags"`
	Aliases Values            `json:"aliases"` // "alias/..."
	Grants  []Grant           `json:"grants"`

	// Key is the KMS key of a secret, which is to be used on the caller's behalf as well. Without it only the secret itself is decided on.
	Key *Resource `json:"key"`
}

// Grant is a grant on a KMS key, with the names that ListGrants gives.
type Grant struct {
	Grantee     string      `json:"grantee"`
	Operations  Values      `json:"operations"` // "Decrypt"
	Constraints Constraints `json:"constraints"`
}

// Constraints hold a grant to encryption contexts. A constraint that is there and empty is no constraint. A value that is not known is
// awspolicy.Unknown.
type Constraints struct {
	Equals map[string]string `json:"EncryptionContextEquals"`
	Subset map[string]string `json:"EncryptionContextSubset"`
	Source string            `json:"SourceArn"` // of a grant to a service
}

// Documents are policy documents, each JSON as AWS keeps it or a string that holds such JSON. One may stand for a list of one.
type Documents []json.RawMessage

// Values are the values of a condition key. One may stand for a list of one; numbers and truth values are their texts.
type Values []string

// check finds what no request can be.
func (r *Request) check() error {
	prefix, name, found := strings.Cut(r.Action, ":")
	switch {
	case r.Action == "":
		return errors.New(`"action" is missing; give one, such as "kms:Decrypt"`)
	case !found || prefix == "" || name == "" || strings.ContainsAny(r.Action, "*?"):
		return fmt.Errorf(`action %q is not the name of one action, such as "kms:Decrypt"`, r.Action)
	case r.Resource.ARN != "" && r.Resource.ARN != "*" && (strings.Count(r.Resource.ARN, ":") < 5 || !strings.HasPrefix(r.Resource.ARN, "arn:")):
		return fmt.Errorf(`resource %q is not an ARN`, r.Resource.ARN)
	case r.Resource.Key != nil && !strings.EqualFold(prefix, "secretsmanager"):
		return fmt.Errorf(`action %q is none on a secret, so that the resource has no "key"; ask for the use of the key in a request of its own`, r.Action)
	}
	for i := range r.Resource.Grants {
		if err := r.Resource.Grants[i].check(); err != nil {
			return fmt.Errorf("grant %d: %w", i, err)
		}
	}
	switch {
	case part(r.Resource.ARN, service) != "kms" || !strings.HasPrefix(resource(r.Resource.ARN), "alias/"):
		return nil
	case len(r.Resource.Policy)+len(r.Resource.Grants) > 0:
		return fmt.Errorf(`resource %q is an alias, which has no policy and no grants; ask for the key, with its alias in "aliases"`, r.Resource.ARN)
	case !on(strings.ToLower(r.Action), "alias"):
		return fmt.Errorf(`resource %q is an alias, but %s is on a key; ask for the key, with its alias in "aliases"`, r.Resource.ARN, r.Action)
	}
	return nil
}
