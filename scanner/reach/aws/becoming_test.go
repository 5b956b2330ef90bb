package aws

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

const (
	here  = "111122223333"
	there = "444455556666"
)

// staff builds an estate of identities. Its methods return it, so that a case is one expression.
type staff struct {
	snap inventory.Snapshot
	org  bool
}

func newStaff() *staff {
	s := &staff{}
	s.read("global", userType, roleType, groupType, policyType, oidcType, samlType)
	return s
}

func (s *staff) read(place string, types ...string) {
	at := inventory.ScopeRead{Scope: inventory.NewScope("aws", "", here, place)}
	at.Types = types
	s.snap.Scopes = append(s.snap.Scopes, at)
}

// all is of those who matter where everybody does.
func all(string) bool { return true }

func arn(rest string) string { return "arn:aws:iam::" + here + ":" + rest }

func (s *staff) add(id, typ string, document string) *inventory.Resource {
	place := "global"
	if strings.HasPrefix(typ, "aws.organizations.") {
		place = "organization"
	}
	name := id[strings.LastIndexByte(id, '/')+1:]
	s.snap.Resources = append(s.snap.Resources, inventory.Resource{
		ID: inventory.ID(id), Type: typ, Origin: inventory.Live, Scope: inventory.NewScope("aws", "", here, place), Name: name, Document: document, Tags: map[string]string{},
	})
	return &s.snap.Resources[len(s.snap.Resources)-1]
}

// statement is a document of one statement that allows "ACTION ... on RESOURCE" and, behind "if", has conditions in JSON.
func statement(short string) string {
	effect := "Allow"
	if rest, denies := strings.CutPrefix(short, "deny "); denies {
		effect, short = "Deny", rest
	}
	short, condition, conditional := strings.Cut(short, " if ")
	actions, on, found := strings.Cut(short, " on ")
	if !found {
		on = "*"
	}
	if conditional {
		condition = `,"Condition":` + condition
	}
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":%q,"Action":["%s"],"Resource":%q%s}]}`, effect, strings.ReplaceAll(actions, " ", `","`), on, condition)
}

// trusts is a trust policy of one statement: who in JSON, with what, on which condition.
func trusts(who, actions, condition string) string {
	if condition != "" {
		condition = `,"Condition":` + condition
	}
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":%s,"Action":["%s"]%s}]}`, who, strings.ReplaceAll(actions, " ", `","`), condition)
}

func service(name string) string { return trusts(`{"Service":"`+name+`"}`, "sts:AssumeRole", "") }

// nobody is a trust policy that lets in whom nobody is.
var nobody = service("nobody.amazonaws.com")

func (s *staff) holder(id, typ, document string, policies []string) *staff {
	r := s.add(id, typ, document)
	r.Refs = []inventory.Ref{}
	at := len(s.snap.Resources) - 1
	for i, p := range policies {
		ref := inventory.Ref{Edge: "grants", To: inventory.ID(fmt.Sprintf("%s#policy/%d", id, i)), Target: policyType, Name: fmt.Sprint(i)}
		switch {
		case strings.HasPrefix(p, "in "):
			ref = inventory.Ref{Edge: "member_of", To: inventory.ID(arn("group/" + p[3:])), Target: groupType, Name: p[3:]}
		case strings.HasPrefix(p, "has "):
			ref.To, ref.Name = inventory.ID(arn("policy/"+p[4:])), p[4:]
		case strings.HasPrefix(p, "within "):
			ref.Edge = "boundary"
			s.add(string(ref.To), policyType, statement(p[7:]))
		case p == "unread":
			s.add(string(ref.To), policyType, "").Unknown = []inventory.Unknown{{Fact: "policy.statements", Why: inventory.Denied, Call: "iam:GetPolicyVersion"}}
		default:
			s.add(string(ref.To), policyType, statement(p))
		}
		s.snap.Resources[at].Refs = append(s.snap.Resources[at].Refs, ref)
	}
	return s
}

func (s *staff) user(name string, policies ...string) *staff {
	return s.holder(arn("user/"+name), userType, "", policies)
}

func (s *staff) group(name string, policies ...string) *staff {
	return s.holder(arn("group/"+name), groupType, "", policies)
}

func (s *staff) role(name, trust string, policies ...string) *staff {
	return s.holder(arn("role/"+name), roleType, trust, policies)
}

func (s *staff) managed(name, short string) *staff {
	s.add(arn("policy/"+name), policyType, statement(short))
	return s
}

// scp puts the account into an organization with one policy beside that which allows all.
func (s *staff) scp(short string) *staff {
	s.org = true
	root := inventory.Account{Organization: "o-1", Path: []string{"r-1"}, Controls: []string{"scp"}, Management: new(bool)}
	s.add("arn:aws:organizations::"+there+":account/o-1/"+here, memberType, "").Account = &root
	for name, document := range map[string]string{"p-all": statement("*"), "p-own": statement(short)} {
		s.add("arn:aws:organizations::"+there+":policy/o-1/service_control_policy/"+name, controlType, document).Policy = &inventory.Policy{Control: "scp", Targets: []string{"r-1", here}}
	}
	return s
}

func (s *staff) unlistedUsers() *staff {
	gap := inventory.Gap{Scope: inventory.NewScope("aws", "", here, "global"), What: "the list of identities", Types: []string{userType, roleType}, Why: inventory.Denied}
	s.snap.Gaps = append(s.snap.Gaps, gap)
	return s
}

func (s *staff) estate(t *testing.T) *Estate {
	t.Helper()
	if !s.org {
		s.read("organization", memberType)
	}
	e, err := New(&s.snap)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// short writes steps as people read them: who, by what, and on what it hangs.
func short(steps []access.Step) (out []string) {
	for _, s := range steps {
		from := strings.ReplaceAll(s.From, "arn:aws:iam::"+here+":", "")
		line := from + " by " + s.By
		if s.Decision != access.Allowed {
			var keys []string
			for _, r := range s.Residual {
				keys = append(keys, r.Key)
			}
			line += " if " + strings.Join(slices.Compact(keys), ", ")
		}
		out = append(out, line)
	}
	return out
}

func trustedAccount(id string) string { return `{"AWS":"arn:aws:iam::` + id + `:root"}` }

func TestAssumeRole(t *testing.T) {
	user := `{"AWS":"` + arn("user/ann") + `"}`
	for _, c := range []struct {
		name  string
		staff *staff
		want  []string
	}{
		{"the account leaves it to its identities", newStaff().role("app", trusts(trustedAccount(here), "sts:AssumeRole", "")).user("ann", "sts:AssumeRole").user("bob", "s3:GetObject"), []string{"user/ann by sts:AssumeRole"}},
		{"the identity's policy names another role", newStaff().role("app", trusts(trustedAccount(here), "sts:AssumeRole", "")).user("ann", "sts:AssumeRole on "+arn("role/other")), nil},
		{"a user that is named needs no policy", newStaff().role("app", trusts(user, "sts:AssumeRole", "")).user("ann"), []string{"user/ann by sts:AssumeRole"}},
		{"an SCP denies it", newStaff().role("app", trusts(user, "sts:AssumeRole", "")).user("ann").scp("deny sts:AssumeRole"), nil},
		{"a boundary without it", newStaff().role("app", trusts(trustedAccount(here), "sts:AssumeRole", "")).user("ann", "sts:AssumeRole", "within s3:*"), nil},
		{"a user that is named is past its boundary", newStaff().role("app", trusts(user, "sts:AssumeRole", "")).user("ann", "within s3:*"), []string{"user/ann by sts:AssumeRole"}},
		{"a name that nobody has", newStaff().role("app", trusts(user, "sts:AssumeRole", "")).user("bob", "sts:AssumeRole"), nil},
		{"an external ID", newStaff().role("app", trusts(user, "sts:AssumeRole", `{"StringEquals":{"sts:ExternalId":"x"}}`)).user("ann"), []string{"user/ann by sts:AssumeRole if sts:ExternalId"}},
		{"an account that was not read", newStaff().role("app", trusts(trustedAccount(there), "sts:AssumeRole", "")), []string{
			"arn:aws:iam::" + there + ":root by sts:AssumeRole if control policies, policies of arn:aws:iam::" + there + ":root",
		}},
		{"a role of an account that was not read", newStaff().role("app", trusts(`{"AWS":"arn:aws:iam::`+there+`:role/x"}`, "sts:AssumeRole", "")), []string{
			"arn:aws:iam::" + there + ":role/x by sts:AssumeRole if control policies, policies of arn:aws:iam::" + there + ":role/x",
		}},
		{"everybody", newStaff().role("app", trusts(`"*"`, "sts:AssumeRole", "")), []string{"* by sts:AssumeRole"}},
		{"everybody of an organization", newStaff().role("app", trusts(`"*"`, "sts:AssumeRole", `{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`)), []string{"* by sts:AssumeRole if aws:PrincipalOrgID"}},
		{"a policy of the user was not read", newStaff().role("app", trusts(trustedAccount(here), "sts:AssumeRole", "")).user("ann", "unread"), []string{
			"user/ann by iam:UpdateAssumeRolePolicy and sts:AssumeRole if policy 0", "user/ann by sts:AssumeRole if policy 0",
		}},
		{"a trust policy that was not read", newStaff().role("app", ""), []string{"* by sts:AssumeRole if trust policy"}},
		{"identities that were not listed", newStaff().role("app", nobody).unlistedUsers(), []string{"root by policies of its principals if list of principals of " + here, "service nobody.amazonaws.com by sts:AssumeRole"}},
		{"a service", newStaff().role("app", service("ec2.amazonaws.com")), []string{"service ec2.amazonaws.com by sts:AssumeRole"}},
		{"a service that shows where it comes from", newStaff().role("app", trusts(`{"Service":"rolesanywhere.amazonaws.com"}`, "sts:AssumeRole sts:TagSession sts:SetSourceIdentity", `{"ArnEquals":{"aws:SourceArn":"arn:aws:rolesanywhere:eu-west-1:`+here+`:trust-anchor/a"}}`)), []string{
			"service rolesanywhere.amazonaws.com by sts:AssumeRole if aws:SourceArn",
		}},
		{"pods need to tag their session", newStaff().role("app", service("pods.eks.amazonaws.com")), nil},
		{"pods", newStaff().role("app", trusts(`{"Service":"pods.eks.amazonaws.com"}`, "sts:AssumeRole sts:TagSession", "")), []string{"service pods.eks.amazonaws.com by sts:AssumeRole"}},
		{"pods of one namespace", newStaff().role("app", trusts(`{"Service":"pods.eks.amazonaws.com"}`, "sts:AssumeRole sts:TagSession", `{"StringEquals":{"aws:RequestTag/kubernetes-namespace":"pay"}}`)), []string{
			"service pods.eks.amazonaws.com by sts:AssumeRole if aws:RequestTag/kubernetes-namespace",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := short(c.staff.estate(t).StepsTo(arn("role/app"), all)); !slices.Equal(got, c.want) {
				t.Errorf("StepsTo(role/app) =\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(c.want, "\n  "))
			}
		})
	}
}

func TestTokens(t *testing.T) {
	issuer := "oidc.eks.eu-west-1.amazonaws.com/id/ABC"
	provider := arn("oidc-provider/" + issuer)
	for _, c := range []struct{ name, condition, want string }{
		{"one service account", `{"StringEquals":{"` + issuer + `:sub":"system:serviceaccount:pay:app","` + issuer + `:aud":"sts.amazonaws.com"}}`, "oidc:" + issuer + " subject system:serviceaccount:pay:app by sts:AssumeRoleWithWebIdentity"},
		{"a namespace", `{"StringLike":{"` + issuer + `:sub":"system:serviceaccount:pay:*"}}`, "oidc:" + issuer + " subject system:serviceaccount:pay:* by sts:AssumeRoleWithWebIdentity"},
		{"the cluster", `{"StringEquals":{"` + issuer + `:aud":"sts.amazonaws.com"}}`, "oidc:" + issuer + " subject * by sts:AssumeRoleWithWebIdentity"},
		{"a claim that is not the subject", `{"StringEquals":{"` + issuer + `:ref":"main"}}`, "oidc:" + issuer + " subject * by sts:AssumeRoleWithWebIdentity if " + issuer + ":ref"},
		{"the subject of another issuer", `{"StringEquals":{"example.com:sub":"a"}}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStaff().role("app", trusts(`{"Federated":"`+provider+`"}`, "sts:AssumeRoleWithWebIdentity", c.condition))
			if got := short(s.estate(t).StepsTo(arn("role/app"), all)); got != nil {
				t.Errorf("without the provider there are steps: %q", got)
			}
			s = newStaff().role("app", trusts(`{"Federated":"`+provider+`"}`, "sts:AssumeRoleWithWebIdentity", c.condition))
			s.add(provider, oidcType, "")
			if got := short(s.estate(t).StepsTo(arn("role/app"), all)); strings.Join(got, "; ") != c.want {
				t.Errorf("StepsTo(role/app) = %q, want %q", got, c.want)
			}
		})
	}
}

func TestTokensOfProvidersThatWereNotRead(t *testing.T) {
	s := newStaff().role("app", trusts(`{"Federated":"`+arn("oidc-provider/example.com")+`"}`, "sts:AssumeRoleWithWebIdentity", ""))
	s.snap.Gaps = append(s.snap.Gaps, inventory.Gap{Scope: inventory.NewScope("aws", "", here, "global"), What: "the list of providers", Types: []string{oidcType}, Why: inventory.Denied})
	want := "oidc:example.com subject * by sts:AssumeRoleWithWebIdentity if OpenID Connect providers of " + here
	if got := short(s.estate(t).StepsTo(arn("role/app"), all)); !slices.Equal(got, []string{want}) {
		t.Errorf("StepsTo(role/app) = %q, want %q", got, want)
	}
}

func TestAssertions(t *testing.T) {
	idp := arn("saml-provider/corp")
	s := newStaff().role("app", trusts(`{"Federated":"`+idp+`"}`, "sts:AssumeRoleWithSAML", `{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}`)).user("ann", "iam:UpdateSAMLProvider").user("bob", "iam:UpdateSAMLProvider", "within s3:*")
	s.add(idp, samlType, "")
	e := s.estate(t)
	if got, want := short(e.StepsTo(arn("role/app"), all)), []string{"saml:saml-provider/corp by sts:AssumeRoleWithSAML"}; !slices.Equal(got, want) {
		t.Errorf("StepsTo(role/app) = %q, want %q", got, want)
	}
	if got, want := short(e.StepsTo("saml:"+idp, all)), []string{"user/ann by iam:UpdateSAMLProvider"}; !slices.Equal(got, want) {
		t.Errorf("StepsTo(saml) = %q, want %q", got, want)
	}
}

func TestTakingOver(t *testing.T) {
	for _, c := range []struct {
		name  string
		staff *staff
		to    string
		want  []string
	}{
		{"an access key", newStaff().user("key").user("ann", "iam:CreateAccessKey"), "user/key", []string{"user/ann by iam:CreateAccessKey"}},
		{"an access key of oneself only", newStaff().user("key").user("ann", "iam:CreateAccessKey on "+arn("user/${aws:username}")), "user/key", nil},
		{"a password", newStaff().user("key").user("ann", "iam:UpdateLoginProfile"), "user/key", []string{"user/ann by iam:UpdateLoginProfile if whether the user has a password"}},
		{"a trust policy", newStaff().role("app", nobody).user("ann", "iam:UpdateAssumeRolePolicy"), "role/app", []string{"user/ann by iam:UpdateAssumeRolePolicy and sts:AssumeRole"}},
		{"a trust policy of no use, as an SCP denies the rest", newStaff().user("key").role("app", nobody).user("ann", "iam:UpdateAssumeRolePolicy").scp("deny sts:*"), "role/app", nil},
		{"a policy for oneself, and then a key", newStaff().user("key").user("ann", "iam:PutUserPolicy"), "user/key", []string{"user/ann by iam:PutUserPolicy, then iam:CreateAccessKey"}},
		{"a policy for oneself within a boundary", newStaff().user("key").user("ann", "iam:PutUserPolicy", "within iam:PutUserPolicy"), "user/key", nil},
		{"a policy for oneself, and the boundary gone", newStaff().user("key").user("ann", "iam:PutUserPolicy iam:DeleteUserPermissionsBoundary", "within iam:PutUserPolicy iam:DeleteUserPermissionsBoundary"), "user/key", []string{
			"user/ann by iam:PutUserPolicy, then iam:DeleteUserPermissionsBoundary, then iam:CreateAccessKey",
		}},
		{"a policy of others only", newStaff().user("key").user("ann", "iam:PutUserPolicy on "+arn("user/x")), "user/key", nil},
		{"which policies may be attached", newStaff().user("key").user("ann", `iam:AttachUserPolicy on * if {"ArnEquals":{"iam:PolicyARN":"arn:aws:iam::aws:policy/ReadOnlyAccess"}}`), "user/key", []string{"user/ann by iam:AttachUserPolicy, then iam:CreateAccessKey if iam:PolicyARN"}},
		{"a policy of a role for itself", newStaff().user("key").role("app", nobody, "iam:AttachRolePolicy on "+arn("role/app")), "user/key", []string{"role/app by iam:AttachRolePolicy, then iam:CreateAccessKey"}},
		{"a policy of one's group", newStaff().user("key").group("team", "iam:PutGroupPolicy").user("ann", "in team").user("bob"), "user/key", []string{"user/ann by iam:PutGroupPolicy, then iam:CreateAccessKey"}},
		{"a policy of a group one is not in", newStaff().user("key").group("team").user("ann", "iam:PutGroupPolicy"), "user/key", nil},
		{"a version of one's policy", newStaff().user("key").managed("own", "iam:CreatePolicyVersion").user("ann", "has own"), "user/key", []string{"user/ann by iam:CreatePolicyVersion, then iam:CreateAccessKey"}},
		{"an older version of one's policy", newStaff().user("key").managed("own", "iam:SetDefaultPolicyVersion").user("ann", "has own"), "user/key", []string{"user/ann by iam:SetDefaultPolicyVersion, then iam:CreateAccessKey if versions of the policy that are not its default"}},
		{"a version of a policy one does not have", newStaff().user("key").managed("own", "s3:*").user("ann", "iam:CreatePolicyVersion"), "user/key", nil},
		{"a group that may make keys", newStaff().user("key").group("admins", "iam:CreateAccessKey").user("ann", "iam:AddUserToGroup"), "user/key", []string{"user/ann by iam:AddUserToGroup (admins), then iam:CreateAccessKey"}},
		{"a group that may nothing", newStaff().user("key").group("guests", "s3:GetObject").user("ann", "iam:AddUserToGroup"), "user/key", nil},
		{"the group itself", newStaff().group("guests").user("ann", "iam:AddUserToGroup").role("app", nobody, "iam:AddUserToGroup"), "group/guests", []string{"user/ann by iam:AddUserToGroup"}},
		{"what the account can delegate", newStaff().user("ann", "iam:PutUserPolicy").user("bob", "iam:PutUserPolicy", "within iam:PutUserPolicy kms:*"), "root", []string{"user/ann by iam:PutUserPolicy", "user/bob by iam:PutUserPolicy if boundary 1"}},
		{"an SCP that denies all of IAM", newStaff().user("key").user("ann", "*").scp("deny iam:*"), "user/key", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			steps := slices.DeleteFunc(c.staff.estate(t).StepsTo(arn(c.to), all), func(s access.Step) bool { return s.From == "service nobody.amazonaws.com" })
			if got := short(steps); !slices.Equal(got, c.want) {
				t.Errorf("StepsTo(%s) =\n  %s\nwant\n  %s", c.to, strings.Join(got, "\n  "), strings.Join(c.want, "\n  "))
			}
		})
	}
}

func TestSessionsAreTheirRoles(t *testing.T) {
	e := newStaff().role("app", nobody).estate(t)
	got := short(e.StepsTo("arn:aws:sts::"+here+":assumed-role/app/s", all))
	if want := []string{"role/app by sts:AssumeRole if sts:RoleSessionName"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestJobs goes through the table: with all that a row needs there is a step, and without any one of it, or where the role's trust policy
// does not let the service in, there is none.
func TestJobs(t *testing.T) {
	for i := range jobs {
		j := &jobs[i]
		var actions []string
		if j.pass {
			actions = append(actions, "iam:PassRole")
		}
		for _, n := range j.needs {
			actions = append(actions, n.action)
		}
		trust := trusts(`{"Service":"`+j.service+`"}`, strings.Join(append(slices.Clone(beside[j.service]), assumeRole), " "), "")
		from := func(trust string, actions []string, more ...string) []access.Step {
			e := newStaff().role("app", trust).user("ann", append([]string{strings.Join(append(slices.Clone(actions), "s3:GetObject"), " ")}, more...)...).estate(t)
			return slices.DeleteFunc(e.StepsTo(arn("role/app"), all), func(s access.Step) bool { return s.From != arn("user/ann") || s.By != strings.Join(actions, " and ") })
		}
		t.Run(strings.Join(actions, "+"), func(t *testing.T) {
			got := from(trust, actions)
			certain := j.existing == ""
			if len(got) != 1 || (got[0].Decision == access.Allowed) != certain {
				t.Fatalf("with all that it needs there are the steps %q, want one (certain: %v)", short(got), certain)
			}
			if got := from(nobody, actions); len(got) > 0 {
				t.Errorf("the trust policy does not let the service in, and there is %q", short(got))
			}
			if got := from(trust, actions, "within s3:*"); len(got) > 0 {
				t.Errorf("the boundary does not allow it, and there is %q", short(got))
			}
			for _, a := range actions {
				if got := from(trust, actions, "deny "+a); len(got) > 0 {
					t.Errorf("without %s there is %q", a, short(got))
				}
			}
		})
	}
}

func TestPassRole(t *testing.T) {
	lambda := service("lambda.amazonaws.com")
	for _, c := range []struct {
		name     string
		policies []string
		want     []string
	}{
		{"functions of one name", []string{"iam:PassRole", "lambda:CreateFunction lambda:InvokeFunction on arn:aws:lambda:*:" + here + ":function:team-*"}, []string{"user/ann by iam:PassRole and lambda:CreateFunction and lambda:InvokeFunction"}},
		{"functions of another account", []string{"iam:PassRole", "lambda:CreateFunction lambda:InvokeFunction on arn:aws:lambda:*:" + there + ":function:*"}, nil},
		{"another role", []string{"iam:PassRole on " + arn("role/other"), "lambda:*"}, []string{"user/ann by lambda:UpdateFunctionCode if functions that have the role"}},
		{"to another service", []string{`iam:PassRole on * if {"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}`, "lambda:CreateFunction lambda:InvokeFunction"}, nil},
		{"to this service", []string{`iam:PassRole on * if {"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}`, "lambda:CreateFunction lambda:InvokeFunction"}, []string{"user/ann by iam:PassRole and lambda:CreateFunction and lambda:InvokeFunction"}},
		{"in one Region", []string{"iam:PassRole", `lambda:CreateFunction lambda:InvokeFunction on * if {"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}`}, []string{"user/ann by iam:PassRole and lambda:CreateFunction and lambda:InvokeFunction if aws:RequestedRegion"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			steps := newStaff().role("app", lambda).user("ann", c.policies...).estate(t).StepsTo(arn("role/app"), all)
			steps = slices.DeleteFunc(steps, func(s access.Step) bool { return strings.HasPrefix(s.From, "service") })
			if got := short(steps); !slices.Equal(got, c.want) {
				t.Errorf("StepsTo(role/app) = %q, want %q", got, c.want)
			}
		})
	}
}
