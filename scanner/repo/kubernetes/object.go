package kubernetes

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"path"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

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

// parse reads all files side by side, and adds their objects in the order of the files. A file that is not YAML, as templates are, is
// told.
func (r *reader) parse(ctx context.Context) {
	type parsed struct {
		docs  []*yamlnode.Node
		err   error
		panic any // for the goroutine of the dialect, which whoever asked it guards
	}
	all := make([]parsed, len(r.tree.Files))
	group := errgroup.Group{}
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, f := range r.tree.Files {
		base := path.Base(f.Path)
		if ctx.Err() != nil || r.charts.skip(f.Path) || isKustomization(base) || base == "Chart.yaml" || !mayDeclare(f.Data) {
			continue
		}
		group.Go(func() error {
			defer func() { all[i].panic = recover() }()
			all[i].docs, all[i].err = yamlnode.Documents(f.Data)
			return nil
		})
	}
	_ = group.Wait()
	for i, f := range r.tree.Files {
		if all[i].panic != nil {
			panic(all[i].panic)
		}
		for _, doc := range all[i].docs {
			r.add(f.Path, doc)
		}
		var e *yamlnode.Error
		switch errors.As(all[i].err, &e); {
		case e == nil:
		case bytes.Contains(f.Data, []byte("{{")):
			r.notUnderstood(f.Path, e.Line, "templates are not rendered")
		default:
			r.found.Gaps = append(r.found.Gaps, r.tree.Unread(told, f.Path, e.Line, e.Text))
		}
	}
}

// add adds an object, or those of a List or of a Template of OpenShift.
func (r *reader) add(file string, n *yamlnode.Node) {
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
			r.add(file, item)
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

// byName finds what files declare under a name. Of several, those in the folder of whoever asks go before all others: overlays of
// kustomize declare the same object in a folder each.
type byName[T any] map[string][]T

func (m byName[T]) add(file, key string, v T) {
	m[key] = append(m[key], v)
	m[path.Dir(file)+"/\x00"+key] = append(m[path.Dir(file)+"/\x00"+key], v)
}

func (m byName[T]) find(file, key string) []T {
	if list, ok := m[path.Dir(file)+"/\x00"+key]; ok {
		return list
	}
	return m[key]
}

// items are the nodes of a list; none of anything else.
func items(n *yamlnode.Node) []*yamlnode.Node {
	if n == nil {
		return nil
	}
	return n.Items
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
