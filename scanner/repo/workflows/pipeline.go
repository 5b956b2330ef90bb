package workflows

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// A pipeline is the configuration of a pipeline of GitLab, with what it includes merged in.
type pipeline struct {
	*reader
	file     string
	root     *yamlnode.Node
	included int // files so far
	looked   int // jobs and scripts that the present job was made of so far
}

// What is followed is bounded: GitLab allows 150 includes; a job made of more parts than this is hardly meant.
const (
	maxIncludes = 150
	maxLooked   = 10_000
)

// reserved are the top-level keywords that are no jobs (GitLab, "CI/CD YAML syntax reference", global keywords).
var reserved = map[string]bool{
	"default": true, "include": true, "stages": true, "variables": true, "workflow": true, "spec": true, "types": true,
	"image": true, "services": true, "cache": true, "before_script": true, "after_script": true, // also under default
}

// gitlab makes a resource of each job of a pipeline, and of the pipelines in the repository that its jobs start.
func (r *reader) gitlab(file string) {
	queue, seen := []string{file}, map[string]bool{file: true}
	for len(queue) > 0 {
		p := pipeline{reader: r, file: queue[0]}
		queue = queue[1:]
		p.root = p.config(p.file, nil)
		p.root.Each(func(called string, k, v *yamlnode.Node) {
			if reserved[called] || strings.HasPrefix(called, ".") {
				return
			}
			if v.Kind != yamlnode.Map {
				p.notUnderstood(p.where(k), k.Line, "a job is no map")
				return
			}
			for _, child := range p.children(v) {
				if !seen[child] {
					seen[child] = true
					queue = append(queue, child)
				}
			}
			p.job(called, k, v)
		})
	}
}

// children are the files of the repository from which a job starts a pipeline.
func (p *pipeline) children(job *yamlnode.Node) []string {
	n := job.Get("trigger", "include")
	list := items(n)
	if n != nil && n.Kind != yamlnode.List {
		list = []*yamlnode.Node{n}
	}
	var out []string
	for _, item := range list {
		if local := localFile(item); local != "" {
			out = append(out, p.match(local)...)
		}
	}
	return out
}

// config reads a file with all that it includes; its own keys go before those of included files. The last document is the configuration:
// one before it is a header.
func (p *pipeline) config(file string, above []string) *yamlnode.Node {
	docs := p.load(file)
	if len(docs) == 0 || docs[len(docs)-1].Kind != yamlnode.Map {
		return &yamlnode.Node{Kind: yamlnode.Map, Line: 1}
	}
	own := docs[len(docs)-1]
	p.mark(own, file)
	n := own.Get("include")
	list := items(n)
	if n != nil && n.Kind != yamlnode.List {
		list = []*yamlnode.Node{n}
	}
	var below *yamlnode.Node
	for _, item := range list {
		local := localFile(item)
		files := p.match(local)
		if local == "" || len(files) == 0 {
			p.notUnderstood(file, item.Line, "what this includes is not in these files")
		}
		for _, f := range files {
			if p.included++; p.included > maxIncludes {
				p.notUnderstood(p.file, 0, "it includes more files than GitLab allows")
				return own
			}
			if !slices.Contains(above, f) && f != file {
				below = p.merge(below, p.config(f, append(slices.Clone(above), file)))
			}
		}
	}
	return p.merge(below, own)
}

// localFile is the path of an include that names a file of the repository, "" for others.
func localFile(n *yamlnode.Node) string {
	text, ok := n.Str()
	if !ok {
		text, _ = n.Get("local").Str()
	}
	if strings.Contains(text, "://") || strings.Contains(text, "$") {
		return ""
	}
	return strings.TrimPrefix(path.Clean("/"+text), "/")
}

// match lists the files of a path with wildcards: * within a folder, ** across.
func (p *pipeline) match(pattern string) []string {
	if pattern == "" {
		return nil
	}
	if _, ok := p.files[pattern]; ok || !strings.Contains(pattern, "*") {
		if ok {
			return []string{pattern}
		}
		return nil
	}
	expr := regexp.QuoteMeta(pattern)
	expr = strings.ReplaceAll(expr, `\*\*`, ".*")
	expr = strings.ReplaceAll(expr, `\*`, "[^/]*")
	re, err := regexp.Compile("^" + expr + "$")
	if err != nil {
		return nil
	}
	var out []string
	for f := range p.files {
		if re.MatchString(f) {
			out = append(out, f)
		}
	}
	slices.Sort(out)
	return out
}

// mark notes of all nodes in which file they stand.
func (p *pipeline) mark(n *yamlnode.Node, file string) {
	if _, done := p.place[n]; done {
		return
	}
	p.place[n] = file
	for _, list := range [][]*yamlnode.Node{n.Items, n.Keys, n.Values} {
		for _, child := range list {
			p.mark(child, file)
		}
	}
}

func (p *pipeline) where(n *yamlnode.Node) string {
	if file, ok := p.place[n]; ok {
		return file
	}
	return p.file
}

// merge lays one configuration over another: maps key by key, everything else as a whole.
func (p *pipeline) merge(under, over *yamlnode.Node) *yamlnode.Node {
	if under == nil || over == nil || under.Kind != yamlnode.Map || over.Kind != yamlnode.Map {
		if over == nil {
			return under
		}
		return over
	}
	out := *over
	out.Keys, out.Values = slices.Clone(over.Keys), slices.Clone(over.Values)
	at := make(map[string]int, len(out.Keys))
	for i, k := range out.Keys {
		at[k.Text] = i
	}
	for i, k := range under.Keys {
		if j, there := at[k.Text]; there {
			out.Values[j] = p.merge(under.Values[i], out.Values[j])
		} else {
			out.Keys, out.Values = append(out.Keys, k), append(out.Values, under.Values[i])
		}
	}
	p.place[&out] = p.where(over)
	return &out
}

// maxExtends bounds how deep jobs extend each other, as GitLab does.
const maxExtends = 11

// extended lays a job over those that it extends; of two, the later goes before the earlier. Not ok: one is missing.
func (p *pipeline) extended(job *yamlnode.Node, depth int) (out *yamlnode.Node, ok bool) {
	names, _ := job.Get("extends").Strings()
	p.looked += 1 + len(names)
	ok = depth <= maxExtends && p.looked <= maxLooked
	var below *yamlnode.Node
	for _, called := range names {
		base := p.root.Get(called)
		if base == nil || base.Kind != yamlnode.Map || !ok {
			ok = false
			continue
		}
		layer, whole := p.extended(base, depth+1)
		below, ok = p.merge(below, layer), ok && whole
	}
	return p.merge(below, job), ok
}

// inherited is a keyword of a job, else the default that it inherits, else its older form at the top.
func (p *pipeline) inherited(job *yamlnode.Node, key string) *yamlnode.Node {
	if n := job.Get(key); n != nil {
		return n
	}
	if !inherits(job.Get("inherit", "default"), key) {
		return nil
	}
	if n := p.root.Get("default", key); n != nil {
		return n
	}
	if reserved[key] {
		return p.root.Get(key)
	}
	return nil
}

// inherits reads inherit:default and inherit:variables: false, or a list of what is inherited.
func inherits(n *yamlnode.Node, key string) bool {
	if all, ok := n.Bool(); ok {
		return all
	}
	if n == nil || n.Kind != yamlnode.List {
		return true
	}
	list, _ := n.Strings()
	return slices.Contains(list, key)
}

// resolve follows !reference [job, key, ...].
func (p *pipeline) resolve(n *yamlnode.Node, depth int) *yamlnode.Node {
	for ; n != nil && n.Tag == "!reference"; depth++ {
		to, ok := n.Strings()
		if !ok || depth > 2*maxExtends {
			return nil
		}
		n = p.root.Get(to...)
	}
	return n
}

// lines are the lines of a script: a text, or a list of texts and of lists.
func (p *pipeline) lines(n *yamlnode.Node, depth int) (out []string, ok bool) {
	resolved := p.resolve(n, depth)
	if s, isText := resolved.Str(); isText {
		return []string{s}, true
	}
	ok = n == nil || resolved != nil
	for _, item := range items(resolved) {
		if p.looked++; depth > 2*maxExtends || p.looked > maxLooked {
			return out, false
		}
		more, whole := p.lines(item, depth+1)
		out, ok = append(out, more...), ok && whole
	}
	return out, ok
}

func (p *pipeline) at(k, v *yamlnode.Node) inventory.Location {
	return inventory.Location{Path: p.where(k), StartLine: k.Line, EndLine: max(k.Line, v.EndLine)}
}
