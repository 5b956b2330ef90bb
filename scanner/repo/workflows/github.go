package workflows

import (
	"path"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/staticcred"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// workflow makes a resource of each job of a workflow of GitHub Actions.
func (r *reader) workflow(file string) {
	for _, doc := range r.load(file) {
		jobs := doc.Get("jobs")
		if jobs == nil || jobs.Kind != yamlnode.Map {
			r.notUnderstood(file, doc.Line, "it has no jobs")
			continue
		}
		jobs.Each(func(called string, k, v *yamlnode.Node) {
			if v.Kind != yamlnode.Map {
				r.notUnderstood(file, k.Line, "a job is no map")
				return
			}
			g := githubReader{reader: r, file: file, idToken: grant(doc, v)}
			g.job(doc, v)
			r.yield(&g.out, githubJob, "github", file, called, inventory.Location{Path: file, StartLine: k.Line, EndLine: max(k.Line, v.EndLine)})
		})
	}
}

// A granted says whether a job may ask for a token of the platform.
type granted int

const (
	no granted = iota
	yes
	perhaps
)

// grant reads the permission id-token: write of the job, else of the workflow. Without a word on permissions it is not granted (GitHub
// Docs, "Permissions for the GITHUB_TOKEN"), but a workflow that others call has what the caller has.
func grant(doc, job *yamlnode.Node) granted {
	for _, n := range []*yamlnode.Node{job.Get("permissions"), doc.Get("permissions")} {
		if n == nil {
			continue
		}
		all, _ := n.Str()
		one, _ := n.Get("id-token").Str()
		if all == "write-all" || one == "write" {
			return yes
		}
		return no
	}
	on := doc.Get("on")
	events, _ := on.Strings()
	for _, e := range events {
		if e == "workflow_call" {
			return perhaps
		}
	}
	for _, k := range keys(on) {
		if k == "workflow_call" {
			return perhaps
		}
	}
	return no
}

func keys(n *yamlnode.Node) []string {
	var out []string
	n.Each(func(key string, _, _ *yamlnode.Node) { out = append(out, key) })
	return out
}

// A githubReader reads one job.
type githubReader struct {
	*reader
	file    string
	idToken granted
	actions int // of the repository, used so far
	out     job
}

// job reads the environment, the steps, the containers, or the workflow that is called.
func (g *githubReader) job(doc, n *yamlnode.Node) {
	in := scope{file: g.file}
	in = g.environment(in, "env", doc.Get("env"), n.Get("env"))
	if uses, ok := n.Get("uses").Str(); ok {
		g.calls(in, uses, n)
		return
	}
	container := func(called string, _, c *yamlnode.Node) {
		g.environment(in, called, c.Get("env"))
		for _, field := range []string{"options", "command", "entrypoint"} {
			text, _ := c.Get(field).Str()
			g.script(in, called, text, in.line(g.file, c.Get(field)))
			g.secrets(called, text, in.line(g.file, c.Get(field)))
		}
	}
	container("container", nil, n.Get("container"))
	n.Get("services").Each(container)
	g.steps(in, n.Get("steps"), 0)
}

// environment adds the variables of maps, of which the later goes before the earlier, to those in sight.
func (g *githubReader) environment(in scope, called string, maps ...*yamlnode.Node) scope {
	called = in.called(called)
	out := in.with(maps...)
	for i, m := range maps {
		if m != nil && m.Kind != yamlnode.Map && m.Kind != yamlnode.Null {
			g.out.set.Open("a map of variables is made by an expression")
		}
		m.Each(func(key string, k, v *yamlnode.Node) {
			for _, later := range maps[i+1:] {
				if later.Get(key) != nil {
					return
				}
			}
			text, _ := v.Str()
			g.variable(in, called, key, text, in.line(g.file, k))
		})
	}
	return out
}

func (g *githubReader) variable(in scope, called, key, text string, line int) {
	if g.idToken != no {
		if p := staticcred.Proof(key, text); p != "" {
			g.federate(p)
		}
	}
	from := in.origin(text)
	switch {
	case staticcred.FileNamed(key) && strings.Contains(text, "steps."): // an action that wrote the file says what it is
	case staticcred.Named(key) || staticcred.Temporary(key):
		g.out.set.Add(staticcred.Handed{Scope: called, Name: key, Via: from.via, Value: from.text, Line: line})
	case key == staticcred.DevToken:
		g.out.set.Add(staticcred.Handed{Scope: called, Name: key, Via: from.via, Value: from.text, Line: line})
	default:
		g.secrets(called, text, line)
	}
}

// secrets looks for secrets of the repository that are named for a credential, where the name that they are handed under says nothing.
func (g *githubReader) secrets(called, text string, line int) {
	named, others := secretNames(text)
	if others {
		g.out.set.Open("an expression takes secrets without naming them")
	}
	for _, s := range named {
		g.out.set.Add(staticcred.Handed{Scope: called, Name: s, Via: staticcred.Secret, Line: line})
	}
}

// federate notes a login with the platform's token, which the job may not be able to ask for.
func (g *githubReader) federate(provider string) {
	switch g.idToken {
	case yes:
		g.out.federates(provider)
	case perhaps:
		g.out.mayFederate("whoever calls this workflow says whether it may ask for a token")
	}
}

// calls reads a job that is another workflow. One of the repository is read for itself: what it hands to whom is told there.
func (g *githubReader) calls(in scope, uses string, n *yamlnode.Node) {
	if local, ok := strings.CutPrefix(uses, "./"); ok {
		if _, there := g.files[path.Clean(local)]; there {
			return
		}
	}
	if all, _ := n.Get("secrets").Str(); all == "inherit" {
		g.out.set.Open("the workflow that it calls, " + uses + ", gets all secrets")
	}
	for _, handed := range []*yamlnode.Node{n.Get("secrets"), n.Get("with")} {
		handed.Each(func(key string, k, v *yamlnode.Node) {
			text, _ := v.Str()
			g.input(in, "", key, staticcred.ProviderOf(staticcred.As(key)), text, k.Line)
		})
	}
	if g.idToken != no {
		g.out.mayFederate("the workflow that it calls, " + uses + ", is not in this repository")
	}
}

// input notes what an action or workflow is handed under the name of an input.
func (g *githubReader) input(in scope, called, key, provider, text string, line int) {
	from := in.origin(text)
	h := staticcred.Handed{Scope: called, Name: key, Via: from.via, Value: from.text, Line: line}
	switch as := staticcred.As(key); {
	case provider != "":
		g.out.set.AddAs(provider, h)
	case staticcred.Temporary(as):
		h.Name = as
		g.out.set.Add(h)
	default:
		if staticcred.IsScript(text) { // or arguments of a build
			g.script(in, called, text, line)
		}
		g.secrets(called, text, line)
	}
}
