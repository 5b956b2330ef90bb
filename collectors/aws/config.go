package aws

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
)

// Config says which accounts and Regions to read, with the credentials that AWS's own chain finds: environment, profile, web
// identity, container, instance. No secret stands in it. The zero value reads the account of those credentials in the Region
// of the environment.
type Config struct {
	Profile  string    `yaml:"profile"`  // of AWS's shared configuration files; empty: the chain's own choice
	Regions  Regions   `yaml:"regions"`  // empty: the Region of the environment or profile
	Accounts []Account `yaml:"accounts"` // read besides the account of the credentials, by assuming a role in each
	Services []string  `yaml:"services"` // what to read of an account, of those that table services lists; empty: those that need no asking
	Endpoint string    `yaml:"endpoint"` // instead of AWS's own: a VPC endpoint, or a test server
	CAFile   string    `yaml:"ca_file"`  // PEM bundle to trust instead of the system's
	// Emulated says that Endpoint is a test server; every result then says so too.
	Emulated bool   `yaml:"emulated"`
	Budget   Budget `yaml:"budget"`

	// Reading a whole organization is not possible in this version; Open says so.
	Organization map[string]any `yaml:"organization"`
	ExcludeOUs   []string       `yaml:"exclude_ous"`
}

// Regions lists Regions by name. In YAML it is a list, or one name.
type Regions []string

// UnmarshalYAML accepts "regions: eu-west-1" besides a list.
func (r *Regions) UnmarshalYAML(unmarshal func(any) error) error {
	var list []string
	if err := unmarshal(&list); err == nil {
		*r = list
		return nil
	}
	var one string
	if err := unmarshal(&one); err != nil {
		return err
	}
	*r = Regions{one}
	return nil
}

// An Account is read by assuming a role in it.
type Account struct {
	Name          string `yaml:"name"`            // for messages; empty: its number
	RoleARN       string `yaml:"role_arn"`        // arn:aws:iam::111122223333:role/keyreeve-read
	ExternalIDEnv string `yaml:"external_id_env"` // environment variable that holds the external ID that the role's trust policy asks for
}

// Budget bounds what is asked of one account, over all its Regions together, retries included.
type Budget struct {
	// RPS is how many calls are made a second; default 20. The lowest request quota that AWS has published for a call that is
	// made here is 30 a second and Region (GetKeyRotationStatus), so whatever the mix, a third is left for others.
	RPS float64 `yaml:"rps_per_account"`
	// Concurrency is how many calls are under way at once; default 8.
	Concurrency int `yaml:"concurrency"`
}

// Options are the circumstances of a run.
type Options struct {
	Logger  *slog.Logger
	Env     func(string) string // looks up an environment variable
	Now     func() time.Time
	Version string // of keyreeve, for the user agent

	maxBackoff time.Duration // between two tries of one call; 0: maxBackoff
}

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Env == nil {
		o.Env = os.Getenv
	}
	if o.maxBackoff == 0 {
		o.maxBackoff = maxBackoff
	}
	return o
}

// environment lists what offers credentials without asking the network. The credentials of an instance are not among them:
// they are used when a configuration asks for AWS, never tried for by chance.
var environment = []string{"AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"}

// FromEnvironment makes the configuration that the environment offers: the account of its credentials, in the Region of AWS_REGION
// or AWS_DEFAULT_REGION. It reports false when it finds no Region, or neither a variable nor a file that holds credentials.
func FromEnvironment(o Options) (Config, bool) {
	o = o.withDefaults()
	region := regionOf(o)
	return Config{Regions: region}, region != nil && hasCredentials(o)
}

func regionOf(o Options) Regions {
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION"} {
		if r := o.Env(name); r != "" {
			return Regions{r}
		}
	}
	return nil
}

func hasCredentials(o Options) bool {
	for _, name := range environment {
		if o.Env(name) != "" {
			return true
		}
	}
	file := o.Env("AWS_SHARED_CREDENTIALS_FILE")
	if file == "" {
		file = filepath.Join(o.Env("HOME"), ".aws", "credentials")
	}
	_, err := os.Stat(file)
	return err == nil
}

var (
	goodRegion  = regexp.MustCompile(`^[a-z]+(-[a-z]+)+-[0-9]+$`)
	goodAccount = regexp.MustCompile(`^[0-9]{12}$`)
)

// check returns the configuration with its defaults, or says in one sentence what is wrong with it. Regions may still be
// missing: the profile may name one.
func (c Config) check(o Options) (Config, error) {
	if c.Organization != nil || c.ExcludeOUs != nil {
		return c, errors.New("aws: organization: this version cannot list the accounts of an organization; name them under accounts, each with its role_arn")
	}
	if slices.Contains(c.Regions, "enabled") {
		return c, errors.New(`aws: regions: this version cannot ask which Regions are enabled; list them: regions: [eu-west-1, us-east-1]`)
	}
	if len(c.Regions) == 0 { // as AWS's tools do: the environment goes before a profile
		c.Regions = regionOf(o)
	}
	if err := c.checkServices(); err != nil {
		return c, err
	}
	c.Regions = slices.Compact(slices.Sorted(slices.Values(c.Regions)))
	for _, r := range c.Regions {
		if !goodRegion.MatchString(r) {
			return c, fmt.Errorf("aws: regions: %q is not the name of a Region; write it like eu-west-1", r)
		}
	}
	if err := c.checkEndpoint(); err != nil {
		return c, err
	}
	numbers := map[string]bool{}
	for _, a := range c.Accounts {
		number, err := a.check(o)
		if err != nil {
			return c, err
		}
		if numbers[number] {
			return c, fmt.Errorf("aws: accounts: two roles are in the account %s; keep one", number)
		}
		numbers[number] = true
	}
	return c.withBudget()
}

func (c Config) withBudget() (Config, error) {
	if c.Budget.RPS < 0 || c.Budget.Concurrency < 0 {
		return c, errors.New("aws: budget: rps_per_account and concurrency are above 0")
	}
	if c.Budget.RPS == 0 {
		c.Budget.RPS = 20
	}
	if c.Budget.Concurrency == 0 {
		c.Budget.Concurrency = 8
	}
	return c, nil
}

func (c Config) checkEndpoint() error {
	if c.Endpoint == "" {
		if c.Emulated {
			return errors.New("aws: emulated: AWS itself is no test server; name the test server's endpoint, or leave emulated out")
		}
		return nil
	}
	u, err := url.Parse(c.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return fmt.Errorf("aws: endpoint: %q is not an address; write https://HOST[:PORT]", c.Endpoint)
	}
	if u.User != nil || u.RawQuery != "" {
		return errors.New("aws: endpoint: the address holds a user or a query; write https://HOST[:PORT]")
	}
	return nil
}

// check returns the number of the account.
func (a Account) check(o Options) (string, error) {
	role, err := arn.Parse(a.RoleARN)
	if err != nil || role.Service != "iam" || !goodAccount.MatchString(role.AccountID) || len(role.Resource) < 6 || role.Resource[:5] != "role/" {
		return "", fmt.Errorf("aws: accounts: role_arn %q is not the ARN of a role; write it like arn:aws:iam::111122223333:role/keyreeve-read", a.RoleARN)
	}
	if a.ExternalIDEnv != "" && o.Env(a.ExternalIDEnv) == "" {
		return "", fmt.Errorf("aws: accounts: role %s: the environment variable %s, which external_id_env names, is empty; set it to the external ID", a.RoleARN, a.ExternalIDEnv)
	}
	return role.AccountID, nil
}
