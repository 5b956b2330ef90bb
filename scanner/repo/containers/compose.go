package containers

import (
	"bytes"
	"errors"
	"path"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// A composeFile is a parsed compose file.
type composeFile struct {
	path string
	root *yamlnode.Node
	err  error
}

// load parses a compose file once; nil where the tree has none at that path.
func (r *reader) load(file string) *composeFile {
	if c, ok := r.yaml[file]; ok {
		return c
	}
	data, ok := r.files[file]
	if !ok {
		return nil
	}
	c := &composeFile{path: file}
	docs, err := yamlnode.Documents(data)
	if c.err = err; err == nil && len(docs) > 0 {
		c.root = docs[0]
	}
	r.yaml[file] = c
	return c
}

// compose makes one resource a service.
func (r *reader) compose(f declare.File) {
	if !bytes.Contains(f.Data, []byte("services")) && !bytes.Contains(f.Data, []byte("include")) {
		return
	}
	c := r.load(f.Path)
	if c.err != nil {
		var e *yamlnode.Error
		if errors.As(c.err, &e) {
			r.unread(f.Path, e.Line, e.Text)
		} else {
			r.unread(f.Path, 0, c.err.Error())
		}
		return
	}
	if c.root.Get("apiVersion") != nil { // a manifest of Kubernetes may be named compose-deployment.yaml
		return
	}
	r.includes(c)
	c.root.Get("services").Each(func(called string, k, v *yamlnode.Node) {
		if v.Kind != yamlnode.Map {
			if v.Kind != yamlnode.Null {
				r.notUnderstood(c.path, k.Line, "this service is no map")
			}
			return
		}
		at := inventory.Location{Path: c.path, StartLine: k.Line, EndLine: max(k.Line, v.EndLine)}
		w := r.workload(r.tree.ID(name, c.path, "service/"+called), service, "compose", called, at)
		s := serviceReader{reader: r, own: c, layers: map[*yamlnode.Node]bool{}, named: map[string]bool{}}
		s.read(c, v)
		s.devTokens(c)
		s.set.State(&w)
		r.found.Resources = append(r.found.Resources, w)
	})
}

// includes tells of the first compose file that is included under a name that is not read.
func (r *reader) includes(c *composeFile) {
	for _, item := range items(c.root.Get("include")) {
		paths, _ := item.Strings()
		if item.Kind == yamlnode.Map {
			paths, _ = item.Get("path").Strings()
		}
		for _, p := range paths {
			file := path.Join(path.Dir(c.path), p)
			if _, there := r.files[file]; !there || !isCompose(path.Base(file)) {
				r.notUnderstood(c.path, item.Line, "the file that this includes is not read")
				return
			}
		}
	}
}

// items are the nodes of a list; none of anything else.
func items(n *yamlnode.Node) []*yamlnode.Node {
	if n == nil {
		return nil
	}
	return n.Items
}
