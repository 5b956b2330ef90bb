package aws

import (
	"slices"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
	eval "github.com/keyreeve/keyreeve/scanner/access/aws"
)

// Of every action by which somebody becomes another it is said what it gives, so that none is taken for one about which nothing is known.
func TestWaysAreClassified(t *testing.T) {
	actions := map[string]bool{}
	for action := range powerOf {
		actions[action] = true
	}
	for _, j := range jobs {
		for _, n := range j.needs {
			actions[n.action] = true
		}
	}
	for action := range actions {
		if eval.PowerOf(action) != access.Become {
			t.Errorf("%s gives the power %q; it makes one principal another", action, eval.PowerOf(action))
		}
	}
	for action, usage := range usages {
		if !slices.Contains(eval.ActionsOn("kms", "key"), action) {
			t.Errorf("%s takes a key for %s, but AWS does not know it", action, usage)
		}
	}
}
