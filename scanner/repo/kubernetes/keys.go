package kubernetes

import (
	"slices"

	"github.com/keyreeve/keyreeve/scanner/repo/staticcred"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// A keySet is what is known of the keys of a Secret or ConfigMap: their names, and of a ConfigMap, which holds no secrets, what stands
// under them in the files.
type keySet struct {
	file  string
	keys  []string
	texts map[string][]string // by key: one a declaration that states it
	of    int                 // declarations
	open  bool                // there may be more, fewer or others
}

// index notes what other objects may look up.
func (r *reader) index(o *object) {
	if o.patch {
		return
	}
	switch {
	case o.is("", "ServiceAccount"):
		r.accounts.add(o.file, key("", o.namespace, o.name), *o)
	case o.is("", "Secret"):
		s := keySet{file: o.file}
		s.add(o.node.Get("data"))
		s.add(o.node.Get("stringData"))
		r.reopened(o, &s)
		r.addKeys("Secret", o.namespace, o.name, s)
	case o.is("", "ConfigMap"):
		s := keySet{file: o.file, texts: map[string][]string{}}
		s.add(o.node.Get("data"))
		s.add(o.node.Get("binaryData"))
		o.node.Get("data").Each(func(key string, _, v *yamlnode.Node) {
			if text, ok := v.Str(); ok {
				s.state(key, text)
			}
		})
		r.reopened(o, &s)
		r.addKeys("ConfigMap", o.namespace, o.name, s)
	case o.is("bitnami.com", "SealedSecret"):
		s := keySet{file: o.file}
		s.add(o.node.Get("spec", "encryptedData"))
		s.add(o.node.Get("spec", "template", "data"))
		r.reopened(o, &s)
		r.addKeys("Secret", o.namespace, or(o.node.Get("spec", "template", "metadata", "name"), o.name), s)
	case o.is("external-secrets.io", "ExternalSecret"):
		r.addKeys("Secret", o.namespace, or(o.node.Get("spec", "target", "name"), o.name), external(o))
	case o.is("cert-manager.io", "Certificate"):
		r.addKeys("Secret", o.namespace, or(o.node.Get("spec", "secretName"), ""), keySet{file: o.file, keys: []string{"tls.crt", "tls.key", "ca.crt"}})
	default:
		r.devServers(o)
	}
}

func or(n *yamlnode.Node, otherwise string) string {
	if s, ok := n.Str(); ok && s != "" {
		return s
	}
	return otherwise
}

func (r *reader) addKeys(kind, namespace, name string, s keySet) {
	r.keys.add(s.file, key(kind, namespace, name), &s)
}

// reopened leaves open the keys of an object that a kustomization may change, also those it has where some may be taken away.
func (r *reader) reopened(o *object, s *keySet) {
	s.open = s.open || r.kustom.may(o, values) != ""
	if r.kustom.changed(o.file, o.kind, func(c change) bool { return c.fact == anything || c.fact == values && c.takes }) != "" {
		s.keys = nil
	}
}

// add adds the keys of a map. Their names decide, whatever stands under them: what a Secret is made with may be filled in later.
func (s *keySet) add(n *yamlnode.Node) {
	if n != nil && n.Kind != yamlnode.Map && n.Kind != yamlnode.Null {
		s.open = true
	}
	n.Each(func(key string, _, _ *yamlnode.Node) { s.keys = append(s.keys, key) })
}

// external reads the keys that the External Secrets Operator makes: those of spec.data, or those of a template, which replaces them
// unless its mergePolicy says otherwise. What dataFrom brings is not stated.
func external(o *object) keySet {
	s := keySet{file: o.file, open: len(items(o.node.Get("spec", "dataFrom"))) > 0}
	for _, d := range items(o.node.Get("spec", "data")) {
		if k, ok := d.Get("secretKey").Str(); ok {
			s.keys = append(s.keys, k)
		}
	}
	template := o.node.Get("spec", "target", "template")
	if data := template.Get("data"); data != nil {
		if policy, _ := template.Get("mergePolicy").Str(); policy != "Merge" {
			s = keySet{file: o.file}
		}
		s.add(data)
	}
	s.open = s.open || template.Get("templateFrom") != nil
	return s
}

// state notes what stands under a key in the file itself.
func (s *keySet) state(key, text string) {
	if !filled(text) {
		s.texts[key] = []string{text}
	}
}

// keysOf is what is known of the keys of a Secret or ConfigMap that a file names.
func (r *reader) keysOf(file, kind, namespace, name string) keySet {
	sets := r.keys.find(file, key(kind, namespace, name))
	if len(sets) == 0 {
		return keySet{open: true}
	}
	// A list in one folder and that of all folders may begin with the same set, but then the second is asked for from another folder
	// only: they are told apart by their length.
	at := keyList{sets[0], len(sets)}
	all, asked := r.known[at]
	if !asked {
		all = common(sets)
		r.known[at] = all
	}
	for _, s := range r.merged[key(kind, "", name)] {
		if s.open || slices.ContainsFunc(s.keys, credential) {
			all.open = true
		}
	}
	return all
}

// A keyList is a list of sets by its first and its length.
type keyList struct {
	first *keySet
	n     int
}

// common has the keys that all of several declarations have. Where they do not agree on a credential, as overlays may not, it is open.
func common(sets []*keySet) keySet {
	count := map[string]int{}
	out := keySet{texts: map[string][]string{}, of: len(sets)}
	for _, s := range sets {
		out.open = out.open || s.open
		for k, texts := range s.texts {
			out.texts[k] = append(out.texts[k], texts...)
		}
		for _, k := range slices.Compact(slices.Sorted(slices.Values(s.keys))) {
			count[k]++
		}
	}
	for _, k := range sorted(count) {
		if count[k] == len(sets) {
			out.keys = append(out.keys, k)
		} else if credential(k) {
			out.open = true
		}
	}
	return out
}

// handed says how a variable is handed over that takes what stands under a key: as a literal where the files state it; in no known way
// where they do not agree on whether it can be a credential, or may not be all that counts.
func (s *keySet) handed(name, key, via string) (how, text string) {
	texts := s.texts[key]
	if len(texts) == 0 || len(texts) < s.of {
		return via, ""
	}
	could := 0
	for _, t := range texts {
		if staticcred.Could(name, t) {
			could++
		}
	}
	if could > 0 && could < len(texts) || could == 0 && s.open {
		return "", ""
	}
	return staticcred.Literal, texts[0]
}

// credential reports whether a key is that of a credential.
func credential(key string) bool {
	return staticcred.Named(key) || staticcred.Named(staticcred.As(key))
}
