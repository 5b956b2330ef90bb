package terraform

import "github.com/zclconf/go-cty/cty"

var vaultRows = map[string]row{}
var vaultDefaults = map[string]cty.Value{}
