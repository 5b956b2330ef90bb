package aws

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
	smithymiddleware "github.com/aws/smithy-go/middleware"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

const (
	// callTimeout bounds one try of a call, from its sending to the end of the answer.
	callTimeout = 30 * time.Second
	// sessionName appears in CloudTrail beside everything that was read with an assumed role.
	sessionName = "keyreeve"
)

// Open makes one source for each account and Region: of the account of the credentials, and of every account that the
// configuration lists. It asks STS once which account the credentials are of.
//
// An error means that the configuration cannot be used as it is. Credentials that are missing or refused are none: the scopes
// that they would have opened each yield one gap.
func Open(ctx context.Context, c Config, o Options) ([]inventory.Source, error) {
	o = o.withDefaults()
	c, err := c.check(o)
	if err != nil {
		return nil, err
	}
	client, err := httpClient(c)
	if err != nil {
		return nil, err
	}
	own := &account{}
	if own.sdk, err = loadSDK(ctx, c, o, client); err != nil {
		return nil, err
	}
	client = own.sdk.HTTPClient // which now trusts AWS_CA_BUNDLE too
	own.pace = newPace(client, c.Budget, o.Logger)
	own.sdk.HTTPClient = own.pace
	if len(c.Regions) == 0 {
		if own.sdk.Region == "" {
			return nil, errors.New("aws: regions: neither the configuration nor the environment names a Region; list them: regions: [eu-west-1]")
		}
		c.Regions = Regions{own.sdk.Region}
	}
	if own.sdk.Region == "" {
		own.sdk.Region = c.Regions[0] // where STS is asked
	}
	own.identify(ctx)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	accounts := []*account{own}
	for _, a := range c.Accounts {
		assumed := assume(own, a, c, client, o)
		if assumed.number == own.number {
			accounts[0] = assumed // the role that the configuration names reads the account of the credentials
			continue
		}
		accounts = append(accounts, assumed)
	}
	return sources(accounts, c, o), nil
}

// sources makes one for each account and Region.
func sources(accounts []*account, c Config, o Options) []inventory.Source {
	var out []inventory.Source
	documents := &inventory.Documents{} // shared: accounts attach the same policies
	for _, a := range accounts {
		for i, region := range c.Regions {
			s := &source{
				account: a, scope: inventory.NewScope("aws", "", a.number, region), region: region, services: slices.DeleteFunc(slices.Clone(services), func(v service) bool { return !c.asks(v) }),
				workers: c.Budget.Concurrency, emulated: c.Emulated, logger: o.Logger, documents: documents,
				kms:     kms.NewFromConfig(a.sdk, func(k *kms.Options) { k.Region = region }),
				secrets: secretsmanager.NewFromConfig(a.sdk, func(m *secretsmanager.Options) { m.Region = region }),
			}
			if i == 0 {
				s.opening = a.calls // counted once
			}
			out = append(out, s)
		}
	}
	return out
}

// loadSDK runs AWS's own search for credentials and settings. Credentials that o.Env holds come first, as they do in the
// process's environment, unless the configuration names a profile.
func loadSDK(ctx context.Context, c Config, o Options, client aws.HTTPClient) (aws.Config, error) {
	options := []func(*awsconfig.LoadOptions) error{
		awsconfig.WithHTTPClient(client),
		awsconfig.WithRetryer(func() aws.Retryer { return retryer(o.maxBackoff) }),
		awsconfig.WithLogger(logging.Nop{}),
		awsconfig.WithAPIOptions(apiOptions(o)),
	}
	if c.Profile != "" {
		options = append(options, awsconfig.WithSharedConfigProfile(c.Profile))
	} else if id, secret := o.Env("AWS_ACCESS_KEY_ID"), o.Env("AWS_SECRET_ACCESS_KEY"); id != "" && secret != "" {
		options = append(options, awsconfig.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(id, secret, o.Env("AWS_SESSION_TOKEN"))))
	}
	if c.Endpoint != "" {
		options = append(options, awsconfig.WithBaseEndpoint(c.Endpoint))
	}
	sdk, err := awsconfig.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return sdk, fmt.Errorf("aws: read AWS's shared configuration: %w", err)
	}
	return sdk, nil
}

// apiOptions makes keyreeve tell its name, which CloudTrail keeps.
func apiOptions(o Options) []func(*smithymiddleware.Stack) error {
	return []func(*smithymiddleware.Stack) error{middleware.AddUserAgentKeyValue("keyreeve", o.Version)}
}

// httpClient is shared by all accounts, so that they share connections.
func httpClient(c Config) (aws.HTTPClient, error) {
	client := awshttp.NewBuildableClient().WithTimeout(callTimeout)
	if c.CAFile == "" {
		return client, nil
	}
	pem, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("aws: ca_file: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("aws: ca_file: %q holds no certificate in PEM", c.CAFile)
	}
	return client.WithTransportOptions(func(t *http.Transport) {
		t.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}), nil
}

// assume makes an account that is read with a role. Nothing is asked yet: the role is assumed when its first source is read.
func assume(own *account, a Account, c Config, client aws.HTTPClient, o Options) *account {
	role, _ := arn.Parse(a.RoleARN) // checked
	out := &account{name: a.Name, number: role.AccountID, partition: role.Partition, role: a.RoleARN, pace: newPace(client, c.Budget, o.Logger)}
	out.identity = fmt.Sprintf("arn:%s:sts::%s:assumed-role/%s/%s", role.Partition, role.AccountID, roleName(role.Resource), sessionName)
	out.sdk = own.sdk.Copy()
	out.sdk.HTTPClient = out.pace
	out.sdk.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(own.sdk), a.RoleARN, func(p *stscreds.AssumeRoleOptions) {
		p.RoleSessionName = sessionName
		if id := o.Env(a.ExternalIDEnv); a.ExternalIDEnv != "" {
			p.ExternalID = &id
		}
	}))
	return out
}
