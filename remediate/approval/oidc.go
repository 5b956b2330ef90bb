package approval

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// An Issuer gives out identity tokens to the jobs of a CI system. A job in a protected environment can have one only after the environment's
// reviewers let it run, so its token for a plan is their approval. Who they were, it does not tell.
type Issuer struct {
	URL    string            // as in the claim "iss": https, without a query
	Claims map[string]string // what the token has to claim; "environment" is always among them
}

// Audience is what a token has to be for: one plan. GitHub takes it in a request's parameter audience, GitLab in id_tokens.aud.
func Audience(digest string) string { return "keyreeve:" + digest }

// skew is how far clocks may differ.
const skew = time.Minute

// maxToken and maxDocument bound what is read, in bytes.
const (
	maxToken    = 16 << 10
	maxDocument = 1 << 20
)

// signatures are the algorithms that count: those whose key to verify with is public.
var signatures = []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA}

// Check says what is wrong with an issuer.
func (i Issuer) Check() error {
	u, err := url.Parse(i.URL)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return fmt.Errorf("issuer %q is no https address without a query", i.URL)
	}
	if i.Claims["environment"] == "" {
		return errors.New("claims has no environment: a token of any job would be an approval")
	}
	if len(i.Claims) < 2 {
		return errors.New("claims names no project: a token of anybody's environment of that name would be an approval; add repository (GitHub) or project_path (GitLab)")
	}
	return nil
}

// Verify checks that a token is of this issuer, for this plan, as of a time. The keys are read from the issuer with the client.
func (i Issuer) Verify(ctx context.Context, client *http.Client, token, digest string, at time.Time) error {
	if len(token) > maxToken {
		return errors.New("it is too long for an identity token")
	}
	parsed, err := jwt.ParseSigned(strings.TrimSpace(token), signatures)
	if err != nil {
		return errors.New("it is no signed identity token (JWT) with a public-key algorithm") // the cause may hold parts of it
	}
	keys, err := i.keys(ctx, client)
	if err != nil {
		return err
	}
	kid := parsed.Headers[0].KeyID
	found := keys.Key(kid)
	if kid == "" || len(found) != 1 {
		return fmt.Errorf("%s publishes no key %q (any more); approve again with a new token", i.URL, kid)
	}
	if use := found[0].Use; use != "" && use != "sig" || !found[0].IsPublic() {
		return fmt.Errorf("the key %q of %s is not one that verifies", kid, i.URL)
	}
	var std jwt.Claims
	var all map[string]any
	if err := parsed.Claims(found[0].Key, &std, &all); err != nil {
		return fmt.Errorf("its signature is not of the key %q of %s", kid, i.URL)
	}
	return i.claims(std, all, digest, at)
}

func (i Issuer) claims(std jwt.Claims, all map[string]any, digest string, at time.Time) error {
	if std.Expiry == nil || std.IssuedAt == nil {
		return errors.New("it does not say when it was issued and when it expires")
	}
	if len(std.Audience) != 1 || std.Audience[0] != Audience(digest) {
		return fmt.Errorf("its audience is %q; for this plan it has to be %q alone", []string(std.Audience), Audience(digest))
	}
	if err := std.ValidateWithLeeway(jwt.Expected{Issuer: i.URL, Time: at}, skew); err != nil {
		return fmt.Errorf("it does not hold at %s: %w", at.UTC().Format(time.RFC3339), err)
	}
	for name, want := range i.Claims {
		if got, _ := all[name].(string); got != want {
			return fmt.Errorf("it claims %s %q, not %q", name, got, want)
		}
	}
	// GitLab tells whether the environment is protected; GitHub gives the claim environment to jobs that its rules let run.
	if protected, says := all["environment_protected"]; says && protected != "true" && protected != true {
		return fmt.Errorf("the environment %q is not protected", i.Claims["environment"])
	}
	return nil
}

// keys reads what the issuer publishes, as OpenID Connect Discovery 1.0 says: its configuration, and the set of keys that this names.
func (i Issuer) keys(ctx context.Context, client *http.Client) (*jose.JSONWebKeySet, error) {
	var config struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	if err := fetch(ctx, client, strings.TrimSuffix(i.URL, "/")+"/.well-known/openid-configuration", &config); err != nil {
		return nil, err
	}
	if config.Issuer != i.URL {
		return nil, fmt.Errorf("%s says that it is %q", i.URL, config.Issuer)
	}
	if u, err := url.Parse(config.Keys); err != nil || u.Scheme != "https" {
		return nil, fmt.Errorf("the keys of %s are at %q, which is not https", i.URL, config.Keys)
	}
	set := &jose.JSONWebKeySet{}
	if err := fetch(ctx, client, config.Keys, set); err != nil {
		return nil, err
	}
	set.Keys = slices.DeleteFunc(set.Keys, func(k jose.JSONWebKey) bool { return !k.Valid() })
	return set, nil
}

func fetch(ctx context.Context, client *http.Client, at string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("read %s: %w", at, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("read %s: it answered %d", at, resp.StatusCode)
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxDocument)).Decode(into); err != nil {
		return fmt.Errorf("read %s: it is no JSON of the expected form", at)
	}
	return nil
}
