package aws

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/awspolicy"
)

// kind is what sort of principal calls.
type kind int

const (
	somebody  kind = iota // of the resource's account; no policy names it
	root                  // the account's root user
	user                  // an IAM user
	role                  // a session of a role
	federated             // a session of GetFederationToken
	provider              // who has signed in at an identity provider
	machine               // a service of AWS
)

// caller is a principal as policies name it.
type caller struct {
	kind    kind
	account string // empty for providers and services
	arn     string // of a user, or of a role and not of its session; or a name
	in      string // the partition, if the principal says it
	name    string // of a user or role, without its path
	session string // the ARN of the session, or empty if it may be any
	holed   string // what aws:PrincipalArn says, if not arn: it may have a hole
	pathed  bool   // the ARN of a role has its path: known from the role, not from a session
}

func newCaller(p *Principal, home string) (caller, error) {
	arn := p.ARN
	c := caller{arn: arn, account: part(arn, account), in: part(arn, partition)}
	if len(arn) == 12 && strings.Trim(arn, "0123456789") == "" {
		c.arn, c.account = "arn:aws:iam::"+arn+":root", arn
	}
	typ, rest, _ := strings.Cut(resource(c.arn), "/")
	switch {
	case arn == "":
		c.account = home
	case !strings.HasPrefix(c.arn, "arn:"):
		c.account, c.in = "", ""
		switch {
		case strings.ContainsAny(arn, ":/*") || !strings.Contains(arn, "."):
			return c, fmt.Errorf(`principal %q is neither an ARN nor the name of a service`, arn)
		case isService(arn):
			c.kind = machine
		default:
			c.kind = provider
		}
	case typ == "root" && rest == "":
		c.kind = root
	case rest == "":
		return c, fmt.Errorf(`principal %q is no ARN of a user, role, session or account`, arn)
	case typ == "user":
		c.kind, c.name = user, last(rest)
	case typ == "role":
		c.kind, c.name, c.pathed = role, last(rest), true
		if p.SessionName != "" {
			c.session = fmt.Sprintf("arn:%s:sts::%s:assumed-role/%s/%s", part(arn, partition), c.account, c.name, p.SessionName)
		}
	case typ == "assumed-role":
		c.kind, c.session = role, arn
		c.name, _, _ = strings.Cut(rest, "/")
		start := fmt.Sprintf("arn:%s:iam::%s:role/", part(arn, partition), c.account)
		c.arn, c.holed = start+c.name, start+paths(c.name)+c.name
	case typ == "federated-user":
		c.kind = federated
	case typ == "oidc-provider" || typ == "saml-provider":
		c.kind, c.account = provider, ""
	default:
		return c, fmt.Errorf(`principal %q is no ARN of a user, role, session or account`, arn)
	}
	return c, nil
}

func last(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// isService reports whether a name is that of a service. Amazon Cognito is an identity provider.
func isService(name string) bool {
	return (strings.HasSuffix(name, ".amazonaws.com") || strings.HasSuffix(name, ".amazonaws.com.cn")) && name != "cognito-identity.amazonaws.com"
}

// paths is the path of a role that only a session names: a hole, behind what AWS keeps to names that it gives itself. From "Referencing
// permission sets in resource policies" in the IAM Identity Center User Guide.
func paths(name string) string {
	if strings.HasPrefix(name, "AWSReservedSSO_") {
		return "aws-reserved/sso.amazonaws.com/" + string([]byte{anyPath})
	}
	return string([]byte{anyPath})
}

// told takes the path of a session's role from what a request gives for aws:PrincipalArn.
func (c *caller) told(values Values) {
	if c.kind != role || c.pathed || len(values) != 1 {
		return
	}
	arn := values[0]
	if typ, rest, _ := strings.Cut(resource(arn), "/"); typ == "role" && last(rest) == c.name && part(arn, partition) == c.in && part(arn, account) == c.account {
		c.arn, c.holed, c.pathed = arn, "", true
	}
}

// maybeLinked reports whether a session may be one of a role that is linked to a service, as its name has the form of such roles.
func (c *caller) maybeLinked() bool {
	return c.kind == role && !c.pathed && strings.HasPrefix(c.name, "AWSServiceRoleFor")
}

// linked reports whether a role is linked to a service, which control policies do not restrict. A session does not show it.
func (c *caller) linked() bool {
	return c.kind == role && strings.HasPrefix(resource(c.arn), "role/aws-service-role/")
}

// ofAWS reports whether a session is of a role of AWS itself, such as "aws:ec2-infrastructure", by which EBS uses the keys of volumes. It has no
// policies in the account: grants say what it may.
func (c *caller) ofAWS() bool { return c.kind == role && strings.Contains(c.name, ":") }

// outside reports whether the caller is of no account, so that there are no policies on its side.
func (c *caller) outside() bool { return c.kind == provider || c.kind == machine }

// barred reports whether an action is none that such a caller can ask for at all: the root user assumes neither a role nor another root
// user, a session gets no further session but by assuming a role, which one of GetFederationToken cannot, and who has signed in at an
// identity provider gets a session only by the action for that. From "Compare AWS STS credentials" in the IAM User Guide, and AssumeRole
// and AssumeRoot in the AWS STS API Reference.
func (c *caller) barred(action string) bool {
	if serviceOf(action) != "sts" {
		return false
	}
	switch c.kind {
	case root:
		return action == "sts:assumerole" || action == "sts:assumeroot"
	case role:
		return action == "sts:getsessiontoken" || action == "sts:getfederationtoken"
	case federated:
		return action != "sts:getcalleridentity"
	case provider:
		switch action {
		case "sts:tagsession", "sts:setsourceidentity": // beside either
			return false
		case "sts:assumerolewithsaml":
			return !strings.HasPrefix(resource(c.arn), "saml-provider/")
		case "sts:assumerolewithwebidentity":
			return strings.HasPrefix(resource(c.arn), "saml-provider/")
		}
		return true
	}
	return false
}

// free reports whether the caller needs no permission for an action. From GetCallerIdentity and GetSessionToken in the AWS STS API Reference.
func (c *caller) free(action string) bool {
	switch action {
	case "sts:getcalleridentity":
		return c.kind != provider
	case "sts:getsessiontoken":
		return c.kind == user || c.kind == root
	}
	return false
}

// By how a policy on a resource names somebody, more or less of what it allows takes effect.
type naming int

const (
	anyone  naming = iota // "*"
	byRole                // the role of a session
	exactly               // the user, session, service or provider itself
	byAccount
	namings
)

// principal is one principal of a statement.
type principal struct {
	open, everyone bool
	account        string // when it is an account
	in             string // the partition, if it says one
	arn            string // when it has one
	role           string // the role of a session or of a role, "ACCOUNT/NAME"
	isSession      bool
	name           string // of a service or provider
}

func newPrincipal(p awspolicy.Principal) principal {
	open := strings.Contains(p.Type+p.Value, awspolicy.Unknown) || strings.Contains(p.Value, awspolicy.Computed)
	aws := p.Type == "AWS" || p.Type == "*"
	typ, rest, _ := strings.Cut(resource(p.Value), "/")
	switch {
	case open:
		return principal{open: true}
	case aws && p.Value == "*":
		return principal{everyone: true}
	case p.Type == "CanonicalUser": // of Amazon S3 only
		return principal{}
	case !aws:
		return principal{name: p.Value}
	case len(p.Value) == 12 && strings.Trim(p.Value, "0123456789") == "":
		return principal{account: p.Value}
	case typ == "root" && rest == "":
		return principal{account: part(p.Value, account), in: part(p.Value, partition)}
	case typ == "role":
		return principal{arn: p.Value, in: part(p.Value, partition), role: part(p.Value, account) + "/" + last(rest)}
	case typ == "assumed-role":
		name, _, _ := strings.Cut(rest, "/")
		return principal{arn: p.Value, in: part(p.Value, partition), role: part(p.Value, account) + "/" + name, isSession: true}
	}
	// A unique ID such as AROA... is what IAM keeps of a principal that was deleted. It names nobody, not even one of the same name.
	return principal{arn: p.Value}
}

// names says whether a principal of a statement names the caller, and how.
func (p *principal) names(c *caller) (naming, access.Truth) {
	switch {
	case p.open:
		return exactly, access.Maybe
	case p.everyone:
		return anyone, access.Yes
	case p.in != "" && c.in != "" && p.in != c.in:
		return exactly, access.No
	case p.account != "":
		return byAccount, access.Known(p.account == c.account)
	case p.name != "":
		return exactly, access.Known(c.outside() && strings.EqualFold(p.name, c.arn))
	case p.arn == "" || c.kind == somebody:
		return exactly, access.No
	case c.kind != role:
		return exactly, access.Known(p.arn == c.arn)
	case p.isSession && c.session == "":
		return exactly, min(access.Maybe, access.Known(p.role == c.account+"/"+c.name))
	case p.isSession:
		return exactly, access.Known(p.arn == c.session)
	case !c.pathed:
		return byRole, access.Known(p.role == c.account+"/"+c.name)
	}
	return byRole, access.Known(p.arn == c.arn)
}

// mayBe reports whether a principal of a policy is a session of the caller, which is a role.
func (c *caller) mayBe(p principal) bool {
	return p.isSession && !p.open && p.role == c.account+"/"+c.name
}

// named says in which ways a list names the caller, as it is at most by one of its entries.
func named(list []principal, c *caller) (by [namings]access.Truth) {
	for i := range list {
		how, is := list[i].names(c)
		by[how] = by[how].Or(is)
	}
	return by
}

// spared says whether NotPrincipal spares the caller. It does if the list has the account, the role and the session or user. Depending on
// the service AWS looks at all of them or not, so who is listed in part may be spared; but not for the account alone, and not for another
// session of the same role. From "AWS JSON policy elements: NotPrincipal" in the IAM User Guide.
func spared(list []principal, c *caller) access.Truth {
	by := named(list, c)
	all := access.Yes
	if !c.outside() {
		all = all.And(by[byAccount])
	}
	if c.kind == role {
		all = all.And(by[byRole])
	}
	if c.kind != root {
		all = all.And(by[exactly])
	}
	inPart := by[exactly]
	if !slices.ContainsFunc(list, func(p principal) bool { return p.isSession && p.role == c.account+"/"+c.name }) {
		inPart = inPart.Or(by[byRole])
	}
	all = all.Or(access.Maybe.And(inPart))
	for i := range list {
		if list[i].open { // it may be a list of all that is needed
			all = all.Or(access.Maybe)
		}
	}
	return all.Or(by[anyone])
}
