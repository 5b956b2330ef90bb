package reach

import (
	"slices"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// fake is a system with one key, its holders and the steps between principals.
type fake struct {
	holders []access.Holder
	steps   []access.Step
	givers  []access.Holder // who may give themselves what holders may
}

func (f fake) Gains(string, inventory.ID) []string {
	if f.givers == nil {
		return nil
	}
	return []string{"give"}
}

func (fake) Find(name string) []inventory.ID { return []inventory.ID{inventory.ID(name)} }
func (f fake) StepsTo(to string, matters func(string) bool) []access.Step {
	return into(f.steps)(to, matters)
}
func (fake) Found(*inventory.Resource) (out access.Found) { return out }

func (f fake) Who(action string, key inventory.ID) (access.Holders, error) {
	if action == "give" {
		return access.Holders{Action: action, Resource: string(key), Holders: f.givers}, nil
	}
	return access.Holders{Action: action, Resource: string(key), Holders: f.holders}, nil
}

func (f fake) Explain(principal, action string, _ inventory.ID) (access.Explanation, error) {
	x := access.Explanation{Principal: principal, Action: action, Direct: access.Answer{Decision: access.Denied}}
	for _, h := range f.holders {
		if h.Principal == principal {
			x.Direct.Decision = h.Decision
		}
	}
	return x, nil
}

// indirect is an estate of the fake alone, and who becomes a holder in it.
func (f fake) indirect(t *testing.T) (e *Estate, said []string) {
	t.Helper()
	e = &Estate{systems: map[string]system{"fake": f}, names: map[inventory.ID]string{"key": "key"}, others: func() unanswered { return nil }}
	found, err := e.WhoCan("use", "key")
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range found.Indirect {
		said = append(said, h.Principal+" "+string(h.Decision)+": "+written(h.Path))
	}
	return e, said
}

func TestBecomingAHolder(t *testing.T) {
	f := fake{holders: holders("app maybe?"), steps: steps("ci>app ann?ci bob>maybe app>maybe *>x")}
	e, got := f.indirect(t)
	want := []string{"ann conditional: ann?ci ci>app", "bob conditional: bob>maybe", "ci allowed: ci>app"}
	if !slices.Equal(got, want) {
		t.Errorf("Indirect = %q, want %q", got, want)
	}
	for who, want := range map[string]string{"ann": "ann?ci ci>app", "app": "", "maybe": "", "eve": ""} {
		x, err := e.Can(who, "use", "key")
		if err != nil {
			t.Fatal(err)
		}
		if got := written(x.Path); got != want || (x.Holder != "") != (want != "") {
			t.Errorf("Can(%s) = %q to %q, want %q", who, got, x.Holder, want)
		}
	}
}

// Whoever writes a key's policy is no holder, and becomes one.
func TestGivingOneself(t *testing.T) {
	f := fake{holders: holders("app"), givers: holders("app admin"), steps: steps("ann>admin")}
	e, got := f.indirect(t)
	if want := []string{"admin conditional: admin?admin", "ann conditional: ann>admin admin?admin"}; !slices.Equal(got, want) {
		t.Errorf("Indirect = %q, want %q", got, want)
	}
	for who, want := range map[string]string{"admin": "admin?admin", "ann": "ann>admin admin?admin", "app": "", "eve": ""} {
		if x, err := e.Can(who, "use", "key"); err != nil || written(x.Path) != want || (x.Holder != "") != (want != "") {
			t.Errorf("Can(%s) = %q to %q, %v, want %q", who, written(x.Path), x.Holder, err, want)
		}
	}
}

// Who may under conditions is told to become one who may where that is certain, and only there.
func TestPastConditions(t *testing.T) {
	f := fake{holders: holders("app maybe? perhaps? aside?"), steps: steps("maybe>ci ci>app perhaps?app aside>perhaps")}
	e, got := f.indirect(t)
	if want := []string{"ci allowed: ci>app", "maybe allowed: maybe>ci ci>app"}; !slices.Equal(got, want) {
		t.Errorf("Indirect = %q, want %q", got, want)
	}
	for who, want := range map[string]string{"maybe": "maybe>ci ci>app", "perhaps": "", "aside": "", "app": "", "ci": "ci>app"} {
		if x, err := e.Can(who, "use", "key"); err != nil || written(x.Path) != want || (x.Holder != "") != (want != "") {
			t.Errorf("Can(%s) = %q to %q, %v, want %q", who, written(x.Path), x.Holder, err, want)
		}
	}
}

// A step that hangs on a document that was not read says so as what was not read, so that scripts can tell.
func TestWaysThatWereNotRead(t *testing.T) {
	f := fake{holders: holders("app"), steps: steps("ci>app *?ci")}
	f.steps[1].Residual = []access.Residual{{Class: access.How, Key: "trust policy", Statement: "not read: denied"}, {Class: access.Who, Key: "aws:PrincipalArn", Statement: "Team"}}
	want := []access.Unread{{Document: "trust policy", Of: "ci", Why: "denied"}}
	e, _ := f.indirect(t)
	found, err := e.WhoCan("use", "key")
	if err != nil {
		t.Fatal(err)
	}
	if h := found.Indirect[0]; h.Principal != "*" || !slices.Equal(h.Unread, want) || len(found.Indirect[1].Unread) > 0 {
		t.Errorf("Indirect = %v", found.Indirect)
	}
	if x, err := e.Can("eve", "use", "key"); err != nil || !slices.Equal(x.Unread, want) {
		t.Errorf("Can(eve) = %v, %v", x.Unread, err)
	}
}
