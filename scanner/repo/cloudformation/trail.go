package cloudformation

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/awspolicy"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Defaults of AWS::CloudTrail::Trail, from the template reference of CloudTrail. Without selectors a trail records all management events.
const (
	trailLogging       = false // the property is required
	trailMultiRegion   = false
	trailLogValidation = false
	trailManagement    = true
	trailReadWrite     = "All"
	kmsEvents          = "kms.amazonaws.com"
)

func trail(m *mapping, b *block) {
	d := m.declare(b, "aws.cloudtrail.trail")
	d.tags()
	d.named("TrailName")
	a := &inventory.Audit{Device: "cloudtrail"}
	d.r.Audit = a
	a.Logging = d.flag("audit.logging", "IsLogging", trailLogging)
	a.MultiRegion = d.flag("audit.multi_region", "IsMultiRegionTrail", trailMultiRegion)
	a.LogValidation = d.flag("audit.log_validation", "EnableLogFileValidation", trailLogValidation)
	switch key := d.get("KMSKeyId"); key.form {
	case absent:
		a.CustomerKey = new(false)
	case text:
		a.CustomerKey = new(key.text != "")
		if mayBeEmpty := key.text != "" && strings.Trim(key.text, awspolicy.Unknown) == ""; mayBeEmpty && !key.some {
			d.open("audit.customer_key", "KMSKeyId", key)
		}
	default:
		d.open("audit.customer_key", "KMSKeyId", key)
	}
	d.selectors(a)
}

func trailUses(m *mapping, b *block) {
	m.link(m.made[b.id], "uses", "KMSKeyId", "aws.kms.key")
}

// covered is which management events the selectors of a trail record: those of all services (but for those that may be left out), and
// those of KMS, each by whether they read or write.
type covered struct{ reads, writes, kmsReads, kmsWrites bool }

func (c *covered) add(reads, writes, others, kms bool) {
	c.reads, c.writes = c.reads || reads && others, c.writes || writes && others
	c.kmsReads, c.kmsWrites = c.kmsReads || reads && kms, c.kmsWrites || writes && kms
}

// selectors states which events a trail records. What a selector leaves open is open only where the others do not record it all.
func (d *draft) selectors(a *inventory.Audit) {
	basic, advanced := d.get("EventSelectors"), d.get("AdvancedEventSelectors")
	var c covered
	var unresolved *value
	read := func(all value, one func(value) bool) {
		for _, s := range all.items {
			if !one(s) && unresolved == nil {
				unresolved = &s
			}
		}
		if all.form != list && all.form != absent && unresolved == nil {
			unresolved = &all
		}
	}
	read(basic, c.basic)
	read(advanced, c.advanced)
	if unresolved == nil && len(basic.items) == 0 && len(advanced.items) == 0 {
		c = covered{true, true, true, true}
	}
	for _, f := range []struct {
		fact string
		to   **bool
		is   bool
	}{{"audit.management_events", &a.ManagementEvents, c.reads && c.writes}, {"audit.kms_events", &a.KMSEvents, c.kmsReads && c.kmsWrites}} {
		if f.is || unresolved == nil {
			*f.to = new(f.is)
		} else {
			d.open(f.fact, "event selectors", *unresolved)
		}
	}
}

// basic adds an item of EventSelectors. It is false where the item is not resolved.
func (c *covered) basic(s value) bool {
	include, kind, excluded := s.get("IncludeManagementEvents"), s.get("ReadWriteType"), s.get("ExcludeManagementEventSources")
	on, ok := trailManagement, true
	if include.form != absent {
		word, known := include.known()
		on, ok = bools[strings.ToLower(word)]
		ok = ok && known
	}
	if ok && !on {
		return true
	}
	word, known := kind.known()
	if kind.form == absent {
		word, known = trailReadWrite, true
	}
	out, resolved := texts(excluded)
	if !ok || !known || !resolved {
		return false
	}
	c.add(word != "WriteOnly", word != "ReadOnly", true, !slices.Contains(out, kmsEvents))
	return true
}

// advanced adds an item of AdvancedEventSelectors, all of whose field selectors have to hold of an event.
func (c *covered) advanced(s value) bool {
	fields := s.get("FieldSelectors")
	if fields.form != list {
		return false
	}
	management, reads, writes, others, kms := false, true, true, true, true
	for _, f := range fields.items {
		field, ok := f.get("Field").known()
		equals, resolved := texts(f.get("Equals"))
		not, resolved2 := texts(f.get("NotEquals"))
		if f.form != object || f.more != "" || !ok || !resolved || !resolved2 {
			return false
		}
		switch {
		case field == "eventCategory":
			management = slices.Contains(equals, "Management")
		case field == "readOnly" && len(equals) > 0:
			reads, writes = reads && slices.Contains(equals, "true"), writes && slices.Contains(equals, "false")
		case field == "eventSource" && len(f.pairs) == 2 && len(not) > 0: // only KMS and the RDS Data API may be left out
			kms = kms && !slices.Contains(not, kmsEvents)
		case field == "eventSource" && len(f.pairs) == 2 && len(equals) > 0:
			others, kms = false, kms && slices.Contains(equals, kmsEvents)
		default: // it narrows down which events
			others, kms = false, false
		}
	}
	if management {
		c.add(reads, writes, others, kms)
	}
	return true
}

// texts are those of a list that is resolved, or the lone one.
func texts(v value) (out []string, ok bool) {
	switch v.form {
	case absent:
		return nil, true
	case text:
		s, ok := v.known()
		return []string{s}, ok
	case list:
		for _, item := range v.items {
			s, ok := item.known()
			if !ok {
				return nil, false
			}
			out = append(out, s)
		}
		return out, true
	}
	return nil, false
}
