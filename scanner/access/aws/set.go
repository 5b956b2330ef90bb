package aws

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// realm is a sort of resource, with actions of its own.
type realm uint8

const (
	keys realm = iota
	secrets
	realms
)

// Set is a set of actions on a key, or of actions on a secret. What the bits are is for KeyActions and SecretActions to say.
type Set uint64

// Actions are the actions that are on one sort of resource, each a bit of a Set.
type Actions struct {
	names []string       // as AWS writes them, sorted
	bit   map[string]int // by name in lower case
}

// KeyActions are those on a KMS key and SecretActions those on a secret.
var (
	KeyActions    = actionsOn("key", "kms")
	SecretActions = actionsOn("Secret", "secretsmanager")
)

var actionsOf = [realms]*Actions{KeyActions, SecretActions}

func actionsOn(typ, service string) *Actions {
	a := &Actions{bit: map[string]int{}}
	for _, services := range byPower {
		for _, name := range strings.Fields(services[service]) {
			name = service + ":" + name
			if slices.Contains(universe.Actions[strings.ToLower(name)].Resources, typ) {
				a.names = append(a.names, name)
			}
		}
	}
	if len(a.names) > 63 {
		panic(fmt.Sprintf("%d actions on a %s: they take a wider Set than is left beside FreeGrant", len(a.names), typ)) // the build's own files
	}
	slices.Sort(a.names)
	for i, name := range a.names {
		a.bit[strings.ToLower(name)] = i
	}
	return a
}

func (a *Actions) all() Set { return a.with(1<<len(a.names) - 1) }

// FreeGrant is beside the actions on a KMS key: kms:CreateGrant for a grant of every operation, to anybody, and for no service of AWS.
// What kms:CreateGrant allows under conditions on these is not it, nor what a grant passes on.
const FreeGrant Set = 1 << 63

// with adds what is beside the actions of a set.
func (a *Actions) with(s Set) Set {
	if i, there := a.bit["kms:creategrant"]; there && s&(1<<i) != 0 {
		s |= FreeGrant
	}
	return s
}

// Of is the set of some actions, in any letter case, without those that are on no such resource.
func (a *Actions) Of(names ...string) (s Set) {
	for _, name := range names {
		if i, there := a.bit[strings.ToLower(name)]; there {
			s |= 1 << i
		}
	}
	return s
}

// Giving is the set of all actions that give one of some powers.
func (a *Actions) Giving(powers ...access.Power) (s Set) {
	return a.where(func(name string) bool { return slices.Contains(powers, PowerOf(name)) })
}

// Names are the actions of a set, as AWS writes them, sorted.
func (a *Actions) Names(s Set) []string {
	out := make([]string, 0, bits.OnesCount64(uint64(s)))
	for i, name := range a.names {
		if s&(1<<i) != 0 {
			out = append(out, name)
		}
	}
	return out
}

// Told are the actions of a set as people are told of them: FreeGrant is creating grants.
func (a *Actions) Told(s Set) []string {
	const grant = "kms:CreateGrant"
	out := a.Names(s &^ FreeGrant)
	if s&FreeGrant != 0 && s&a.Of(grant) == 0 {
		out = append(out, grant)
	}
	return out
}

// where is the set of the actions for which a test of the name, in lower case, holds.
func (a *Actions) where(holds func(lower string) bool) (s Set) {
	for lower, i := range a.bit {
		if holds(lower) {
			s |= 1 << i
		}
	}
	return a.with(s)
}

// Sets of actions that are treated apart.
var (
	abroadKeys   = KeyActions.where(func(a string) bool { return abroad[a] })
	grantable    = KeyActions.where(func(a string) bool { return abroad[a] && !ungrantable[a] })
	everyAction  = [realms]Set{KeyActions.all(), SecretActions.all()}
	restrictedBy = [realms]Set{KeyActions.where(restrictable), SecretActions.where(restrictable)}
)
