package vault

// Listed is what the rule that LIST has for a path can do, limits and sudo aside. Vault answers so when it is asked for capabilities.
func (a *ACL) Listed(path string) Capabilities {
	if r := a.find(a.full(path), true); r != nil {
		return r.can &^ deny
	}
	return 0
}
