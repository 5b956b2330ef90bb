package jwks

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/collectors/ledger"
)

// A Roll is a rotation under way that puts one KMS key in the place of another.
type Roll struct {
	Alias string   // the name under which it was planned, "alias/session": the first of the old key's aliases
	Old   string   // ARN
	New   []string // ARNs; none while no step has made it, or where a person makes it
	Moved bool     // an alias has led to the new key, or it was taken back: AWS has known it for long
}

// moved are the stages before which a key may be so new that AWS does not find it yet.
var moved = []string{"PROMOTED", "SOAKING", "OLD DISABLED", "GRACE", "DONE"}

// ended are the stages after which the old key is not accepted any more: what it signed has run out, or nobody may wait for that.
var ended = []string{"OLD DISABLED", "GRACE", "DONE"}

// Rolls reads from the ledger which rolls are under way, in the order in which they began. The new key is what the outcome of a step brought about:
// a fact "known.NAME" that is the ARN of another key of the same account and Region.
//
// One that is taken back stays under way, as what the new key signed meanwhile is still about: its keys count until they are disabled.
func Rolls(log *ledger.Log) []Roll {
	type rotation struct{ plan, id string }
	type roll struct {
		Roll
		begun, over bool
	}
	all := map[rotation]*roll{}
	var order []rotation
	for i := range log.Entries {
		e := &log.Entries[i]
		if e.Rotation == "" || !isKey(e.Resource) {
			continue
		}
		at := rotation{e.Plan, e.Rotation}
		r := all[at]
		if r == nil {
			r = &roll{Roll: Roll{Old: e.Resource}}
			all[at], order = r, append(order, at)
		}
		switch e.Kind {
		case ledger.Planned:
			r.Alias = e.Facts["name"]
		case ledger.Intent, ledger.Waiting, ledger.Passed:
			r.begun = true
		case ledger.Outcome:
			r.begun = true
			switch e.Facts["result"] {
			case "done", "found":
				r.New = append(r.New, made(e)...)
				r.over = r.over || slices.Contains(ended, e.Facts["stage"])
				r.Moved = r.Moved || slices.Contains(moved, e.Facts["stage"])
			case "undone":
				r.Moved = true
				r.over = r.over && !slices.Contains(ended, e.Facts["stage"])
			}
		}
	}
	var rolls []Roll
	for _, at := range order {
		if r := all[at]; r.begun && !r.over {
			rolls = append(rolls, r.Roll)
		}
	}
	return rolls
}

// made are the keys that an outcome brought about, sorted.
func made(e *ledger.Entry) (arns []string) {
	for name, value := range e.Facts {
		if strings.HasPrefix(name, "known.") && isKey(value) && value != e.Resource && place(value) == place(e.Resource) {
			arns = append(arns, value)
		}
	}
	slices.Sort(arns)
	return arns
}

// partners are the keys that rolls tie to an alias and to the key that it leads to, directly or over others, without that key itself.
func partners(rolls []Roll, alias, current string) []string {
	all := []string{current}
	add := func(arns ...string) {
		for _, arn := range arns {
			if !slices.Contains(all, arn) {
				all = append(all, arn)
			}
		}
	}
	_, name, _ := strings.Cut(alias, ":alias/")
	for _, r := range rolls {
		if r.Alias == "alias/"+name && place(r.Old) == place(current) {
			add(append(slices.Clone(r.New), r.Old)...)
		}
	}
	for i := 0; i < len(all); i++ {
		for _, r := range rolls {
			if both := append(slices.Clone(r.New), r.Old); slices.Contains(both, all[i]) {
				add(both...)
			}
		}
	}
	return all[1:]
}

// old says that a key was there long before now, so that one that AWS does not find was deleted.
func old(rolls []Roll, arn string) bool {
	return slices.ContainsFunc(rolls, func(r Roll) bool { return r.Old == arn || r.Moved && slices.Contains(r.New, arn) })
}

func isKey(arn string) bool {
	return strings.HasPrefix(arn, "arn:") && strings.Contains(arn, ":kms:") && strings.Contains(arn, ":key/")
}

// place is an ARN as far as the account.
func place(arn string) string {
	at, _, _ := strings.Cut(arn, ":key/")
	return at
}
