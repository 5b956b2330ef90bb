package vault

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keyreeve/keyreeve/remediate"
	"github.com/keyreeve/keyreeve/remediate/material"
	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/remediate/program"
)

// KVName is the rotator's name in plans.
const KVName = "vault-kv"

// The acts on a secret of KV version 2. Each reads the data of one version, for no longer than the act, and then makes its one write:
// PATCH MOUNT/data/PATH with check-and-set.
const (
	actWrite   = "write a new value"
	actRestore = "write the old value back"

	argField   = "field"
	argVersion = "version" // the one that is current when the plan is made

	factCurrent = "current_version"
	factState   = "current_state"     // of its value: readable, destroyed, deleted and when; a time that lies ahead counts
	factOld     = "old_version_state" // the same of the version that was current when the plan was made; dropped: it is not kept any more
	factStays   = "old_version_stays" // "yes" when a version that is not the newest stays readable, and otherwise "no" with the reason
)

const (
	readable    = "readable"
	metadata    = "/metadata/" // between mount and path
	kvKeeps     = 10           // versions, where neither secret nor mount says: defaultMaxVersions of vault-plugin-secrets-kv
	kvOldAndNew = 2            // versions that have to be kept
)

// DraftKV drafts the rotation of one field of a KV secret. The new value is what its readers get as soon as it is written, and the old value stays
// readable as the version before. Whether the old value is still accepted is for whoever checks it, and not for Vault: the rotation has not ended
// until a person has signed that it is not, or a gate before OLD DISABLED has shown it.
func DraftKV(d remediate.Draft) (string, []plan.Step, error) {
	old, source, err := plannable(d)
	if err != nil {
		return "", nil, err
	}
	was, next, after := strconv.Itoa(old), strconv.Itoa(old+1), strconv.Itoa(old+2)
	steps := []plan.Step{{
		ID: "write", Stage: plan.Created, Act: actWrite,
		Says: fmt.Sprintf("write version %s, in which %q is new (%s) and the other fields are as they were; who reads the secret gets it from then on, and version %s stays readable",
			next, d.Key.Field, source, was),
		Args:   material.With(source.Args(), map[string]string{argField: d.Key.Field, argVersion: was}),
		Expect: plan.Facts{factCurrent: was, factState: readable, factOld: readable, factStays: "yes"},
		After:  plan.Facts{factCurrent: next, factState: readable, factOld: readable},
		// KV has no way to make an older version the current one, and deleting the new one would leave its readers with nothing.
		Undo: actRestore, UndoExpect: plan.Facts{factCurrent: next, factState: readable, factOld: readable}, UndoAfter: plan.Facts{factCurrent: after, factState: readable},
	}}
	found := plan.Facts{factCurrent: next, factState: readable, factOld: readable}
	check := plan.Step{ID: "check", Stage: plan.Done, Says: fmt.Sprintf("see that version %s is the current one and version %s can still be read", next, was), Expect: found}
	retire := plan.Step{
		ID: "retire", Stage: plan.OldDisabled, Expect: found, Says: "the old value is refused where it is checked",
		Final: "the old value is refused where it is checked, so writing it back would leave nothing that is accepted",
	}
	if !slices.ContainsFunc(d.Key.Gates, func(g remediate.GateSettings) bool { return g.Before == plan.OldDisabled }) {
		retire.Says = "a person ends the old value where it is checked, and says so"
		retire.Gates = []plan.Gate{{Kind: plan.Confirmed, Client: remediate.HandRetired, Timeout: remediate.ConfirmTime}}
	}
	switch {
	case d.Emergency:
		return KVName, append(steps, retire, check), nil
	case d.Pattern == plan.InPlace:
		return KVName, append(steps, check), nil
	}
	promoted := plan.Step{ID: "promote", Stage: plan.Promoted, Says: "the new value is the one in use", Expect: found}
	if len(d.Key.Clients) > 0 {
		promoted.Says = "the new value is the one in use: " + strings.Join(d.Key.Clients, ", ") + " have confirmed"
		promoted.Gates = []plan.Gate{{Kind: plan.Confirmed, Timeout: remediate.ConfirmTime}}
	}
	return KVName, append(steps,
		plan.Step{
			ID: "distribute", Stage: plan.Distributed, Expect: found, Says: "those who read it have fetched the new value: their caches have run out",
			Gates: []plan.Gate{{Kind: plan.Wait, For: remediate.Lasting(d.Key.CacheTime, remediate.CacheTime)}},
		},
		promoted,
		plan.Step{
			ID: "soak", Stage: plan.Soaking, Expect: found, Says: "nobody needs the old value",
			Gates: []plan.Gate{{Kind: plan.Wait, For: remediate.Lasting(d.Key.Soak, remediate.SoakTime)}},
		},
		retire,
		plan.Step{ID: "grace", Stage: plan.Grace, Expect: found, Says: "nobody missed the old value", Gates: []plan.Gate{{Kind: plan.Wait, For: remediate.GraceTime}}},
		check,
	), nil
}

// plannable returns the current version and where the next value comes from, or why no safe plan exists.
func plannable(d remediate.Draft) (version int, source material.Source, err error) {
	refuse := func(why, next string) error { return &remediate.Refusal{Why: why, Next: next} }
	if d.Retire {
		return 0, source, refuse("Vault does not decide whether an old value of a KV secret is accepted", "end it where it is checked")
	}
	for _, fact := range []string{"secret.current_version", "secret.state", "secret.expires_at", "secret.max_versions"} {
		if u := d.Resource.Unread(fact); u != nil {
			return 0, source, refuse(fact+" was not read", u.Hint)
		}
	}
	s := d.Resource.Secret
	switch {
	case s == nil || s.CurrentVersion == nil || s.State == "":
		return 0, source, errors.New("its versions were not read")
	case s.State != "enabled":
		return 0, source, refuse("its current version is "+s.State, "write a value, or delete the metadata of what nobody uses")
	case s.ExpiresAt != nil:
		return 0, source, refuse(fmt.Sprintf("its current version is deleted by itself at %s, so the old value would not stay readable", s.ExpiresAt.Format(time.RFC3339)), "take delete_version_after away")
	case s.MaxVersions != nil && *s.MaxVersions < kvOldAndNew:
		return 0, source, refuse("max_versions is 1, so the old value may be lost when the new one is written", "keep more: vault kv metadata put -max-versions=3")
	case d.Key.Field == "":
		return 0, source, refuse("nothing says which of its fields holds the value", "name it: field in rotation.keys")
	case strings.Count(string(d.Resource.ID), metadata) != 1:
		return 0, source, refuse("its ID does not tell where its mount ends", "rotate it by hand")
	case untold(d.Key):
		return 0, source, refuse("a gate asks how long the old version is unused, and Vault keeps no record of that", "take another gate: a command, or clients that confirm")
	}
	switch {
	case len(d.Key.Generator) > 0:
		p, err := program.Bind(d.Key.Generator)
		if err != nil {
			return 0, source, refuse("its generator cannot be read: "+err.Error(), "correct the configuration")
		}
		source.Program = &p
	case d.Key.Random != nil:
		source.Random = *d.Key.Random
	default:
		return 0, source, refuse("nothing says how its new value is made", "name a generator, or random: {} for a value that is made at random, in rotation.keys")
	}
	return *s.CurrentVersion, source, nil
}

// untold says that a gate asks for what Vault keeps no record of.
func untold(k *remediate.Key) bool {
	return slices.ContainsFunc(k.Gates, func(g remediate.GateSettings) bool { return g.Unused > 0 })
}
