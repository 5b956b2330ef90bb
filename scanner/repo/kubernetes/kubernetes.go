// Package kubernetes reads manifests: service accounts, what runs as pods, Secrets by name, type and keys, and roles.
//
// Helm charts are not rendered and kustomize's patches not applied; both are told. It leaves to package staticcred which names mean a
// credential, and keeps no value.
package kubernetes

import (
	"bytes"
	"context"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

const (
	serviceAccount = "kubernetes.serviceaccount"
	workload       = "kubernetes.workload"
	secret         = "kubernetes.secret"
	role           = "kubernetes.role"
	secretStore    = "kubernetes.secretstore"
)

// Dialect reads manifests of Kubernetes in YAML and JSON.
var Dialect = declare.Dialect{Name: name, Types: types, Wants: wants, Read: read}

const name = "kubernetes"

var types = []string{serviceAccount, workload, secret, role, secretStore}

// others are files of YAML and JSON that are known to be something else, and can be long.
var others = map[string]bool{"package-lock.json": true, "npm-shrinkwrap.json": true, "pnpm-lock.yaml": true, "composer.json": true, "package.json": true, "tsconfig.json": true}

func wants(file string) bool {
	base := path.Base(file)
	if others[base] {
		return false
	}
	switch path.Ext(base) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return base == "Kustomization"
}

// A reader reads one tree: first all objects, then what they say of each other.
type reader struct {
	tree     *declare.Tree
	found    declare.Declared
	charts   charts
	kustom   kustomizations
	objects  []object
	accounts byName[object]       // service accounts
	keys     byName[*keySet]      // the keys of Secrets and ConfigMaps
	merged   map[string][]*keySet // what generators of kustomize add to Secrets and ConfigMaps, by kind and name
	known    map[keyList]keySet   // what keysOf said
	dev      map[string][]string  // by folder: what starts Vault servers in development mode, whose tokens other pods may use
	ids      map[inventory.ID]int
	toldOf   map[string]bool // by file and reason
}

func read(ctx context.Context, whole *declare.Tree) declare.Declared {
	t := &declare.Tree{Name: whole.Name, Scope: whole.Scope, Files: slices.Clone(whole.Files)}
	for i := range t.Files { // what is looked for before a file is parsed is looked for in its text
		t.Files[i].Data = yamlnode.UTF8(t.Files[i].Data)
	}
	r := &reader{tree: t, charts: chartsOf(t.Files), accounts: byName[object]{}, keys: byName[*keySet]{}, merged: map[string][]*keySet{}, dev: map[string][]string{}, known: map[keyList]keySet{}, ids: map[inventory.ID]int{}, toldOf: map[string]bool{}}
	r.kustomizations()
	r.parse(ctx)
	r.tellCharts()
	for i := range r.objects {
		r.index(&r.objects[i])
	}
	for i := range r.objects {
		if ctx.Err() != nil {
			break
		}
		r.yield(&r.objects[i])
	}
	return r.found
}

// roles are the kinds of roles; OpenShift has its own of the same names and form.
var roles = map[string]bool{"Role": true, "ClusterRole": true}

// yield turns an object into a resource.
func (r *reader) yield(o *object) {
	switch {
	case o.is("", "ServiceAccount"):
		r.serviceAccount(o)
	case o.is("", "Secret"):
		r.secret(o)
	case o.is("rbac.authorization.k8s.io", o.kind) && roles[o.kind], o.is("authorization.openshift.io", o.kind) && roles[o.kind]:
		r.role(o)
	case isStore(o.group, o.kind):
		r.store(o)
	case o.custom:
		r.workload(o, podTemplate{path: inSpec})
	default:
		if t, ok := podTemplates[o.kind]; ok && t.of(o.group) {
			r.workload(o, t)
		}
	}
}

// new begins the resource of an object. Two of the same name in one file are numbered.
func (r *reader) new(o *object, typ string) inventory.Resource {
	id := r.tree.ID(name, o.file, o.address())
	if r.ids[id]++; r.ids[id] > 1 {
		id += inventory.ID("/" + strconv.Itoa(r.ids[id]))
	}
	called := o.name
	if o.namespace != "" {
		called = o.namespace + "/" + o.name
	}
	return r.tree.New(id, typ, called, inventory.Location{Path: o.file, StartLine: o.node.Line, EndLine: max(o.node.Line, o.node.EndLine)})
}

func (r *reader) yieldResource(res inventory.Resource) {
	r.found.Resources = append(r.found.Resources, res)
}

func (r *reader) notUnderstood(file string, line int, why string) {
	r.found.Gaps = append(r.found.Gaps, r.tree.NotUnderstood(types, file, line, why))
}

// kinds are those that are read, or that say what is in a Secret.
var kinds = map[string]bool{
	"ServiceAccount": true, "Secret": true, "ConfigMap": true, "Role": true, "ClusterRole": true,
	"SealedSecret": true, "ExternalSecret": true, "Certificate": true, "Template": true,
}

// escaped are letters that a quoted text spells by their numbers: they may hide a word that is looked for.
var escaped = regexp.MustCompile(`\\(?:u00|x|U000000)[4-7]`)

// mayDeclare reports, before a file is parsed, whether it names an API version and a kind that is read, or a credential. A kind that is
// no plain word behind its key, as with an anchor, a tag or a comment, may be any.
func mayDeclare(data []byte) bool {
	if bytes.IndexByte(data, '\\') >= 0 && escaped.Match(data) {
		return true
	}
	if !bytes.Contains(data, []byte("apiVersion")) {
		return false
	}
	custom := false
	for rest := data; ; {
		i := bytes.Index(rest, []byte("kind"))
		if i < 0 {
			return custom && gives(data) || credentialIn(data) != ""
		}
		first := len(rest) == len(data) && i == 0 || i > 0 && strings.IndexByte("\n\"'{", rest[i-1]) >= 0
		rest = rest[i+len("kind"):]
		word, ok := bytes.CutPrefix(bytes.TrimLeft(rest, "\"' \t\r\n"), []byte(":"))
		if !ok {
			continue
		}
		word = bytes.TrimLeft(word, "\"' \t\r\n")
		end := bytes.IndexFunc(word, func(c rune) bool { return (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') })
		if end < 0 {
			end = len(word)
		}
		if end < len(word) && strings.IndexByte(`\&*!|>#?`, word[end]) >= 0 {
			return true
		}
		kind := string(word[:end])
		if _, pods := podTemplates[kind]; pods || kinds[kind] || stores[kind] || strings.HasSuffix(kind, "List") {
			return true
		}
		custom = custom || first && kind != definition
	}
}

// definition is the kind of objects that define others. They are long, and hold schemas in which all fields of pods occur.
const definition = "CustomResourceDefinition"

// gives reports whether a text names a field by which pods are handed something.
func gives(data []byte) bool {
	for field := range giving {
		if bytes.Contains(data, []byte(field)) {
			return true
		}
	}
	return bytes.Contains(data, []byte("containers"))
}
