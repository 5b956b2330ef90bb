package vault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/collectors/vault"
	"github.com/keyreeve/keyreeve/remediate/plan"
)

// logOut ends, in an emergency, the tokens that the old secret-id was traded for. Vault revokes leases by their prefix, which is that of the mount, so
// all its roles have to log in again; so has keyreeve-rotate, if it logged in there: the run then stops, and another goes on.
func logOut(path string, gone plan.Facts) plan.Step {
	after := maps.Clone(gone)
	after[factTokens] = "no"
	return plan.Step{
		ID: "reauthenticate", Stage: plan.OldDisabled, Act: actLogOut, Expect: gone, After: after,
		Says:  fmt.Sprintf("revoke all tokens that were issued by logins at %s, of every role there: whoever has one logs in again; batch tokens, which Vault keeps no record of, live until they expire", mountOf(path)),
		Final: "a token that was revoked is gone",
	}
}

// mountOf is auth/MOUNT, from the path of a role.
func mountOf(path string) string {
	mount, _, _ := strings.Cut(path, "/role/")
	return mount
}

// logsOut says that the rotation is to revoke tokens.
func logsOut(r plan.Rotation) bool {
	return slices.ContainsFunc(r.Steps, func(s plan.Step) bool { return s.Act == actLogOut })
}

// oldTokens looks for a token that was issued before a time, by the leases below a prefix; where the time is not known, for any.
func oldTokens(ctx context.Context, conn *vault.Connection, prefix, before string) (string, error) {
	leases, err := list(ctx, conn, "sys/leases/lookup/"+strings.TrimSuffix(prefix, "/"))
	if err != nil || len(leases) == 0 {
		return "no", err
	}
	ended, err := time.Parse(time.RFC3339, before)
	if err != nil {
		return "yes", nil
	}
	for _, id := range leases[:min(len(leases), tokens)] {
		data, err := conn.Call(ctx, http.MethodPost, "sys/leases/lookup", map[string]string{"lease_id": prefix + id})
		if e := (*vault.CallError)(nil); errors.As(err, &e) && e.Status == http.StatusBadRequest {
			continue // it has ended since it was listed
		}
		var issued time.Time
		if err == nil {
			err = json.Unmarshal(data["issue_time"], &issued)
		}
		if err != nil {
			return "", fmt.Errorf("look up a token's lease: %w", err)
		}
		if issued.Before(ended) {
			return "yes", nil
		}
	}
	if len(leases) > tokens {
		return fmt.Sprintf("not known, as there are %d", len(leases)), nil
	}
	return "no", nil
}
