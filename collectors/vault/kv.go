package vault

import (
	"strconv"
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// kv reads the metadata of KV version 2 and never its data.
var kv = engine{
	name: "kv", version: "2", usual: "secret", what: "secrets", tree: true, list: listSecrets, read: readSecret,
	start: func(res *inventory.Resource, _ string) {
		res.Secret = &inventory.Secret{ServiceManaged: ref(false), Replica: ref(false), Rotation: &inventory.Rotation{Supported: ref(false), Automatic: ref(false)}}
	},
	fill: (*run).fillSecret,
}

// A secretVersion is one entry of "versions". Vault writes times that were not set as "".
type secretVersion struct {
	CreatedTime  *time.Time `json:"created_time"`
	DeletionTime *string    `json:"deletion_time"` // may lie ahead: delete_version_after
	Destroyed    *bool      `json:"destroyed"`
}

func (r *run) fillSecret(a *answer) {
	s := a.Secret
	a.Tags = a.words("tags", "custom_metadata") // what its owners wrote beside it
	s.CreatedAt = a.time("secret.created_at", "created_time")
	s.CurrentVersion = a.number("secret.current_version", "current_version")
	if most := a.number("secret.max_versions", "max_versions"); most != nil && *most > 0 {
		s.MaxVersions = most // 0 leaves it to the mount
	}
	a.secretVersions(s, r.server.opts.Now())
}

// secretVersions tells of the current version whether its value can still be read, when it was written and when it ends.
func (a *answer) secretVersions(s *inventory.Secret, now time.Time) {
	versions, ok := get[map[string]secretVersion](a, "secret.kept_versions", "versions")
	if ok {
		a.countVersions(s, versions, now)
	} else {
		a.unknown("secret.deleted_versions", inventory.NotRead, "")
	}
	if s.CurrentVersion != nil && *s.CurrentVersion == 0 && ok {
		s.State = "deleted" // metadata alone: no value was ever written
		a.unknown("secret.written_at", inventory.NotStated, "the path has metadata but no version")
		return
	}
	var current secretVersion
	if s.CurrentVersion != nil {
		current = versions[strconv.Itoa(*s.CurrentVersion)]
	}
	const lacks = "the answer lacks the current version"
	if current.CreatedTime == nil {
		a.unknown("secret.written_at", inventory.NotRead, lacks)
	} else {
		s.WrittenAt = a.plausible("secret.written_at", *current.CreatedTime, true)
	}
	if s.State, s.ExpiresAt, ok = current.state(now); !ok {
		a.unknown("secret.state", inventory.NotRead, lacks)
		a.unknown("secret.expires_at", inventory.NotRead, lacks)
	}
}

// countVersions counts the versions whose value can be read, and those whose value can be once it is undeleted.
func (a *answer) countVersions(s *inventory.Secret, versions map[string]secretVersion, now time.Time) {
	n := map[string]int{}
	for _, v := range versions {
		state, _, ok := v.state(now)
		if !ok {
			const hint = "the answer does not say of every version whether it was deleted"
			a.unknown("secret.kept_versions", inventory.NotRead, hint)
			a.unknown("secret.deleted_versions", inventory.NotRead, hint)
			return
		}
		n[state]++
	}
	s.KeptVersions, s.DeletedVersions = ref(n["enabled"]), ref(n["deleted"])
}

// state is whether the version's value can be read at a time, and when that ends.
func (v secretVersion) state(now time.Time) (state string, ends *time.Time, ok bool) {
	if v.Destroyed == nil || v.DeletionTime == nil {
		return "", nil, false
	}
	if *v.DeletionTime != "" {
		t, err := time.Parse(time.RFC3339Nano, *v.DeletionTime)
		if err != nil || !plausible(t.UTC()) {
			return "", nil, false
		}
		ends = ref(t.UTC())
	}
	switch {
	case *v.Destroyed:
		return "destroyed", nil, true
	case ends != nil && !ends.After(now):
		return "deleted", nil, true
	}
	return "enabled", ends, true
}
