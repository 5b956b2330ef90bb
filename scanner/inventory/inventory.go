// Package inventory holds the nouns of keyreeve as they were observed: resources, the scopes that hold them, the facts
// that exist but were not read, and the snapshot file in which all of it is kept.
//
// It leaves judgement to others: no label, age, edge or verdict is stored here, because configuration or time could
// change it. Those are added by package relate and package evaluate each time a snapshot is judged.
package inventory

import (
	"context"
	"iter"
	"time"
)

// A Source yields what one scope holds.
//
// A yielded *Gap is something that could not be read; it is not the end. Any other error ends the sequence and means that
// the source is broken (for example a cancelled context). Resources may come in any order.
type Source interface {
	Scope() Scope
	Resources(ctx context.Context) iter.Seq2[Resource, error]
}

// A Reporter is a Source that can say, after its resources were yielded, what it did. The pipeline asks every source.
type Reporter interface {
	Report() Report
}

// Report is what a source did to read its scope.
type Report struct {
	Types    []string       `json:"types,omitzero"`    // resource types it reads; only these can be known to be absent
	Calls    map[string]int `json:"calls,omitzero"`    // calls made, by name, retries not counted
	Files    int            `json:"files,omitzero"`    // files that were opened and looked at, of a repository
	Emulated bool           `json:"emulated,omitzero"` // the back end is a test server, as its configuration says
	Identity string         `json:"identity,omitzero"` // who keyreeve was: "arn:aws:sts::111122223333:assumed-role/keyreeve-read"
	Part     bool           `json:"part,omitzero"`     // only a part was looked at, such as what is staged: what is not there may be there all the same
	Comments []Comment      `json:"comments,omitzero"` // waivers in comments of files
	LeftOut  map[string]int `json:"left_out,omitzero"` // files and folders that were passed over on purpose, counted by why
	Unused   []string       `json:"unused,omitzero"`   // patterns of .keyreeveignore that leave nothing out, with their lines: "3: docs/*.pem"
	Notes    []string       `json:"notes,omitzero"`    // what else bears on what could be found, such as detectors of the repository's own
}

// A Call is one row of a collector's table: which facts of which type come from which read-only call, and the permission
// it needs. The table drives the hints of unknown facts and what "keyreeve permissions" prints.
type Call struct {
	Name       string   // "kms:GetKeyRotationStatus", "GET MOUNT/keys/NAME"
	Type       string   // the resource type it answers for
	Facts      []string // paths of the facts it answers; empty: it lists the resources
	Permission string   // "kms:GetKeyRotationStatus"; for Vault "PATH: CAPABILITY, ..." with + for any one segment
	OptIn      string   // the configuration key that allows it; empty: always made
	Instead    string   // the calls it stands in for when they are refused; empty: it is made in any case
}

// A Resource is what was observed, and nothing else.
type Resource struct {
	ID       ID                `json:"id"`
	Type     string            `json:"type"`
	Kind     Kind              `json:"kind"`
	Name     string            `json:"name"`
	Origin   Origin            `json:"origin"`
	Scope    Scope             `json:"scope"`
	Emulated bool              `json:"emulated"` // the back end was a test server, as its configuration says
	Location *Location         `json:"location,omitzero"`
	Tags     map[string]string `json:"tags,omitzero"`
	Refs     []Ref             `json:"refs,omitzero"`

	// Exactly one facet is set: the one of Kind.
	Key         *Key         `json:"key,omitzero"`
	Secret      *Secret      `json:"secret,omitzero"`
	Credential  *Credential  `json:"credential,omitzero"`
	Trust       *Trust       `json:"trust,omitzero"`
	Policy      *Policy      `json:"policy,omitzero"`
	Store       *Store       `json:"store,omitzero"`
	Audit       *Audit       `json:"audit,omitzero"`
	Account     *Account     `json:"account,omitzero"`
	Certificate *Certificate `json:"certificate,omitzero"`
	Principal   *Principal   `json:"principal,omitzero"`
	Workload    *Workload    `json:"workload,omitzero"`

	Ledger   *Ledger         `json:"ledger,omitzero"`
	Rotation *LedgerRotation `json:"rotation,omitzero"`

	// Unknown lists the facts that exist but were not read. Its paths are paths into this JSON document.
	Unknown []Unknown `json:"unknown,omitzero"`

	// Document is the text of the policy document whose hash the facet states. It is for package access; rules do not get it.
	Document string `json:"-"`
}

// ID names a resource for ever; fingerprints hang on it. It holds no date, age, line number, commit or count.
//
//	AWS         the ARN; of what has none, the ARN of what it belongs to and its place there: KEY-ARN#policy
//	Azure       the resource ID of Resource Manager in lower case; of a vault's access policies VAULT-ID/accesspolicies
//	Entra ID    entra:TENANT/ and the path of Graph in lower case: entra:TENANT/groups/GUID, users, serviceprincipals, applications
//	Vault       vault:CLUSTER/NAMESPACE/PATH, CLUSTER being the configured name, never the address (see VaultID)
//	repository  repo:NAME#DETECTOR:PATH:ORDINAL
//	ledger      ledger:rotations; of a rotation in it, ledger:rotations/PLAN/ROTATION, PLAN being 16 digits of the plan's digest
//	declared    DIALECT:NAME/FOLDER#ADDRESS, NAME being the repository's, FOLDER the root module's or the file's
//	            (terraform:payments/infra#aws_kms_key.jwt, kubernetes:payments/deploy/app.yaml#prod/ServiceAccount/app)
type ID string

// Kind says which facet a resource carries.
type Kind string

// The kinds of resource this version observes.
const (
	KindKey         Kind = "key"
	KindSecret      Kind = "secret"
	KindCredential  Kind = "credential"
	KindTrust       Kind = "trust" // who may log in as what, on which terms
	KindPolicy      Kind = "policy"
	KindStore       Kind = "store" // what holds keys or secrets: a mount
	KindAudit       Kind = "audit"
	KindAccount     Kind = "account" // an account, or a whole cluster
	KindCertificate Kind = "certificate"
	KindPrincipal   Kind = "principal" // who acts: a service account, a user
	KindWorkload    Kind = "workload"  // what runs: a pod, a job of a pipeline
	KindLedger      Kind = "ledger"    // the record of rotations
	KindRotation    Kind = "rotation"  // a rotation in it
)

// Origin says in which tense a resource is stated.
type Origin string

// The origins.
const (
	Live     Origin = "live"     // a back end answered
	Declared Origin = "declared" // a file in a repository states it
	Recorded Origin = "recorded" // the ledger holds it
)

// A Location is where in a repository a resource stands. Path is relative to the root of the repository, with slashes.
// Lines count from 1.
type Location struct {
	Path      string `json:"path"`
	StartLine int    `json:"start_line"`
	EndLine   int    `json:"end_line,omitzero"`
}

// A Ref names another resource. Relate turns refs into edges.
type Ref struct {
	Edge   string `json:"edge"`          // the edge's type: "names", "uses", "grants", "boundary", "member_of", "alias"
	To     ID     `json:"to"`            //
	Target string `json:"target"`        // the type of resource that To would be
	Name   string `json:"name,omitzero"` // what the naming side calls it
}

// Reason says why a fact, or a whole listing, was not read.
type Reason string

// The reasons.
const (
	Denied      Reason = "denied"       // refused: a permission is missing
	Throttled   Reason = "throttled"    // the back end kept asking to slow down
	Unsupported Reason = "unsupported"  // this server does not know the call
	NotStated   Reason = "not_stated"   // a file leaves it open
	NotRead     Reason = "not_read"     // never asked, or the answer lacked it
	OutOfScope  Reason = "out_of_scope" // a configured limit was reached
	NotAsked    Reason = "not_asked"    // reading it is opt-in and nobody opted in: told, but no sign of trouble
	Unreachable Reason = "unreachable"  // no connection, TLS failure, or the call failed in the middle
	Unreadable  Reason = "unreadable"   // a file or folder could not be read or parsed
)

// Unknown names one fact that was not read, and why.
type Unknown struct {
	Fact string `json:"fact"`          // "key.rotation.period_days": a path into the resource's JSON
	Why  Reason `json:"why"`           //
	Call string `json:"call,omitzero"` // "kms:GetKeyRotationStatus"
	Hint string `json:"hint,omitzero"` // the smallest permission that would answer it

	// Bounds of a time that are known all the same: a key made in May was rotated no earlier.
	After  *time.Time `json:"after,omitzero"`
	Before *time.Time `json:"before,omitzero"`
}

// A Gap is something that could not be read: a listing, a folder, a whole scope. It is an error so that a Source can yield it.
type Gap struct {
	Scope Scope    `json:"scope"`
	Types []string `json:"types,omitzero"` // resource types that may be missing because of it; empty means any
	What  string   `json:"what"`           // "list of keys", "file big.bin"
	Why   Reason   `json:"why"`
	Call  string   `json:"call,omitzero"`
	Hint  string   `json:"hint,omitzero"`
	Err   string   `json:"error,omitzero"` // the cause in the back end's words, free of secrets
}

// Error reads as one sentence.
func (g *Gap) Error() string {
	s := "could not read " + g.What + " of " + g.Scope.String() + ": " + string(g.Why)
	if g.Call != "" {
		s += " (" + g.Call + ")"
	}
	if g.Err != "" {
		s += ": " + g.Err
	}
	return s
}

// Incomplete reports whether the gap means that something was not read that was to be: not what nobody opted in to, and not what a
// file leaves open.
func (g *Gap) Incomplete() bool { return g.Why != NotAsked && g.Why != NotStated }

// Covers reports whether resources of the given type may be missing because of this gap.
func (g *Gap) Covers(typ string) bool {
	if len(g.Types) == 0 {
		return true
	}
	for _, t := range g.Types {
		if t == typ {
			return true
		}
	}
	return false
}
