package main

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/keyreeve/keyreeve/collectors/collectortest"
	"github.com/keyreeve/keyreeve/collectors/collectortest/awsfake"
	"github.com/keyreeve/keyreeve/collectors/collectortest/vaultfake"
)

// scriptNow is the clock of the fakes that scripts start.
func scriptNow() time.Time {
	t, err := time.Parse(time.RFC3339, testNow)
	if err != nil {
		panic(err)
	}
	return t
}

func ago(days int) time.Time { return scriptNow().AddDate(0, 0, -days) }

// serve starts a server that ends with the script, and returns its address.
func serve(ts *testscript.TestScript, h http.Handler, tls bool) string {
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = nil
	if tls {
		s.StartTLS()
	} else {
		s.Start()
	}
	ts.Defer(s.Close)
	return s.URL
}

// vaultCommand starts a fake Vault and sets VAULT_ADDR and VAULT_TOKEN:
//
//	vault [-policy FILE] [-without PATH] [-fault KIND [-call CALL] [-times N]] [-empty] [-ways] [-tls]
//
// The token may do what the policy grants; -without takes one path's rule out of it; no -policy is a root token. With
// -ways there are logins that lead to others.
func vaultCommand(ts *testscript.TestScript, neg bool, args []string) {
	flags := flag.NewFlagSet("vault", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	policy := flags.String("policy", "", "")
	without := flags.String("without", "", "")
	kind := flags.String("fault", "", "")
	call := flags.String("call", "", "")
	times := flags.Int("times", 0, "")
	empty := flags.Bool("empty", false, "")
	ways := flags.Bool("ways", false, "")
	tls := flags.Bool("tls", false, "")
	ts.Check(flags.Parse(args))

	token := vaultfake.Token{ID: "hvs.script", Accessor: "script", DisplayName: "keyreeve", Policies: []string{"keyreeve-read"}, Created: ago(0), Expires: ago(-1)}
	if *policy == "" {
		token.Root = true
	} else {
		data, err := os.ReadFile(ts.MkAbs(*policy))
		ts.Check(err)
		for _, rule := range vaultfake.ParsePolicy(string(data)) {
			if rule.Path != *without {
				token.Rules = append(token.Rules, rule)
			}
		}
	}
	estate := vaultfake.Estate{"root": &vaultfake.Namespace{}}
	if !*empty {
		estate = scriptVault()
	}
	if *ways {
		addWays(estate["root"])
	}
	estate["root"].Tokens = append(estate["root"].Tokens, token)
	h := vaultfake.New(estate, vaultfake.Options{Now: scriptNow, Fault: collectortest.Fault{Kind: collectortest.FaultKind(*kind), Call: *call, Times: *times}})
	if *kind == string(collectortest.Hang) {
		ts.Value(backgroundKey{}).(*background).hanging = h.Hanging()
	}
	ts.Setenv("VAULT_ADDR", serve(ts, h, *tls))
	ts.Setenv("VAULT_TOKEN", token.ID)
}

// scriptVault is a small estate with something for most rules.
func scriptVault() vaultfake.Estate {
	owner := map[string]string{"owner": "payments", "environment": "prod"}
	return vaultfake.Estate{"root": &vaultfake.Namespace{
		Mounts: []vaultfake.Mount{
			{Path: "transit/", Type: "transit", Keys: []vaultfake.TransitKey{
				{Name: "jwt", Type: "ed25519", Versions: []time.Time{ago(800), ago(100)}},
				{Name: "jwt-old", Type: "ed25519", Versions: []time.Time{ago(400)}},
				{Name: "payload", Type: "aes256-gcm96", Versions: []time.Time{ago(30)}, AutoRotate: 90 * 24 * time.Hour},
				{Name: "escrow", Type: "aes256-gcm96", Versions: []time.Time{ago(30)}, AutoRotate: 90 * 24 * time.Hour, Exportable: true, Deletable: true},
			}},
			{Path: "kv/", Type: "kv", Version: "2", Secrets: []vaultfake.Secret{
				{Path: "prod/stripe", Value: "canary-value", Custom: owner, Versions: []vaultfake.SecretVersion{{Created: ago(120)}}},
				{Path: "prod/mail", Value: "canary-value", Custom: owner, Versions: []vaultfake.SecretVersion{{Created: ago(12)}}},
			}},
		},
		Auth: []vaultfake.Mount{
			{Path: "approle/", Type: "approle", AppRoles: []vaultfake.AppRole{{Name: "ci", Policies: []string{"deploy"}, BindSecretID: true}}},
			{Path: "kubernetes/", Type: "kubernetes", KubernetesRoles: []vaultfake.KubernetesRole{
				{Name: "any", Policies: []string{"app"}, Accounts: []string{"*"}, Namespaces: []string{"*"}, Audience: "vault"},
				{Name: "app", Policies: []string{"app"}, Accounts: []string{"app"}, Namespaces: []string{"prod"}, Audience: "vault"},
			}},
		},
		Policies: map[string]string{
			"deploy": `path "kv/data/prod/*" { capabilities = ["create", "update"] }`,
			"app":    `path "kv/data/prod/*" { capabilities = ["read"] }`,
		},
		Audit: []vaultfake.Device{{Path: "file/", Type: "file", Options: map[string]string{"file_path": "/var/log/vault.log"}}},
		Tokens: []vaultfake.Token{
			{Accessor: "r", DisplayName: "root", Policies: []string{"root"}, Created: ago(500), Orphan: true},
			{Accessor: "p", DisplayName: "token-deployer", Policies: []string{"deploy"}, Created: ago(200), Period: 86400, Expires: ago(-1), Renewable: true},
		},
	}}
}

// addWays adds users of whom each has one way to a key or to somebody else, beside an AppRole that is held to a network.
func addWays(ns *vaultfake.Namespace) {
	users := vaultfake.Mount{Path: "userpass/", Type: "userpass"}
	for name, policy := range map[string]string{
		"version": `path "transit/export/encryption-key/escrow/1" { capabilities = ["read"] }`,
		"wrapper": `path "transit/byok-export/mine/escrow" { capabilities = ["read"] }
path "transit/keys/mine/import" { capabilities = ["update"] }`,
		"opener": `path "transit/export/+/payload" { capabilities = ["read"] }
path "transit/keys/payload/config" { capabilities = ["update"] }`,
		"issuer": `path "auth/approle/role/net/secret-id" { capabilities = ["update"] }
path "auth/approle/role/net/role-id" { capabilities = ["read"] }`,
		"terms": `path "auth/token/roles/mine" { capabilities = ["create", "update"] }
path "auth/token/create/mine" { capabilities = ["update"] }`,
		"writer":  `path "auth/token/roles/mine" { capabilities = ["create", "update"] }`,
		"copier":  `path "sys/storage/raft/snapshot" { capabilities = ["read"] }`,
		"decrypt": `path "transit/decrypt/payload" { capabilities = ["update"] }`,
	} {
		ns.Policies[name] = policy
		if name != "decrypt" {
			users.Users = append(users.Users, vaultfake.User{Name: name, Policies: []string{name}})
		}
	}
	slices.SortFunc(users.Users, func(a, b vaultfake.User) int { return strings.Compare(a.Name, b.Name) })
	ns.Auth = append(ns.Auth, users)
	approle := &ns.Auth[0]
	approle.AppRoles = append(approle.AppRoles, vaultfake.AppRole{Name: "net", Policies: []string{"decrypt"}, BindSecretID: true, TokenCIDRs: []string{"10.0.0.0/8"}})
}

// awsCommand starts a fake AWS and sets AWS_ENDPOINT_URL, a Region and credentials:
//
//	aws [-deny CALL] [-throttle CALL -times N] [-empty] [-expired] [-estate FILE]
//
// One key's own policy denies DescribeKey, whatever IAM grants. An account with an estate holds what the file says, and nothing else.
func awsCommand(ts *testscript.TestScript, neg bool, args []string) {
	flags := flag.NewFlagSet("aws", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	deny := flags.String("deny", "", "")
	throttle := flags.String("throttle", "", "")
	times := flags.Int("times", 0, "")
	empty := flags.Bool("empty", false, "")
	expired := flags.Bool("expired", false, "")
	estate := flags.String("estate", "", "")
	ts.Check(flags.Parse(args))

	s := awsfake.New(scriptNow)
	account := s.Account("111122223333")
	if !*expired {
		account.AddAccessKey("script")
	}
	region := account.Region("eu-west-1")
	if *estate != "" {
		addEstate(ts, account, region, *estate)
	} else if !*empty {
		region.AddKey(awsfake.Key{Aliases: []string{"alias/payments"}, Created: ago(800), RotationPeriod: 365, NextRotation: ago(-200), Rotations: []awsfake.Rotation{{At: ago(165)}}})
		region.AddKey(awsfake.Key{Aliases: []string{"alias/archive"}, Created: ago(800)})
		region.AddKey(awsfake.Key{Aliases: []string{"alias/jwt"}, Created: ago(100), Spec: types.KeySpecEccNistP256})
		admin := account.AddPolicy(awsfake.ManagedPolicy{Name: "AdministratorAccess", AWS: true, Document: `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`})
		account.AddOIDCProvider(awsfake.OIDCProvider{Issuer: "oidc.example/id/A", Audiences: []string{"sts.amazonaws.com"}})
		account.AddRole(awsfake.Role{Name: "deploy", Holder: awsfake.Holder{Attached: []string{admin}}, Policy: `{"Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/oidc.example/id/A"},"Action":"sts:AssumeRoleWithWebIdentity"}]}`})
		account.AddUser(awsfake.User{Name: "legacy", Keys: []awsfake.AccessKey{{ID: "FAKELEGACY", Created: ago(900)}}})
		keeper := account.AddPolicy(awsfake.ManagedPolicy{Name: "keeper", Document: `{"Statement":[{"Effect":"Allow","Action":"kms:PutKeyPolicy","Resource":"*"}]}`})
		account.AddUser(awsfake.User{Name: "keeper", Holder: awsfake.Holder{Attached: []string{keeper}}})
		account.AddUser(awsfake.User{Name: "muted", Holder: awsfake.Holder{Inline: map[string]string{
			"own":    `{"Statement":[{"Effect":"Allow","Action":["kms:Decrypt","iam:DeleteUserPolicy"],"Resource":"*"}]}`,
			"muzzle": `{"Statement":[{"Effect":"Deny","Action":"kms:*","Resource":"*"}]}`,
		}}})
		region.AddSecret(awsfake.Secret{Name: "shop/payments", Created: ago(400), RotationDays: 30, Tags: map[string]string{"keyreeve:purpose": "api_key"}, Policy: `{"Statement":[{"Sid":"Anybody","Effect":"Allow","Principal":"*","Action":"secretsmanager:GetSecretValue","Resource":"*"}]}`})
		region.AddSecret(awsfake.Secret{Name: "shop/database", Created: ago(400), RotationDays: 30, Versions: []awsfake.SecretVersion{{Created: ago(12), Stages: []string{"AWSCURRENT"}}}})
		region.AddSecret(awsfake.Secret{Name: "shop/closed", Created: ago(400), RotationDays: 30, Deny: []string{"GetResourcePolicy", "ListSecretVersionIds"}})
		region.AddKey(awsfake.Key{Aliases: []string{"alias/locked"}, Created: ago(800), Deny: []string{"DescribeKey"}})
	}
	for _, call := range strings.Fields(*deny) {
		s.Break(awsfake.Fault{Call: call, Do: awsfake.Deny})
	}
	if *throttle != "" {
		s.Break(awsfake.Fault{Call: *throttle, Times: *times, Do: awsfake.Throttle})
	}
	ts.Setenv("AWS_ENDPOINT_URL", serve(ts, s, false))
	ts.Setenv("AWS_REGION", "eu-west-1")
	ts.Setenv("AWS_ACCESS_KEY_ID", "script")
	ts.Setenv("AWS_SECRET_ACCESS_KEY", "script")
	ts.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

// background is what scripts with a hanging server share between commands.
type background struct {
	hanging <-chan struct{} // closed when the call that hangs has arrived
	cmd     *exec.Cmd
}

type backgroundKey struct{}

// interrupt waits until a call hangs and sends Ctrl-C to the command that runs in the background.
func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	b := ts.Value(backgroundKey{}).(*background)
	select {
	case <-b.hanging:
	case <-time.After(time.Minute):
		ts.Fatalf("no call has arrived that hangs")
	}
	b.cmd = ts.BackgroundCmds()[0]
	ts.Check(b.cmd.Process.Signal(os.Interrupt))
}

// exited checks the exit code of the command that was interrupted, after wait: exited CODE.
func exited(ts *testscript.TestScript, neg bool, args []string) {
	if code := ts.Value(backgroundKey{}).(*background).cmd.ProcessState.ExitCode(); fmt.Sprint(code) != args[0] {
		ts.Fatalf("exited with %d, want %s", code, args[0])
	}
}
