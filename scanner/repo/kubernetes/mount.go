package kubernetes

import (
	"path"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/repo/staticcred"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// file looks up what is mounted at the path that a variable holds: a file of a Secret is a credential; a token that the cluster issues,
// beside the configuration of a federation, is none.
func (p *pods) file(c *yamlnode.Node, h staticcred.Handed) {
	var volume *yamlnode.Node
	longest := 0
	for _, m := range items(c.Get("volumeMounts")) {
		at := or(m.Get("mountPath"), "")
		if (at == h.Value || strings.HasPrefix(h.Value, strings.TrimSuffix(at, "/")+"/")) && len(at) > longest {
			volume, longest = p.volume(or(m.Get("name"), "")), len(at)
		}
	}
	secrets, tokens := false, false
	for _, s := range slices.Concat(items(volume.Get("projected", "sources")), []*yamlnode.Node{volume}) {
		secrets = secrets || s.Get("secret") != nil
		tokens = tokens || s.Get("serviceAccountToken") != nil
	}
	switch {
	case secrets:
		p.set.AddFile(h)
	case !tokens:
		p.set.Add(h)
	}
}

func (p *pods) volume(called string) *yamlnode.Node {
	for _, v := range items(p.spec.Get("volumes")) {
		if s, _ := v.Get("name").Str(); s == called {
			return v
		}
	}
	return nil
}

// mount reads the files that a volume brings from Secrets and ConfigMaps: by the names of their keys, and by where they are mounted.
func (p *pods) mount(scope string, m *yamlnode.Node) {
	v := p.volume(or(m.Get("name"), ""))
	for _, s := range slices.Concat([]*yamlnode.Node{v}, items(v.Get("projected", "sources"))) {
		p.files(scope, m, "Secret", s.Get("secret"))
		p.files(scope, m, "ConfigMap", s.Get("configMap"))
	}
	if driver, _ := v.Get("csi", "driver").Str(); driver == "secrets-store.csi.k8s.io" {
		p.set.Open("the files of the SecretProviderClass " + or(v.Get("csi", "volumeAttributes", "secretProviderClass"), "") + " are not looked at")
	}
}

// credentialFiles are files in which a provider's tool keeps a credential, by the end of their path.
var credentialFiles = map[string]string{
	"/.aws/credentials": staticcred.AWS,   // AWS CLI: shared credentials file
	"/.vault-token":     staticcred.Vault, // Vault CLI: default token helper
}

// files reads those of one Secret or ConfigMap. A ConfigMap that is not in these files is taken for what it is meant to be.
func (p *pods) files(scope string, m *yamlnode.Node, kind string, s *yamlnode.Node) {
	if s == nil {
		return
	}
	called := or(s.Get("secretName"), or(s.Get("name"), "")) // of a volume, of a projected source
	all := p.keysOf(p.object.file, kind, p.object.namespace, called)
	files := map[string]string{} // key to path
	if chosen := items(s.Get("items")); len(chosen) > 0 {
		all.open = false
		for _, i := range chosen {
			k := or(i.Get("key"), "")
			files[k] = or(i.Get("path"), k)
		}
	} else {
		for _, k := range all.keys {
			files[k] = k
		}
	}
	at, sub := or(m.Get("mountPath"), ""), or(m.Get("subPath"), "")
	for _, k := range sorted(files) {
		file := path.Join(at, files[k])
		if sub != "" {
			if files[k] != sub {
				continue
			}
			file = at
		}
		h := staticcred.Handed{Scope: scope, Name: staticcred.As(k), Via: staticcred.File, Line: m.Line}
		p.set.AddFile(h)
		for end, provider := range credentialFiles {
			if strings.HasSuffix(file, end) {
				h.Name = end[1:]
				p.set.AddAs(provider, h)
			}
		}
	}
	if all.open && kind == "Secret" {
		p.set.Open("the keys of the Secret " + called + ", which it mounts, are not in these files")
	}
}
