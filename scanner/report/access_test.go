package report

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// holdersOf makes an answer about a key with so many roles in each of some accounts.
func holdersOf(accounts, roles int) access.Holders {
	h := access.Holders{Action: "kms:Decrypt", Resource: "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab", Name: "alias/orders"}
	for a := range accounts {
		account := fmt.Sprintf("%012d", 111122223333+a)
		for r := range roles {
			h.Holders = append(h.Holders, access.Holder{Principal: fmt.Sprintf("arn:aws:iam::%s:role/app-%04d", account, r), Kind: "role", Decision: access.Allowed})
		}
	}
	h.Holders = append(h.Holders,
		access.Holder{
			Principal: "arn:aws:iam::111122223333:user/ann", Kind: "user", Decision: access.Conditional,
			Residual: []access.Residual{{Class: access.How, Key: "kms:ViaService", Statement: "ThroughS3"}, {Class: access.Where, Key: "aws:SourceIp", Statement: "Office"}},
		},
		access.Holder{
			Principal: "arn:aws:iam::111122223333:role/deploy", Kind: "role", Decision: access.Conditional,
			Unread: []access.Unread{{Document: "policy deploy", Of: "arn:aws:iam::111122223333:role/deploy", Why: "denied (iam:GetPolicyVersion)"}},
		})
	h.Indirect = []access.Holder{{
		Principal: "arn:aws:iam::111122223333:role/ci", Kind: "role", Decision: access.Conditional,
		Path: []access.Step{{From: "arn:aws:iam::111122223333:role/ci", To: "arn:aws:iam::111122223333:role/app-0000", By: "sts:AssumeRole", Decision: access.Allowed}},
	}}
	h.Unread = []access.Unread{{Document: "users and roles", Of: "account 444455556666", Why: "denied (iam:GetAccountAuthorizationDetails)"}}
	return h
}

func TestHoldersText(t *testing.T) {
	unread := holdersOf(1, 0)
	for i := range 3000 {
		of := fmt.Sprintf("arn:aws:iam::111122223333:role/r-%04d", i)
		unread.Holders = append(unread.Holders, access.Holder{Principal: of, Kind: "role", Decision: access.Conditional, Unread: []access.Unread{{Document: "policy deploy", Of: of, Why: "denied (iam:GetPolicyVersion)"}}})
	}
	for name, h := range map[string]access.Holders{
		"access_unread":   unread,
		"access_three":    holdersOf(1, 1),
		"access_nobody":   {Action: "kms:Decrypt", Resource: "arn:aws:kms:eu-west-1:111122223333:key/1", Name: "alias/quiet"},
		"access_thousand": holdersOf(30, 100),
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := WriteHolders(&out, h, Options{MaxLines: 10, Width: 120}); err != nil {
				t.Fatal(err)
			}
			golden(t, name+".txt", out.Bytes())
		})
	}
}

func TestExplanationText(t *testing.T) {
	app, ci := "arn:aws:iam::111122223333:role/app", "arn:aws:iam::111122223333:role/ci"
	x := access.Explanation{Action: "kms:Decrypt", Resource: "arn:aws:kms:eu-west-1:111122223333:key/1", Name: "alias/orders"}
	direct, indirect, denied := x, x, x
	direct.Principal = app
	direct.Direct = access.Answer{
		Decision: access.Conditional, Because: []access.Because{{Document: "key policy", Statement: "Account"}, {Document: "policy orders", Statement: "0"}},
		Residual: []access.Residual{{Class: access.How, Key: "kms:ViaService", Statement: "0"}},
	}
	direct.Fix = []access.Change{{Document: "policy orders", Statement: "0"}}
	indirect.Principal, indirect.Holder = ci, app
	indirect.Direct = access.Answer{Decision: access.Denied}
	indirect.Path = []access.Step{{From: ci, To: app, By: "sts:AssumeRole", Decision: access.Allowed, Because: []access.Because{{Document: "trust policy", Statement: "Pipelines"}}}}
	denied.Principal, denied.Direct = ci, access.Answer{Decision: access.Denied, Explicit: true, Because: []access.Because{{Document: "SCP guard", Statement: "NoDecrypt"}}}
	past := direct
	past.Path, past.Holder = []access.Step{{From: app, To: app, By: "kms:PutKeyPolicy", Decision: access.Allowed, Because: []access.Because{{Document: "key policy", Statement: "Admins", Line: 7}}}}, app
	past.FixNote = "the way to one who may is left"
	for name, x := range map[string]access.Explanation{"access_past": past, "access_direct": direct, "access_indirect": indirect, "access_denied": denied} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := WriteExplanation(&out, x, Options{MaxLines: 10, Width: 120}); err != nil {
				t.Fatal(err)
			}
			golden(t, name+".txt", out.Bytes())
		})
	}
}
