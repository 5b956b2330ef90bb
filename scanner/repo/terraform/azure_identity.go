package terraform

import (
	"fmt"
	"math"
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// passwordDays is how long a password of an application lives when no end is stated: "startDateTime + 2 years", page
// "passwordCredential resource type" of the documentation of Microsoft Graph.
const passwordDays = 730

func entraPassword(m *mapping, b *block) {
	m.declare(b, "entra.password", b.first("end_date", "end_date_relative")).password()
}

// applicationPasswords are those that an application states in blocks of its own.
func applicationPasswords(m *mapping, b *block) {
	list, _ := m.parts(b, "password", "entra.password")
	for i, inline := range list {
		m.part(inline, "entra.password", fmt.Sprintf(".password[%d]", i), inline.first("end_date", "end_date_relative")).password()
	}
}

func (d *draft) password() {
	if name, ok := d.text("display_name"); ok {
		d.r.Name = name
	}
	const fact = "credential.valid_days"
	c := &inventory.Credential{Class: "password"}
	d.r.Credential = c
	end, _ := d.stated("end_date")
	relative, _ := d.stated("end_date_relative")
	switch {
	case end:
		c.ExpiresAt = d.moment("credential.expires_at", "end_date")
		started, _ := d.stated("start_date")
		start := d.moment(fact, "start_date")
		switch {
		case c.ExpiresAt != nil && start != nil:
			c.ValidDays = ref(int(math.Ceil(c.ExpiresAt.Sub(*start).Hours() / 24)))
		case c.ExpiresAt == nil || started:
			d.open(fact, "how long it is valid hangs on when it is made")
		} // One that is valid from when it is made until a known date has no length but that date.
	case relative:
		text := d.word(fact, "end_date_relative")
		if text == "" {
			break
		}
		life, err := time.ParseDuration(text)
		if err != nil {
			d.open(fact, d.path+"end_date_relative is not a duration")
			break
		}
		c.ValidDays = ref(int(math.Ceil(life.Hours() / 24)))
	default:
		c.ValidDays = ref(passwordDays)
	}
	// An end that is told in days still is one, which the time when it is made decides.
	if c.ExpiresAt == nil {
		d.open("credential.expires_at", "it ends some time after it is made")
	}
}

func federatedCredential(m *mapping, b *block) {
	d := m.declare(b, "entra.federated_credential", "subject")
	if name, ok := d.text(d.first("display_name", "name")); ok {
		d.r.Name = name
	}
	d.r.Trust = &inventory.Trust{
		Method: "federated_credential", Issuer: d.word("trust.issuer", "issuer"), BoundSubject: d.word("trust.bound_subject", "subject"),
		BoundAudiences: d.words("trust.bound_audiences", d.first("audiences", "audience")),
	}
}
