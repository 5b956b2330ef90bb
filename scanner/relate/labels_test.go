package relate

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/strictyaml"
)

// labels classifies one resource by a section of YAML.
func labels(t *testing.T, config string, r inventory.Resource) Labels {
	t.Helper()
	var cfg Config
	if err := strictyaml.Decode("classify.yaml", []byte(config), &cfg); err != nil {
		t.Fatal(err)
	}
	r.Complete()
	e, err := New(&inventory.Snapshot{Resources: []inventory.Resource{r}}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return e.Labels(&r)
}

// kms is an encryption key of AWS with these tags; nil means that they were not read.
func kms(tags map[string]string) inventory.Resource {
	r := inventory.Resource{
		ID: "arn:aws:kms:eu-west-1:111122223333:key/k", Type: "aws.kms.key", Kind: inventory.KindKey, Name: "alias/orders", Origin: inventory.Live,
		Scope: inventory.NewScope("aws", "-", "111122223333", "eu-west-1"), Tags: tags, Refs: []inventory.Ref{alias("alias/orders"), alias("alias/orders-v2")},
		Key: &inventory.Key{Usages: []string{"decrypt", "encrypt"}, Manager: "customer"},
	}
	if tags == nil {
		r.Unknown = []inventory.Unknown{{Fact: "tags", Why: inventory.Denied}}
	}
	return r
}

// in puts a key into another account.
func in(account string, r inventory.Resource) inventory.Resource {
	r.Scope = inventory.NewScope("aws", "-", account, "eu-west-1")
	return r
}

func alias(name string) inventory.Ref {
	return inventory.Ref{Edge: "alias", To: inventory.ID("arn:aws:kms:eu-west-1:111122223333:" + name), Target: "aws.kms.alias", Name: name}
}

func kv(namespace, path string, tags map[string]string) inventory.Resource {
	return inventory.Resource{
		ID: inventory.VaultID("eu", namespace, "secret", "metadata", path), Type: "vault.kv.secret", Kind: inventory.KindSecret, Name: path,
		Scope: inventory.Scope("vault/eu/" + inventory.VaultNamespace(namespace)), Tags: tags, Secret: &inventory.Secret{},
	}
}

func TestEnvironment(t *testing.T) {
	const config = `
unclassified: staging
environments:
  - {name: prod-eu, tier: production, match: [{aws_account: "4444*"}, {tag: {env: prod*}}]}
  - {name: orders, tier: production, match: [{name: "alias/orders-v?"}, {type: vault.transit.key, region: none}]}
  - {name: qa, tier: staging, match: [{tag: {env: qa, team: "*"}}]}
`
	unread := kms(nil)
	tagsAndAliases := kms(nil)
	tagsAndAliases.Refs, tagsAndAliases.Name = nil, "k"
	tagsAndAliases.Unknown = append(tagsAndAliases.Unknown, inventory.Unknown{Fact: "refs", Why: inventory.Denied})
	none := map[string]string{}
	some := kms(map[string]string{"env": "dev"})
	some.Unknown = []inventory.Unknown{{Fact: "tags", Why: inventory.Throttled}}
	other := func(r inventory.Resource) inventory.Resource { r.Refs, r.Name = []inventory.Ref{}, "k"; return r }
	for _, c := range []struct {
		name, config string
		r            inventory.Resource
		env, tier    Label
	}{
		{"a selector", config, kms(map[string]string{"env": "prod-1"}), Label{"prod-eu", nil, "classify.environments[0].match[1]"}, Label{"production", nil, "classify.environments[0].match[1]"}},
		{"an alias that is not the key's first", config, kms(none), Label{"orders", nil, "classify.environments[1].match[0]"}, Label{"production", nil, "classify.environments[1].match[0]"}},
		{"all keys of a selector must hold", config, other(kms(map[string]string{"env": "qa", "team": "x"})), Label{"qa", nil, "classify.environments[2].match[0]"}, Label{"staging", nil, "classify.environments[2].match[0]"}},
		{"all keys of a selector must hold: one does not, and a tag tells", config, other(kms(map[string]string{"env": "qa"})), Label{"qa", nil, `tag "env"`}, Label{"staging", nil, `tag "env"`}},
		{"nothing", config, other(kms(none)), Label{"", nil, "default"}, Label{"staging", nil, "default"}},
		{"a tag names an environment of the configuration", config, other(kms(map[string]string{"environment": "orders"})), Label{"orders", nil, `tag "environment"`}, Label{"production", nil, `tag "environment"`}},
		{
			"unread tags might choose an earlier environment of the same tier", config, unread,
			Label{"orders", []string{"orders", "prod-eu"}, "undecided: tags were not read"},
			Label{"production", nil, "classify.environments[1].match[0]"},
		},
		{
			"unread tags and aliases might choose any", config, tagsAndAliases,
			Label{"", []string{"", "development", "orders", "prod-eu", "production", "qa", "staging"}, "undecided: tags were not read"},
			Label{"staging", []string{"development", "production", "staging"}, "undecided: tags were not read"},
		},
		{"without configuration: nothing", "", kms(none), Label{"", nil, "default"}, Label{"production", nil, "default"}},
		{
			"without configuration: unread tags", "", unread,
			Label{"", []string{"", "development", "production", "staging"}, "undecided: tags were not read"},
			Label{"production", []string{"development", "production", "staging"}, "undecided: tags were not read"},
		},
		{
			"without configuration: tags that were read in part", "", some,
			Label{"", []string{"", "development", "production", "staging"}, "undecided: tags were not read"},
			Label{"production", []string{"development", "production", "staging"}, "undecided: tags were not read"},
		},
		{"two selectors of one environment", config, in("444455556666", kms(map[string]string{"env": "prod"})), Label{"prod-eu", nil, "classify.environments[0].match[0]"}, Label{"production", nil, "classify.environments[0].match[0]"}},
		{"without configuration: a tag", "", kms(map[string]string{"Environment": "Dev"}), Label{"Dev", nil, `tag "Environment"`}, Label{"development", nil, `tag "Environment"`}},
		{"without configuration: our own tag before a common one", "", kms(map[string]string{"env": "dev", "keyreeve:environment": "prod"}), Label{"prod", nil, `tag "keyreeve:environment"`}, Label{"production", nil, `tag "keyreeve:environment"`}},
		{"an empty tag says nothing", "", kms(map[string]string{"env": " "}), Label{"", nil, "default"}, Label{"production", nil, "default"}},
		{
			"a word that stands for no tier", "", kms(map[string]string{"env": "blue"}),
			Label{"blue", nil, `tag "env", whose value stands for no known tier`},
			Label{"production", nil, `tag "env", whose value stands for no known tier`},
		},
		{"a type without tags has none", "", inventory.Resource{Type: "vault.transit.key", Kind: inventory.KindKey, Scope: "vault/eu/root"}, Label{"", nil, "default"}, Label{"production", nil, "default"}},
	} {
		l := labels(t, c.config, c.r)
		if d := cmp.Diff([]Label{c.env, c.tier}, []Label{l.Environment, l.Tier}); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

func TestTierOfWord(t *testing.T) {
	for tier, words := range map[string][]string{
		"production":  {"prod", "PROD", "Production", "prd", "live", "prod-eu-1", "prod_eu", "prod/eu"},
		"staging":     {"staging", "stage", "stg", "uat", "QA", "preprod", "pre-prod", "pre_production", "preprod-2", "pre-prod-2"},
		"development": {"dev", "Development", "test", "sandbox", "non-prod", "nonprod", "non-production", "non-prod-eu", "dev-7"},
		"":            {"", "blue", "not-prod", "products", "-", "eu-prod"},
	} {
		for _, w := range words {
			if got := tierOfWord(w); got != tier {
				t.Errorf("%q is %q, want %q", w, got, tier)
			}
		}
	}
}

func TestSelectors(t *testing.T) {
	key := kms(map[string]string{"team": "a"})
	secret := kv("team-a/app", "prod/db", nil)
	transit := inventory.Resource{ID: inventory.VaultID("eu", "", "transit", "keys", "jwt"), Type: "vault.transit.key", Kind: inventory.KindKey, Name: "jwt", Scope: "vault/eu/root"}
	leak := inventory.Resource{ID: "repo:pay#x:a:1", Type: "repo.credential", Kind: inventory.KindCredential, Name: "x in a", Scope: "repo/pay"}
	for _, c := range []struct {
		selector Selector
		yes, no  []*inventory.Resource
	}{
		{Selector{AWSAccount: "1111*"}, []*inventory.Resource{&key}, []*inventory.Resource{&secret, &transit, &leak}},
		{Selector{AWSAccount: "*"}, []*inventory.Resource{&key}, []*inventory.Resource{&secret, &leak}},
		{Selector{Region: "eu-*"}, []*inventory.Resource{&key}, []*inventory.Resource{&secret}},
		{Selector{Vault: "eu"}, []*inventory.Resource{&secret, &transit}, []*inventory.Resource{&key, &leak}},
		{Selector{Namespace: "root"}, []*inventory.Resource{&transit}, []*inventory.Resource{&secret, &key, &leak}},
		{Selector{Namespace: "team-a/*"}, []*inventory.Resource{&secret}, []*inventory.Resource{&transit}},
		{Selector{VaultPath: "prod/*"}, []*inventory.Resource{&secret}, []*inventory.Resource{&transit, &key, &leak}},
		{Selector{VaultPath: "secret/prod/*"}, []*inventory.Resource{&secret}, nil},
		{Selector{VaultPath: "secret/metadata/prod/db"}, []*inventory.Resource{&secret}, nil},
		{Selector{VaultPath: "app/*"}, nil, []*inventory.Resource{&secret}},
		{Selector{VaultPath: "transit/jwt"}, []*inventory.Resource{&transit}, nil},
		{Selector{VaultPath: "*"}, []*inventory.Resource{&secret, &transit}, []*inventory.Resource{&key, &leak}},
		{Selector{Repository: "pay"}, []*inventory.Resource{&leak}, []*inventory.Resource{&key, &secret}},
		{Selector{Scope: "aws/-/*"}, []*inventory.Resource{&key}, []*inventory.Resource{&secret}},
		{Selector{Name: "alias/orders"}, []*inventory.Resource{&key}, []*inventory.Resource{&secret}},
		{Selector{Name: "Alias/orders"}, nil, []*inventory.Resource{&key}},
		{Selector{Type: "vault.*"}, []*inventory.Resource{&secret, &transit}, []*inventory.Resource{&key, &leak}},
		{Selector{ID: "arn:aws:kms:*:key/k"}, []*inventory.Resource{&key}, []*inventory.Resource{&secret}},
		{Selector{Tag: map[string]string{"team": "?"}}, []*inventory.Resource{&key}, []*inventory.Resource{&transit}},
		{Selector{Tag: map[string]string{"Team": "a"}}, nil, []*inventory.Resource{&key}},
		{Selector{Type: "aws.*", Tag: map[string]string{"team": "a"}}, []*inventory.Resource{&key}, nil},
		{Selector{Type: "vault.*", Tag: map[string]string{"team": "a"}}, nil, []*inventory.Resource{&key}},
	} {
		for _, r := range c.yes {
			if c.selector.match(r) != yes {
				t.Errorf("%+v does not match %s", c.selector, r.ID)
			}
		}
		for _, r := range c.no {
			if c.selector.match(r) != no {
				t.Errorf("%+v matches %s", c.selector, r.ID)
			}
		}
	}
}

// What was not read makes a selector unsure, but never one that another key already rules out.
func TestSelectorsThreeValued(t *testing.T) {
	r := kms(nil)
	r.Name, r.Refs = "k", nil
	r.Unknown = append(r.Unknown, inventory.Unknown{Fact: "refs", Why: inventory.Denied})
	for _, c := range []struct {
		selector Selector
		want     answer
	}{
		{Selector{Tag: map[string]string{"env": "prod"}}, maybe},
		{Selector{Tag: map[string]string{"env": "prod"}, Region: "us-*"}, no},
		{Selector{Name: "alias/release-*"}, maybe},
		{Selector{Name: "k"}, maybe}, // with its aliases read it might go by another name
		{Selector{Name: "*"}, yes},
		{Selector{Name: "*", Tag: map[string]string{"env": "prod"}}, maybe},
		{Selector{Region: "eu-*"}, yes},
	} {
		if got := c.selector.match(&r); got != c.want {
			t.Errorf("%+v gives %d, want %d", c.selector, got, c.want)
		}
	}
}

func TestPurpose(t *testing.T) {
	key := func(manager string, usages []string, unknown ...string) inventory.Resource {
		r := kms(map[string]string{})
		r.Key = &inventory.Key{Usages: usages, Manager: manager}
		for _, f := range unknown {
			r.Unknown = append(r.Unknown, inventory.Unknown{Fact: f, Why: inventory.Denied})
		}
		return r
	}
	every := slices.Sorted(slices.Values(append([]string{Unclassified}, Purposes...)))
	for _, c := range []struct {
		name, config string
		r            inventory.Resource
		want         Label
	}{
		{"signing", "", key("customer", []string{"sign", "verify"}), Label{"token_signing", nil, "default"}},
		{"MAC", "", key("customer", []string{"mac"}), Label{"token_signing", nil, "default"}},
		{"encryption", "", key("customer", []string{"decrypt", "encrypt"}), Label{"encryption", nil, "default"}},
		{"a cipher that also authenticates", "", key("customer", []string{"decrypt", "encrypt", "mac"}), Label{"encryption", nil, "default"}},
		{"wrapping", "", key("customer", []string{"wrap"}), Label{"encryption", nil, "default"}},
		{"verification only", "", key("customer", []string{"verify"}), Label{"other", nil, "default"}},
		{"key agreement", "", key("customer", []string{"derive"}), Label{"other", nil, "default"}},
		{"of the provider", "", key("provider", []string{"sign"}), Label{"encryption", nil, "default"}},
		{"both", "", key("customer", []string{"decrypt", "encrypt", "sign", "verify"}), Label{"encryption", []string{"encryption", "token_signing"}, "undecided: the key can both sign and encrypt"}},
		{"usages were not read", "", key("customer", nil), Label{"encryption", []string{"encryption", "other", "token_signing"}, "undecided: key.usages was not read"}},
		{"who manages it was not read, and it does not matter", "", key("", []string{"decrypt", "encrypt"}), Label{"encryption", nil, "default"}},
		{"who manages it was not read", "", key("", []string{"sign"}), Label{"token_signing", []string{"encryption", "token_signing"}, "undecided: key.manager was not read"}},
		{"a tag", "", kms(map[string]string{"keyreeve:purpose": "code_signing"}), Label{"code_signing", nil, `tag "keyreeve:purpose"`}},
		{"a tag that names no purpose", "", kms(map[string]string{"keyreeve:purpose": "signing"}), Label{"encryption", nil, "default"}},
		{"unread tags", "", kms(nil), Label{"encryption", Purposes, "undecided: tags were not read"}},
		{"a selector before the tag", `purposes: [{purpose: connection, match: [{name: "alias/orders"}]}]`, kms(map[string]string{"keyreeve:purpose": "code_signing"}), Label{"connection", nil, "classify.purposes[0].match[0]"}},
		{"a selector does not need unread tags", `purposes: [{purpose: connection, match: [{name: "alias/orders"}]}]`, kms(nil), Label{"connection", nil, "classify.purposes[0].match[0]"}},
		{
			"a selector that might hold", `purposes: [{purpose: config, match: [{tag: {a: b}}]}, {purpose: connection, match: [{name: "alias/orders"}]}]`,
			kms(nil),
			Label{"connection", []string{"config", "connection"}, "undecided: tags were not read"},
		},
		{"a secret", "", kv("", "a", map[string]string{}), Label{Unclassified, nil, "default"}},
		{"a secret by path", `purposes: [{purpose: api_key, match: [{vault_path: "prod/*"}]}]`, kv("", "prod/stripe", map[string]string{}), Label{"api_key", nil, "classify.purposes[0].match[0]"}},
		{"a secret whose tags were not read", "", kv("", "a", nil), Label{Unclassified, every, "undecided: tags were not read"}},
		{"neither key nor secret", `purposes: [{purpose: api_key, match: [{scope: "*"}]}]`, inventory.Resource{Type: "vault.policy", Kind: inventory.KindPolicy, Scope: "vault/eu/root"}, Label{}},
	} {
		if d := cmp.Diff(c.want, labels(t, c.config, c.r).Purpose); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

func TestOwner(t *testing.T) {
	const config = `owners: [{from: "tag:team"}, {owner: billing, match: [{name: "alias/orders"}]}, {fallback: platform}]`
	for _, c := range []struct {
		name, config string
		r            inventory.Resource
		want         Label
	}{
		{"a tag", config, kms(map[string]string{"team": "a"}), Label{"a", nil, "classify.owners[0]"}},
		{"a selector", config, kms(map[string]string{}), Label{"billing", nil, "classify.owners[1].match[0]"}},
		{"the fallback", config, kv("", "x", map[string]string{"team": ""}), Label{"platform", nil, "classify.owners[2]"}},
		{"an unread tag", config, kms(nil), Label{"billing", []string{unreadName, "billing"}, "undecided: tags were not read"}},
		{"without configuration", "", kms(map[string]string{"Owner": "b", "team": "a"}), Label{"b", nil, `tag "Owner"`}},
		{"without configuration, team", "", kms(map[string]string{"team": "a"}), Label{"a", nil, `tag "team"`}},
		{"without anything", "", kms(map[string]string{}), Label{"", nil, "default"}},
		{"unread, without anything", "", kms(nil), Label{"", []string{"", unreadName}, "undecided: tags were not read"}},
		{"conventional tags speak for what the configuration leaves", `owners: [{owner: x, match: [{name: y}]}]`, kms(map[string]string{"team": "a"}), Label{"a", nil, `tag "team"`}},
	} {
		if d := cmp.Diff(c.want, labels(t, c.config, c.r).Owner); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

func TestRewrap(t *testing.T) {
	const config = `rewrap: [{strategy: nightly job, match: [{tag: {app: orders}}]}]`
	stated := kms(nil)
	stated.Key.Rewrap = "on read"
	for _, c := range []struct {
		name, config string
		r            inventory.Resource
		want         Label
	}{
		{"a selector", config, kms(map[string]string{"app": "orders", "keyreeve:rewrap": "x"}), Label{"nightly job", nil, "classify.rewrap[0].match[0]"}},
		{"a tag", config, kms(map[string]string{"keyreeve:rewrap": "lazy"}), Label{"lazy", nil, `tag "keyreeve:rewrap"`}},
		{"none", config, kms(map[string]string{}), Label{"", nil, "default"}},
		{"unread", config, kms(nil), Label{"", []string{"", unreadName, "nightly job"}, "undecided: tags were not read"}},
		{"the key states it", config, stated, Label{"on read", nil, "the key itself"}},
		{"no key", config, kv("", "a", map[string]string{"app": "orders"}), Label{}},
	} {
		if d := cmp.Diff(c.want, labels(t, c.config, c.r).Rewrap); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

func TestConfigErrors(t *testing.T) {
	for config, want := range map[string]string{
		`unclassified: prod`: `classify.unclassified: there is no tier "prod"; use production, staging or development`,
		`environments: [{tier: production, match: [{name: x}]}]`:              `classify.environments[0] has no name; give it one`,
		`environments: [{name: a, match: [{name: x}]}]`:                       `classify.environments[0].tier: there is no tier ""; use production, staging or development`,
		`environments: [{name: a, tier: staging}]`:                            `classify.environments[0] has no match, so nothing would be in it; add a selector`,
		`environments: [{name: a, tier: staging, match: [{name: x}, {}]}]`:    `classify.environments[0].match[1] is an empty selector; give it a key such as name, tag or aws_account`,
		`environments: [{name: a, tier: staging, match: [{tag: {"e*": x}}]}]`: `classify.environments[0].match[0].tag: the key "e*" holds a glob; only the value may`,
		`purposes: [{purpose: signing, match: [{name: x}]}]`:                  `classify.purposes[0].purpose: there is no purpose "signing"; use api_key, certificate_authority, code_signing, config, connection, encryption, other or token_signing`,
		`owners: [{}]`:                                 `classify.owners[0] sets 0 of from, owner and fallback; set one`,
		`owners: [{from: "tag:a", fallback: b}]`:       `classify.owners[0] sets 2 of from, owner and fallback; set one`,
		`owners: [{from: team}]`:                       `classify.owners[0].from is "team"; write tag:KEY`,
		`owners: [{from: "tag:"}]`:                     `classify.owners[0].from is "tag:"; write tag:KEY`,
		`owners: [{owner: a}]`:                         `classify.owners[0] has no match, so nothing would be in it; add a selector`,
		`owners: [{fallback: a}, {from: "tag:a"}]`:     `classify.owners[0] is a fallback and nothing after it would be asked; put it last`,
		`owners: [{fallback: a, match: [{name: x}]}]`:  `classify.owners[0] has match, which goes with owner: name the owner of what matches`,
		`rewrap: [{match: [{name: x}]}]`:               `classify.rewrap[0] has no strategy; say in a word or two how data is brought under the new version`,
		`rewrap: [{strategy: x, match: [{type: y*}]}]`: `classify.rewrap[0].match[0].type: there is no resource type like "y*"; there are aws.kms.key, aws.kms.policy, `,
	} {
		var cfg Config
		if err := strictyaml.Decode("classify.yaml", []byte(config), &cfg); err != nil {
			t.Errorf("%s: %v", config, err)
			continue
		}
		if _, err := New(&inventory.Snapshot{}, cfg); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s\n got %v\nwant %s", config, err, want)
		}
	}
}
