// Package workflows reads pipelines: the jobs of GitHub Actions and GitLab CI, what credentials they are handed by name, and to whom
// they prove themselves with a token of their platform instead.
//
// It follows actions, workflows and includes that are in the repository and leaves others alone. What a project's settings hand to every
// job of GitLab without the file naming it is not looked for, unless the job uses a tool that could need it.
package workflows

import (
	"context"
	"errors"
	"path"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
	"github.com/keyreeve/keyreeve/scanner/repo/staticcred"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

const (
	githubJob = "github.job"
	gitlabJob = "gitlab.job"
)

// Dialect reads pipelines of GitHub Actions and GitLab CI.
var Dialect = declare.Dialect{Name: name, Types: types, Wants: wants, Read: read}

const name = "workflows"

var types = []string{githubJob, gitlabJob}

// wants takes all files of YAML: a pipeline of GitLab may include any.
func wants(file string) bool {
	ext := path.Ext(file)
	return (ext == ".yml" || ext == ".yaml") && path.Base(file) != "pnpm-lock.yaml"
}

// gitlabRoot is where GitLab looks for a pipeline unless a project's settings say otherwise.
const gitlabRoot = ".gitlab-ci.yml"

// isWorkflow: GitHub looks in this folder of the repository, not below it.
func isWorkflow(file string) bool { return path.Dir(file) == ".github/workflows" }

// A reader reads one tree.
type reader struct {
	tree  *declare.Tree
	files map[string][]byte
	docs  map[string][]*yamlnode.Node // parsed files
	found declare.Declared
	once  map[string]bool // gaps told, by file and reason
	place map[*yamlnode.Node]string
}

func read(ctx context.Context, t *declare.Tree) declare.Declared {
	r := &reader{tree: t, files: make(map[string][]byte, len(t.Files)), docs: map[string][]*yamlnode.Node{}, once: map[string]bool{}, place: map[*yamlnode.Node]string{}}
	for _, f := range t.Files {
		r.files[f.Path] = f.Data
	}
	for _, f := range t.Files {
		switch {
		case ctx.Err() != nil:
			return r.found
		case isWorkflow(f.Path):
			r.workflow(f.Path)
		case f.Path == gitlabRoot:
			r.gitlab(f.Path)
		}
	}
	return r.found
}

// load parses a file once. A broken one is a gap, told when it is first asked for, and has the documents before the mistake.
func (r *reader) load(file string) []*yamlnode.Node {
	docs, ok := r.docs[file]
	if ok {
		return docs
	}
	docs, err := yamlnode.Documents(r.files[file])
	var e *yamlnode.Error
	if errors.As(err, &e) {
		r.found.Gaps = append(r.found.Gaps, r.tree.Unread(types, file, e.Line, e.Text))
	}
	r.docs[file] = docs
	return docs
}

// notUnderstood tells of the first such construct of a file.
func (r *reader) notUnderstood(file string, line int, why string) {
	if k := file + "\x00" + why; !r.once[k] {
		r.once[k] = true
		r.found.Gaps = append(r.found.Gaps, r.tree.NotUnderstood(types, file, line, why))
	}
}

// A job gathers what one job is handed and proves.
type job struct {
	set       staticcred.Set
	federated map[string]bool
	open      string // why it may prove itself to more
}

func (j *job) federates(provider string) {
	if provider != "" {
		if j.federated == nil {
			j.federated = map[string]bool{}
		}
		j.federated[provider] = true
	}
}

func (j *job) mayFederate(why string) {
	if j.open == "" {
		j.open = why
	}
}

// yield makes the job a resource.
func (r *reader) yield(j *job, typ, platform, file, called string, at inventory.Location) {
	res := r.tree.New(r.tree.ID(name, file, called), typ, called, at)
	res.Workload = &inventory.Workload{Platform: platform, Federated: []string{}}
	for _, p := range []string{staticcred.AWS, staticcred.Azure, staticcred.GCP, staticcred.Vault} {
		if j.federated[p] {
			res.Workload.Federated = append(res.Workload.Federated, p)
		}
	}
	if j.open != "" {
		declare.Open(&res, "workload.federated", j.open)
	}
	j.set.State(&res)
	r.found.Resources = append(r.found.Resources, res)
}

// items are the nodes of a list; none of anything else.
func items(n *yamlnode.Node) []*yamlnode.Node {
	if n == nil {
		return nil
	}
	return n.Items
}

func or(n *yamlnode.Node, otherwise string) string {
	if s, ok := n.Str(); ok && strings.TrimSpace(s) != "" {
		return s
	}
	return otherwise
}
