package containers

import (
	"regexp"
	"strings"
)

// An instruction is one instruction of a Dockerfile, its lines joined.
type instruction struct {
	name       string   // "ENV", in upper case
	args       string   // what follows the name, without leading flags such as --mount=...
	flags      []string // "--mount=type=secret,id=x"
	onBuild    bool     // it belongs to the images built from this one
	heredocs   []string // their bodies
	start, end int      // lines, from 1
}

// parse splits a Dockerfile into instructions, after "Dockerfile reference": parser directives, comments, line continuation, heredocs.
// It never fails; what it makes of a text that is no Dockerfile shows in the names of its instructions.
func parse(data string) []instruction {
	lines := strings.Split(strings.ReplaceAll(data, "\r\n", "\n"), "\n")
	escape := escapeOf(lines)
	var out []instruction
	for i := 0; i < len(lines); i++ {
		if blank(lines[i]) || isComment(lines[i]) {
			continue
		}
		in := instruction{start: i + 1}
		var whole strings.Builder
		for ; i < len(lines); i++ {
			if whole.Len() > 0 && (isComment(lines[i]) || blank(lines[i])) {
				continue // comments and empty lines do not end an instruction
			}
			part, more := strings.CutSuffix(strings.TrimRight(lines[i], " \t"), escape)
			whole.WriteString(part)
			in.end = i + 1
			if !more {
				break
			}
			whole.WriteString(" ")
		}
		in.split(strings.TrimSpace(whole.String()))
		for _, end := range in.heredocEnds() {
			i = in.heredoc(lines, i, end)
		}
		out = append(out, in)
	}
	return out
}

func blank(line string) bool     { return strings.TrimSpace(line) == "" }
func isComment(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), "#") }

var directive = regexp.MustCompile(`^#\s*([A-Za-z]+)\s*=\s*(\S+)\s*$`)

// escapeOf reads the parser directives, which stand before everything else.
func escapeOf(lines []string) string {
	for _, l := range lines {
		d := directive.FindStringSubmatch(strings.TrimSpace(l))
		if d == nil {
			break
		}
		if strings.EqualFold(d[1], "escape") && (d[2] == "`" || d[2] == `\`) {
			return d[2]
		}
	}
	return `\`
}

func (in *instruction) split(line string) {
	name, rest := firstWord(line)
	if strings.EqualFold(name, "ONBUILD") {
		in.onBuild = true
		name, rest = firstWord(rest)
	}
	in.name = strings.ToUpper(name)
	for strings.HasPrefix(rest, "--") && in.name != "ENV" && in.name != "ARG" {
		var flag string
		flag, rest = firstWord(rest)
		in.flags = append(in.flags, flag)
	}
	in.args = rest
}

func firstWord(s string) (word, rest string) {
	if i := strings.IndexAny(s, " \t"); i >= 0 {
		return s[:i], strings.TrimLeft(s[i:], " \t")
	}
	return s, ""
}

var heredocMark = regexp.MustCompile(`(?:^|\s)<<-?(?:"([A-Za-z0-9_.]+)"|'([A-Za-z0-9_.]+)'|([A-Za-z_][A-Za-z0-9_.]*))`)

// heredocEnds lists the delimiters of the heredocs that an instruction opens.
func (in *instruction) heredocEnds() []string {
	if in.name != "RUN" && in.name != "COPY" && in.name != "ADD" {
		return nil
	}
	var out []string
	for _, m := range heredocMark.FindAllStringSubmatch(in.args, -1) {
		out = append(out, m[1]+m[2]+m[3])
	}
	return out
}

// heredoc reads the body after line i, and returns the line that ends it. One that nothing ends goes to the end of the file.
func (in *instruction) heredoc(lines []string, i int, end string) int {
	from := i + 1
	for i = from; i < len(lines); i++ {
		if strings.TrimLeft(lines[i], "\t") == end {
			break
		}
	}
	i = min(i, len(lines)-1)
	in.heredocs = append(in.heredocs, strings.Join(lines[min(from, i):i], "\n"))
	in.end = i + 1
	return i
}

// A pair is a name with the value that an ENV or ARG states.
type pair struct {
	name, value string
	stated      bool // there is a value
}

// pairs reads the arguments of ENV (also "ENV NAME the rest is the value") and ARG.
func (in *instruction) pairs() []pair {
	words := words(in.args)
	if in.name == "ENV" && len(words) > 0 && !strings.Contains(words[0], "=") {
		name, rest := firstWord(in.args)
		return []pair{{name, strings.TrimSpace(rest), true}}
	}
	out := make([]pair, 0, len(words))
	for _, w := range words {
		name, value, stated := strings.Cut(w, "=")
		out = append(out, pair{name, value, stated})
	}
	return out
}

// words splits at blanks outside quotes, and takes the quotes off.
func words(s string) []string {
	var out []string
	var word strings.Builder
	var quote rune
	open := false
	for _, c := range s {
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote, open = c, true
		case quote == 0 && (c == ' ' || c == '\t'):
			if open {
				out = append(out, word.String())
			}
			word.Reset()
			open = false
		default:
			word.WriteRune(c)
			open = true
		}
	}
	if open {
		out = append(out, word.String())
	}
	return out
}
