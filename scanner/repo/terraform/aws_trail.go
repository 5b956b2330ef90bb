package terraform

import (
	"slices"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

const kmsEvents = "kms.amazonaws.com"

func trail(m *mapping, b *block) {
	d := m.declare(b, "aws.cloudtrail.trail", "")
	d.named("", "name")
	d.tags("tags_all", "tags")
	a := &inventory.Audit{Device: "cloudtrail"}
	d.r.Audit = a
	a.Logging = d.flag("audit.logging", "enable_logging")
	a.MultiRegion = d.flag("audit.multi_region", "is_multi_region_trail")
	a.LogValidation = d.flag("audit.log_validation", "enable_log_file_validation")
	is, sure := d.stated("kms_key_id")
	if a.CustomerKey = &is; !sure {
		d.open("audit.customer_key", d.unresolved("kms_key_id", d.raw("kms_key_id")))
	}
	d.events(a)
}

func trailUses(m *mapping, b *block) {
	m.link(m.made[b.in], "uses", "kms_key_id", "", kmsKeyTypes...)
}

// events tells which management events a trail records: all of them, KMS included, unless selectors say otherwise.
func (d *draft) events(a *inventory.Audit) {
	plain, why := d.blocks("event_selector")
	advanced, why2 := d.blocks("advanced_event_selector")
	if why == "" {
		why = why2
	}
	seen := recorded{}
	for _, s := range plain {
		seen.add(d.plainSelector(s))
	}
	for _, s := range advanced {
		seen.add(d.advancedSelector(s))
	}
	if len(plain)+len(advanced) == 0 {
		seen = recorded{all: readsAndWrites, kms: readsAndWrites}
	}
	if why == "" {
		why = seen.open
	}
	a.ManagementEvents, a.KMSEvents = ref(seen.all == readsAndWrites), ref(seen.kms == readsAndWrites)
	if why != "" {
		d.open("audit.management_events", why)
		d.open("audit.kms_events", why)
	}
}

// An access is which management events are recorded: none, those that read, those that write, or both.
type access uint8

const (
	reads access = 1 << iota
	writes
	readsAndWrites = reads | writes
)

// recorded is what selectors of events record, of all services and of KMS. Open says why it may be something else.
type recorded struct {
	all, kms access
	open     string
}

func (r *recorded) add(o recorded) {
	r.all, r.kms = r.all|o.all, r.kms|o.kms
	if r.open == "" {
		r.open = o.open
	}
}

// accesses are the values of read_write_type.
var accesses = map[string]access{"All": readsAndWrites, "ReadOnly": reads, "WriteOnly": writes}

func (d *draft) plainSelector(b *block) (out recorded) {
	s := draft{block: *b, r: &inventory.Resource{}}
	management := s.flag("management", "include_management_events")
	which := s.word("which", "read_write_type")
	excluded := s.words("excluded", "exclude_management_event_sources")
	if len(s.r.Unknown) > 0 {
		out.open = s.r.Unknown[0].Hint
		return out
	}
	if !*management {
		return out
	}
	out.all = accesses[which]
	if !slices.Contains(excluded, kmsEvents) {
		out.kms = out.all
	}
	return out
}

// advancedSelector reads the selectors of fields. Of management events those by eventCategory, readOnly and eventSource are
// understood; another one leaves open what is recorded.
func (d *draft) advancedSelector(b *block) recorded {
	fields, why := b.blocks("field_selector")
	if why != "" {
		return recorded{open: why}
	}
	out := recorded{all: readsAndWrites, kms: readsAndWrites}
	management, limit := false, ""
	for _, f := range fields {
		s := draft{block: *f, r: &inventory.Resource{}}
		field, equals, others := s.word("field", "field"), s.words("equals", "equals"), s.words("others", "not_equals")
		switch {
		case len(s.r.Unknown) > 0:
			limit = s.r.Unknown[0].Hint
		case field == "eventCategory" && len(equals) > 0:
			if management = slices.Contains(equals, "Management"); !management {
				return recorded{}
			}
		case field == "readOnly" && len(equals) == 1:
			only := map[bool]access{true: reads, false: writes}[equals[0] == "true"]
			out.all, out.kms = out.all&only, out.kms&only
		case field == "eventSource" && len(equals) == 0 && len(others) > 0:
			if slices.Contains(others, kmsEvents) {
				out.kms = 0
			}
		default:
			limit = "keyreeve does not know what the selector of " + field + " leaves out"
		}
	}
	switch {
	case limit != "":
		return recorded{open: limit}
	case !management:
		return recorded{open: "a selector does not state its eventCategory"}
	}
	return out
}
