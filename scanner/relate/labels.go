package relate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Labels says what configuration and convention make of a resource. Selectors of the configuration are asked in order and the
// first that matches decides; after them the conventional tags; after those the defaults.
//
// A selector that would need what was not read may match: its value is a candidate, and the question goes on until one is
// certain. So a label is open only when what was not read could change it.
func (e *Estate) Labels(r *inventory.Resource) Labels {
	c := e.rules
	l := Labels{Owner: c.owner(r)}
	l.Environment, l.Tier = c.environment(r)
	if r.Kind == inventory.KindKey || r.Kind == inventory.KindSecret {
		l.Purpose = c.purpose(r)
	}
	if r.Kind == inventory.KindKey {
		l.Rewrap = c.rewrap(r)
	}
	return l
}

// An option is one value that a label may have, and why.
type option struct{ value, by string }

// settle makes the label of the options that remain, the last of which would hold if nothing unread mattered.
func settle(options []option, undecided string) Label {
	last := options[len(options)-1]
	values := make([]string, 0, len(options))
	for _, o := range options {
		values = append(values, o.value)
	}
	slices.Sort(values)
	if values = slices.Compact(values); len(values) == 1 {
		return Label{Value: last.value, DecidedBy: last.by}
	}
	return Label{Value: last.value, Candidates: values, DecidedBy: "undecided: " + undecided}
}

// anyOf asks selectors in order. A certain match is worth more than a possible one before it.
func anyOf(selectors []Selector, r *inventory.Resource) (best answer, at int) {
	for i := range selectors {
		if a := selectors[i].match(r); a > best {
			best, at = a, i
		}
	}
	return best, at
}

// first walks through the sections of a list until one certainly matches. Those that may match come first among the options;
// found is false when none is certain.
func first[T any](list []T, r *inventory.Resource, name string, of func(T) (string, []Selector)) (options []option, found bool) {
	for i, t := range list {
		value, selectors := of(t)
		a, at := anyOf(selectors, r)
		if a == no {
			continue
		}
		options = append(options, option{value, fmt.Sprintf("classify.%s[%d].match[%d]", name, i, at)})
		if a == yes {
			return options, true
		}
	}
	return options, false
}

func (c *classifier) environment(r *inventory.Resource) (environment, tier Label) {
	type choice struct{ name, tier, by string }
	var choices []choice
	found := false
	for i, env := range c.Environments {
		a, at := anyOf(env.Match, r)
		if a != no {
			choices = append(choices, choice{env.Name, env.Tier, fmt.Sprintf("classify.environments[%d].match[%d]", i, at)})
		}
		if found = a == yes; found {
			break
		}
	}
	if !found {
		if name, tag, ok := conventional(r, environmentTags); ok {
			tier, known := c.tierOf(name)
			by := fmt.Sprintf("tag %q", tag)
			if !known {
				by += ", whose value stands for no known tier"
			}
			choices = append(choices, choice{name, tier, by})
		} else {
			if r.Unread("tags") != nil {
				// The tag may name anything. The tiers stand for all names, so that a verdict has to hold for each.
				for _, t := range Tiers {
					choices = append(choices, choice{t, t, ""})
				}
			}
			choices = append(choices, choice{"", c.Unclassified, "default"})
		}
	}
	var names, tiers []option
	for _, ch := range choices {
		names = append(names, option{ch.name, ch.by})
		tiers = append(tiers, option{ch.tier, ch.by})
	}
	undecided := doubt(r) + " were not read"
	return settle(names, undecided), settle(tiers, undecided)
}

// tierOf tells the tier of an environment that a tag names: one of the configuration, or a well-known word.
func (c *classifier) tierOf(name string) (tier string, known bool) {
	for _, env := range c.Environments {
		if env.Name == name {
			return env.Tier, true
		}
	}
	if t := tierOfWord(name); t != "" {
		return t, true
	}
	return c.Unclassified, false
}

func (c *classifier) purpose(r *inventory.Resource) Label {
	options, found := first(c.Purposes, r, "purposes", func(p Purpose) (string, []Selector) { return p.Purpose, p.Match })
	undecided := doubt(r) + " were not read"
	if found {
		return settle(options, undecided)
	}
	if value, tag, ok := conventional(r, []string{purposeTag}); ok && slices.Contains(Purposes, value) {
		return settle(append(options, option{value, fmt.Sprintf("tag %q", tag)}), undecided)
	}
	if r.Unread("tags") != nil {
		for _, p := range Purposes {
			options = append(options, option{p, ""})
		}
	}
	byUse, why := purposeByUse(r)
	for _, p := range byUse {
		options = append(options, option{p, "default"})
	}
	if len(options) == len(byUse) {
		undecided = why
	}
	return settle(options, undecided)
}

func (c *classifier) owner(r *inventory.Resource) Label {
	var options []option
	undecided := doubt(r) + " were not read"
	for i, o := range c.Owners {
		a, name, by := o.ask(r)
		if a == no {
			continue
		}
		options = append(options, option{name, fmt.Sprintf("classify.owners[%d]%s", i, by)})
		if a == yes {
			return settle(options, undecided)
		}
	}
	return c.byTag(r, ownerTags, options, undecided)
}

// ask asks one entry of the owners for a name.
func (o *Owner) ask(r *inventory.Resource) (a answer, name, by string) {
	if o.Fallback != "" {
		return yes, o.Fallback, ""
	}
	if tag, ok := strings.CutPrefix(o.From, tagPrefix); ok {
		if r.Unread("tags."+tag) != nil {
			return maybe, unreadName, ""
		}
		if name = strings.TrimSpace(r.Tags[tag]); name != "" {
			return yes, name, ""
		}
		return no, "", ""
	}
	a, at := anyOf(o.Match, r)
	return a, o.Owner, fmt.Sprintf(".match[%d]", at)
}

func (c *classifier) rewrap(r *inventory.Resource) Label {
	if r.Key != nil && r.Key.Rewrap != "" {
		return Label{Value: r.Key.Rewrap, DecidedBy: "the key itself"}
	}
	undecided := doubt(r) + " were not read"
	options, found := first(c.Rewrap, r, "rewrap", func(w Rewrap) (string, []Selector) { return w.Strategy, w.Match })
	if found {
		return settle(options, undecided)
	}
	return c.byTag(r, []string{rewrapTag}, options, undecided)
}

// byTag ends the search for a name that may be any: at a conventional tag, or with none.
func (c *classifier) byTag(r *inventory.Resource, tags []string, options []option, undecided string) Label {
	if v, tag, ok := conventional(r, tags); ok {
		return settle(append(options, option{v, fmt.Sprintf("tag %q", tag)}), undecided)
	}
	if r.Unread("tags") != nil {
		options = append(options, option{unreadName, ""})
	}
	return settle(append(options, option{"", "default"}), undecided)
}
