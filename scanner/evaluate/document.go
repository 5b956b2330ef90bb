package evaluate

import (
	"slices"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/relate"
)

// document is input.resource as rules see it. Its tags drive the builder (subject.go), the JSON Schema (schema.go) and the domains
// of unknown facts (domain.go), so that the three cannot drift apart. Besides the fields here and in the facets, every time with a
// `derive` tag brings an integer, whole days from or to that time.
//
// An `enum` of "@types", "@kinds" or "@purposes" stands for a list kept elsewhere.
type document struct {
	ID       inventory.ID        `json:"id"`
	Type     string              `json:"type" enum:"@types"`
	Kind     inventory.Kind      `json:"kind" enum:"@kinds"`
	Name     string              `json:"name"`
	Origin   inventory.Origin    `json:"origin" enum:"live,declared,recorded"`
	Scope    inventory.Scope     `json:"scope"`
	Emulated bool                `json:"emulated"`
	Location *inventory.Location `json:"location,omitzero"`
	Tags     map[string]string   `json:"tags,omitzero"`

	// Labels; see package relate.
	Environment string `json:"environment,omitzero"`
	Tier        string `json:"tier" enum:"production,staging,development"`
	Purpose     string `json:"purpose,omitzero" enum:"@purposes"`
	Owner       string `json:"owner,omitzero"`

	Series *relate.Series  `json:"series,omitzero"`
	Edges  []relate.Edge   `json:"edges"`
	Access *access.Summary `json:"access,omitzero"`

	Key         *inventory.Key         `json:"key,omitzero"`
	Secret      *inventory.Secret      `json:"secret,omitzero"`
	Credential  *inventory.Credential  `json:"credential,omitzero"`
	Trust       *inventory.Trust       `json:"trust,omitzero"`
	Policy      *inventory.Policy      `json:"policy,omitzero"`
	Store       *inventory.Store       `json:"store,omitzero"`
	Audit       *inventory.Audit       `json:"audit,omitzero"`
	Account     *inventory.Account     `json:"account,omitzero"`
	Certificate *inventory.Certificate `json:"certificate,omitzero"`
	Principal   *inventory.Principal   `json:"principal,omitzero"`
	Workload    *inventory.Workload    `json:"workload,omitzero"`

	Ledger   *inventory.Ledger         `json:"ledger,omitzero"`
	Rotation *inventory.LedgerRotation `json:"rotation,omitzero"`
}

// tiers are the tiers of environments, from the one that matters most.
var tiers = relate.Tiers

// purposes are the purposes a key or secret can have.
var purposes = append(slices.Clone(relate.Purposes), relate.Unclassified)

func kinds() []string {
	return []string{
		string(inventory.KindKey), string(inventory.KindSecret), string(inventory.KindCredential), string(inventory.KindTrust),
		string(inventory.KindPolicy), string(inventory.KindStore), string(inventory.KindAudit), string(inventory.KindAccount),
		string(inventory.KindCertificate), string(inventory.KindPrincipal), string(inventory.KindWorkload),
		string(inventory.KindLedger), string(inventory.KindRotation),
	}
}

func resourceTypes() []string {
	out := make([]string, len(inventory.Types))
	for i, t := range inventory.Types {
		out[i] = t.Type
	}
	return out
}
