package vault

import (
	"bytes"
	"encoding/json"
)

// Identity is who a token is for, as far as templates in policies ask. In JSON it is
//
//	{"entity": {"id": "", "name": "", "metadata": {"KEY": "VALUE"}, "disabled": false,
//	            "aliases": {"MOUNT ACCESSOR": {"id": "", "name": "", "metadata": {}, "custom_metadata": {}}}},
//	 "groups": [{"id": "", "name": "", "metadata": {}}]}
//
// or what Vault's own API answers for an entity and for groups: aliases may be a list with "mount_accessor", and keys that no template
// can name are not looked at. Policies of the entity and its groups are among those of the request.
type Identity struct {
	Entity *Entity `json:"entity"` // nil for a token without one
	Groups []Group `json:"groups"` // direct and inherited
}

// Entity is a person or workload, however it logs in.
type Entity struct {
	ID       string            `json:"id"`
	Name     string            `json:"name"`
	Metadata map[string]string `json:"metadata"`
	Aliases  Aliases           `json:"aliases"`
	Disabled bool              `json:"disabled"` // Vault denies it everything
}

// Group is one the entity belongs to, itself or through another group.
type Group struct {
	ID       string            `json:"id"`
	Name     string            `json:"name"`
	Metadata map[string]string `json:"metadata"`
}

// Alias is how an entity is called by one mounted auth method.
type Alias struct {
	ID             string            `json:"id"`
	Name           string            `json:"name"`
	Metadata       map[string]string `json:"metadata"`
	CustomMetadata map[string]string `json:"custom_metadata"`
}

// Aliases are by the accessor of the mount.
type Aliases map[string]Alias

// UnmarshalJSON reads an object by accessor, or a list whose members name theirs.
func (a *Aliases) UnmarshalJSON(data []byte) error {
	if !bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")) {
		return json.Unmarshal(data, (*map[string]Alias)(a))
	}
	var list []struct {
		Alias
		Accessor string `json:"mount_accessor"`
	}
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	*a = Aliases{}
	for _, alias := range list {
		if _, ok := (*a)[alias.Accessor]; !ok { // Vault takes the first
			(*a)[alias.Accessor] = alias.Alias
		}
	}
	return nil
}
