package vault_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/remediate/material"
	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/remediate/rotatortest"
	rotate "github.com/keyreeve/keyreeve/remediate/vault"
)

// TestKVStore: what is put beside other fields can be taken out again, as long as nobody wrote since.
func TestKVStore(t *testing.T) {
	now := func() time.Time { return time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC) }
	const scope, id = "vault/eu/root", "vault:eu/root/kv/metadata/team/db"
	pair := func(id string) map[string]material.Secret {
		return map[string]material.Secret{"access_key_id": material.New(id), "secret_access_key": material.New("secret of " + id)}
	}
	fake, mount, secret := kvFake(now)
	store := rotate.KVStore{Dial: dial(rotatortest.NewWire(t, fake, writes, denied), now)}
	is := func(key, value any) {
		t.Helper()
		got := secret.Versions[len(secret.Versions)-1].Data
		if got["access_key_id"] != key || got["secret_access_key"] != value || got["password"] != firstPassword || got["user"] != "app" {
			t.Errorf("it holds %v, want the key %v beside what was there", got, key)
		}
	}
	done := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	done(store.Ready(t.Context(), scope, id, "first"))
	done(store.Put(t.Context(), scope, id, pair("first")))
	is("first", "secret of first")
	done(store.Ready(t.Context(), scope, id, "first"))
	if err := store.Ready(t.Context(), scope, id, "another"); err == nil || !strings.Contains(err.Error(), "not the key that is to be replaced") || strings.Contains(err.Error(), "secret of") {
		t.Errorf("it holds another key: %v", err)
	}
	done(store.Put(t.Context(), scope, id, pair("second")))
	is("second", "secret of second")
	done(store.Back(t.Context(), scope, id, "another"))
	is("second", "secret of second")
	done(store.Back(t.Context(), scope, id, "second"))
	is("first", "secret of first")
	done(store.Back(t.Context(), scope, id, "second"))
	is("first", "secret of first")

	done(store.Put(t.Context(), scope, id, pair("third")))
	done(store.Back(t.Context(), scope, id, "third"))
	before := secret.Versions[len(secret.Versions)-1].Data
	delete(before, "access_key_id")
	delete(before, "secret_access_key")
	done(store.Put(t.Context(), scope, id, pair("fourth")))
	done(store.Back(t.Context(), scope, id, "fourth"))
	is(nil, nil)

	done(store.Put(t.Context(), scope, id, pair("fifth")))
	secret.Write(mount, map[string]any{"access_key_id": "fifth", "secret_access_key": "secret of fifth", "password": firstPassword, "user": "app", "port": 1}, now())
	if err := store.Back(t.Context(), scope, id, "fifth"); err == nil || !strings.Contains(err.Error(), "cannot be told") || strings.Contains(err.Error(), "secret of") {
		t.Errorf("a colleague has written since: %v", err)
	}
	is("fifth", "secret of fifth")

	// An answer of success that names no new version is none: the secret of a key may be nowhere.
	lies := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPatch {
			_, _ = io.WriteString(w, `{"data":{"version":1}}`)
			return
		}
		fake.ServeHTTP(w, r)
	})
	lying := rotate.KVStore{Dial: dial(rotatortest.NewWire(t, lies, writes, denied), now)}
	if err := lying.Put(t.Context(), scope, id, pair("sixth")); !errors.Is(err, plan.ErrUnclear) {
		t.Errorf("nothing was written: %v", err)
	}

	const only = "vault:eu/root/kv/metadata/team/db2"
	done(store.Put(t.Context(), scope, only, pair("first")))
	done(store.Back(t.Context(), scope, only, "first"))
	if err := store.Ready(t.Context(), scope, "vault:eu/root/kv/metadata/team/nothing", "first"); err == nil {
		t.Error("a secret that is not there is ready")
	}
}
