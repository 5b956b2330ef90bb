package vaultpolicy

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits are what a rule asks of the requests that its capabilities allow. They grant nothing. See "Policies: Parameter
// constraints" and "Required response wrapping TTLs" in Vault's documentation.
type Limits struct {
	// By parameter, in lower case or "*" for every one: the values allowed or denied, any value if there are none. Values are text
	// (with a "*" at its ends), int, float64, bool, or lists and maps of these.
	Allowed, Denied map[string][]any

	Required           []string      // parameters that must be there
	MinWrap, MaxWrap   time.Duration // of response wrapping; 0 sets no limit
	MFAMethods         []string      // Enterprise: that the caller must have passed
	ControlGroups      []Factor      // Enterprise: that others must have authorized; sorted by name
	SubscribeEventType []string      // of the capability subscribe
}

// Factor is one group of people of a control group.
type Factor struct {
	Name         string
	Capabilities []string // for which it is asked; empty for all
}

// limitBody is a rule's limits as they are written, by Vault's names.
type limitBody struct {
	Allowed      map[string][]any  `hcl:"allowed_parameters"`
	Denied       map[string][]any  `hcl:"denied_parameters"`
	Required     []string          `hcl:"required_parameters"`
	MinWrap      any               `hcl:"min_wrapping_ttl"`
	MaxWrap      any               `hcl:"max_wrapping_ttl"`
	MFAMethods   []string          `hcl:"mfa_methods"`
	ControlGroup *controlGroupBody `hcl:"control_group"`
	EventTypes   []string          `hcl:"subscribe_event_types"`
}

type controlGroupBody struct {
	TTL     any                    `hcl:"ttl"`
	Factors map[string]*factorBody `hcl:"factor"`
}

type factorBody struct {
	Name     string `hcl:"name"` // not what the factor is called, but it must be a text
	Identity *struct {
		GroupIDs   []string `hcl:"group_ids"`
		GroupNames []string `hcl:"group_names"`
		Approvals  int      `hcl:"approvals"`
	} `hcl:"identity"`
	Capabilities []string `hcl:"controlled_capabilities"`
}

// limits is what a rule with these capabilities asks of a request; nil if nothing.
func (b *limitBody) limits(capabilities []string) (*Limits, error) {
	l := &Limits{Allowed: lowered(b.Allowed), Denied: lowered(b.Denied), Required: b.Required, MFAMethods: b.MFAMethods, SubscribeEventType: b.EventTypes}
	var err error
	if l.MinWrap, err = Duration(b.MinWrap); err != nil {
		return nil, fmt.Errorf("min_wrapping_ttl: %w", err)
	}
	if l.MaxWrap, err = Duration(b.MaxWrap); err != nil {
		return nil, fmt.Errorf("max_wrapping_ttl: %w", err)
	}
	if l.MinWrap != 0 && l.MaxWrap != 0 && l.MaxWrap < l.MinWrap {
		return nil, errors.New("max_wrapping_ttl is less than min_wrapping_ttl")
	}
	if l.ControlGroups, err = b.ControlGroup.factors(capabilities); err != nil {
		return nil, fmt.Errorf("control_group: %w", err)
	}
	if len(l.Allowed)+len(l.Denied)+len(l.Required)+len(l.MFAMethods)+len(l.ControlGroups)+len(l.SubscribeEventType) == 0 && l.MinWrap == 0 && l.MaxWrap == 0 {
		return nil, nil
	}
	return l, nil
}

func (c *controlGroupBody) factors(capabilities []string) ([]Factor, error) {
	if c == nil {
		return nil, nil
	}
	if _, err := Duration(c.TTL); err != nil {
		return nil, fmt.Errorf("ttl: %w", err)
	}
	var out []Factor
	for _, name := range slices.Sorted(maps.Keys(c.Factors)) {
		f := c.Factors[name]
		if f == nil || f.Identity == nil || f.Identity.Approvals <= 0 || len(f.Identity.GroupIDs)+len(f.Identity.GroupNames) == 0 {
			return nil, errors.New("a factor needs an identity with groups and a number of approvals")
		}
		for _, c := range f.Capabilities {
			if !slices.Contains(capabilities, c) {
				return nil, errors.New("a factor's controlled_capabilities are not all the rule's own")
			}
		}
		out = append(out, Factor{name, f.Capabilities})
	}
	if len(out) == 0 {
		return nil, errors.New("there is no factor")
	}
	return out, nil
}

// lowered is values by parameter in lower case. Of two that differ in case only, one has its values added to the other's.
func lowered(values map[string][]any) map[string][]any {
	if len(values) == 0 {
		return nil
	}
	out := make(map[string][]any, len(values))
	for _, k := range slices.Sorted(maps.Keys(values)) {
		AddValues(out, strings.ToLower(k), values[k])
	}
	return out
}

// AddValues adds values to those of a parameter. An empty list is any value, and stays.
func AddValues(to map[string][]any, parameter string, values []any) {
	if have, ok := to[parameter]; ok && (len(have) == 0 || len(values) == 0) {
		to[parameter] = []any{}
	} else {
		to[parameter] = slices.Concat(values, have)
	}
}

// Duration reads a length of time as Vault does everywhere: a number of seconds, or text with a unit, of which d is 24 hours; nil and ""
// are 0.
func Duration(v any) (time.Duration, error) {
	switch v := v.(type) {
	case nil:
		return 0, nil
	case int:
		return times(int64(v), time.Second)
	case float64:
		return times(int64(v), time.Second)
	case string:
		if v == "" {
			return 0, nil
		}
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			return times(n, time.Second)
		}
		if days, ok := strings.CutSuffix(v, "d"); ok {
			if n, err := strconv.ParseInt(days, 10, 64); err == nil {
				return times(n, 24*time.Hour)
			}
		} else if d, err := time.ParseDuration(v); err == nil {
			return d, nil
		}
	}
	return 0, errors.New("it is not a duration, such as 90s, 1h or a number of seconds")
}

func times(n int64, unit time.Duration) (time.Duration, error) {
	d := time.Duration(n) * unit
	if n != 0 && d/time.Duration(n) != unit {
		return 0, errors.New("it is too long for a duration")
	}
	return d, nil
}
