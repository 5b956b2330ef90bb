// Package containers reads what Dockerfiles and compose files hand to a container: variables, build arguments, secrets and commands,
// by name.
//
// It leaves to package staticcred which names mean a credential. What the base image of a Dockerfile sets is not in the file and not
// looked for.
package containers

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

const (
	image   = "container.image"
	service = "compose.service"
)

// Dialect reads Dockerfiles (Containerfiles) and compose files.
var Dialect = declare.Dialect{Name: name, Types: types, Wants: wants, Read: read}

const name = "containers"

var types = []string{service, image}

func wants(file string) bool {
	base := path.Base(file)
	return isDockerfile(base) || isCompose(base) || isEnvFile(base)
}

// isDockerfile goes by the names that docker build and podman build suggest: Dockerfile, api.Dockerfile, Dockerfile.api; Dockerfile-api is
// common too.
func isDockerfile(base string) bool {
	for _, name := range []string{"dockerfile", "containerfile"} {
		l := strings.ToLower(base)
		if l == name || strings.HasSuffix(l, "."+name) || (strings.HasPrefix(l, name+".") || strings.HasPrefix(l, name+"-") || strings.HasPrefix(l, name+"_")) && !strings.HasSuffix(l, ".dockerignore") {
			return true
		}
	}
	return false
}

// isCompose: compose.yaml and docker-compose.yml, which compose looks for, and their variants: compose.prod.yaml.
func isCompose(base string) bool {
	ext := path.Ext(base)
	return (ext == ".yaml" || ext == ".yml") && (strings.HasPrefix(base, "compose") || strings.HasPrefix(base, "docker-compose"))
}

func isEnvFile(base string) bool {
	return strings.HasPrefix(base, ".env") || strings.HasSuffix(base, ".env")
}

// A reader reads one tree.
type reader struct {
	tree  *declare.Tree
	files map[string][]byte
	found declare.Declared
	yaml  map[string]*composeFile // parsed compose files
}

func read(ctx context.Context, whole *declare.Tree) declare.Declared {
	t := &declare.Tree{Name: whole.Name, Scope: whole.Scope, Files: slices.Clone(whole.Files)}
	for i := range t.Files { // what is looked for before a file is parsed is looked for in its text
		t.Files[i].Data = yamlnode.UTF8(t.Files[i].Data)
	}
	r := &reader{tree: t, files: make(map[string][]byte, len(t.Files)), yaml: map[string]*composeFile{}}
	for _, f := range t.Files {
		r.files[f.Path] = f.Data
	}
	for _, f := range t.Files {
		if ctx.Err() != nil {
			break
		}
		switch base := path.Base(f.Path); {
		case isDockerfile(base):
			r.dockerfile(f)
		case isCompose(base):
			r.compose(f)
		}
	}
	return r.found
}

func (r *reader) notUnderstood(file string, line int, why string) {
	r.found.Gaps = append(r.found.Gaps, r.tree.NotUnderstood(types, file, line, why))
}

func (r *reader) unread(file string, line int, why string) {
	r.found.Gaps = append(r.found.Gaps, r.tree.Unread(types, file, line, why))
}

func (r *reader) workload(id inventory.ID, typ, platform, name string, at inventory.Location) inventory.Resource {
	w := r.tree.New(id, typ, name, at)
	w.Workload = &inventory.Workload{Platform: platform}
	return w
}
