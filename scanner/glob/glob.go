// Package glob matches the patterns that people write in selectors of classifications and waivers.
//
// It leaves to them what a pattern is compared with.
package glob

import "unicode/utf8"

// Match reports whether a pattern describes all of a text: * stands for any run of characters, none and slashes included, ? for
// one character. Nothing else is special, so no pattern is wrong. Time is at most in proportion to pattern times text.
func Match(pattern, text string) bool {
	star, mark := -1, 0 // where the last * was, and from where the text after what it stands for is tried
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
			continue
		case p < len(pattern) && pattern[p] == '?':
			_, size := utf8.DecodeRuneInString(text[t:])
			p++
			t += size
			continue
		case p < len(pattern) && pattern[p] == text[t]:
			p++
			t++
			continue
		case star < 0:
			return false
		}
		_, size := utf8.DecodeRuneInString(text[mark:])
		mark += size
		p, t = star+1, mark
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
