package kubernetes

import (
	"cmp"
	"path"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// generated reads a generator of kustomize: the keys that it makes, and the Secret that they make up.
func (r *reader) generated(file, kind string, doc, g *yamlnode.Node) {
	called, ok := g.Get("name").Str()
	if !ok {
		return
	}
	namespace := or(g.Get("namespace"), or(doc.Get("namespace"), "default"))
	s := keySet{file: file, texts: map[string][]string{}, open: g.Get("envs") != nil || g.Get("env") != nil}
	var literal *yamlnode.Node
	open := ""
	if s.open || len(items(g.Get("files"))) > 0 {
		open = "its values are in other files"
	}
	for _, item := range items(g.Get("literals")) {
		k, text, _ := strings.Cut(or(item, ""), "=")
		s.keys = append(s.keys, k)
		if kind == "ConfigMap" {
			s.state(k, text)
		}
		switch holds := inText(text); {
		case holds == certain && literal == nil:
			literal = item
		case holds == perhaps:
			open = cmp.Or(open, besides)
		}
	}
	for _, item := range items(g.Get("files")) {
		k, _, named := strings.Cut(or(item, ""), "=")
		if !named {
			k = path.Base(k)
		}
		s.keys = append(s.keys, k)
	}
	o := object{file: file, node: g, kind: kind, namespace: namespace, name: called}
	r.reopened(&o, &s)
	if behavior := or(g.Get("behavior"), "create"); behavior != "create" { // it changes what another file declares
		k := key(kind, "", called)
		r.merged[k] = append(r.merged[k], &s)
	}
	// Kustomize adds it to objects whose namespace it may set as well: they are looked up as they are written.
	r.addKeys(kind, namespace, called, s)
	if namespace != "default" && g.Get("namespace") == nil {
		r.addKeys(kind, "default", called, s)
	}
	if kind == "Secret" {
		r.generatedSecret(&o, literal, cmp.Or(open, r.kustom.may(&o, values)))
	}
}

func (r *reader) generatedSecret(o *object, literal *yamlnode.Node, open string) {
	res := r.new(o, secret)
	inCode := literal != nil
	res.Secret = &inventory.Secret{ValueInCode: &inCode}
	if !inCode && open != "" {
		res.Secret.ValueInCode = nil
		declare.Open(&res, "secret.value_in_code", open)
	}
	if why := r.kustom.may(o, format); why != "" {
		declare.Open(&res, "secret.format", why)
	} else {
		res.Secret.Format = or(o.node.Get("type"), opaque)
	}
	if inCode {
		res.Location.StartLine, res.Location.EndLine = literal.Line, literal.EndLine
	}
	r.yieldResource(res)
}
