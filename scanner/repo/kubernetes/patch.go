package kubernetes

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/repo/staticcred"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// A fact is what a change concerns.
type fact int

const (
	anything    fact = iota
	handed           // the credentials of a workload
	accountName      // what it runs as
	token            // whether a token is mounted
	values           // the keys and values of a Secret or ConfigMap
	format           // the type of a Secret
	rules            // of a role
	names            // of service accounts, where they are declared and where they are named alike
)

// A change is what a kustomization may do to objects.
type change struct {
	kind  *regexp.Regexp // of the objects; nil: any
	fact  fact
	why   string
	takes bool   // it may take away what is there, and not only add to it
	text  string // of the patch
}

func (c *change) to(kind string) bool { return c.kind == nil || c.kind.MatchString(kind) }

// decides says which fact a field decides.
var decides = map[string]fact{
	"env": handed, "envFrom": handed, "volumes": handed, "volumeMounts": handed, "command": handed, "args": handed,
	"serviceAccount": accountName, "serviceAccountName": accountName, "automountServiceAccountToken": token,
	"data": values, "stringData": values, "binaryData": values, "type": format, "rules": rules, "aggregationRule": rules,
}

// merges are the lists of a pod that a patch adds to, by the name of each item; it replaces the others, and what stands under a name that
// it repeats (API reference of PodSpec and Container, "patch strategy").
var merges = map[string]bool{"env": true, "data": true, "stringData": true, "binaryData": true}

// above are the fields that hold the deciding ones: what is done to them is done to these.
var above = map[string]bool{
	"": true, "spec": true, "template": true, "jobTemplate": true, "metadata": true, "labels": true, "annotations": true,
	"containers": true, "initContainers": true, "ephemeralContainers": true,
}

// kindOf is the pattern of the kinds that a patch is for: its target's, whatever it says of itself, else its own. Kustomize takes a
// target's for a regular expression that fits all of it.
func kindOf(target, doc *yamlnode.Node) *regexp.Regexp {
	pattern := regexp.QuoteMeta(or(doc.Get("kind"), ""))
	if target != nil {
		pattern = or(target.Get("kind"), "")
	}
	if pattern == "" {
		return nil
	}
	re, err := regexp.Compile("^(?:" + pattern + ")$")
	if err != nil {
		return nil
	}
	return re
}

// patch notes what a patch, a part of an object or a list of operations of JSON, may change. One that cannot be read may change anything.
func (k *kustomization) patch(text string, target *yamlnode.Node) {
	docs, err := yamlnode.Documents([]byte(text))
	if err != nil {
		k.changes = append(k.changes, change{kind: kindOf(target, nil), why: "a patch of kustomize cannot be read"})
	}
	for _, doc := range docs {
		p := patch{into: k, kind: kindOf(target, doc), text: text}
		if named := credentialIn([]byte(text)); named != "" {
			p.add(handed, named, false)
		}
		if doc.Kind != yamlnode.List {
			p.part(doc, 0)
		}
		for _, op := range doc.Items {
			p.operation(op)
		}
	}
}

type patch struct {
	into *kustomization
	kind *regexp.Regexp
	text string
}

func (p *patch) add(f fact, what string, takes bool) {
	p.into.changes = append(p.into.changes, change{p.kind, f, "a patch of kustomize names " + what, takes, p.text})
}

// maxPatchDepth is far below what a pod nests.
const maxPatchDepth = 20

// part reads a part of an object. Its directives begin with "$".
func (p *patch) part(n *yamlnode.Node, depth int) {
	if n == nil {
		return
	}
	if depth > maxPatchDepth {
		p.add(anything, "what lies too deep", true)
		return
	}
	n.Each(func(key string, _, v *yamlnode.Node) {
		f, deciding := decides[key]
		switch {
		case directive(key), v.Kind == yamlnode.Null && above[key]:
			p.add(anything, key, true)
		case deciding:
			p.add(f, key, !merges[key] || takesAway(v, depth))
		default:
			p.part(v, depth+1)
		}
	})
	for _, item := range n.Items {
		p.part(item, depth+1)
	}
}

func directive(key string) bool {
	return strings.HasPrefix(key, "$") && !strings.HasPrefix(key, "$setElementOrder/")
}

// takesAway reports whether a part of a patch removes something: by null, or by a directive.
func takesAway(n *yamlnode.Node, depth int) bool {
	if n == nil || n.Kind == yamlnode.Null || depth > maxPatchDepth {
		return true
	}
	takes := false
	n.Each(func(key string, _, v *yamlnode.Node) { takes = takes || directive(key) || takesAway(v, depth+1) })
	for _, item := range n.Items {
		takes = takes || takesAway(item, depth+1)
	}
	return takes
}

// operation reads an operation of a JSON patch (RFC 6902): what lies on its paths, above them, or in the value that it brings.
func (p *patch) operation(op *yamlnode.Node) {
	does, _ := op.Get("op").Str()
	for _, field := range []string{"path", "from"} {
		to, ok := op.Get(field).Str()
		if !ok {
			continue
		}
		words := strings.Split(to, "/")
		inserts := does == "add" && index(words[len(words)-1])
		found := false
		for _, word := range words {
			if f, ok := decides[word]; ok {
				p.add(f, word, !inserts)
				found = true
			}
		}
		for len(words) > 1 && index(words[len(words)-1]) {
			words = words[:len(words)-1]
		}
		if last := words[len(words)-1]; !found && !inserts && above[last] {
			p.add(anything, strconv.Quote(to), true)
		}
	}
	p.part(op.Get("value"), 0)
}

// index reports whether a word of a path is the place of an item of a list; "-" is that behind the last.
func index(word string) bool {
	_, err := strconv.Atoi(word)
	return err == nil || word == "-"
}

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
