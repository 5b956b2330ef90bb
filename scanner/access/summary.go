package access

import "github.com/keyreeve/keyreeve/scanner/inventory"

// Summary is what rules see of the answers about one resource: counts, and the worst few of each list, those of whom it is certain first.
// Verbs see all. What is certain holds for every request; what is merely possible hangs on conditions that only a request has.
type Summary struct {
	// Of a key or secret.
	Users          Count         `json:"users"`          // who may reveal plaintext or sign
	Administrators Count         `json:"administrators"` // who may decide who may do what
	Conflicts      []Conflict    `json:"conflicts"`      // who certainly both uses and administers, destroys or makes it; of a root user: all keys or secrets of the account
	SelfGrants     []SelfGrant   `json:"self_grants"`    // who may certainly not use it, and may certainly give that to itself
	AccountWide    []AccountWide `json:"account_wide"`   // statements that leave its use to every policy of the account's identities, where some have one
	// MoreBeneficiaries is whether more use it by such a statement than were counted. It is false, or not known.
	MoreBeneficiaries bool       `json:"more_beneficiaries"`
	Everyone          []Opening  `json:"everyone"`  // statements that let in whoever comes, of any account
	Outsiders         []Outsider `json:"outsiders"` // who of other accounts may use it, but for those of its organization: one of each account
	Grantors          []Grantor  `json:"grantors"`  // who may create grants without limit and does not administer it
	Bypasses          []Bypass   `json:"bypasses"`  // who may do something that its own boundary does not allow

	// Of a policy of an identity, a role, or what logs in to Vault.
	Reaches  Reach      `json:"reaches"`  // what it certainly lets its holders use or administer
	Dangling []Dangling `json:"dangling"` // whom its documents name and who does not exist
	Shadows  []Shadow   `json:"shadows"`  // rules of Vault that undo one another
	Mints    []Mint     `json:"mints"`    // paths of Vault by which it makes power that it lacks

	Wildcards  []Wildcard  `json:"wildcards"`  // statements of an identity's policy that are about every key or secret
	Federation []Admission `json:"federation"` // strangers of identity providers whom a role's trust policy lets in
}

// Found is a summary, and which parts of it are not known because something was not read. A list that has an entry which decides is
// known, whatever else might be on it.
type Found struct {
	Summary *Summary            // nil: the resource was not asked about
	Unknown []inventory.Unknown // facts "access.conflicts", "access.reaches.keys", ...
}

// Systems have evaluators that summaries are worked out with: the first parts of the types of their resources.
var Systems = []string{"aws", "vault"}

// Count counts principals.
type Count struct {
	Certain  int      `json:"certain"`
	Possible int      `json:"possible"` // those of whom it is not certain
	Worst    []string `json:"worst"`    // some of them by name
}

// Conflict is a principal whose duties are not separated.
type Conflict struct {
	Principal  string   `json:"principal"`
	Use        []string `json:"use"`        // actions or paths, as the system spells them
	Administer []string `json:"administer"` // likewise
}

// SelfGrant is a principal that can make itself a user.
type SelfGrant struct {
	Principal string `json:"principal"`
	By        string `json:"by"` // the action that gives it the use: "kms:PutKeyPolicy"
}

// AccountWide is a statement that delegates to the account as a whole.
type AccountWide struct {
	At            string   `json:"at"`            // its Sid, else "#2": the second
	Actions       []string `json:"actions"`       // uses that it delegates
	Beneficiaries int      `json:"beneficiaries"` // who certainly uses the key by it and by a policy about all keys
	Worst         []string `json:"worst"`
}

// Opening is a statement that lets everybody in.
type Opening struct {
	At      string   `json:"at"`
	Actions []string `json:"actions"`
	Certain bool     `json:"certain"`
}

// Outsider is a principal of another account.
type Outsider struct {
	Principal string   `json:"principal"` // an ARN, or the ID of an account
	Account   string   `json:"account"`
	At        string   `json:"at"` // the statement or grant that lets it in
	Actions   []string `json:"actions"`
	Certain   bool     `json:"certain"` // else it hangs on the policies of its own account, or on conditions
}

// Grantor is a principal that may create grants of any operation to anybody.
type Grantor struct {
	Principal string `json:"principal"`
	At        string `json:"at"`
	Certain   bool   `json:"certain"`
}

// Bypass is a principal whose permissions boundary does not hold because a policy of the resource names it directly.
type Bypass struct {
	Principal string   `json:"principal"`
	At        string   `json:"at"`
	Actions   []string `json:"actions"`
}

// Reach counts what a principal, or what has a policy, may certainly use or administer.
type Reach struct {
	Keys    int      `json:"keys"`
	Secrets int      `json:"secrets"`
	Worst   []string `json:"worst"` // some of them by ID
	// Possible counts those beside them that it may use or administer where a request meets conditions.
	Possible int `json:"possible"`
	// Onward, of a role: its policies, or trust policies that name it, may let it act as somebody else or change what somebody may do, so
	// that these keys and secrets need not be all.
	Onward bool `json:"onward"`
}

// Dangling is a name that nobody has.
type Dangling struct {
	Name string `json:"name"`
	At   string `json:"at"`
	// Reusable: whoever makes a principal of that name gets what the document gives. Else the name is the ID of one that was deleted.
	Reusable bool `json:"reusable"`
}

// Wildcard is a statement of an identity's policy that gives power over every key or secret of an account.
type Wildcard struct {
	At      string   `json:"at"`
	Actions []string `json:"actions"`
}

// Admission is a statement of a trust policy that lets in whom it should not know.
type Admission struct {
	At       string `json:"at"`
	Provider string `json:"provider"` // the issuer without scheme, or the name of a SAML provider
	Platform string `json:"platform" enum:"cluster,ci,people,saml"`
	// Admits says of whom: everybody at the provider, some beside those that are named, pull requests, tokens for any audience.
	Admits  string `json:"admits" enum:"everybody,several,pull_request,any_audience"`
	Subject string `json:"subject,omitzero"` // an example
	Certain bool   `json:"certain"`
}

// Shadow is a pair of rules of Vault of which the narrower decides alone.
type Shadow struct {
	At     string   `json:"at"`   // the narrower: "app: secret/app"
	Over   string   `json:"over"` // the wider: "base: secret/*"
	Effect string   `json:"effect" enum:"grants_denied,drops_granted"`
	Paths  []string `json:"paths"` // an example
}

// Mint is a way to power in Vault.
type Mint struct {
	At   string `json:"at"`   // the rule: "ops: sys/policies/acl/*"
	Path string `json:"path"` // the path that mints
	Gain string `json:"gain"` // what it gives, in a few words
}
