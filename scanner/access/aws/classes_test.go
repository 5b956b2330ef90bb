package aws

import (
	"strings"
	"testing"
)

// A new action of the services is to be classified when actions.json is made anew.
func TestActionsAreClassified(t *testing.T) {
	for a := range universe.Actions {
		if ClassOf(a) == "" {
			t.Errorf("%s has no class; give it one in classes.go", a)
		}
	}
	times := map[string]int{}
	for class, services := range byClass {
		for service, names := range services {
			for _, name := range strings.Fields(names) {
				a := strings.ToLower(service + ":" + name)
				if times[a]++; times[a] > 1 {
					t.Errorf("%s has two classes", a)
				}
				if _, known := universe.Actions[a]; !known {
					t.Errorf("%s has the class %s, but AWS does not know it", a, class)
				}
			}
		}
	}
	if ClassOf("KMS:decrypt") != Reveal || ClassOf("s3:GetObject") != "" {
		t.Error("ClassOf does not look up without regard to letter case")
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
