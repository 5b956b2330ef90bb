package kubernetes

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/repo/staticcred"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// custom deals with an object of a kind that is not known. One that holds a template of pods where Kubernetes' own kinds have it is read
// as they are; of others it is told that they may hand something over. The groups of custom resources have a dot; those of definitions
// hold schemas and no objects.
func (r *reader) custom(o *object, named bool) {
	if !strings.Contains(o.group, ".") || o.group == "apiextensions.k8s.io" {
		return
	}
	containers := items(o.node.Get(inSpec...).Get("spec", "containers"))
	if named && slices.ContainsFunc(containers, func(c *yamlnode.Node) bool { return c.Get("image") != nil }) {
		o.custom = true
		r.objects = append(r.objects, *o)
		return
	}
	if line, what := unread(o.node, nil); what != "" {
		r.notUnderstoodOnce(o.file, line, "what objects of the kind "+o.kind+" hand over is not known, and this one names "+what)
	}
}

// besideTemplate leaves open what an object of a kind that is not known hands over beside its template of pods.
func (p *pods) besideTemplate(template *yamlnode.Node) {
	if _, what := unread(p.object.node, template); what != "" {
		p.set.Open("what objects of the kind " + p.object.kind + " hand over is not known, and beside its pods this one names " + what)
	}
}

// unread is the first thing in an object, besides a part of it, that hands something over: an entry of env with the name of a
// credential, else a field for such things.
func unread(n, besides *yamlnode.Node) (line int, what string) {
	if e := handsOver(n, besides, 0); e != nil {
		called, _ := e.Get("name").Str()
		return e.Line, called
	}
	if k := mention(n, besides, 0); k != nil {
		return k.Line, k.Text
	}
	return 0, ""
}

// maxEnvDepth is far deeper than operators nest the containers of what they make.
const maxEnvDepth = 20

// handsOver is the first entry in an object that hands over a credential as an entry of env does: by name, with a value or the place of one.
func handsOver(n, besides *yamlnode.Node, depth int) *yamlnode.Node {
	if n == nil || n == besides || depth > maxEnvDepth {
		return nil
	}
	if called, ok := n.Get("name").Str(); ok && staticcred.Named(called) && (n.Get("value") != nil || n.Get("valueFrom") != nil) {
		return n
	}
	for _, list := range [][]*yamlnode.Node{n.Items, n.Values} {
		for _, child := range list {
			if e := handsOver(child, besides, depth+1); e != nil {
				return e
			}
		}
	}
	return nil
}

// giving are fields by which pods are handed something, or get an identity.
var giving = map[string]bool{"env": true, "envFrom": true, "serviceAccount": true, "serviceAccountName": true}

// mention is the first such field in an object that holds something.
func mention(n, besides *yamlnode.Node, depth int) *yamlnode.Node {
	if n == nil || n == besides || depth > maxEnvDepth {
		return nil
	}
	for i, k := range n.Keys {
		if giving[k.Text] && n.Values[i].Kind != yamlnode.Null {
			return k
		}
		if found := mention(n.Values[i], besides, depth+1); found != nil {
			return found
		}
	}
	for _, item := range n.Items {
		if found := mention(item, besides, depth+1); found != nil {
			return found
		}
	}
	return nil
}
