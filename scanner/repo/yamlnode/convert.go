package yamlnode

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A converter turns the library's nodes into ours. It counts them over all documents of a file.
type converter struct {
	source source
	nodes  int
	done   map[*yaml.Node]converted // what has an anchor
	open   map[*yaml.Node]bool      // what has an anchor and is being converted
}

// converted is a node with what it adds to the bounds wherever it stands.
type converted struct {
	node          *Node
	nodes, height int
	end           int // the offset behind it
}

func newConverter(data []byte) *converter {
	return &converter{source: newSource(data), done: map[*yaml.Node]converted{}, open: map[*yaml.Node]bool{}}
}

func (c *converter) document(doc *yaml.Node) (*Node, error) {
	if len(doc.Content) == 0 {
		return &Node{Line: 1, Column: 1, EndLine: 1}, nil
	}
	out, err := c.convert(doc.Content[0], 1)
	return out.node, err
}

// convert counts a node before it looks inside, so that the bounds hold for the work as well.
func (c *converter) convert(y *yaml.Node, depth int) (converted, error) {
	if y.Kind == yaml.AliasNode {
		return c.alias(y, depth)
	}
	if depth > maxDepth {
		return converted{}, c.fail(y, "it is nested more than %d levels deep", maxDepth)
	}
	if err := c.count(y, 1); err != nil {
		return converted{}, err
	}
	if y.Anchor != "" {
		c.open[y] = true
		defer delete(c.open, y)
	}
	before := c.nodes - 1
	start := c.source.offset(y.Line, y.Column)
	out := converted{node: &Node{Tag: ownTag(y.Tag), Line: c.source.line(start), Column: y.Column}, height: 1}
	start = c.source.skipProperties(start, y)
	var err error
	switch y.Kind {
	case yaml.SequenceNode:
		err = c.list(y, &out, start, depth)
	case yaml.MappingNode:
		err = c.pairs(y, &out, start, depth)
	default:
		out.node.Kind, out.node.Text = kindOf(y), y.Value
		out.end = c.source.scalarEnd(start, y)
	}
	if err != nil {
		return converted{}, err
	}
	out.node.EndLine = c.source.endLine(start, out.end)
	out.nodes = c.nodes - before
	if y.Anchor != "" {
		c.done[y] = out
	}
	return out, nil
}

// alias takes the node of an anchor, which stands once in memory and counts each time.
func (c *converter) alias(y *yaml.Node, depth int) (converted, error) {
	if c.open[y.Alias] {
		return converted{}, c.fail(y, "the alias %q stands inside what it names", "*"+y.Value)
	}
	out, ok := c.done[y.Alias]
	if !ok { // an anchor of a document that is not kept cannot be named: the library refuses unknown anchors
		return c.convert(y.Alias, depth)
	}
	if depth+out.height-1 > maxDepth {
		return converted{}, c.fail(y, "with the alias %q it is nested more than %d levels deep", "*"+y.Value, maxDepth)
	}
	out.end = c.source.offset(y.Line, y.Column) + len("*") + len(y.Value)
	return out, c.count(y, out.nodes)
}

func (c *converter) count(y *yaml.Node, n int) error {
	c.nodes += n
	if c.nodes > maxNodes {
		return c.fail(y, "up to here the file holds more than %d values, those that aliases repeat counted each time; split it", maxNodes)
	}
	return nil
}

func (c *converter) list(y *yaml.Node, out *converted, start, depth int) error {
	out.node.Kind, out.end = List, start
	out.node.Items = make([]*Node, 0, len(y.Content))
	for _, item := range y.Content {
		child, err := c.convert(item, depth+1)
		if err != nil {
			return err
		}
		out.node.Items = append(out.node.Items, child.node)
		out.height, out.end = max(out.height, child.height+1), max(out.end, child.end)
	}
	out.end = c.source.closing(out.end, y, ']')
	return nil
}

func (c *converter) pairs(y *yaml.Node, out *converted, start, depth int) error {
	out.node.Kind, out.end = Map, start
	lines := make(map[string]int, len(y.Content)/2)
	var merges []*Node
	for i := 0; i+1 < len(y.Content); i += 2 {
		k, err := c.convert(y.Content[i], depth+1)
		if err != nil {
			return err
		}
		v, err := c.convert(y.Content[i+1], depth+1)
		if err != nil {
			return err
		}
		out.height, out.end = max(out.height, k.height+1, v.height+1), max(out.end, k.end, v.end)
		if y.Content[i].Tag == "!!merge" {
			merges = append(merges, v.node)
			continue
		}
		if k.node.scalar() {
			if first, twice := lines[k.node.Text]; twice {
				return c.fail(y.Content[i], "the key %q stands twice in one map, first in line %d; YAML allows it once", k.node.Text, first)
			}
			lines[k.node.Text] = k.node.Line
		}
		out.node.Keys, out.node.Values = append(out.node.Keys, k.node), append(out.node.Values, v.node)
	}
	out.end = c.source.closing(out.end, y, '}')
	for _, m := range merges {
		if err := merge(out.node, lines, m); err != nil {
			return err
		}
	}
	return nil
}

// merge adds the pairs of a map, or of each map of a list, whose keys are not there yet. They were counted where the merge key stands.
func merge(into *Node, lines map[string]int, from *Node) error {
	maps := []*Node{from}
	if from.Kind == List {
		maps = from.Items
	}
	for _, m := range maps {
		if m.Kind != Map {
			return &Error{Line: into.Line, Text: "a merge key (<<) names something that is no map"}
		}
		for i, k := range m.Keys {
			if k.scalar() {
				if _, there := lines[k.Text]; there {
					continue
				}
				lines[k.Text] = k.Line
			}
			into.Keys, into.Values = append(into.Keys, k), append(into.Values, m.Values[i])
		}
	}
	return nil
}

func (c *converter) fail(y *yaml.Node, format string, args ...any) error {
	return &Error{Line: c.source.line(c.source.offset(y.Line, y.Column)), Text: fmt.Sprintf(format, args...)}
}

// ownTag leaves out the tags of YAML itself, which the kind tells.
func ownTag(tag string) string {
	if strings.HasPrefix(tag, "!!") || tag == "!" {
		return ""
	}
	return tag
}

var kinds = map[string]Kind{"!!null": Null, "!!bool": Bool, "!!int": Int, "!!float": Float}

func kindOf(y *yaml.Node) Kind {
	if k, ok := kinds[y.Tag]; ok {
		return k
	}
	return String
}
