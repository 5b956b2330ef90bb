package vault

import "github.com/keyreeve/keyreeve/scanner/inventory"

// userpass reads users, of whose passwords Vault tells nothing.
var userpass = engine{
	name: "userpass", auth: true, usual: "userpass", what: "users", list: listUsers, read: readUser,
	start: func(res *inventory.Resource, mount string) {
		res.Trust = &inventory.Trust{Method: "userpass", Mount: "auth/" + mount}
	},
	fill: (*run).tokenTerms,
}
