package aws_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/collectors/collectortest/awsfake"
	"github.com/keyreeve/keyreeve/remediate"
	rotate "github.com/keyreeve/keyreeve/remediate/aws"
	"github.com/keyreeve/keyreeve/remediate/material"
	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/remediate/rotatortest"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

func managed(arn string, written time.Time, automatic bool) *inventory.Resource {
	return &inventory.Resource{
		ID: inventory.ID(arn), Type: "aws.secretsmanager.secret", Name: "storefront/database", Scope: inventory.NewScope("aws", "", number, region), Origin: inventory.Live,
		Secret: &inventory.Secret{State: "enabled", WrittenAt: &written, Rotation: &inventory.Rotation{Automatic: &automatic}, Replica: pointer(false), ServiceManaged: pointer(false)},
	}
}

func secret(d remediate.Draft, automatic bool) rotatortest.Open {
	return func(t *testing.T, now func() time.Time) rotatortest.Fixture {
		d := d
		fake := awsfake.New(now)
		in := fake.Account(number).Region(region)
		written := days(now(), 400)
		x := awsfake.Secret{Name: "storefront/database", Created: written, Versions: []awsfake.SecretVersion{{Created: written, Stages: []string{"AWSCURRENT"}, Value: `{"password":"first","user":"shop"}`}}}
		if automatic {
			x.RotationDays = 30
		}
		arn := in.AddSecret(x)
		d.Resource, d.Now = managed(arn, written, automatic), now()
		f := fixture(t, fake, d, rotate.DraftSecret)
		dialled := dial(f.Wire)
		f.Rotator = rotate.Secret{Dial: dialled, Programs: material.Runner{Environ: func(string) string { return "" }}}
		f.State = func() string {
			var all []string
			for _, v := range in.Versions(arn) {
				if len(v.Stages) > 0 {
					all = append(all, fmt.Sprintf("%v keeps the user %t", slices.Sorted(slices.Values(v.Stages)), strings.Contains(v.Value, `"user":"shop"`)))
				}
			}
			return strings.Join(all, "; ")
		}
		f.Foreign = func() { in.Write(arn, `{"password":"somebody else's","user":"shop"}`) }
		f.Valid = func() string {
			if in.Value(arn) == "" && !automatic {
				return "the secret has no current value"
			}
			return ""
		}
		f.Secrets = func() (all []string) {
			for _, v := range in.Versions(arn) {
				if _, after, ok := strings.Cut(v.Value, `"password":"`); ok {
					p, _, _ := strings.Cut(after, `"`)
					all = append(all, p)
				}
			}
			return slices.DeleteFunc(all, func(s string) bool { return s == "first" }) // too short to be looked for
		}
		f.Restores = false // the label AWSPREVIOUS has moved
		return f
	}
}

func TestSecret(t *testing.T) {
	short := plan.Duration(time.Hour)
	t.Run("staged", func(t *testing.T) {
		rotatortest.Run(t, secret(remediate.Draft{Pattern: plan.Overlap, Key: &remediate.Key{Field: "password", Random: &material.Random{}, CacheTime: &short, Clients: []string{"storefront"}}}, false))
	})
	t.Run("run by AWS", func(t *testing.T) { rotatortest.Run(t, secret(remediate.Draft{Pattern: plan.Overlap}, true)) })
}

// TestSecretStages: what is staged is made beside the version that was planned for, and is another value.
func TestSecretStages(t *testing.T) {
	now := func() time.Time { return time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC) }
	same := func(text string) string {
		path := filepath.Join(t.TempDir(), "program")
		if err := os.WriteFile(path, []byte("#!/bin/sh\nprintf %s '"+text+"'\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	open := func(t *testing.T, k remediate.Key) (rotatortest.Fixture, func() error) {
		f := secret(remediate.Draft{Pattern: plan.Overlap, Key: &k}, false)(t, now)
		return f, func() error {
			_, err := f.Rotator.Do(t.Context(), f.Rotation, f.Rotation.Steps[0], f.Rotation.Steps[0].Act, nil)
			return err
		}
	}
	random := remediate.Key{Field: "password", Random: &material.Random{}}
	t.Run("a colleague writes before", func(t *testing.T) {
		f, stage := open(t, random)
		f.Foreign()
		before := f.State()
		if err := stage(); err == nil || errors.Is(err, plan.ErrUnclear) || f.State() != before {
			t.Errorf("error %v, and it holds %s", err, f.State())
		}
	})
	t.Run("a colleague writes after, and the answer was lost", func(t *testing.T) {
		f, stage := open(t, random)
		if err := stage(); err != nil {
			t.Fatal(err)
		}
		f.Foreign()
		found, err := f.Rotator.Look(t.Context(), f.Rotation, nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := f.Rotation.Steps[0].After.Differs(found, nil); diff == "" {
			t.Errorf("%s counts as done, so the colleague's value would be taken for the old one", found)
		}
	})
	t.Run("a refusal that quotes the value", func(t *testing.T) {
		f, _ := open(t, random)
		back := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if called(r, body) == "PutSecretValue" {
				w.WriteHeader(http.StatusBadRequest)
				_ = json.NewEncoder(w).Encode(map[string]string{"__type": "ValidationException", "message": "does not fit: " + string(body)})
				return
			}
			again, _ := http.NewRequestWithContext(r.Context(), r.Method, f.Wire.URL+r.URL.RequestURI(), bytes.NewReader(body))
			again.Header = r.Header
			f.Wire.ServeHTTP(w, again)
		})
		x := rotate.Secret{Dial: dial(rotatortest.NewWire(t, back, writes, denied))}
		_, err := x.Do(t.Context(), f.Rotation, f.Rotation.Steps[0], f.Rotation.Steps[0].Act, nil)
		if err == nil || !strings.Contains(err.Error(), "ValidationException") || strings.Contains(err.Error(), "user") {
			t.Errorf("got %v", err)
		}
	})
	for name, k := range map[string]remediate.Key{
		"the same field": {Field: "password", Generator: []string{same("first")}},
		"the same value": {Generator: []string{same(`{"password":"first","user":"shop"}`)}},
	} {
		t.Run(name, func(t *testing.T) {
			f, stage := open(t, k)
			before := f.State()
			if err := stage(); err == nil || !strings.Contains(err.Error(), "nothing would be rotated") || strings.Contains(err.Error(), "first") || f.State() != before {
				t.Errorf("error %v, and it holds %s", err, f.State())
			}
		})
	}
}

func TestSecretRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		with func(*remediate.Draft)
		why  string
	}{
		{"deleted", func(d *remediate.Draft) { d.Resource.Secret.State = "deleted" }, "it is deleted"},
		{"a replica", func(d *remediate.Draft) { d.Resource.Secret.Replica = pointer(true) }, "a replica"},
		{"a service's", func(d *remediate.Draft) { d.Resource.Secret.ServiceManaged = pointer(true) }, "a service of AWS manages it"},
		{"no value", func(*remediate.Draft) {}, "nothing says how its new value is made"},
		{"a gate about use", func(d *remediate.Draft) { d.Key.Gates = []remediate.GateSettings{{Unused: 1}} }, "keeps no record of versions"},
		{"age not read", func(d *remediate.Draft) {
			d.Resource.Unknown = []inventory.Unknown{{Fact: "secret.written_at", Why: inventory.Denied}}
		}, "secret.written_at was not read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := remediate.Draft{Resource: managed("arn:aws:secretsmanager:eu-west-1:111122223333:secret:x", time.Now(), false), Key: &remediate.Key{}}
			c.with(&d)
			refused(t, rotate.DraftSecret, d, c.why)
		})
	}
}
