package jwks

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/collectors/ledger"
)

// A Roll is a rotation under way that puts one KMS key in the place of another. Both ARNs are of the same account and Region.
type Roll struct{ Old, New string }

// Rolls reads from the ledger which rolls are under way. A roll begins when the outcome of a step names the key that was made: a fact
// "known.NAME" that is the ARN of another key than the resource. It is over when the rotation reaches DONE: by then what the old key signed has
// run out. One that is taken back is not over, as what the new key signed meanwhile is still about; its new key counts until it is disabled.
func Rolls(log *ledger.Log) []Roll {
	type rotation struct{ plan, id string }
	under := map[rotation][]Roll{}
	var order []rotation
	for i := range log.Entries {
		e := &log.Entries[i]
		result := e.Facts["result"]
		if e.Kind != ledger.Outcome || !isKey(e.Resource) || result != "done" && result != "found" {
			continue
		}
		at := rotation{e.Plan, e.Rotation}
		for name, value := range e.Facts {
			if strings.HasPrefix(name, "known.") && isKey(value) && value != e.Resource && place(value) == place(e.Resource) {
				if under[at] == nil {
					order = append(order, at)
				}
				under[at] = append(under[at], Roll{Old: e.Resource, New: value})
			}
		}
		if e.Facts["stage"] == "DONE" {
			delete(under, at)
		}
	}
	var rolls []Roll
	for _, at := range order {
		rolls = append(rolls, under[at]...)
	}
	return rolls
}

// partners are the keys that rolls tie to one, directly or over others, in the order of the rolls.
func partners(rolls []Roll, arn string) []string {
	all := []string{arn}
	for i := 0; i < len(all); i++ {
		for _, r := range rolls {
			for _, pair := range [][2]string{{r.Old, r.New}, {r.New, r.Old}} {
				if pair[0] == all[i] && !slices.Contains(all, pair[1]) {
					all = append(all, pair[1])
				}
			}
		}
	}
	return all[1:]
}

func isKey(arn string) bool {
	return strings.HasPrefix(arn, "arn:") && strings.Contains(arn, ":kms:") && strings.Contains(arn, ":key/")
}

// place is an ARN as far as the account.
func place(arn string) string {
	at, _, _ := strings.Cut(arn, ":key/")
	return at
}
