package relate

import (
	"errors"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Check returns an error, which begins with the place at, for a selector that cannot be used.
func (s Selector) Check(at string) error { return checkSelectors(at, []Selector{s}) }

// ErrUndecided says that what decides whether a selector describes a resource was not read.
var ErrUndecided = errors.New("what decides this was not read")

// Selects says whether a selector that Check accepts describes a resource. The error is ErrUndecided.
func (s Selector) Selects(r *inventory.Resource) (bool, error) {
	switch s.match(r) {
	case yes:
		return true, nil
	case no:
		return false, nil
	}
	return false, ErrUndecided
}
