package vault

import (
	"slices"
	"strconv"
	"strings"

	acl "github.com/keyreeve/keyreeve/scanner/access/vault"
)

// requests are those by which a set may take an option with a target, in the words of the set's namespace: lists of which any will do, and
// in each all that are made in their order. Of versions and of other keys, which may be many, there are those that a rule of the set tells
// from the others, and one for the rest.
func (x *set) requests(t *target, o *option) (out [][]acl.Want) {
	prefix, ok := x.space.within(t.space)
	if !ok {
		return nil
	}
	texts := []string{strings.NewReplacer("{m}", t.mount, "{n}", t.name).Replace(o.requests)}
	replace := func(placeholder string, by func() []string) {
		if !strings.Contains(o.requests, placeholder) {
			return
		}
		var next []string
		for _, value := range by() {
			for _, text := range texts {
				next = append(next, strings.ReplaceAll(text, placeholder, value))
			}
		}
		texts = next
	}
	replace("{h}", func() []string { return hashes })
	replace("{v}", func() []string { return x.versions(t, prefix) })
	replace("{d}", func() []string { return x.wrapping(t, prefix) })
	replace("{new}", func() []string { return x.fresh(t, prefix) })
	for _, text := range texts {
		var all []acl.Want
		for one := range strings.SplitSeq(text, " then ") {
			capability, path, _ := strings.Cut(one, " ")
			all = append(all, acl.Want{Capability: capabilities[capability], Path: prefix + path})
		}
		out = append(out, all)
	}
	return out
}

// versions are ends of paths that name all versions of a key or one: "", "/latest", "/3". Vault reads "v3" and "03" alike, so a rule may
// tell apart versions by how they are spelled.
func (x *set) versions(t *target, prefix string) []string {
	out := []string{"", "/latest"}
	words, starts := x.spelled(prefix+t.mount+"/export/+/"+t.name+"/*", prefix+t.mount+"/byok-export/+/"+t.name+"/*")
	add := func(text string) {
		if !slices.Contains(out, "/"+text) {
			out = append(out, "/"+text)
		}
	}
	for _, word := range words {
		if n, err := strconv.Atoi(strings.TrimPrefix(word, "v")); err == nil && n >= t.oldest && (n <= t.latest || t.latest == 0) {
			add(word)
		}
	}
	newest := max(t.oldest, t.latest)
	for _, start := range starts {
		if text, ok := beginning(start, t.oldest, newest); ok {
			add(text)
		}
	}
	add(unlike(words, starts, func(i int) string { return strings.Repeat("0", i) + strconv.Itoa(newest) }))
	return out
}

// beginning spells a version from oldest to newest so that it begins with a text.
func beginning(text string, oldest, newest int) (string, bool) {
	digits := strings.TrimPrefix(text, "v")
	significant := strings.TrimLeft(digits, "0")
	if significant == "" {
		return text + strconv.Itoa(newest), text != ""
	}
	n, err := strconv.Atoi(significant)
	if err != nil || n < 0 {
		return "", false
	}
	for low, high := n, n; low <= newest; low, high = 10*low, 10*high+9 {
		if high >= oldest {
			return strings.TrimSuffix(text, significant) + strconv.Itoa(max(low, oldest)), true
		}
	}
	return "", false
}

// wrapping are the RSA keys of the mount for which the key may be wrapped.
func (x *set) wrapping(t *target, prefix string) (out []string) {
	words, starts := x.spelled(prefix + t.mount + "/byok-export/+/" + t.name + "*")
	seen := map[string]bool{}
	for _, other := range *t.others {
		like := start(starts, other.name)
		if slices.Contains(words, other.name) {
			like = "/" + other.name
		}
		if !seen[like] {
			seen[like] = true
			out = append(out, other.name)
		}
	}
	return out
}

// fresh are names that a key may get which is brought for this.
func (x *set) fresh(t *target, prefix string) []string {
	words, starts := x.spelled(prefix+t.mount+"/byok-export/+/"+t.name+"*", prefix+t.mount+"/keys/+/import")
	out := []string{unlike(words, starts, func(i int) string { return "new" + strings.Repeat("-", i) + "key" })}
	for _, word := range words {
		if word != t.name {
			out = append(out, word)
		}
	}
	for _, start := range starts {
		out = append(out, start+"-new")
	}
	return out
}

// unlike is the first of some texts that no rule spells out or tells by its beginning; the last one tried where all are told.
func unlike(words, starts []string, text func(i int) string) (out string) {
	for i := range len(words) + len(starts) + 1 {
		if out = text(i); !slices.Contains(words, out) && start(starts, out) == "" {
			return out
		}
	}
	return out
}

// start is the first of some texts that another begins with, or "".
func start(starts []string, text string) string {
	for _, s := range starts {
		if strings.HasPrefix(text, s) {
			return s
		}
	}
	return ""
}
