package containers

import (
	"path"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/repo/staticcred"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// A serviceReader gathers what one service is handed, also by the services that it extends.
type serviceReader struct {
	*reader
	own    *composeFile            // of the service itself
	layers map[*yamlnode.Node]bool // the services read so far
	named  map[string]bool         // variables stated so far: the first statement wins
	set    staticcred.Set
}

// read goes by the order of precedence: the service's own environment, those of the services that it extends, then the env_files.
func (s *serviceReader) read(c *composeFile, n *yamlnode.Node) {
	type layer struct {
		file *composeFile
		node *yamlnode.Node
	}
	var layers []layer
	for n != nil && !s.layers[n] {
		s.layers[n] = true
		layers = append(layers, layer{c, n})
		c, n = s.extended(c, n)
	}
	if n != nil {
		s.set.Open("services extend each other in a circle")
	}
	for _, l := range layers {
		s.service(l.file, l.node)
	}
	for _, l := range layers {
		files := envFiles(l.node.Get("env_file"))
		for i := len(files) - 1; i >= 0; i-- { // of two files, the later wins
			s.envFile(l.file, files[i])
		}
	}
}

// extended is the service that a service extends, with its file; nil where there is none or it cannot be read.
func (s *serviceReader) extended(c *composeFile, n *yamlnode.Node) (*composeFile, *yamlnode.Node) {
	e := n.Get("extends")
	if e == nil {
		return c, nil
	}
	called, ok := e.Str()
	if !ok {
		called, _ = e.Get("service").Str()
	}
	if file, ok := e.Get("file").Str(); ok {
		c = s.load(path.Join(path.Dir(c.path), file))
	}
	if c != nil {
		if base := c.root.Get("services", called); base != nil && base.Kind == yamlnode.Map {
			return c, base
		}
	}
	s.set.Open("the service that it extends, " + called + ", is not in these files")
	return c, nil
}

func (s *serviceReader) service(c *composeFile, n *yamlnode.Node) {
	s.environment(c, n.Get("environment"))
	s.buildArgs(c, n.Get("build", "args"))
	s.inline(c, n.Get("build", "dockerfile_inline"))
	s.command(c, "command", n.Get("command"))
	s.command(c, "entrypoint", n.Get("entrypoint"))
	s.command(c, "healthcheck", n.Get("healthcheck", "test"))
	for _, key := range []string{"post_start", "pre_stop"} {
		for _, hook := range items(n.Get(key)) {
			s.command(c, key, hook.Get("command"))
			for _, p := range settings(hook.Get("environment")) {
				from := origin{via: staticcred.Variable}
				if p.stated {
					from = interpolated(p.value)
				}
				s.set.Add(from.handed(key, p.name, s.line(c, p.node)))
			}
		}
	}
	for _, item := range items(n.Get("configs")) {
		source := s.placed(c, "configs", item)
		if content := c.root.Get("configs", source, "content"); content != nil {
			text, _ := content.Str()
			s.set.Script("configs", text, s.line(c, item), staticcred.Shell)
		}
	}
	for _, item := range items(n.Get("secrets")) {
		s.secret(c, item)
	}
	for _, item := range items(n.Get("volumes")) {
		s.volume(item)
	}
}

func (s *serviceReader) command(c *composeFile, called string, n *yamlnode.Node) {
	args, ok := n.Strings()
	if !ok {
		return
	}
	s.set.Script(called, strings.Join(args, " "), s.line(c, n), func(word string) string {
		if strings.Contains(word, "$") {
			return staticcred.Variable
		}
		return staticcred.Argument
	})
}

// inline reads a Dockerfile that stands in the compose file.
func (s *serviceReader) inline(c *composeFile, n *yamlnode.Node) {
	text, ok := n.Str()
	if !ok {
		return
	}
	b := build{vars: map[string]origin{}, set: s.set}
	for _, in := range parse(text) {
		in.start = s.line(c, n)
		b.take(&in)
	}
	s.set = b.set
}

// line is where a node stands, 0 for one of another file.
func (s *serviceReader) line(c *composeFile, n *yamlnode.Node) int {
	if c != s.own {
		return 0
	}
	return n.Line
}

// environment is a map, or a list of NAME=VALUE. A name without a value takes the caller's.
func (s *serviceReader) environment(c *composeFile, env *yamlnode.Node) {
	for _, p := range settings(env) {
		if strings.Contains(p.name, "$") {
			s.set.Open("the name of a variable is filled in from elsewhere")
			continue
		}
		from := origin{via: staticcred.Variable}
		if p.stated {
			from = interpolated(p.value)
		}
		s.variable(p.name, from, s.line(c, p.node))
	}
}

func (s *serviceReader) variable(name string, from origin, line int) {
	if !s.named[name] {
		s.named[name] = true
		s.set.Add(from.handed("environment", name, line))
	}
}

// devTokens notes the tokens of the file's Vault servers in development mode, which other services of it may use.
func (s *serviceReader) devTokens(c *composeFile) {
	c.root.Get("services").Each(func(_ string, _, v *yamlnode.Node) {
		for _, p := range settings(v.Get("environment")) {
			if p.name == staticcred.DevToken {
				s.set.Add(interpolated(p.value).handed("environment", p.name, 0))
			}
		}
		for _, field := range []string{"command", "entrypoint"} {
			args, _ := v.Get(field).Strings()
			s.set.Dev(strings.Join(args, " "))
		}
	})
}

func (s *serviceReader) buildArgs(c *composeFile, args *yamlnode.Node) {
	for _, p := range settings(args) {
		from := origin{via: staticcred.Argument}
		if p.stated {
			if from = interpolated(p.value); from.via == staticcred.Variable {
				from.via = staticcred.Argument
			}
		}
		s.set.Add(from.handed("build args", p.name, s.line(c, p.node)))
	}
}

// A setting is a pair with its place.
type setting struct {
	pair
	node *yamlnode.Node
}

// settings reads a map, or a list of NAME=VALUE.
func settings(n *yamlnode.Node) []setting {
	var out []setting
	n.Each(func(key string, k, v *yamlnode.Node) {
		value, stated := v.Str()
		out = append(out, setting{pair{key, value, stated}, k})
	})
	for _, item := range items(n) {
		if line, ok := item.Str(); ok {
			name, value, stated := strings.Cut(line, "=")
			out = append(out, setting{pair{name, value, stated}, item})
		}
	}
	return out
}

// envFiles lists the files of env_file: a path, or a list of paths or of maps with a path.
func envFiles(n *yamlnode.Node) []*yamlnode.Node {
	if _, ok := n.Str(); ok {
		return []*yamlnode.Node{n}
	}
	var out []*yamlnode.Node
	for _, item := range items(n) {
		if item.Kind == yamlnode.Map {
			item = item.Get("path")
		}
		if item != nil {
			out = append(out, item)
		}
	}
	return out
}

func (s *serviceReader) envFile(c *composeFile, n *yamlnode.Node) {
	file, _ := n.Str()
	data, ok := s.files[path.Join(path.Dir(c.path), file)]
	if !ok || file == "" {
		s.set.Open("the env_file " + file + " is not in these files")
		return
	}
	for _, p := range envFile(data) {
		from := origin{via: staticcred.Variable}
		if p.stated {
			from = interpolated(p.value)
		}
		s.variable(p.name, from, s.line(c, n))
	}
}

// secret is a name, or a map with the name as source, of a secret that stands as a file in the container. Its own name counts, that under
// which it is mounted, and that of the variable that it is taken from.
func (s *serviceReader) secret(c *composeFile, item *yamlnode.Node) {
	source := s.placed(c, "secrets", item)
	target := textOf(item.Get("target"))
	from, _ := c.root.Get("secrets", source, "environment").Str()
	for _, name := range []string{source, path.Base(target), from} {
		if name = staticcred.As(name); staticcred.Named(name) {
			s.set.AddFile(staticcred.Handed{Scope: "secrets", Name: name, Line: s.line(c, item)})
			return
		}
	}
}

// placed reads where an item of configs or secrets stands as a file, in the container and before, and returns the item's source.
func (s *serviceReader) placed(c *composeFile, section string, item *yamlnode.Node) (source string) {
	source, ok := item.Str()
	if !ok {
		source = textOf(item.Get("source"))
	}
	for _, file := range []string{textOf(item.Get("target")), textOf(c.root.Get(section, source, "file"))} {
		place(&s.set, section, file, "mounts", s.line(c, item))
	}
	return source
}

func textOf(n *yamlnode.Node) string {
	text, _ := n.Str()
	return text
}

func (s *serviceReader) volume(item *yamlnode.Node) {
	text, ok := item.Str()
	places := strings.Split(text, ":")
	if !ok {
		places = []string{textOf(item.Get("source")), textOf(item.Get("target"))}
	}
	for _, place := range places {
		if h := home(place); h != "" {
			s.set.Open("the files in " + h + " that it mounts may be credentials")
		}
	}
}
