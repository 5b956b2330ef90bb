package kubernetes

import (
	"cmp"
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/repo/declare"
	"github.com/keyreeve/keyreeve/scanner/repo/staticcred"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// kustomizations are the kustomization files of the tree. Objects are read as they are; what a kustomization that reaches them, itself or
// through others, could change of a fact leaves that fact open.
type kustomizations struct {
	patches map[string]bool             // files that are patches
	reach   map[string][]*kustomization // by the file that they reach
}

type kustomization struct {
	folder string
	names  []string // of files and folders that it takes its objects from
	texts  []string // of patches, and of the keys of labels and annotations that are added
	hands  []change // what may hand a credential to a workload
	rules  []change // what may change the rules of a role
	all    string   // "transformers" or another field that may change anything, "" for none
	parts  []string // the folders of its components, whose patches are its own as well
}

// A change is what a patch does to objects of a kind, "" for any.
type change struct{ kind, what string }

func isKustomization(base string) bool {
	return base == "kustomization.yaml" || base == "kustomization.yml" || base == "Kustomization"
}

// adds reports whether a patch, label or annotation that reaches a file names a key. JSON patches write "/" as "~1".
func (k *kustomizations) adds(file, key string) bool {
	pointer := strings.ReplaceAll(key, "/", "~1")
	return slices.ContainsFunc(k.reach[file], func(by *kustomization) bool {
		return by.all != "" || slices.ContainsFunc(by.texts, func(t string) bool { return strings.Contains(t, key) || strings.Contains(t, pointer) })
	})
}

// hands says what may hand a credential to an object of a file, "" for nothing.
func (k *kustomizations) hands(o *object) string {
	return k.change(o, func(by *kustomization) []change { return by.hands })
}

// rules says what may change the rules of a role of a file, "" for nothing.
func (k *kustomizations) rules(o *object) string {
	return k.change(o, func(by *kustomization) []change { return by.rules })
}

func (k *kustomizations) change(o *object, of func(*kustomization) []change) string {
	for _, by := range k.reach[o.file] {
		if by.all != "" {
			return "a kustomization lists " + by.all
		}
		for _, c := range of(by) {
			if c.kind == "" || strings.Contains(c.kind, o.kind) { // of a target's, which is a pattern, any part may be meant
				return "a patch of kustomize names " + c.what
			}
		}
	}
	return ""
}

// kustomizations reads all kustomization files before the objects that they name.
func (r *reader) kustomizations() {
	r.kustom = kustomizations{patches: map[string]bool{}, reach: map[string][]*kustomization{}}
	files := map[string][]byte{}
	for _, f := range r.tree.Files {
		files[f.Path] = f.Data
	}
	folders := map[string][]*kustomization{}
	var all []*kustomization
	for _, f := range r.tree.Files {
		if !isKustomization(path.Base(f.Path)) {
			continue
		}
		docs, err := yamlnode.Documents(f.Data)
		var e *yamlnode.Error
		if errors.As(err, &e) {
			r.found.Gaps = append(r.found.Gaps, r.tree.Unread(types, f.Path, e.Line, e.Text))
		}
		for _, doc := range docs {
			k := r.kustomization(f, doc, files)
			folders[k.folder] = append(folders[k.folder], k)
			all = append(all, k)
		}
	}
	for _, k := range all {
		for _, part := range k.parts {
			for _, c := range folders[part] {
				k.texts, k.hands, k.rules, k.all = append(k.texts, c.texts...), append(k.hands, c.hands...), append(k.rules, c.rules...), cmp.Or(k.all, c.all)
			}
		}
		if len(k.texts) > 0 || k.all != "" {
			r.reaches(k, k, folders, map[*kustomization]bool{})
		}
	}
}

// reaches follows what a kustomization takes its objects from: files, and folders with kustomizations of their own.
func (r *reader) reaches(k, from *kustomization, folders map[string][]*kustomization, seen map[*kustomization]bool) {
	if seen[from] {
		return
	}
	seen[from] = true
	for _, called := range from.names {
		at := path.Join(from.folder, called)
		if below, ok := folders[at]; ok {
			for _, b := range below {
				r.reaches(k, b, folders, seen)
			}
		} else {
			r.kustom.reach[at] = append(r.kustom.reach[at], k)
		}
	}
}

// patchFields hold patches in the forms of several versions of kustomize: paths, texts, or maps with either.
var patchFields = []string{"patches", "patchesStrategicMerge", "patchesJson6902"}

// sourceFields hold what a kustomization takes its objects from; bases is the older form.
var sourceFields = []string{"resources", "bases", "components"}

func (r *reader) kustomization(f declare.File, doc *yamlnode.Node, files map[string][]byte) *kustomization {
	k := &kustomization{folder: path.Dir(f.Path)}
	for _, field := range sourceFields {
		for _, item := range items(doc.Get(field)) {
			k.names = append(k.names, or(item, ""))
			if field == "components" {
				k.parts = append(k.parts, path.Join(k.folder, or(item, "")))
			}
		}
	}
	line := 0
	for _, field := range patchFields {
		for _, p := range items(doc.Get(field)) {
			if line == 0 {
				line = p.Line
			}
			for _, text := range []*yamlnode.Node{p, p.Get("path"), p.Get("patch")} {
				s, _ := text.Str()
				file := path.Join(path.Dir(f.Path), s)
				if data, ok := files[file]; ok && s != "" {
					r.kustom.patches[file] = true
					s = string(data)
				}
				if s != "" {
					k.texts = append(k.texts, s)
					k.patch(s, or(p.Get("target", "kind"), ""))
				}
			}
		}
	}
	if line > 0 {
		r.notUnderstood(f.Path, line, "patches of kustomize are not applied: build it with kustomize and lint the outcome")
	}
	for _, field := range []string{"transformers", "replacements"} {
		if n := doc.Get(field); len(items(n)) > 0 {
			k.all = cmp.Or(k.all, field)
			r.notUnderstood(f.Path, n.Line, field+" of kustomize are not applied: build it with kustomize and lint the outcome")
		}
	}
	for _, field := range []string{"labels", "commonLabels", "commonAnnotations"} {
		k.adds(doc.Get(field))
	}
	for _, g := range items(doc.Get("secretGenerator")) {
		r.generated(f.Path, "Secret", doc, g)
	}
	for _, g := range items(doc.Get("configMapGenerator")) {
		r.generated(f.Path, "ConfigMap", doc, g)
	}
	return k
}

// handing are the fields of a pod by which a container may be handed a credential.
var handing = map[string]bool{"env": true, "envFrom": true, "volumes": true, "volumeMounts": true, "command": true, "args": true}

// patch notes what a patch, a part of an object or a list of operations of JSON, may change. One that cannot be read may change anything.
func (k *kustomization) patch(text, kind string) {
	docs, err := yamlnode.Documents([]byte(text))
	if err != nil {
		k.hands, k.rules = append(k.hands, change{kind, "what cannot be read"}), append(k.rules, change{kind, "what cannot be read"})
	}
	for _, doc := range docs {
		of := cmp.Or(kind, or(doc.Get("kind"), ""))
		if named := credentialIn([]byte(text)); named != "" {
			k.hands = append(k.hands, change{of, named})
		}
		for _, field := range touched(doc, 0) {
			switch {
			case handing[field]:
				k.hands = append(k.hands, change{of, field})
			case field == "rules", field == "aggregationRule":
				k.rules = append(k.rules, change{of, field})
			}
		}
	}
}

// touched are the keys of a patch, and the words of the paths of its operations.
func touched(n *yamlnode.Node, depth int) []string {
	if n == nil || depth > maxPatchDepth {
		return nil
	}
	var out []string
	n.Each(func(key string, _, v *yamlnode.Node) {
		out = append(out, key)
		if to, ok := v.Str(); ok && (key == "path" || key == "from") {
			out = append(out, strings.Split(to, "/")...)
		}
		out = append(out, touched(v, depth+1)...)
	})
	for _, item := range n.Items {
		out = append(out, touched(item, depth+1)...)
	}
	return out
}

// maxPatchDepth is far below what a pod nests.
const maxPatchDepth = 20

// credentialIn is the first name of a credential in a text, "" for none.
func credentialIn(text []byte) string {
	inWord := func(c byte) bool { return c == '_' || c >= 'A' && c <= 'Z' }
	for i := 0; i < len(text); i++ {
		from := i
		for i < len(text) && inWord(text[i]) {
			i++
		}
		if i-from > 8 && staticcred.Named(string(text[from:i])) {
			return string(text[from:i])
		}
	}
	return ""
}

// adds gathers the keys of labels and annotations: a map, or a list of maps with pairs.
func (k *kustomization) adds(n *yamlnode.Node) {
	add := func(key string, _, _ *yamlnode.Node) { k.texts = append(k.texts, key) }
	n.Each(add)
	for _, item := range items(n) {
		item.Get("pairs").Each(add)
	}
}
