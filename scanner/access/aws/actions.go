package aws

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

//go:generate go run ./gen

//go:embed actions.json
var actionsJSON []byte

// listed is an action of the Service Authorization Reference.
type listed struct {
	Resources []string `json:"resources"` // types of resource that it is on; none if it is on no resource
	Keys      []string `json:"keys"`      // the condition keys of its own service that it takes, in lower case; "*" at the end is any ending
}

// universe is what actions.json says (see gen), by name of the action in lower case.
var universe = func() (u struct {
	RCP      []string          `json:"rcp"` // services that resource control policies restrict
	Actions  map[string]listed `json:"actions"`
	names    []string          // of actions, as AWS writes them
	services map[string]bool   // those whose condition keys are listed
	keys     []string          // all that any action takes
},
) {
	if err := json.Unmarshal(actionsJSON, &u); err != nil {
		panic(fmt.Sprintf("actions.json: %v", err)) // the build's own file
	}
	u.services = map[string]bool{}
	lower := make(map[string]listed, len(u.Actions))
	for name, a := range u.Actions {
		for i := range a.Keys {
			a.Keys[i] = strings.ToLower(a.Keys[i])
		}
		u.names = append(u.names, name)
		name = strings.ToLower(name)
		lower[name] = a
		u.services[serviceOf(name)] = true
		u.keys = append(u.keys, a.Keys...)
	}
	slices.Sort(u.keys)
	u.keys = slices.Compact(u.keys)
	u.Actions = lower
	return u
}()

func serviceOf(action string) string {
	s, _, _ := strings.Cut(action, ":")
	return s
}

// takes reports whether requests for an action may have a condition key, both in lower case. Only a key of the action's own service can
// be ruled out: one that is listed for other actions of it, and not for this. Credentials bring keys of other services along, such as
// lambda:SourceFunctionArn, and keys that are new are not listed. An action that is not listed may have any key.
func takes(action, key string) bool {
	a, known := universe.Actions[action]
	return !known || serviceOf(key) != serviceOf(action) || lists(a.Keys, key) || !lists(universe.keys, key)
}

// lists reports whether a list of condition keys, "*" at the end of one for any ending, has a key.
func lists(keys []string, key string) bool {
	return slices.ContainsFunc(keys, func(k string) bool {
		start, open := strings.CutSuffix(k, "*")
		return k == key || open && strings.HasPrefix(key, start)
	})
}

// on reports whether an action, in lower case, may be on a type of resource. One that is not listed may be on any.
func on(action, typ string) bool {
	a, known := universe.Actions[action]
	return !known || slices.ContainsFunc(a.Resources, func(t string) bool { return strings.EqualFold(t, typ) })
}

// restrictable reports whether resource control policies restrict an action. From "Resource control policies" in the AWS KMS Developer
// Guide: kms:RetireGrant is none of them, even if "*" names it.
func restrictable(action string) bool {
	return slices.Contains(universe.RCP, serviceOf(action)) && action != "kms:retiregrant"
}

// abroad are the actions on a KMS key that take effect for principals of other accounts. Allowing others has none. From "Allowing users
// in other accounts to use a KMS key".
var abroad = map[string]bool{
	"kms:creategrant": true, "kms:decapsulate": true, "kms:decrypt": true, "kms:derivesharedsecret": true, "kms:describekey": true, "kms:encapsulate": true, "kms:encrypt": true,
	"kms:generatedatakey": true, "kms:generatedatakeypair": true, "kms:generatedatakeypairwithoutplaintext": true,
	"kms:generatedatakeywithoutplaintext": true, "kms:generatemac": true, "kms:getkeyrotationstatus": true, "kms:getpublickey": true,
	"kms:listgrants": true, "kms:reencryptfrom": true, "kms:reencryptto": true, "kms:retiregrant": true, "kms:revokegrant": true,
	"kms:sign": true, "kms:verify": true, "kms:verifymac": true,
}
