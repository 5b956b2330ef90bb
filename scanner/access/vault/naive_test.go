package vault_test

import (
	"regexp"
	"sort"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access/vault"
	"github.com/keyreeve/keyreeve/scanner/vaultpolicy"
)

// A second evaluator of policies without limits and templates, written from the documentation alone: rules are regular expressions, and
// all that match are sorted by the five criteria. It shares nothing with the first but the parser.

type naiveRule struct {
	written      string // of the first block
	path         string // with the namespace and its "*"
	kind         string
	expression   *regexp.Regexp
	capabilities map[string]bool
}

type naiveSet []*naiveRule

func naiveRules(namespace string, policies []vault.Policy) (set naiveSet) {
	if namespace = strings.Trim(namespace, "/"); namespace != "" {
		namespace += "/"
	}
	byPath := map[string]*naiveRule{}
	for _, p := range policies {
		rules, err := vaultpolicy.Parse(p.Text)
		if err != nil {
			panic(err)
		}
		for _, r := range rules {
			path := namespace + r.Path
			n := byPath[path]
			if n == nil {
				n = &naiveRule{written: r.Path, path: path, capabilities: map[string]bool{}}
				n.kind, n.expression = expression(path)
				byPath[path] = n
				set = append(set, n)
			}
			for _, c := range r.Capabilities {
				n.capabilities[c] = true
				if c == "deny" && n.written != r.Path {
					n.written = r.Path
				}
			}
		}
	}
	return set
}

// expression is what a path matches.
func expression(path string) (string, *regexp.Regexp) {
	bySegment := path == "+" || strings.HasPrefix(path, "+/") || strings.Contains(path, "/+")
	body, open := strings.CutSuffix(path, "*")
	text := regexp.QuoteMeta(body)
	kind := "exact"
	if bySegment {
		kind = "wild"
		parts := strings.Split(body, "/")
		for i, p := range parts {
			parts[i] = regexp.QuoteMeta(p)
			if p == "+" {
				parts[i] = "[^/]*"
			}
		}
		text = strings.Join(parts, "/")
	}
	if open {
		return "wild", regexp.MustCompile("(?s)^" + text + ".*$")
	}
	return kind, regexp.MustCompile("(?s)^" + text + "$")
}

func (n *naiveRule) matches(path string) bool { return n.expression.MatchString(path) }

func (n *naiveRule) first() int {
	if !strings.Contains("/"+n.path, "/+") {
		return strings.LastIndex(n.path, "*") // no segment of wildcards
	}
	return strings.IndexAny(n.path, "+")
}

func (n *naiveRule) plus() (count int) {
	for _, p := range strings.Split(strings.TrimSuffix(n.path, "*"), "/") {
		if p == "+" {
			count++
		}
	}
	return count
}

// decides is the rule for a path in the namespace of the rules.
func (set naiveSet) decides(path string, list bool) *naiveRule {
	for _, n := range set {
		if n.kind == "exact" && n.path == path {
			return n
		}
	}
	if bare := strings.TrimSuffix(path, "/"); list && bare != path {
		for _, n := range set {
			if n.kind == "exact" && n.path == bare {
				return n
			}
		}
		if n := set.best(bare); n != nil {
			return n
		}
	}
	return set.best(path)
}

func (set naiveSet) best(path string) *naiveRule {
	var fit naiveSet
	for _, n := range set {
		if n.kind == "wild" && n.matches(path) {
			fit = append(fit, n)
		}
	}
	if len(fit) == 0 {
		return nil
	}
	sort.SliceStable(fit, func(i, j int) bool { // the one that decides comes first
		p, q := fit[i], fit[j]
		if p.first() != q.first() {
			return p.first() > q.first()
		}
		if a, b := strings.HasSuffix(p.path, "*"), strings.HasSuffix(q.path, "*"); a != b {
			return b
		}
		if p.plus() != q.plus() {
			return p.plus() < q.plus()
		}
		if len(p.path) != len(q.path) {
			return len(p.path) > len(q.path)
		}
		return p.path > q.path
	})
	return fit[0]
}

// allows reports whether a request is allowed, sudo left aside.
func (set naiveSet) allows(operation, path string) bool {
	n := set.decides(path, operation == "list")
	return n != nil && !n.capabilities["deny"] && n.capabilities[operation]
}

// onlyLists reports whether a rule allows nothing but LIST.
func (n *naiveRule) onlyLists() bool {
	for c := range n.capabilities {
		if c != "list" && c != "sudo" {
			return false
		}
	}
	return true
}
