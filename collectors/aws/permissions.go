package aws

import (
	"encoding/json"
	"slices"
	"strings"
)

// Permissions prints the least that keyreeve needs, as an IAM policy document made from the table of calls. It is for the identity
// that runs keyreeve; where a configuration names accounts, that identity may also assume their roles. The roles themselves need
// what Permissions prints for a configuration without accounts. A service that no configuration asks for is left out.
func Permissions(configs ...Config) string {
	if len(configs) == 0 {
		configs = []Config{{}}
	}
	var statements []statement
	for _, v := range services {
		if !slices.ContainsFunc(configs, func(c Config) bool { return c.asks(v) }) {
			continue
		}
		var read []string
		for _, call := range Calls {
			if strings.HasPrefix(call.Permission, v.name+":") {
				read = append(read, call.Permission)
			}
		}
		slices.Sort(read)
		// Calls that list take no key or secret, so nothing narrower than "*" allows them.
		statements = append(statements, statement{Sid: v.sid, Effect: "Allow", Action: read, Resource: []string{"*"}})
	}
	var roles []string
	for _, c := range configs {
		for _, a := range c.Accounts {
			roles = append(roles, a.RoleARN)
		}
	}
	if len(roles) > 0 {
		slices.Sort(roles)
		roles = slices.Compact(roles)
		statements = append(statements, statement{Sid: "KeyreeveEntersAccounts", Effect: "Allow", Action: []string{assumeRole}, Resource: roles})
	}
	out, err := json.MarshalIndent(document{"2012-10-17", statements}, "", "  ")
	if err != nil {
		panic(err) // strings only
	}
	return string(out) + "\n"
}

type document struct {
	Version   string
	Statement []statement
}

type statement struct {
	Sid      string
	Effect   string
	Action   []string
	Resource []string
}
