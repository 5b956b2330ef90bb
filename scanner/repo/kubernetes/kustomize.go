package kubernetes

import (
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/repo/declare"
	"github.com/keyreeve/keyreeve/scanner/repo/staticcred"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// kustomizations are what kustomize would do to the objects of the tree. The objects are read as they are; what a kustomization could
// change of a fact leaves that fact open.
type kustomizations struct {
	patches map[string]bool // files that are patches
	texts   []string        // of patches and of labels and annotations that are added
	added   map[string]bool // what was asked of adds
	handed  *string         // what was asked of namesCredential
}

func isKustomization(base string) bool {
	return base == "kustomization.yaml" || base == "kustomization.yml" || base == "Kustomization"
}

// adds reports whether some patch, label or annotation names a key. JSON patches write "/" as "~1".
func (k *kustomizations) adds(key string) bool {
	found, asked := k.added[key]
	if !asked {
		pointer := strings.ReplaceAll(key, "/", "~1")
		found = slices.ContainsFunc(k.texts, func(t string) bool { return strings.Contains(t, key) || strings.Contains(t, pointer) })
		k.added[key] = found
	}
	return found
}

// namesCredential is the name of a credential that some patch holds, "" for none.
func (k *kustomizations) namesCredential() string {
	if k.handed == nil {
		found := ""
		for _, t := range k.texts {
			for _, word := range strings.FieldsFunc(t, func(c rune) bool { return c != '_' && (c < 'A' || c > 'Z') }) {
				if found == "" && staticcred.Named(word) {
					found = word
				}
			}
		}
		k.handed = &found
	}
	return *k.handed
}

// kustomizations reads all kustomization files before the objects that they name.
func (r *reader) kustomizations() {
	r.kustom = kustomizations{patches: map[string]bool{}, added: map[string]bool{}}
	files := map[string][]byte{}
	for _, f := range r.tree.Files {
		files[f.Path] = f.Data
	}
	for _, f := range r.tree.Files {
		if !isKustomization(path.Base(f.Path)) {
			continue
		}
		docs, err := yamlnode.Documents(f.Data)
		var e *yamlnode.Error
		if errors.As(err, &e) {
			r.found.Gaps = append(r.found.Gaps, r.tree.Unread(told, f.Path, e.Line, e.Text))
		}
		for _, doc := range docs {
			r.kustomization(f, doc, files)
		}
	}
}

// patchFields hold patches in the forms of several versions of kustomize: paths, texts, or maps with either.
var patchFields = []string{"patches", "patchesStrategicMerge", "patchesJson6902"}

func (r *reader) kustomization(f declare.File, doc *yamlnode.Node, files map[string][]byte) {
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
					r.kustom.texts = append(r.kustom.texts, s)
				}
			}
		}
	}
	if line > 0 {
		r.notUnderstood(f.Path, line, "patches of kustomize are not applied: build it with kustomize and lint the outcome")
	}
	for _, field := range []string{"labels", "commonLabels", "commonAnnotations"} {
		r.addedKeys(doc.Get(field))
	}
	for _, g := range items(doc.Get("secretGenerator")) {
		r.generated(f.Path, "Secret", doc, g)
	}
	for _, g := range items(doc.Get("configMapGenerator")) {
		r.generated(f.Path, "ConfigMap", doc, g)
	}
}

// addedKeys gathers the keys of labels and annotations: a map, or a list of maps with pairs.
func (r *reader) addedKeys(n *yamlnode.Node) {
	n.Each(func(key string, _, _ *yamlnode.Node) { r.kustom.texts = append(r.kustom.texts, key) })
	for _, item := range items(n) {
		item.Get("pairs").Each(func(key string, _, _ *yamlnode.Node) { r.kustom.texts = append(r.kustom.texts, key) })
	}
}
