package aws

import (
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// A new action of the services is to be classified when actions.json is made anew.
func TestActionsAreClassified(t *testing.T) {
	for a := range universe.Actions {
		if PowerOf(a) == "" {
			t.Errorf("%s gives no power; name one in powers.go", a)
		}
	}
	times := map[string]int{}
	for power, services := range byPower {
		for service, names := range services {
			for _, name := range strings.Fields(names) {
				a := strings.ToLower(service + ":" + name)
				if times[a]++; times[a] > 1 {
					t.Errorf("%s gives two powers", a)
				}
				if _, known := universe.Actions[a]; !known {
					t.Errorf("%s gives the power %s, but AWS does not know it", a, power)
				}
			}
		}
	}
	if PowerOf("KMS:decrypt") != access.Reveal || PowerOf("s3:GetObject") != "" {
		t.Error("PowerOf does not look up without regard to letter case")
	}
}

func TestActionsWorkAbroadOnKeysOnly(t *testing.T) {
	for a := range abroad {
		if !on(a, "key") || serviceOf(a) != "kms" {
			t.Errorf("%s is not on a key", a)
		}
	}
	for a := range ungrantable {
		if !abroad[a] {
			t.Errorf("%s need not be named", a)
		}
	}
}
