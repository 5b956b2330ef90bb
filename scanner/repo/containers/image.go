package containers

import (
	"bytes"
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
	"github.com/keyreeve/keyreeve/scanner/repo/staticcred"
)

// instructions are those of the Dockerfile reference.
var instructions = map[string]bool{
	"ADD": true, "ARG": true, "CMD": true, "COPY": true, "ENTRYPOINT": true, "ENV": true, "EXPOSE": true, "FROM": true, "HEALTHCHECK": true,
	"LABEL": true, "MAINTAINER": true, "RUN": true, "SHELL": true, "STOPSIGNAL": true, "USER": true, "VOLUME": true, "WORKDIR": true,
}

// dockerfile makes one image of a file: all its stages, since each leaves its layers in the build's cache.
func (r *reader) dockerfile(f declare.File) {
	if bytes.IndexByte(f.Data, 0) >= 0 {
		r.unread(f.Path, 0, "it is no text")
		return
	}
	list := parse(string(f.Data))
	first := slices.IndexFunc(list, func(in instruction) bool { return in.name != "ARG" })
	if first < 0 || list[first].name != "FROM" { // what else is named dockerfile.something
		if base := strings.ToLower(path.Base(f.Path)); base == "dockerfile" || base == "containerfile" {
			r.notUnderstood(f.Path, 0, "it does not begin with FROM")
		}
		return
	}
	told := false
	w := r.workload(r.tree.ID(name, f.Path, "image"), image, "image", f.Path, inventory.Location{Path: f.Path, StartLine: list[0].start, EndLine: list[len(list)-1].end})
	b := build{vars: map[string]origin{}}
	for i := range list {
		in := &list[i]
		if !instructions[in.name] {
			b.set.Open("an instruction in line " + strconv.Itoa(in.start) + " is not one of the Dockerfile reference")
			if !told {
				r.notUnderstood(f.Path, in.start, "this instruction is not one of the Dockerfile reference")
				told = true
			}
			continue
		}
		b.take(in)
	}
	b.set.State(&w)
	r.found.Resources = append(r.found.Resources, w)
}

// An origin is where the value of a variable of a build comes from.
type origin struct {
	via   string
	value string // of a literal
	// fallback: the literal stands in for a variable that is not set. One that cannot be a credential says nothing of the variable.
	fallback bool
}

func (o origin) handed(scope, name string, line int) staticcred.Handed {
	if o.fallback && !staticcred.Could(name, o.value) {
		o.via = ""
	}
	return staticcred.Handed{Scope: scope, Name: name, Via: o.via, Value: o.value, Line: line}
}

// A build follows the variables of one Dockerfile. Those of all its stages share one space: a name in one stage is hardly another's.
type build struct {
	vars map[string]origin
	set  staticcred.Set
}

func (b *build) take(in *instruction) {
	scope := in.name
	if in.onBuild {
		scope = "ONBUILD " + in.name
	}
	switch in.name {
	case "ARG":
		for _, p := range in.pairs() {
			from := origin{via: staticcred.Argument}
			if p.stated && p.value != "" { // an empty default is there to be set
				from = b.origin(p.value)
			} else if before, ok := b.vars[p.name]; ok && !p.stated { // of an ARG before the first FROM
				from = before
			}
			b.declare(scope, p.name, from, in.start)
		}
	case "ENV":
		for _, p := range in.pairs() {
			b.declare(scope, p.name, b.origin(p.value), in.start)
		}
	case "RUN":
		script := strings.Join(append([]string{command(in.args)}, in.heredocs...), "\n")
		b.set.Script(scope, script, in.start, func(word string) string { return b.origin(word).via })
	case "CMD", "ENTRYPOINT", "HEALTHCHECK":
		b.set.Script(scope, command(in.args), in.start, func(word string) string {
			if via := b.origin(word).via; via != "" {
				return via
			}
			return staticcred.Variable // set when the container starts
		})
	case "COPY", "ADD":
		b.copied(scope, in)
	}
}

func (b *build) declare(scope, name string, from origin, line int) {
	b.vars[name] = from
	b.set.Add(from.handed(scope, name, line))
}

// A reference is $NAME or ${NAME}, also with a default as in ${NAME:-text}.
var reference = regexp.MustCompile(`\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-+?])([^}]*))?\})`)

// origin follows a value to the argument or literal that it comes from. One that refers to what the file does not declare has none:
// the base image may set it.
func (b *build) origin(value string) origin {
	m := reference.FindStringSubmatch(value)
	if m == nil {
		return origin{via: staticcred.Literal, value: value}
	}
	if from, ok := b.vars[m[1]+m[2]]; ok {
		return from
	}
	if strings.HasSuffix(m[3], "-") && m[4] != "" && !strings.Contains(m[4], "$") {
		return origin{staticcred.Literal, m[4], true}
	}
	return origin{}
}

// command is a command as one line: the form ["a", "b"] is joined.
func command(args string) string {
	if i := strings.Index(args, "["); i >= 0 && (i == 0 || strings.HasPrefix(args, "CMD ")) {
		var list []string
		if json.Unmarshal([]byte(args[i:]), &list) == nil {
			return strings.Join(list, " ")
		}
	}
	return args
}

// copied looks for files with credentials that are copied into the image, or written there.
func (b *build) copied(scope string, in *instruction) {
	list := words(command(in.args))
	if len(list) == 0 {
		return
	}
	files := list
	if to := list[len(list)-1]; len(list) > 1 && home(to) != "" { // a file gets its name from where it is copied to
		for _, from := range list[:len(list)-1] {
			files = append(files, path.Join(to, path.Base(from)))
		}
	}
	for _, file := range files {
		place(&b.set, scope, file, "copies", in.start)
	}
	for _, body := range in.heredocs {
		b.set.Script(scope, body, in.start, func(word string) string { return b.origin(word).via })
	}
}
