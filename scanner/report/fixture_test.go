package report

import (
	"fmt"
	"time"

	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

var (
	night   = time.Date(2026, 1, 1, 3, 0, 0, 0, time.UTC)
	awsEU   = inventory.NewScope("aws", "", "111122223333", "eu-west-1")
	vaultEU = inventory.NewScope("vault", "eu", "root")
	payRepo = inventory.NewScope("repo", "payments")
)

// evil is a name that tries to clear the screen, to start a new line, to reverse the text after it and to be a link.
const evil = "a\x1b[2J\x1b]0;owned\x07\nCRITICAL\tfake \u202egnp.\u200bexe [x](http://evil.example) <b>&\xff\x9b31m"

// nightly is a result with something of everything: all verdicts and severities, waivers, gaps, diagnostics, a test server, a
// baseline, evil and wide names.
func nightly() *finding.Result {
	r := &finding.Result{
		Format: finding.ResultFormat, Tool: "v0.1.0", Verb: "scan", TakenAt: night, AsOf: night, Emulated: true, Reading: finding.Partial,
		Rules: rules(), Summary: finding.Summary{Resources: 214},
	}
	signing := func(name string, days int, owner string) finding.Finding {
		f := fail("rotation/signing-key-overdue", finding.High, vaultKey(name, owner), "has served longer than its limit")
		f.Facts = map[string]any{"age_days": days, "limit_days": 90}
		return f
	}
	r.Findings = append(r.Findings,
		signing("jwt", 400, "team-identity"), signing("webhook", 99, "team-payments"), signing("鍵-署名", 1200, ""), signing(evil, 91, "team-\x1b[31mred"),
		withFacts(fail("rotation/grossly-overdue", finding.Critical, vaultKey("jwt-legacy", "team-identity"), "has served longer than twice its limit"),
			map[string]any{"age_days": 800.0, "limit_days": 90}),
		withFacts(fail("rotation/automatic-rotation-off", finding.Medium, kmsKey("1234abcd-12ab-34cd-56ef-1234567890ab", "alias/payments"), "automatic rotation is off"),
			map[string]any{"supported": true}),
		fail("estate/unclassified", finding.Low, vaultKey("misc", ""), "no environment matches it"),
		fail("estate/unclassified", finding.Info, kmsKey("99990000-12ab-34cd-56ef-1234567890ab", "99990000-12ab-34cd-56ef-1234567890ab"), "no owner matches it"),
	)
	for i := range 14 {
		f := fail("credentials/in-repository", finding.Critical, leak("src/config.go", 10+i), "a credential is in the repository")
		f.Facts = map[string]any{"preview": "AKIA..., 20 letters", "detector": "aws-access-token"}
		r.Findings = append(r.Findings, f)
	}
	twin := fail("credentials/in-repository", finding.Critical, leak("src/config.go", 10), "a credential is in the repository")
	twin.Resource.ID += ":second"
	twin.Fingerprint = finding.Fingerprint(twin.Rule, twin.Resource.ID, "")
	r.Findings = append(r.Findings, twin, fail("credentials/in-repository", finding.Critical, leak("docs/weird name:#?%/ü.md", 3), "a credential is in the repository"))
	for i := range 2 {
		f := &r.Findings[len(r.Findings)-1-i]
		f.Facts = map[string]any{"preview": "ghp_..., 40 letters", "detector": "github-pat"}
		f.Resource.Name = f.Resource.Location.Path + ": github-pat"
	}
	for _, at := range []string{"statement A", "statement B"} {
		f := fail("workload/vault-kubernetes-role-wide", finding.High, vaultRole("ci"), "any service account may log in")
		f.At = at
		f.Facts = map[string]any{"namespaces": []any{"*"}, "policies": []string{"default", "ci-deploy", "ci-read", "ci-write", "ops", "db-admin", "payments-signing"}}
		f.Fingerprint = finding.Fingerprint(f.Rule, f.Resource.ID, at)
		r.Findings = append(r.Findings, f)
	}
	r.Findings = append(r.Findings, unknowns()...)
	waived := signing("partner", 120, "team-payments")
	waived.Waived = &finding.Waived{
		By: "waivers/2026.yaml#3", Reason: "The partner fetches our keys by hand until the spring release.", Owner: "team-payments", Approver: "ciso",
		Until: night.AddDate(0, 3, 0), Ticket: "SEC-123",
	}
	inline := fail("credentials/in-repository", finding.Critical, leak("testdata/fake.env", 1), "a credential is in the repository")
	inline.Waived = &finding.Waived{By: "a gitleaks:allow comment"}
	r.Findings = append(r.Findings, waived, inline)
	for i := range r.Findings {
		r.Findings[i].Baseline = "unchanged"
		if i%5 == 0 {
			r.Findings[i].Baseline = "new"
		}
	}
	r.Diagnostics = []finding.Finding{
		diagnostic("meta/waiver-expired", "waivers/2025.yaml#1", "the waiver has expired", map[string]any{"expired_days": 12}),
		diagnostic("meta/coverage-gap", "scope:"+string(vaultEU), "the scope was not read as far as it has to be", map[string]any{"read_percent": 81.5, "enough_percent": 100}),
	}
	r.Gaps = gaps()
	r.Coverage = []finding.Coverage{
		{ScopeRead: inventory.ScopeRead{Scope: awsEU, Resources: 12, Report: inventory.Report{Types: []string{"aws.kms.key"}, Calls: map[string]int{"kms:ListKeys": 1, "kms:DescribeKey": 12}, Emulated: true}}, Facts: 168, Unknown: 10},
		{ScopeRead: inventory.ScopeRead{Scope: vaultEU, Resources: 188, Report: inventory.Report{Calls: map[string]int{"LIST transit/keys": 1, "GET transit/keys/NAME": 1187}}}, Gaps: 1, Facts: 2000, Unknown: 1},
		{ScopeRead: inventory.ScopeRead{Scope: payRepo, Resources: 17, Report: inventory.Report{
			LeftOut: map[string]int{"that are binary or archives": 3, "named by .keyreeveignore": 1200}, Notes: []string{".gitleaks.toml decides what is found"},
		}}, Facts: 51},
		{ScopeRead: inventory.ScopeRead{Scope: inventory.NewScope("vault", "us", "root")}},
	}
	r.Off = []string{"estate/unclassified", "rotation/secret-overdue"}
	r.Tallies = []finding.Tally{
		{Rule: "rotation/signing-key-overdue", Pass: 40, Fail: 5, Unknown: 2, NotApplicable: 900},
		{Rule: "credentials/in-repository", Pass: 0, Fail: 15},
		{Rule: "audit/vault-audit-off", Pass: 1},
	}
	r.Summarize()
	return r
}

// code are more types than a line can name.
var code = []string{"aws.iam.policy", "aws.iam.role", "aws.kms.key", "aws.kms.policy", "azure.keyvault.key", "azure.keyvault.vault", "vault.policy"}

func unknowns() []finding.Finding {
	var out []finding.Finding
	for i := range 3 {
		for _, rule := range []string{"rotation/automatic-rotation-off", "rotation/encryption-key-overdue"} {
			f := fail(rule, finding.Medium, kmsKey(fmt.Sprintf("aaaa000%d-12ab-34cd-56ef-1234567890ab", i), fmt.Sprintf("alias/data-%d", i)), "cannot tell: facts that decide were not read")
			f.Verdict = finding.Unknown
			f.Deciding = []finding.Deciding{{Fact: "key.rotation.automatic", Why: inventory.Denied, Call: "kms:GetKeyRotationStatus", Hint: "kms:GetKeyRotationStatus"}}
			out = append(out, f)
		}
	}
	f := fail("audit/vault-audit-off", finding.Critical, &finding.Resource{
		ID: "unlisted:" + inventory.ID(vaultEU), Type: "vault.cluster", Kind: inventory.KindAccount, Name: "vault/eu/root", Origin: inventory.Live, Scope: vaultEU,
	}, "cannot tell: resources that it judges could not be listed")
	f.Verdict, f.At = finding.Unknown, "audit devices"
	f.Fingerprint = finding.Fingerprint(f.Rule, f.Resource.ID, f.At)
	f.Deciding = []finding.Deciding{{Fact: "audit devices", Why: inventory.Denied, Call: "GET sys/audit", Hint: "sys/audit: read, sudo"}}
	broken := fail("lifecycle/weak-key", finding.Low, vaultKey("odd", "team-data"), "cannot tell: the rule failed with an error")
	broken.Verdict, broken.Error = finding.Unknown, "eval_conflict_error: complete rules must not produce multiple outputs"
	return append(out, f, broken)
}

func gaps() []finding.Gap {
	return []finding.Gap{
		{Gap: inventory.Gap{Scope: vaultEU, Types: []string{"vault.audit.device"}, What: "audit devices", Why: inventory.Denied, Call: "GET sys/audit", Hint: "sys/audit: read, sudo", Err: "403: permission denied"}},
		{Gap: inventory.Gap{Scope: vaultEU, Types: []string{"vault.token"}, What: "list of tokens", Why: inventory.NotAsked, Hint: "set tokens: {list: true} for this Vault"}},
		{Gap: inventory.Gap{Scope: payRepo, Types: code, What: `file "infra/main.tf"`, Why: inventory.NotStated, Err: `line 6: module "keys" comes from outside of this repository`}},
		{Gap: inventory.Gap{Scope: payRepo, Types: code, What: `file "infra/broken.tf"`, Why: inventory.Unreadable, Err: "line 3: an argument or block definition is required here"}},
		{
			Gap:      inventory.Gap{Scope: payRepo, What: "file " + evil, Why: inventory.Unreadable},
			Accepted: &finding.Waived{By: "waivers/2026.yaml#7", Reason: "A test file.", Owner: "team-payments", Until: night.AddDate(0, 1, 0)},
		},
	}
}

func rules() []finding.Rule {
	return []finding.Rule{
		{ID: "audit/vault-audit-off", Title: "Vault has no audit device", Description: "Without an audit device Vault keeps no record.", Severity: finding.Critical, AppliesTo: []string{"vault.cluster"}, Tags: []string{"cwe-778"}},
		{
			ID: "rotation/signing-key-overdue", Title: "Signing key is past its rotation period", Description: "A signing key that leaks can be misused until it is replaced. Rotate it.",
			Severity: finding.High, AppliesTo: []string{"key"}, Remedy: "rotate", Tags: []string{"cwe-324"},
			Settings:   map[string]finding.Setting{"max_age_days": {Default: 90, About: "days a signing key may serve"}, "grace_days": {Default: 7, About: "days of grace"}},
			Controls:   map[string][]string{"pci-dss-4.0.1": {"3.7.4"}, "nist-800-53-r5": {"SC-12"}},
			References: []finding.Reference{{Ref: "https://csrc.nist.gov/pubs/sp/800/57/pt1/r5/final", Description: "NIST SP 800-57"}},
		},
		{ID: "rotation/grossly-overdue", Title: "Key has served more than twice its limit", Severity: finding.Critical, AppliesTo: []string{"key"}, Remedy: "rotate"},
		{ID: "rotation/automatic-rotation-off", Title: "Automatic rotation is off", Severity: finding.Medium, AppliesTo: []string{"aws.kms.key"}, Remedy: "configure"},
		{ID: "rotation/encryption-key-overdue", Title: "Encryption key is past its rotation period", Severity: finding.Medium, AppliesTo: []string{"key"}},
		{ID: "credentials/in-repository", Title: "A credential is in a repository", Severity: finding.Critical, AppliesTo: []string{"repo.credential"}, Tags: []string{"cwe-798", "cwe-540"}},
		{ID: "workload/vault-kubernetes-role-wide", Title: "A Kubernetes auth role trusts more than it needs", Severity: finding.High, AppliesTo: []string{"vault.kubernetes.role"}},
		{ID: "estate/unclassified", Title: "A resource belongs to no environment or owner", Severity: finding.Low, AppliesTo: []string{"key"}},
		{ID: "lifecycle/weak-key", Title: "Key is weak", Severity: finding.Low, AppliesTo: []string{"key"}},
		{ID: "meta/coverage-gap", Title: "A scope was not read as far as it has to be", Severity: finding.Medium, Meta: true},
		{ID: "meta/waiver-expired", Title: "A waiver has expired", Severity: finding.Medium, Meta: true},
	}
}

func fail(rule string, s finding.Severity, res *finding.Resource, message string) finding.Finding {
	return finding.Finding{Fingerprint: finding.Fingerprint(rule, res.ID, ""), Rule: rule, Verdict: finding.Fail, Severity: s, Resource: res, Message: message}
}

func withFacts(f finding.Finding, facts map[string]any) finding.Finding {
	f.Facts = facts
	return f
}

func diagnostic(rule, id, message string, facts map[string]any) finding.Finding {
	return withFacts(fail(rule, finding.Medium, &finding.Resource{ID: inventory.ID(id), Type: "keyreeve.run", Name: id}, message), facts)
}

func vaultKey(name, owner string) *finding.Resource {
	return &finding.Resource{
		ID: inventory.VaultID("eu", "", "transit", "keys", name), Type: "vault.transit.key", Kind: inventory.KindKey, Name: name, Origin: inventory.Live, Scope: vaultEU,
		Tier: "production", Environment: "prod", Purpose: "token_signing", Owner: owner,
	}
}

func vaultRole(name string) *finding.Resource {
	return &finding.Resource{ID: inventory.VaultID("eu", "", "auth", "kubernetes", "role", name), Type: "vault.kubernetes.role", Kind: inventory.KindTrust, Name: name, Origin: inventory.Live, Scope: vaultEU, Owner: "platform"}
}

func kmsKey(id, name string) *finding.Resource {
	return &finding.Resource{
		ID: inventory.ID("arn:aws:kms:eu-west-1:111122223333:key/" + id), Type: "aws.kms.key", Kind: inventory.KindKey, Name: name, Origin: inventory.Live, Scope: awsEU,
		Emulated: true, Tier: "production", Owner: "team-payments",
	}
}

func leak(path string, line int) *finding.Resource {
	return &finding.Resource{
		ID: inventory.ID(fmt.Sprintf("repo:payments#aws-access-token:%s:%d", path, line)), Type: "repo.credential", Kind: inventory.KindCredential, Name: path + ": aws-access-token",
		Origin: inventory.Declared, Scope: payRepo, Location: &inventory.Location{Path: path, StartLine: line}, Owner: "team-payments",
	}
}
