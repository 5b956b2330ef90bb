package kubernetes

import (
	"bytes"
	"context"
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
	custom                       bool // it is of a kind that is not known, and holds a template of pods
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
		docs   []*yamlnode.Node
		broken []*yamlnode.Error
		panic  any // for the goroutine of the dialect, which whoever asked it guards
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
			all[i].docs, all[i].broken = yamlnode.Stream(f.Data)
			return nil
		})
	}
	_ = group.Wait()
	for i, f := range r.tree.Files {
		if all[i].panic != nil {
			panic(all[i].panic)
		}
		for _, doc := range all[i].docs {
			r.add(f.Path, doc, "", "")
		}
		for _, e := range all[i].broken {
			if templated(f.Data, e.Line) {
				r.notUnderstoodOnce(f.Path, e.Line, "templates are not rendered")
			} else {
				r.found.Gaps = append(r.found.Gaps, r.tree.Unread(types, f.Path, e.Line, e.Text))
			}
		}
	}
}

// Where a template breaks a document, its mark stands a few lines before the line that cannot be read, or in the one behind it.
const before, behind = 5, 1

// templated reports whether a mark of a template, outside comments, stands near a line and in its document.
func templated(data []byte, line int) bool {
	first, last := yamlnode.DocumentLines(data, line)
	first, last = max(first, line-before), min(last, line+behind)
	number := 0
	for text := range bytes.Lines(data) {
		if number++; number < first {
			continue
		} else if number > last {
			return false
		}
		if i := bytes.IndexByte(text, '#'); i == 0 || i > 0 && text[i-1] <= ' ' {
			text = text[:i]
		}
		if bytes.Contains(text, []byte("{{")) {
			return true
		}
	}
	return false
}

// add adds an object, or those of a List or of a Template of OpenShift. The items of a list of one kind, as ClusterRoleList, need not
// repeat their version and kind.
func (r *reader) add(file string, n *yamlnode.Node, version, kind string) {
	version, kind = or(n.Get("apiVersion"), version), or(n.Get("kind"), kind)
	if version == "" || kind == "" || n.Kind != yamlnode.Map {
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
		one, many := strings.TrimSuffix(kind, "List"), version
		if one == "" || one == kind {
			one, many = "", ""
		}
		for _, item := range items.Items {
			r.add(file, item, many, one)
		}
		return
	}
	o := object{file: file, node: n, group: group, kind: kind, namespace: "default", patch: r.kustom.patches[file]}
	if s, ok := n.Get("metadata", "namespace").Str(); ok && s != "" {
		o.namespace = s
	}
	if kind == "ClusterRole" || kind == "ClusterSecretStore" {
		o.namespace = ""
	}
	var named bool
	if o.name, named = n.Get("metadata", "name").Str(); !named {
		o.name, named = n.Get("metadata", "generateName").Str()
	}
	t, pods := podTemplates[kind]
	switch {
	case pods && !t.of(group), !pods && !kinds[kind] && !isStore(group, kind):
		r.custom(&o, named)
	case !named:
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
