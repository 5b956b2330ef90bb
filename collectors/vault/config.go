package vault

import (
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Config says how to read one Vault server. No secret stands in it: it names where secrets are.
type Config struct {
	// Name goes into every ID and so into every fingerprint: it stays when the address changes.
	Name    string `yaml:"name"`
	Address string `yaml:"address"` // https://HOST:PORT
	// Emulated says that this is a test server; every result then says so too.
	Emulated bool `yaml:"emulated"`
	// Namespace is where keyreeve logs in, or where its token was made; empty is the root namespace.
	Namespace string `yaml:"namespace"`
	// Namespaces lists what is read, as full paths; "*" is Namespace and everything below it. Empty: Namespace alone.
	Namespaces []string      `yaml:"namespaces"`
	Auth       Auth          `yaml:"auth"`
	CAFile     string        `yaml:"ca_file"` // PEM bundle to trust instead of the system's
	Budget     Budget        `yaml:"budget"`
	Tokens     Tokens        `yaml:"tokens"`
	Timeout    time.Duration `yaml:"timeout"` // of one call; default 30s
	// Mounts names mounts by engine for the policy that "keyreeve permissions" prints, and to be read even when the list of
	// mounts is denied. It limits nothing: what the server lists is read as well.
	Mounts map[string][]string `yaml:"mounts"`
}

// Auth says how keyreeve gets a token. At most one of its fields is set.
type Auth struct {
	TokenEnv   string         `yaml:"token_env"` // environment variable that holds a token; default VAULT_TOKEN
	Kubernetes KubernetesAuth `yaml:"kubernetes"`
	AppRole    AppRoleAuth    `yaml:"approle"`
}

// KubernetesAuth logs in with the service account of the pod. In YAML it is a role's name, or a mapping.
type KubernetesAuth struct {
	Role    string `yaml:"role"`
	Mount   string `yaml:"mount"`    // default "kubernetes"
	JWTPath string `yaml:"jwt_path"` // default is where Kubernetes mounts the service account's token
}

// UnmarshalYAML accepts "kubernetes: ROLE" besides the mapping.
func (k *KubernetesAuth) UnmarshalYAML(unmarshal func(any) error) error {
	if unmarshal(&k.Role) == nil {
		return nil
	}
	type mapping KubernetesAuth
	return unmarshal((*mapping)(k))
}

// AppRoleAuth logs in with a role-id, which is no secret, and a secret-id from the environment.
type AppRoleAuth struct {
	RoleID      string `yaml:"role_id"`
	SecretIDEnv string `yaml:"secret_id_env"` // default VAULT_SECRET_ID
	Mount       string `yaml:"mount"`         // default "approle"
}

// Budget bounds what the server has to bear, over all its namespaces together.
type Budget struct {
	RPS         float64 `yaml:"rps"`         // calls a second, retries included; default 20
	Concurrency int     `yaml:"concurrency"` // calls under way at once; default 16
}

// Tokens asks for the tokens. It is opt-in because Vault hands the list of accessors out whole, however long it is, and
// wants sudo for it.
type Tokens struct {
	List       bool `yaml:"list"`
	MaxLookups int  `yaml:"max_lookups"` // accessors looked up in one namespace; default 50000
}

// Options are the circumstances of a run. All have defaults except Env.
type Options struct {
	Logger  *slog.Logger
	Env     func(string) string // looks up an environment variable
	Now     func() time.Time    // tells which versions of a secret have ended
	Version string              // of keyreeve, for the user agent

	retryWait time.Duration // before the first retry, for tests; 0: see server.go
}

// FromEnvironment makes the configuration that VAULT_ADDR and VAULT_TOKEN offer, with VAULT_NAMESPACE and VAULT_CACERT. The
// name is KEYREEVE_VAULT_NAME, or else the host, which ties IDs to it: set the variable, or a configuration, to keep
// fingerprints when the host changes. It reports false when address or token is missing.
func FromEnvironment(o Options) (Config, bool) {
	address := o.Env("VAULT_ADDR")
	if address == "" || o.Env("VAULT_TOKEN") == "" {
		return Config{}, false
	}
	name := o.Env("KEYREEVE_VAULT_NAME")
	if u, err := url.Parse(address); err == nil && name == "" {
		name = strings.ReplaceAll(u.Hostname(), ":", "-")
	}
	return Config{Name: name, Address: address, Namespace: o.Env("VAULT_NAMESPACE"), CAFile: o.Env("VAULT_CACERT")}, true
}

var goodName = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// check returns the configuration with its defaults, or says in one sentence what is wrong with it.
func (c Config) check() (Config, error) {
	fail := func(format string, args ...any) (Config, error) {
		return c, fmt.Errorf("vault %q: "+format, append([]any{c.Name}, args...)...)
	}
	if !goodName.MatchString(c.Name) {
		return fail("name is missing or has characters other than letters, digits, dot, dash and underscore; it goes into every ID")
	}
	u, err := url.Parse(c.Address)
	switch {
	case c.Address == "":
		return fail("address is missing; write address: https://HOST:8200")
	case err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http"):
		return fail("address %q is no URL such as https://HOST:8200", c.Address)
	case u.User != nil:
		return fail("address holds a user name or password; Vault takes neither")
	}
	ways := 0
	for _, set := range []bool{c.Auth.TokenEnv != "", c.Auth.Kubernetes != KubernetesAuth{}, c.Auth.AppRole != AppRoleAuth{}} {
		if set {
			ways++
		}
	}
	switch {
	case ways > 1:
		return fail("auth names more than one of token_env, kubernetes and approle; keep one")
	case c.Auth.Kubernetes != KubernetesAuth{} && c.Auth.Kubernetes.Role == "":
		return fail("auth.kubernetes has no role")
	case c.Auth.AppRole != AppRoleAuth{} && c.Auth.AppRole.RoleID == "":
		return fail("auth.approle has no role_id")
	case c.Budget.RPS < 0 || c.Budget.Concurrency < 0 || c.Tokens.MaxLookups < 0 || c.Timeout < 0:
		return fail("budget, tokens.max_lookups and timeout cannot be negative")
	}
	for name := range c.Mounts {
		if !slices.ContainsFunc(engines, func(e engine) bool { return e.name == name }) {
			return fail("mounts names the engine %q, which keyreeve does not read", name)
		}
	}
	return c.withDefaults(), nil
}

func (c Config) withDefaults() Config {
	c.Namespace = inventory.VaultNamespace(c.Namespace)
	if len(c.Namespaces) == 0 {
		c.Namespaces = []string{c.Namespace}
	}
	setDefault(&c.Auth.TokenEnv, "VAULT_TOKEN")
	setDefault(&c.Auth.Kubernetes.Mount, "kubernetes")
	setDefault(&c.Auth.Kubernetes.JWTPath, "/var/run/secrets/kubernetes.io/serviceaccount/token")
	setDefault(&c.Auth.AppRole.SecretIDEnv, "VAULT_SECRET_ID")
	setDefault(&c.Auth.AppRole.Mount, "approle")
	setDefault(&c.Budget.RPS, 20)
	setDefault(&c.Budget.Concurrency, 16)
	setDefault(&c.Tokens.MaxLookups, 50_000)
	setDefault(&c.Timeout, 30*time.Second)
	return c
}

func setDefault[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}
