package relate

// Config is the section `classify:` of keyreeve.yaml. Its zero value classifies by the conventional tags alone.
//
//	classify:
//	  unclassified: production
//	  environments: [{name: prod, tier: production, match: [{aws_account: "111122223333"}, {vault_path: "prod/*"}, {tag: {env: prod}}]}]
//	  purposes: [{purpose: code_signing, match: [{name: "alias/release-*"}]}]
//	  owners: [{from: "tag:team"}, {fallback: platform-security}]
//	  rewrap: [{strategy: batch-job, match: [{vault_path: "transit/*"}]}]
type Config struct {
	Unclassified string        `yaml:"unclassified"` // tier of what nothing classifies; production when empty
	Environments []Environment `yaml:"environments"` // the first that matches holds
	Purposes     []Purpose     `yaml:"purposes"`     // the first that matches holds
	Owners       []Owner       `yaml:"owners"`       // the first that yields a name holds
	Rewrap       []Rewrap      `yaml:"rewrap"`       // the first that matches holds
}

// An Environment names an environment and the resources in it.
type Environment struct {
	Name  string     `yaml:"name"`
	Tier  string     `yaml:"tier"` // production, staging or development
	Match []Selector `yaml:"match"`
}

// A Purpose says what keys and secrets are for.
type Purpose struct {
	Purpose string     `yaml:"purpose"`
	Match   []Selector `yaml:"match"`
}

// An Owner is one way to find who answers for a resource. Exactly one of From, Owner with Match, and Fallback is set.
type Owner struct {
	From     string     `yaml:"from"`     // "tag:KEY": the value of that tag
	Owner    string     `yaml:"owner"`    // a name, for the resources of Match
	Match    []Selector `yaml:"match"`    //
	Fallback string     `yaml:"fallback"` // a name, for all that is left
}

// A Rewrap declares how data under old versions of some keys is brought under the new one.
type Rewrap struct {
	Strategy string     `yaml:"strategy"`
	Match    []Selector `yaml:"match"`
}

// A Selector describes resources. All keys that are set must hold. A value may hold globs: * stands for any run of
// characters, ? for one; letters count as they are written.
type Selector struct {
	AWSAccount string            `yaml:"aws_account"` // "111122223333"
	Region     string            `yaml:"region"`      // "eu-west-1"
	Vault      string            `yaml:"vault"`       // configured name of the cluster
	Namespace  string            `yaml:"namespace"`   // of Vault: "root", "team-a/app"
	VaultPath  string            `yaml:"vault_path"`  // "prod/*": a path in a mount, with or without it; see vaultPaths
	Repository string            `yaml:"repository"`  // its name
	Scope      string            `yaml:"scope"`       // "aws/-/111122223333/*"
	Name       string            `yaml:"name"`        // the resource's name: "alias/release-*"
	Type       string            `yaml:"type"`        // "vault.transit.key", "aws.*"
	ID         string            `yaml:"id"`          //
	Tag        map[string]string `yaml:"tag"`         // key (as it is) to value (a glob)
}
