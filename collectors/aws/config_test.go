package aws

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/strictyaml"
)

// TestConfigurationsThatCannotBeUsed says of each what is wrong and what to write.
func TestConfigurationsThatCannotBeUsed(t *testing.T) {
	role := "arn:aws:iam::444455556666:role/keyreeve-read"
	for _, c := range []struct {
		yaml string
		want string
	}{
		{"regions: enabled", "cannot ask which Regions are enabled; list them"},
		{"regions: [eu-west1]", `"eu-west1" is not the name of a Region`},
		{"organization: {role: keyreeve-read}", "name them under accounts"},
		{"exclude_ous: [Suspended]", "name them under accounts"},
		{"accounts: [{role_arn: keyreeve-read}]", `role_arn "keyreeve-read" is not the ARN of a role`},
		{"accounts: [{role_arn: 'arn:aws:iam::444455556666:user/bob'}]", "is not the ARN of a role"},
		{"accounts: [{role_arn: '" + role + "', external_id_env: UNSET}]", "the environment variable UNSET, which external_id_env names, is empty"},
		{"accounts: [{role_arn: '" + role + "'}, {role_arn: '" + role + "2'}]", "two roles are in the account 444455556666"},
		{"endpoint: kms.internal", `"kms.internal" is not an address; write https://`},
		{"endpoint: 'https://user@kms.internal'", "holds a user or a query"},
		{"emulated: true", "name the test server's endpoint"},
		{"budget: {rps_per_account: -1}", "above 0"},
		{"ca_file: /does/not/exist", "ca_file"},
		{"services: [kms, secretmanager]", `unknown service "secretmanager", did you mean "secretsmanager"?`},
		{"profile: no-such-profile-here", "no-such-profile-here"},
		{"{}", "names a Region; list them"},
	} {
		t.Run(c.yaml, func(t *testing.T) {
			var config Config
			if err := strictyaml.Decode("keyreeve.yaml", []byte(c.yaml), &config); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"} {
				t.Setenv(name, "")
			}
			t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
			_, err := Open(t.Context(), config, Options{Env: func(string) string { return "" }})
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "aws: ") || strings.Contains(err.Error(), "\n") {
				t.Errorf("the error is %v, want one that says %q", err, c.want)
			}
		})
	}
}

func TestRegionsAreAListOrOneName(t *testing.T) {
	for yaml, want := range map[string][]string{"regions: eu-west-1": {"eu-west-1"}, "regions: [us-east-1, eu-west-1]": {"us-east-1", "eu-west-1"}} {
		var c Config
		if err := strictyaml.Decode("f", []byte(yaml), &c); err != nil || !slices.Equal(c.Regions, want) {
			t.Errorf("%s: %v, %v", yaml, c.Regions, err)
		}
	}
}

// TestDefaults takes the Region from the environment and reads every Region once.
func TestDefaults(t *testing.T) {
	c, err := Config{}.check(Options{Env: func(name string) string { return map[string]string{"AWS_DEFAULT_REGION": "eu-west-1"}[name] }})
	if err != nil || !slices.Equal(c.Regions, []string{"eu-west-1"}) || c.Budget.RPS != 20 || c.Budget.Concurrency != 8 {
		t.Errorf("%+v, %v", c, err)
	}
	c, err = Config{Regions: Regions{"us-east-1", "eu-west-1", "us-east-1"}}.check(Options{})
	if err != nil || !slices.Equal(c.Regions, []string{"eu-west-1", "us-east-1"}) {
		t.Errorf("%+v, %v", c.Regions, err)
	}
}

func TestFromEnvironment(t *testing.T) {
	home := t.TempDir()
	env := func(pairs ...string) Options {
		return Options{Env: func(name string) string {
			if i := slices.Index(pairs, name); i >= 0 {
				return pairs[i+1]
			}
			return ""
		}}
	}
	if _, ok := FromEnvironment(env("HOME", home, "AWS_REGION", "eu-west-1")); ok {
		t.Error("an empty environment offers credentials")
	}
	if _, ok := FromEnvironment(env("AWS_PROFILE", "x")); ok {
		t.Error("credentials without a Region are enough")
	}
	for _, name := range environment {
		if c, ok := FromEnvironment(env(name, "x", "AWS_REGION", "eu-west-1")); !ok || !slices.Equal(c.Regions, []string{"eu-west-1"}) {
			t.Errorf("%s offers none: %+v", name, c)
		}
	}
	if err := os.Mkdir(filepath.Join(home, ".aws"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, ".aws", "credentials"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, ok := FromEnvironment(env("HOME", home, "AWS_DEFAULT_REGION", "eu-west-1")); !ok {
		t.Error("a file of credentials offers none")
	}
}

// TestPermissionsGrantTheTableAndNoMore parses what is printed as IAM would.
func TestPermissionsGrantTheTableAndNoMore(t *testing.T) {
	role := "arn:aws:iam::444455556666:role/keyreeve-read"
	for _, c := range []struct {
		config Config
		want   map[string]string // action to resource
	}{
		{Config{}, map[string]string{}},
		{Config{Accounts: []Account{{RoleARN: role}}}, map[string]string{"sts:AssumeRole": role}},
		{Config{Services: []string{"secretsmanager"}}, map[string]string{}},
	} {
		var got struct {
			Version   string
			Statement []struct {
				Effect           string
				Action, Resource []string
			}
		}
		if err := json.Unmarshal([]byte(Permissions(c.config)), &got); err != nil {
			t.Fatal(err)
		}
		granted := map[string]string{}
		for _, s := range got.Statement {
			for _, a := range s.Action {
				granted[a] = strings.Join(s.Resource, " ")
			}
		}
		for _, call := range Calls {
			if service, _, _ := strings.Cut(call.Name, ":"); service != "sts" && (len(c.config.Services) == 0 || slices.Contains(c.config.Services, service)) {
				c.want[call.Permission] = "*"
			}
		}
		if len(granted) != len(c.want) || got.Version != "2012-10-17" {
			t.Errorf("granted %v, want %v", granted, c.want)
		}
		for action, resource := range c.want {
			if granted[action] != resource {
				t.Errorf("%s is granted on %q, want %q", action, granted[action], resource)
			}
			_, verb, _ := strings.Cut(action, ":")
			if !slices.ContainsFunc([]string{"List", "Get", "Describe", "AssumeRole"}, func(p string) bool { return strings.HasPrefix(verb, p) }) {
				t.Errorf("%s does more than read", action)
			}
		}
	}
}
