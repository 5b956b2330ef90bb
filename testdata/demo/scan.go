package main

import (
	"context"
	"embed"
	"os"
	"time"
)

//go:embed configuration
var configuration embed.FS

// configure writes the configuration, and makes Vault credentials that can do what keyreeve asked for and nothing else.
func (d *demo) configure(ctx context.Context) error {
	d.step("Writing %s", d.path("keyreeve.yaml"))
	for _, name := range []string{"keyreeve.yaml", "waivers.yaml"} {
		data := map[string]string{"Vault": d.door.URL, "AWS": d.aws.Address, "Until": time.Now().AddDate(0, 6, 0).Format(time.DateOnly)}
		if err := writeTemplate(d.path(name), configuration, "configuration/"+name, data); err != nil {
			return err
		}
	}

	d.step("Asking keyreeve for the least it needs")
	for _, policy := range []struct{ backend, file string }{{"aws", "aws-policy.json"}, {"vault", "vault-policy.hcl"}} {
		text, err := d.ask(ctx, nil, 0, "permissions", policy.backend, "-c", d.path("keyreeve.yaml"))
		if err != nil {
			return err
		}
		if err := os.WriteFile(d.path(policy.file), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// token returns a Vault token that has a policy that was printed, and not even the default policy besides.
func (d *demo) token(ctx context.Context, name, policy string) (string, error) {
	client, err := d.vault.Client(d.vault.Token)
	if err != nil {
		return "", err
	}
	if _, err := client.Logical().WriteWithContext(ctx, "sys/policies/acl/"+name, map[string]any{"policy": policy}); err != nil {
		return "", err
	}
	made, err := client.Logical().WriteWithContext(ctx, "auth/token/create-orphan",
		map[string]any{"policies": []string{name}, "no_default_policy": true, "ttl": "1h", "display_name": name})
	if err != nil {
		return "", err
	}
	d.say("Vault made a token that has this policy and no other")
	return made.Auth.ClientToken, nil
}

// awsEnviron has credentials that the emulator takes, in place of the user's own.
func (d *demo) awsEnviron() []string {
	nowhere := d.path("out", "no-such-file")
	return []string{
		"AWS_ACCESS_KEY_ID=demo", "AWS_SECRET_ACCESS_KEY=demo", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE=" + nowhere, "AWS_SHARED_CREDENTIALS_FILE=" + nowhere,
	}
}

// scan has keyreeve read both back ends with a token of the policy that it asked for.
func (d *demo) scan(ctx context.Context) error {
	policy, err := os.ReadFile(d.path("vault-policy.hcl"))
	if err != nil {
		return err
	}
	if d.reader, err = d.token(ctx, "keyreeve-read", string(policy)); err != nil {
		return err
	}
	d.step("Scanning Vault and AWS")
	if err := d.read(ctx, "scan", "snapshot.ndjson"); err != nil {
		return err
	}
	d.say("exit code 3, as it should be: one KMS key's own policy refuses keyreeve, so verdicts about it are unknown and not passes")
	return nil
}

// read has keyreeve read and judge both back ends, and write what it found under a name.
func (d *demo) read(ctx context.Context, name, snapshot string) error {
	const incomplete = 3
	_, err := d.ask(ctx, append(d.awsEnviron(), "VAULT_TOKEN="+d.reader), incomplete, "scan", "-c", d.path("keyreeve.yaml"), "--snapshot", d.out(snapshot),
		"-o", "text="+d.out(name+".txt"), "-o", "json="+d.out(name+".json"), "-o", "sarif="+d.out(name+".sarif"))
	return err
}

// lint makes the sample repository and has keyreeve look for credentials in it, as a developer or CI would.
func (d *demo) lint(ctx context.Context) error {
	d.step("Linting a sample repository, offline")
	if err := writeRepository(ctx, d.path("repository")); err != nil {
		return err
	}
	const findings = 1
	_, err := d.ask(ctx, nil, findings, "lint", d.path("repository"),
		"-o", "text="+d.out("lint.txt"), "-o", "json="+d.out("lint.json"), "-o", "sarif="+d.out("lint.sarif"))
	if err != nil {
		return err
	}
	d.say("exit code 1, as it should be: credentials were planted in it")
	return d.show(ctx, "report", d.out("lint.json"))
}
