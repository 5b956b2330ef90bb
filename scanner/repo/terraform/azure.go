package terraform

import "github.com/zclconf/go-cty/cty"

var azureRows = map[string]row{}
var azureDefaults = map[string]cty.Value{}
