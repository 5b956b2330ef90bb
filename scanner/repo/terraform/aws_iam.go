package terraform

import (
	"strings"

	"github.com/keyreeve/keyreeve/scanner/awspolicy"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

func iamAccessKey(m *mapping, b *block) {
	d := m.declare(b, "aws.iam.access_key", "")
	d.r.Credential = &inventory.Credential{Class: "access_key"}
}

func iamAccessKeyOf(m *mapping, b *block) {
	m.link(m.made[b.in], "names", "user", "name", "aws_iam_user")
}

func iamUser(m *mapping, b *block) {
	d := m.declare(b, "aws.iam.user", "")
	d.named("", "name")
	d.tags("tags_all", "tags")
	d.r.Principal = &inventory.Principal{}
}

// iamRole reads who may assume a role.
func iamRole(m *mapping, b *block) {
	d := m.declare(b, "aws.iam.role", "assume_role_policy")
	if name, ok := d.text("name"); ok {
		d.r.Name = name
	}
	d.tags("tags_all", "tags")
	d.r.Trust = &inventory.Trust{Method: "iam_role"}
	doc, text, why := d.document("assume_role_policy")
	if why != "" {
		d.open("trust.statements", why)
	} else {
		d.r.Trust.Document, d.r.Document = inventory.DocumentHash(text), text
		stmts, open := awspolicy.Trusts(doc)
		d.r.Trust.Statements = stmts
		if open != "" {
			d.open("trust.statements", open+" cannot be resolved")
		}
	}
	inlinePolicies(m, b, d)
}

func iamOIDCProvider(m *mapping, b *block) {
	d := m.declare(b, "aws.iam.oidc_provider", "")
	url := d.word("trust.issuer", "url")
	d.r.Trust = &inventory.Trust{Method: "oidc_provider", Issuer: url, BoundAudiences: d.words("trust.bound_audiences", "client_id_list")}
	if url != "" {
		d.r.Name = strings.TrimPrefix(url, "https://")
	}
}

func podIdentity(m *mapping, b *block) {
	d := m.declare(b, "aws.eks.pod_identity", "")
	d.r.Trust = &inventory.Trust{
		Method: "pod_identity", ServiceAccounts: d.words("trust.service_accounts", "service_account"), Namespaces: d.words("trust.namespaces", "namespace"),
	}
}

func podIdentityOf(m *mapping, b *block) {
	m.link(m.made[b.in], "names", "role_arn", "", "aws_iam_role")
}
