package kubernetes

import (
	"bytes"
	"errors"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/repo/declare"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// An object is one object of the API, as a file states it.
type object struct {
	file                         string
	node                         *yamlnode.Node
	group, kind, namespace, name string
	patch                        bool // it stands in a file that a kustomization names as a patch
}

func (o *object) is(group, kind string) bool { return o.kind == kind && o.group == group }

// address is NAMESPACE/KIND/NAME; cluster roles have no namespace.
func (o *object) address() string {
	if o.namespace == "" {
		return o.kind + "/" + o.name
	}
	return o.namespace + "/" + o.kind + "/" + o.name
}

// parse adds the objects of a file. A file that is not YAML, as templates are, is told.
func (r *reader) parse(f declare.File) {
	base := path.Base(f.Path)
	if r.charts.skip(f.Path) || isKustomization(base) || base == "Chart.yaml" || !mayDeclare(f.Data) {
		return
	}
	docs, err := yamlnode.Documents(f.Data)
	for _, doc := range docs {
		r.add(f.Path, doc, 0)
	}
	var e *yamlnode.Error
	switch errors.As(err, &e); {
	case err == nil:
	case bytes.Contains(f.Data, []byte("{{")):
		r.notUnderstood(f.Path, e.Line, "templates are not rendered")
	default:
		r.found.Gaps = append(r.found.Gaps, r.tree.Unread(told, f.Path, e.Line, e.Text))
	}
}

// maxLists bounds how deep lists may hold lists.
const maxLists = 5

// add adds an object, or those of a List or of a Template of OpenShift.
func (r *reader) add(file string, n *yamlnode.Node, depth int) {
	version, ok := n.Get("apiVersion").Str()
	kind, isKind := n.Get("kind").Str()
	if !ok || !isKind {
		return
	}
	group, _, grouped := strings.Cut(version, "/")
	if !grouped {
		group = ""
	}
	items := n.Get("items")
	if kind == "Template" && group == "template.openshift.io" {
		items = n.Get("objects")
	}
	if items != nil && (strings.HasSuffix(kind, "List") || kind == "Template") {
		for _, item := range items.Items {
			if depth < maxLists {
				r.add(file, item, depth+1)
			}
		}
		return
	}
	o := object{file: file, node: n, group: group, kind: kind, namespace: "default", patch: r.kustom.patches[file]}
	if s, ok := n.Get("metadata", "namespace").Str(); ok && s != "" {
		o.namespace = s
	}
	if kind == "ClusterRole" {
		o.namespace = ""
	}
	if o.name, ok = n.Get("metadata", "name").Str(); !ok {
		o.name, ok = n.Get("metadata", "generateName").Str()
	}
	_, pods := podTemplates[kind]
	switch {
	case !pods && !kinds[kind]:
	case !ok:
		r.notUnderstoodOnce(file, n.Line, "an object without a name is read as a fragment of another")
	default:
		r.objects = append(r.objects, o)
	}
}

// notUnderstoodOnce tells of the first such construct of a file.
func (r *reader) notUnderstoodOnce(file string, line int, why string) {
	if k := file + "\x00" + why; !r.toldOf[k] {
		r.toldOf[k] = true
		r.notUnderstood(file, line, why)
	}
}

// key is where objects of a kind are looked up by those that name them.
func key(kind, namespace, name string) string { return kind + "\x00" + namespace + "\x00" + name }

// near keeps those of several objects of one name that stand in the same folder, if any do: overlays of kustomize declare the same
// object in a folder each.
func near[T any](file string, list []T, fileOf func(T) string) []T {
	var out []T
	for _, o := range list {
		if path.Dir(fileOf(o)) == path.Dir(file) {
			out = append(out, o)
		}
	}
	if len(out) == 0 {
		return list
	}
	return out
}

// items are the nodes of a list; none of anything else.
func items(n *yamlnode.Node) []*yamlnode.Node {
	if n == nil {
		return nil
	}
	return n.Items
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
