package vault_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/collectors/collectortest"
	"github.com/keyreeve/keyreeve/collectors/collectortest/vaultfake"
	"github.com/keyreeve/keyreeve/remediate"
	"github.com/keyreeve/keyreeve/remediate/plan"
	"github.com/keyreeve/keyreeve/remediate/rotatortest"
	rotate "github.com/keyreeve/keyreeve/remediate/vault"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// monday is the clock of tests that do not let time pass.
func monday() time.Time { return time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC) }

func yes(is bool) *bool { return &is }

// pipeline is an AppRole as a scan finds it.
func pipeline() *inventory.Resource {
	return &inventory.Resource{
		ID: "vault:eu/root/auth/approle/role/ci", Type: "vault.approle.role", Name: "ci", Scope: "vault/eu/root", Origin: inventory.Live,
		Trust: &inventory.Trust{Method: "approle", SecretID: &inventory.SecretIDTerms{Required: yes(true)}},
	}
}

// roleFake is a Vault with the AppRole ci, which has one secret-id, and one that has expired.
func roleFake(now func() time.Time, fault collectortest.Fault) (*vaultfake.Server, *vaultfake.AppRole) {
	root := &vaultfake.Namespace{
		Auth: []vaultfake.Mount{{Path: "approle/", Type: "approle", AppRoles: []vaultfake.AppRole{
			{Name: "ci", BindSecretID: true, SecretIDs: []vaultfake.SecretID{
				{Accessor: "old", Value: "old-secret-id", Created: now().AddDate(0, 0, -100)},
				{Accessor: "expired", Value: "expired-secret-id", Created: now().AddDate(0, 0, -300), Expires: now().AddDate(0, 0, -200)},
			}},
			{Name: "other", BindSecretID: true, SecretIDs: []vaultfake.SecretID{{Accessor: "other", Value: "other-secret-id", Created: now()}}},
		}}},
		Tokens: []vaultfake.Token{{ID: "hvs.test", Accessor: "test", Created: now(), Root: true}},
		Leases: []vaultfake.Lease{{ID: "auth/approle/login/h1", Issued: now().Add(-time.Hour)}, {ID: "auth/approle2/login/h1", Issued: now()}, {ID: "auth/approle/login/h2", Issued: now()}},
	}
	return vaultfake.New(vaultfake.Estate{"root": root}, vaultfake.Options{Now: now, Fault: fault}), &root.Auth[0].AppRoles[0]
}

// courier is a program that appends what it gets to a file, and the file.
func courier(t *testing.T) (program, inbox string) {
	inbox = filepath.Join(t.TempDir(), "inbox")
	return executable(t, "cat >>"+inbox), inbox
}

func lines(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return strings.Fields(string(text))
}

// approle opens a rotation of a secret-id.
func approle(d remediate.Draft) rotatortest.Open {
	return func(t *testing.T, now func() time.Time) rotatortest.Fixture {
		d := d
		fake, role := roleFake(now, collectortest.Fault{})
		key := *d.Key
		program, inbox := courier(t)
		key.Deliver = []string{program}
		d.Key, d.Resource, d.Now = &key, pipeline(), now()
		rotator, steps, err := rotate.DraftAppRole(d)
		if err != nil {
			t.Fatal(err)
		}
		wire := rotatortest.NewWire(t, fake, writes, denied)
		return rotatortest.Fixture{
			Rotation: plan.Rotation{
				Resource: d.Resource.ID, Type: d.Resource.Type, Name: d.Resource.Name, Scope: string(d.Resource.Scope), Tier: "production", Purpose: "connection",
				Rotator: rotator, Endpoint: wire.URL, Pattern: d.Pattern, Clients: d.Key.Clients, Steps: steps,
			},
			Rotator: rotate.AppRole{Dial: dial(wire, now), Programs: programs, Now: now}, Wire: wire,
			State: func() string {
				var all []string
				for _, id := range role.SecretIDs {
					switch {
					case id.Metadata["keyreeve_rotation"] != "":
						all = append(all, "new")
					default:
						all = append(all, id.Accessor)
					}
				}
				return fmt.Sprintf("%s; %d tokens", strings.Join(all, " "), len(fake.Estate()["root"].Leases))
			},
			Foreign: func() {
				role.SecretIDs = append(role.SecretIDs, vaultfake.SecretID{Accessor: "foreign", Value: "foreign-secret-id", Created: now()})
			},
			Valid: func() string {
				if !slices.ContainsFunc(role.SecretIDs, func(id vaultfake.SecretID) bool { return id.Expires.IsZero() }) {
					return "no secret-id is left that logs in"
				}
				return ""
			},
			Secrets: func() []string {
				secrets := lines(t, inbox)
				for _, id := range role.SecretIDs {
					secrets = append(secrets, id.Value)
				}
				return secrets
			},
			Restores: true,
		}
	}
}

func TestAppRole(t *testing.T) {
	for _, c := range []struct {
		name string
		d    remediate.Draft
	}{
		{"overlap", remediate.Draft{Pattern: plan.Overlap, Key: &remediate.Key{Clients: []string{"runner"}}}},
		{"emergency", remediate.Draft{Pattern: plan.Urgent, Emergency: true, Key: &remediate.Key{}}},
	} {
		t.Run(c.name, func(t *testing.T) { rotatortest.Run(t, approle(c.d)) })
	}
}

func TestAppRoleRefuses(t *testing.T) {
	program, _ := courier(t)
	for _, c := range []struct {
		name string
		with func(*inventory.Resource, *remediate.Draft)
		why  string
	}{
		{"no secret-id is asked for", func(r *inventory.Resource, _ *remediate.Draft) { r.Trust.SecretID.Required = yes(false) }, "asks for no secret-id"},
		{"unread", func(r *inventory.Resource, _ *remediate.Draft) {
			r.Unknown = []inventory.Unknown{{Fact: "trust.secret_id.required"}}
		}, "was not read"},
		{"absent", func(r *inventory.Resource, _ *remediate.Draft) { r.Trust = nil }, "was not read"},
		{"nobody delivers", func(_ *inventory.Resource, d *remediate.Draft) { d.Key.Deliver = nil }, "nothing says who gets"},
		{"the program is gone", func(_ *inventory.Resource, d *remediate.Draft) { d.Key.Deliver = []string{"/nowhere/deliver"} }, "cannot be read"},
		{"in place", func(_ *inventory.Resource, d *remediate.Draft) { d.Pattern = plan.InPlace }, "in place"},
		{"nobody confirms", func(_ *inventory.Resource, d *remediate.Draft) { d.Key.Clients = nil }, "nothing would tell"},
		{"a gate that comes too early", func(_ *inventory.Resource, d *remediate.Draft) {
			d.Key.Clients, d.Key.Gates = nil, []remediate.GateSettings{{Before: plan.Created, URL: "https://ci.test"}}
		}, "nothing would tell"},
		{"a gate that comes too late", func(_ *inventory.Resource, d *remediate.Draft) {
			d.Key.Clients, d.Key.Gates = nil, []remediate.GateSettings{{Before: plan.Grace, URL: "https://ci.test"}}
		}, "nothing would tell"},
		{"a gate that never opens", func(_ *inventory.Resource, d *remediate.Draft) {
			d.Key.Gates = []remediate.GateSettings{{Before: plan.Soaking, Unused: 1}}
		}, "Vault keeps no record"},
		{"retire", func(_ *inventory.Resource, d *remediate.Draft) { d.Retire = true }, "destroys the old one itself"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := remediate.Draft{Resource: pipeline(), Key: &remediate.Key{Clients: []string{"runner"}, Deliver: []string{program}}, Pattern: plan.Overlap}
			c.with(d.Resource, &d)
			_, steps, err := rotate.DraftAppRole(d)
			if err == nil || len(steps) > 0 || !strings.Contains(err.Error(), c.why) {
				t.Errorf("%d steps, error %v; want one about %q", len(steps), err, c.why)
			}
		})
	}
	d := remediate.Draft{Resource: pipeline(), Pattern: plan.Overlap, Key: &remediate.Key{
		Deliver: []string{program}, Gates: []remediate.GateSettings{{Before: plan.OldDisabled, URL: "https://ci.test"}},
	}}
	if _, _, err := rotate.DraftAppRole(d); err != nil {
		t.Errorf("a gate before OLD DISABLED is no proof: %v", err)
	}
}

// An issue is one rotation's first act, as the engine would carry it out.
type issue struct {
	fake     *vaultfake.Server
	role     *vaultfake.AppRole
	rotation plan.Rotation
	rotator  rotate.AppRole
}

func newIssue(t *testing.T, program string, fault collectortest.Fault) *issue {
	t.Helper()
	return draftIssue(t, fault, remediate.Draft{Pattern: plan.Overlap, Key: &remediate.Key{Clients: []string{"runner"}, Deliver: []string{program, "vault"}}})
}

// newUrgent is a rotation in an emergency.
func newUrgent(t *testing.T, program string, fault collectortest.Fault) *issue {
	t.Helper()
	return draftIssue(t, fault, remediate.Draft{Pattern: plan.Urgent, Emergency: true, Key: &remediate.Key{Deliver: []string{program}}})
}

func draftIssue(t *testing.T, fault collectortest.Fault, d remediate.Draft) *issue {
	t.Helper()
	fake, role := roleFake(monday, fault)
	wire := rotatortest.NewWire(t, fake, writes, denied)
	d.Resource, d.Now = pipeline(), monday()
	rotator, steps, err := rotate.DraftAppRole(d)
	if err != nil {
		t.Fatal(err)
	}
	return &issue{fake, role, plan.Rotation{
		ID: "ci", Resource: "vault:eu/root/auth/approle/role/ci", Scope: "vault/eu/root", Rotator: rotator, Steps: steps,
	}, rotate.AppRole{Dial: dial(wire, monday), Programs: programs, Now: monday}}
}

// What is delivered is a wrapping token, once, and who unwraps it has the secret-id; everything that is reported names accessors only.
func TestAppRoleDeliversAWrappingToken(t *testing.T) {
	program, inbox := courier(t)
	i := newIssue(t, program, collectortest.Fault{})
	known, err := i.rotator.Do(t.Context(), i.rotation, i.rotation.Steps[0], i.rotation.Steps[0].Act, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := lines(t, inbox)
	if len(got) != 1 || !strings.HasPrefix(got[0], "hvs.wrap-") {
		t.Fatalf("delivered were %d words", len(got))
	}
	made := i.role.SecretIDs[2]
	if want := (plan.Facts{"new_secret_id": made.Accessor, "old_secret_id": "old"}); known.String() != want.String() {
		t.Errorf("known is %s, want %s", known, want)
	}
	r, _ := http.NewRequest(http.MethodPost, "http://vault/v1/sys/wrapping/unwrap", http.NoBody)
	r.Header.Set("X-Vault-Token", got[0])
	resp, err := i.fake.RoundTrip(r)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("unwrapping: %v %v", resp, err)
	}
	if text, err := io.ReadAll(resp.Body); err != nil || !strings.Contains(string(text), made.Value) {
		t.Errorf("what was wrapped is not the secret-id that was issued: %v", err)
	}
	if again, _ := i.rotator.Do(t.Context(), i.rotation, i.rotation.Steps[0], i.rotation.Steps[0].Act, nil); again != nil || len(i.role.SecretIDs) != 3 {
		t.Errorf("issued again: %v", again)
	}
}

// Whether the act can have left something behind is told apart: before the call it cannot, after it a person has to be asked.
func TestAppRoleTellsRefusedFromUnclear(t *testing.T) {
	const lookup, create = "POST auth/APPROLE/role/NAME/secret-id-accessor/lookup", "POST auth/APPROLE/role/NAME/secret-id"
	ok, _ := courier(t)
	for _, c := range []struct {
		name    string
		program string
		fault   collectortest.Fault
		with    func(*issue)
		unclear bool
		issued  int
		why     string
	}{
		{"the program fails", executable(t, "cat >&2; exit 3"), collectortest.Fault{}, nil, true, 1, "program vault ended with 3"},
		{"the program was changed", ok, collectortest.Fault{}, func(i *issue) { i.rotation.Steps[0].Args["deliver_sha256"] = "00" }, false, 0, "is not the program that was approved"},
		{"a second secret-id", ok, collectortest.Fault{}, func(i *issue) {
			i.role.SecretIDs = append(i.role.SecretIDs, vaultfake.SecretID{Accessor: "b", Created: monday()})
		}, false, 0, "other_secret_ids is 2 where 1 was expected"},
		{"none at all", ok, collectortest.Fault{}, func(i *issue) { i.role.SecretIDs = nil }, false, 0, "old_secret_id is absent"},
		{"denied", ok, collectortest.Fault{Kind: collectortest.Deny, Call: create}, nil, false, 0, "permission denied"},
		{"the answer is cut", ok, collectortest.Fault{Kind: collectortest.CutBody, Call: create}, nil, true, 1, "may or may not"},
		{"the answer is blank", ok, collectortest.Fault{Kind: collectortest.Blank, Call: create}, nil, true, 1, "is not wrapped"},
		{"looking up is denied", ok, collectortest.Fault{Kind: collectortest.Deny, Call: lookup}, nil, false, 0, "look up secret-id"},
		{"an answer without its times", ok, collectortest.Fault{Kind: collectortest.Blank, Call: lookup}, nil, false, 0, "not as Vault gives it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := newIssue(t, c.program, c.fault)
			if c.with != nil {
				c.with(i)
			}
			_, err := i.rotator.Do(t.Context(), i.rotation, i.rotation.Steps[0], i.rotation.Steps[0].Act, nil)
			if err == nil || !strings.Contains(err.Error(), c.why) || strings.Contains(err.Error(), "hvs.wrap") || strings.Contains(err.Error(), "sid-") {
				t.Errorf("it says %v, want %q", err, c.why)
			}
			if got := err != nil && strings.Contains(err.Error(), plan.ErrUnclear.Error()); got != c.unclear {
				t.Errorf("unclear: %t, want %t", got, c.unclear)
			}
			issued := 0
			for _, id := range i.role.SecretIDs {
				if id.Metadata["keyreeve_rotation"] != "" {
					issued++
				}
			}
			if issued != c.issued {
				t.Errorf("%d secret-ids were issued, want %d", issued, c.issued)
			}
		})
	}
}

// Nothing that this rotation did not issue is discarded, whoever consents; and what is destroyed is what the ledger names.
func TestAppRoleDestroysOnlyItsOwn(t *testing.T) {
	program, _ := courier(t)
	i := newIssue(t, program, collectortest.Fault{})
	s := i.rotation.Steps[0]
	for accessor, why := range map[string]string{"old": "was not issued by this rotation", "nowhere": "was not issued by this rotation", "other": "was not issued by this rotation", "": "does not say which"} {
		if _, err := i.rotator.Do(t.Context(), i.rotation, s, "discard", plan.Facts{"names": accessor}); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("discard %q: %v, want %q", accessor, err, why)
		}
	}
	for _, act := range []string{"destroy the old secret-id", "destroy the new secret-id", "rotate"} {
		if _, err := i.rotator.Do(t.Context(), i.rotation, s, act, nil); err == nil {
			t.Errorf("%s of nothing in particular", act)
		}
	}
	if len(i.role.SecretIDs) != 2 {
		t.Error("something was destroyed")
	}
}

// A role with secret-ids beyond counting is not looked through, and two that carry the mark are a person's to tell apart.
func TestAppRoleLooksWithin(t *testing.T) {
	program, _ := courier(t)
	i := newIssue(t, program, collectortest.Fault{})
	mark := map[string]string{"keyreeve_rotation": i.rotation.Steps[0].Args["mark"]}
	i.role.SecretIDs = append(i.role.SecretIDs, vaultfake.SecretID{Accessor: "x", Metadata: mark}, vaultfake.SecretID{Accessor: "y", Metadata: mark})
	if _, err := i.rotator.Look(t.Context(), i.rotation, nil); err == nil || !strings.Contains(err.Error(), "two secret-ids were issued by this rotation, x and y") {
		t.Errorf("two with the mark: %v", err)
	}
	for n := range 30 {
		i.role.SecretIDs = append(i.role.SecretIDs, vaultfake.SecretID{Accessor: fmt.Sprint("z", n)})
	}
	facts, err := i.rotator.Look(t.Context(), i.rotation, nil)
	if err != nil || facts["other_secret_ids"] != "33 or more" {
		t.Errorf("34 secret-ids: %s, %v", facts, err)
	}
}

// In an emergency, what counts as an old token is every one that may have been issued before the old secret-id was gone.
func TestAppRoleOldTokens(t *testing.T) {
	lease := func(name string, after time.Duration) vaultfake.Lease {
		return vaultfake.Lease{ID: "auth/approle/login/" + name, Issued: monday().Add(after)}
	}
	many := []vaultfake.Lease{}
	for n := range 501 {
		many = append(many, lease(fmt.Sprint(n), time.Minute))
	}
	gone, second := monday().Add(time.Second).Format(time.RFC3339), time.Second
	for _, c := range []struct {
		name   string
		leases []vaultfake.Lease
		ended  string
		want   string
	}{
		{"none", nil, gone, "no"},
		{"before", []vaultfake.Lease{lease("new", second), lease("old", -second)}, gone, "yes"},
		{"in the same second", []vaultfake.Lease{lease("old", second/2)}, gone, "yes"},
		{"after", []vaultfake.Lease{lease("new", second)}, gone, "no"},
		{"of another mount", []vaultfake.Lease{{ID: "auth/other/login/old", Issued: monday().Add(-second)}}, gone, "no"},
		{"the time is not known", []vaultfake.Lease{lease("new", second)}, "", "yes"},
		{"the time is not known, and none", nil, "", "no"},
		{"too many", many, gone, "not known, as there are 501"},
	} {
		t.Run(c.name, func(t *testing.T) {
			program, _ := courier(t)
			i := newUrgent(t, program, collectortest.Fault{})
			i.role.SecretIDs = nil
			i.fake.Estate()["root"].Leases = c.leases
			facts, err := i.rotator.Look(t.Context(), i.rotation, plan.Facts{"old_secret_id": "old", "old_secret_id_ended": c.ended})
			if err != nil || facts["old_tokens"] != c.want {
				t.Errorf("old_tokens is %q, %v; want %q", facts["old_tokens"], err, c.want)
			}
		})
	}
	program, _ := courier(t)
	i := newUrgent(t, program, collectortest.Fault{Kind: collectortest.Deny, Call: "POST sys/leases/lookup"})
	i.role.SecretIDs = nil
	if facts, err := i.rotator.Look(t.Context(), i.rotation, plan.Facts{"old_secret_id": "old", "old_secret_id_ended": gone}); err == nil {
		t.Errorf("what could not be looked up is told: %s", facts)
	}
}

// The rights that the plan is said to need are enough, and none can be spared.
func TestAppRolePolicy(t *testing.T) {
	program, _ := courier(t)
	rules := rotate.AppRolePolicy(newUrgent(t, program, collectortest.Fault{}).rotation)
	if ordinary := rotate.AppRolePolicy(newIssue(t, program, collectortest.Fault{}).rotation); len(rules) != 7 || len(ordinary) != 4 || slices.ContainsFunc(ordinary, func(r string) bool { return strings.Contains(r, "sys/") }) {
		t.Errorf("an emergency needs %q, any other rotation %q", rules, ordinary)
	}
	for without := -1; without < len(rules); without++ {
		granted := slices.Clone(rules)
		if without >= 0 {
			granted = slices.Delete(granted, without, without+1)
		}
		i := newUrgent(t, program, collectortest.Fault{})
		token := &i.fake.Estate()["root"].Tokens[0]
		token.Root, token.Rules = false, vaultfake.ParsePolicy(strings.Join(granted, "\n"))
		known, err := i.rotator.Do(t.Context(), i.rotation, i.rotation.Steps[0], i.rotation.Steps[0].Act, nil)
		for _, s := range i.rotation.Steps[2:4] {
			if err == nil {
				_, err = i.rotator.Do(t.Context(), i.rotation, s, s.Act, known)
			}
		}
		if err == nil {
			i.fake.Estate()["root"].Leases = []vaultfake.Lease{{ID: "auth/approle/login/h3", Issued: monday()}}
			_, err = i.rotator.Look(t.Context(), i.rotation, plan.Facts{"old_secret_id": "old", "old_secret_id_ended": monday().Format(time.RFC3339)})
		}
		if (err == nil) != (without < 0) {
			t.Errorf("without rule %d of %q: %v", without, rules, err)
		}
	}
}
