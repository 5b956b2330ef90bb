package remediate

import (
	"time"

	"github.com/keyreeve/keyreeve/remediate/plan"
)

// The waits where configuration names none. CacheTime and TokenLife together are the window of the rule rotation/overlap-missing.
const (
	CacheTime   = plan.Duration(12 * time.Hour) // how long those who verify may keep a set of public keys
	TokenLife   = plan.Duration(12 * time.Hour) // how long what a key signed is accepted
	SoakTime    = plan.Duration(time.Hour)
	GraceTime   = plan.Duration(24 * time.Hour)
	WrapTime    = plan.Duration(time.Hour)      // how long the wrapping token of a new secret-id is good for
	ConfirmTime = plan.Duration(48 * time.Hour) // after which a missing confirmation counts as stalled
)
