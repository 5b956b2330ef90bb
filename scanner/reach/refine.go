package reach

import (
	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// refiner is what a system may tell as well: whether a step counts where the end is to do something to a key or secret, and how surely.
type refiner interface {
	Refine(action string, key inventory.ID) func(access.Step) (access.Step, bool)
}

// stepsFor are the steps that a system tells, where the end is to do something to a key or secret.
func stepsFor(s system, action string, key inventory.ID) Steps {
	r, is := s.(refiner)
	if !is {
		return s.StepsTo
	}
	refine := r.Refine(action, key)
	return func(to string, matters func(string) bool) (out []access.Step) {
		for _, step := range s.StepsTo(to, matters) {
			if step, counts := refine(step); counts {
				out = append(out, step)
			}
		}
		return out
	}
}
