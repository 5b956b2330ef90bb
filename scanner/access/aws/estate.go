package aws

import (
	"encoding/json"
	"iter"

	"github.com/keyreeve/keyreeve/scanner/awspolicy"
)

// Estate is what is known of some accounts: who is in them, what keys and secrets they hold, and all documents that have a say. Principals
// and resources are each asked for once, so that they can come from a stream.
type Estate struct {
	Accounts   []Account
	Principals iter.Seq[Identity]
	Resources  iter.Seq[Target]
}

// Account is an account of AWS and its place in an organization.
type Account struct {
	ID         string
	Org        string   // "o-..."; empty when it is in none
	Path       []string // "r-...", "ou-..."
	OrgUnknown bool     // it is not known whether it is in an organization, or where
	Management bool     // it is the management account, which control policies do not restrict

	// SCPs and RCPs are by level: root, organizational units, account. Where they could not be read, one level holds a document that is Unread.
	SCPs, RCPs [][]Document

	Unlisted string // why its users and roles are not all among the principals; empty when they are
}

// Identity is a user, with what it has through its groups, or a role. The root user of each account is known without being given.
type Identity struct {
	ARN                string
	Tags               map[string]string
	TagsUnknown        bool // its tags could not be read, or its sessions may bring their own
	Identity, Boundary []Document
}

// Target is a KMS key or a secret of Secrets Manager.
type Target struct {
	ARN            string
	Policy         []Document
	Tags           map[string]string
	TagsUnknown    bool
	Aliases        []string // "alias/..."
	AliasesUnknown bool
	Grants         []Grant
	GrantsUnknown  bool // there may be grants beside those in Grants

	// Of a KMS key, as DescribeKey gives them. What is empty is not known.
	Spec, Usage, Origin string
	MultiRegion         string // "PRIMARY", "REPLICA" or "NONE"

	Key string // of a secret: the ARN of its KMS key. Without it that is the key that AWS manages for secrets
}

// Document is a policy document and what people call it.
type Document struct {
	Name string          // "policy deploy"
	Text json.RawMessage // none when it could not be read
	Why  string          // it could not be read
}

// Unread makes a document of one that could not be read. It may say anything.
func Unread(name, why string) Document { return Document{Name: name, Why: why} }

// unreadText stands for a document that is not known.
var unreadText = json.RawMessage(`"` + awspolicy.Unknown + `"`)
