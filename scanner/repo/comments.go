package repo

import (
	"bytes"
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// ignoreComment is what a comment that waives a finding begins with.
const ignoreComment = "keyreeve:ignore"

// waiving is a line with such a comment: what stands before it, and its text. A sign within quotation marks begins no comment, so
// the one in front of it has to be white space.
var waiving = regexp.MustCompile(`^(.*?)(?:^|\s)(?:#+|//+|--+|<!--+|/\*+|;+)\s*` + ignoreComment + `\b\s*(.*?)\s*(?:\*/|-->)?\s*$`)

// comments finds the waivers in a text whose first line has the number first.
func comments(path, text string, first int) []inventory.Comment {
	if !strings.Contains(text, ignoreComment) {
		return nil
	}
	var out []inventory.Comment
	lines := strings.Split(text, "\n")
	comment, next := written(path, text, first), 0
	for i, line := range lines {
		start := next
		next += len(line) + 1
		if !strings.Contains(line, ignoreComment) || !comment(start+strings.LastIndex(line, ignoreComment)) {
			continue
		}
		m := waiving.FindStringSubmatch(strings.TrimSuffix(line, "\r"))
		if m == nil {
			continue
		}
		about, to := i, i
		alone := strings.TrimSpace(m[1]) == ""
		if alone {
			about, to = speaksFor(lines, i), i
		}
		if !alone || about > i {
			to = blockEnd(lines, about)
		}
		out = append(out, inventory.Comment{Path: escape(path, ""), Line: first + i, For: first + about, To: first + to, Text: m[2]})
	}
	return out
}

// speaksFor is the line that a comment with a line of its own is about: the next one that is no comment, if that is indented as far as the
// comment, or further. It is about nothing but itself where an empty line follows: it may be the head of the file. A text of several lines in YAML may end in what looks like a comment, and must not speak for what follows the text; so one that
// comes after anything else in its document does not reach into the next.
func speaksFor(lines []string, comment int) int {
	about := comment + 1
	for ; about < len(lines) && (onlyComment(lines[about]) || strings.TrimSpace(lines[about]) == "---" && begins(lines, comment)); about++ {
	}
	if about < len(lines) && (strings.TrimSpace(lines[about]) == "" || indent(lines[about]) < indent(lines[comment])) {
		return comment
	}
	return about
}

// begins reports whether nothing but comments stands before a line in its document.
func begins(lines []string, line int) bool {
	for i := line - 1; i >= 0 && strings.TrimSpace(lines[i]) != "---"; i-- {
		if strings.TrimSpace(lines[i]) != "" && !onlyComment(lines[i]) {
			return false
		}
	}
	return true
}

// holding are keys at the top of a file of YAML under which several things stand, or what several share: pipelines' jobs and their
// variables, services of compose, resources of CloudFormation, items of a list of Kubernetes, what kustomize generates, extensions of compose.
// A waiver is for one, so none speaks for what stands under such a key.
var holding = regexp.MustCompile(`^["']?(?:jobs|env|variables|default|services|x-[\w.-]+|Resources|items|objects|secretGenerator)["']?\s*:`)

// blockEnd is the last line of what begins in a line: lines that are indented deeper, and a bracket that closes it. A manifest goes on
// to the end of its document, unless it is a list of others.
func blockEnd(lines []string, first int) int {
	if first >= len(lines) || holding.MatchString(lines[first]) {
		return first
	}
	manifest := strings.HasPrefix(lines[first], "apiVersion:") || strings.HasPrefix(lines[first], "kind:")
	last, depth := first, indent(lines[first])
	for i := first + 1; i < len(lines); i++ {
		text := strings.TrimSpace(lines[i])
		switch {
		case text == "" || strings.HasPrefix(text, "#"):
		case manifest && text != "---" && holding.MatchString(lines[i]):
			return first
		case manifest && text != "---", indent(lines[i]) > depth:
			last = i
		case indent(lines[i]) == depth && strings.Trim(text, "}]),") == "":
			return i
		default:
			return last
		}
	}
	return last
}

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

// onlyComment reports whether a line holds a comment and nothing else.
func onlyComment(line string) bool {
	line = strings.TrimSpace(line)
	return line != "---" && slices.ContainsFunc([]string{"#", "//", "--", "<!--", "/*", ";"}, func(sign string) bool { return strings.HasPrefix(line, sign) })
}

// comments are those in files of infrastructure code and in files with credentials. Elsewhere there is nothing that they could be
// about: a page that explains them waives nothing.
func (r *run) comments(readings []*reading) []inventory.Comment {
	var out []inventory.Comment
	code := map[string]bool{}
	for _, f := range r.code {
		code[f.Path] = true
		if bytes.Contains(f.Data, []byte(ignoreComment)) { // most files hold none, and are not copied
			out = append(out, comments(f.Path, string(f.Data), 1)...)
		}
	}
	for _, in := range readings {
		if in.count.Load() == 0 || code[in.path] {
			continue
		}
		for _, p := range in.parts {
			out = append(out, p.comments...)
		}
	}
	slices.SortFunc(out, func(a, b inventory.Comment) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line))
	})
	return out
}
