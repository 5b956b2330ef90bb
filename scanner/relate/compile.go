package relate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/glob"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// A classifier is a configuration that can be used.
type classifier struct{ Config }

// compile checks a configuration. An error names the place in it and says what may stand there.
func compile(cfg Config) (*classifier, error) {
	if cfg.Unclassified == "" {
		cfg.Unclassified = Tiers[0]
	}
	if err := oneOf("classify.unclassified", "tier", cfg.Unclassified, Tiers); err != nil {
		return nil, err
	}
	for i, e := range cfg.Environments {
		at := fmt.Sprintf("classify.environments[%d]", i)
		if e.Name == "" {
			return nil, fmt.Errorf("%s has no name; give it one", at)
		}
		if err := oneOf(at+".tier", "tier", e.Tier, Tiers); err != nil {
			return nil, err
		}
		if err := checkSelectors(at, e.Match); err != nil {
			return nil, err
		}
	}
	for i, p := range cfg.Purposes {
		at := fmt.Sprintf("classify.purposes[%d]", i)
		if err := oneOf(at+".purpose", "purpose", p.Purpose, Purposes); err != nil {
			return nil, err
		}
		if err := checkSelectors(at, p.Match); err != nil {
			return nil, err
		}
	}
	for i, o := range cfg.Owners {
		if err := o.check(fmt.Sprintf("classify.owners[%d]", i), i == len(cfg.Owners)-1); err != nil {
			return nil, err
		}
	}
	for i, w := range cfg.Rewrap {
		at := fmt.Sprintf("classify.rewrap[%d]", i)
		if w.Strategy == "" {
			return nil, fmt.Errorf("%s has no strategy; say in a word or two how data is brought under the new version", at)
		}
		if err := checkSelectors(at, w.Match); err != nil {
			return nil, err
		}
	}
	return &classifier{cfg}, nil
}

func (o *Owner) check(at string, last bool) error {
	set := 0
	for _, v := range []string{o.From, o.Owner, o.Fallback} {
		if v != "" {
			set++
		}
	}
	switch {
	case set != 1:
		return fmt.Errorf("%s sets %d of from, owner and fallback; set one", at, set)
	case o.From != "" && (!strings.HasPrefix(o.From, tagPrefix) || o.From == tagPrefix):
		return fmt.Errorf("%s.from is %q; write tag:KEY", at, o.From)
	case o.Owner == "" && len(o.Match) > 0:
		return fmt.Errorf("%s has match, which goes with owner: name the owner of what matches", at)
	case o.Fallback != "" && !last:
		return fmt.Errorf("%s is a fallback and nothing after it would be asked; put it last", at)
	case o.Owner != "":
		return checkSelectors(at, o.Match)
	}
	return nil
}

// checkSelectors refuses selectors that match everything or nothing whatever the estate holds.
func checkSelectors(at string, list []Selector) error {
	if len(list) == 0 {
		return fmt.Errorf("%s has no match, so nothing would be in it; add a selector", at)
	}
	for i := range list {
		s := &list[i]
		here := fmt.Sprintf("%s.match[%d]", at, i)
		empty := s.Name == "" && len(s.Tag) == 0 && !slices.ContainsFunc(keys, func(k key) bool { return k.of(s) != "" })
		if empty {
			return fmt.Errorf("%s is an empty selector; give it a key such as name, tag or aws_account", here)
		}
		var types []string
		for _, t := range inventory.Types {
			types = append(types, t.Type)
		}
		if s.Type != "" && !slices.ContainsFunc(types, func(t string) bool { return glob.Match(s.Type, t) }) {
			return fmt.Errorf("%s.type: there is no resource type like %q; there are %s", here, s.Type, strings.Join(types, ", "))
		}
		for tag := range s.Tag {
			if strings.ContainsAny(tag, "*?") {
				return fmt.Errorf("%s.tag: the key %q holds a glob; only the value may", here, tag)
			}
		}
	}
	return nil
}

func oneOf(at, what, value string, known []string) error {
	if slices.Contains(known, value) {
		return nil
	}
	return fmt.Errorf("%s: there is no %s %q; use %s or %s", at, what, value, strings.Join(known[:len(known)-1], ", "), known[len(known)-1])
}
