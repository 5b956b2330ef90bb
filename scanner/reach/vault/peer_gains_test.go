package vault_test

import (
	"strings"
	"testing"
)

// Each way to power gives a user of a real Vault what it lacks, and without one of its requests it does not. A call that yields a token
// makes the next one with it; of bob's entity, his alias and eve's entity {bob}, {alias} and {eve} are the IDs.
func TestGainsOfVault(t *testing.T) {
	p := realVault(t)
	p.fill()
	open := fields{"role_id": "mine", "bind_secret_id": false, "token_bound_cidrs": []string{"0.0.0.0/0"}, "token_policies": "use"}
	user := fields{"password": "of-a-test", "token_policies": "use"}
	enter := call{"POST auth/approle/login", fields{"role_id": "mine"}}
	again := call{"POST auth/userpass/login/bob", fields{"password": "of-a-test"}}
	for name, c := range map[string]struct {
		policy string
		calls  []call
		want   bool
	}{
		"nothing":                            {rule("auth/token/lookup-self", "read"), nil, false},
		"a role of AppRole":                  {rule("auth/approle/role/new", "create"), []call{{"POST auth/approle/role/new", open}, enter}, true},
		"a role that is there":               {rule("auth/approle/role/ci", "update"), []call{{"POST auth/approle/role/ci", open}, enter}, true},
		"a role-id and a secret-id":          {rule("auth/approle/role/ci/role-id", "update") + rule("auth/approle/role/ci/custom-secret-id", "update"), []call{{"POST auth/approle/role/ci/role-id", fields{"role_id": "mine"}}, {"POST auth/approle/role/ci/custom-secret-id", fields{"secret_id": "of-a-test"}}, {"POST auth/approle/login", fields{"role_id": "mine", "secret_id": "of-a-test"}}}, true},
		"a role-id alone":                    {rule("auth/approle/role/ci/role-id", "update"), []call{{"POST auth/approle/role/ci/role-id", fields{"role_id": "mine"}}, enter}, false},
		"to create a secret-id":              {rule("auth/approle/role/ci/*", "create"), []call{{"POST auth/approle/role/ci/custom-secret-id", fields{"secret_id": "of-a-test"}}}, false},
		"a password":                         {rule("auth/userpass/users/ada/password", "update"), []call{{"POST auth/userpass/users/ada/password", fields{"password": "of-a-test"}}, {"POST auth/userpass/login/ada", fields{"password": "of-a-test"}}}, true},
		"a password to create":               {rule("auth/userpass/users/ada/password", "create"), []call{{"POST auth/userpass/users/ada/password", fields{"password": "of-a-test"}}, {"POST auth/userpass/login/ada", fields{"password": "of-a-test"}}}, false},
		"policies of its own login":          {rule("auth/userpass/users/bob/policies", "update"), []call{{"POST auth/userpass/users/bob/policies", fields{"token_policies": "use"}}, again}, true},
		"a user":                             {rule("auth/userpass/users/new", "create"), []call{{"POST auth/userpass/users/new", user}, {"POST auth/userpass/login/new", fields{"password": "of-a-test"}}}, true},
		"a token role to write and use":      {rule("auth/token/roles/mine", "create") + rule("auth/token/create/mine", "update"), []call{{"POST auth/token/roles/mine", fields{"allowed_policies": "use"}}, {"POST auth/token/create/mine", fields{"policies": []string{"use"}}}}, true},
		"a token role to write":              {rule("auth/token/roles/mine", "create"), []call{{"POST auth/token/roles/mine", fields{"allowed_policies": "use"}}, {"POST auth/token/create/mine", fields{"policies": []string{"use"}}}}, false},
		"child tokens with sudo":             {rule("auth/token/create", "update", "sudo"), []call{{"POST auth/token/create", fields{"policies": []string{"use"}}}}, true},
		"child tokens without":               {rule("auth/token/create", "update"), []call{{"POST auth/token/create", fields{"policies": []string{"use"}}}}, false},
		"mounting users":                     {rule("sys/auth/new", "update", "sudo") + rule("auth/new/users/new", "create"), []call{{"POST sys/auth/new", fields{"type": "userpass"}}, {"POST auth/new/users/new", user}, {"POST auth/new/login/new", fields{"password": "of-a-test"}}}, true},
		"mounting AppRole":                   {rule("sys/auth/new", "update", "sudo") + rule("auth/new/role/new", "create"), []call{{"POST sys/auth/new", fields{"type": "approle"}}, {"POST auth/new/role/new", open}, {"POST auth/new/login", fields{"role_id": "mine"}}}, true},
		"mounting is to update":              {rule("sys/auth/new", "create", "sudo") + rule("auth/new/users/new", "create"), []call{{"POST sys/auth/new", fields{"type": "userpass"}}, {"POST auth/new/users/new", user}, {"POST auth/new/login/new", fields{"password": "of-a-test"}}}, false},
		"its own entity, by default to read": {rule("identity/entity/id/+", "update"), []call{{"POST identity/entity/id/{bob}", fields{"policies": "use"}}}, false},
		"its own entity":                     {rule("identity/entity/id/{{identity.entity.id}}", "update"), []call{{"POST identity/entity/id/{bob}", fields{"policies": "use"}}}, true},
		"its own entity, without its path":   {rule("identity/entity", "update"), []call{{"POST identity/entity", fields{"id": "{bob}", "policies": "use"}}}, true},
		"a group of its own":                 {rule("identity/group", "update"), []call{{"POST identity/group", fields{"name": "g", "policies": "use", "member_entity_ids": []string{"{bob}"}}}}, true},
		"a group to create":                  {rule("identity/group", "create"), []call{{"POST identity/group", fields{"name": "g", "policies": "use", "member_entity_ids": []string{"{bob}"}}}}, false},
		"its alias is another's":             {rule("identity/entity-alias/id/+", "update"), []call{{"POST identity/entity-alias/id/{alias}", fields{"canonical_id": "{eve}"}}, again}, true},
		"its alias, without its path":        {rule("identity/entity-alias", "update"), []call{{"POST identity/entity-alias", fields{"id": "{alias}", "canonical_id": "{eve}"}}, again}, true},
		"two entities are one":               {rule("identity/entity/merge", "update"), []call{{"POST identity/entity/merge", fields{"from_entity_ids": []string{"{bob}"}, "to_entity_id": "{eve}"}}, again}, true},
		"a token of another's entity":        {rule("auth/token/create/eve", "update"), []call{{"POST auth/token/create/eve", fields{"entity_alias": "Eve"}}}, true},
		"a token of no such entity":          {rule("auth/token/create/eve", "update"), []call{{"POST auth/token/create/eve", fields{"entity_alias": "other"}}}, false},
		"its own policy":                     {rule("sys/policies/acl/p", "update"), []call{{"POST sys/policies/acl/p", fields{"policy": rule("transit/decrypt/app", "update")}}}, true},
		"its own policy to create":           {rule("sys/policies/acl/p", "create"), []call{{"POST sys/policies/acl/p", fields{"policy": rule("transit/decrypt/app", "update")}}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			p.t = t
			token, ids := p.bob(c.policy)
			var answer map[string]any
			for _, one := range c.calls {
				answer, _ = p.ask(token, ids.Replace(one.call), filled(one.body, ids))
				if auth, ok := answer["auth"].(map[string]any); ok {
					token = auth["client_token"].(string)
				}
			}
			sealed := p.must("POST transit/encrypt/app", fields{"plaintext": "aGVsbG8="})["data"].(map[string]any)["ciphertext"]
			if _, got := p.ask(token, "POST transit/decrypt/app", fields{"ciphertext": sealed}); got != c.want {
				t.Errorf("decrypts: %t, want %t: %v", got, c.want, answer["errors"])
			}
		})
	}
}

// bob is a user with a policy, in an estate made anew where ada, eve's entity and AppRole's ci may decrypt. It returns his token.
func (p *peer) bob(policy string) (token string, ids *strings.Replacer) {
	p.t.Helper()
	for _, path := range []string{"auth/new", "auth/approle", "auth/userpass"} {
		p.must("DELETE sys/"+path, nil)
	}
	for _, path := range []string{"identity/entity/name/bob", "identity/entity/name/eve", "identity/group/name/g", "auth/token/roles/mine"} {
		p.must("DELETE "+path, nil)
	}
	p.must("POST sys/policies/acl/p", fields{"policy": policy})
	p.must("POST sys/policies/acl/use", fields{"policy": rule("transit/decrypt/app", "update")})
	for _, method := range []string{"approle", "userpass"} {
		p.must("POST sys/auth/"+method, fields{"type": method})
	}
	p.must("POST auth/approle/role/ci", fields{"token_policies": "use"})
	p.must("POST auth/userpass/users/ada", fields{"password": "another-of-a-test", "token_policies": "use"})
	p.must("POST auth/userpass/users/bob", fields{"password": "of-a-test", "token_policies": "p"})
	eve := p.must("POST identity/entity", fields{"name": "eve", "policies": "use"})["data"].(map[string]any)["id"].(string)
	accessor := p.must("GET sys/auth", nil)["data"].(map[string]any)["token/"].(map[string]any)["accessor"]
	p.must("POST identity/entity-alias", fields{"name": "eve", "canonical_id": eve, "mount_accessor": accessor})
	p.must("POST auth/token/roles/eve", fields{"allowed_entity_aliases": "eve"})
	auth := p.must("POST auth/userpass/login/bob", fields{"password": "of-a-test"})["auth"].(map[string]any)
	bob := auth["entity_id"].(string)
	aliases := p.must("GET identity/entity/id/"+bob, nil)["data"].(map[string]any)["aliases"].([]any)
	return auth["client_token"].(string), strings.NewReplacer("{bob}", bob, "{eve}", eve, "{alias}", aliases[0].(map[string]any)["id"].(string))
}

// filled is a body with IDs in it.
func filled(body any, ids *strings.Replacer) any {
	switch v := body.(type) {
	case string:
		return ids.Replace(v)
	case []string:
		out := make([]string, len(v))
		for i, s := range v {
			out[i] = ids.Replace(s)
		}
		return out
	case fields:
		out := fields{}
		for k, one := range v {
			out[k] = filled(one, ids)
		}
		return out
	}
	return body
}
