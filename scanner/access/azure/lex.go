package azure

import (
	"errors"
	"fmt"
	"strings"
)

// lexCondition splits a condition into tokens: ( ) { } , ! && ||, words, strings with their opening quote, and attributes without
// their closing bracket, as in "@Request[NAME". Places are the offsets at which they start, and where an error is.
func lexCondition(text string) (tokens []string, places []int, err error) {
	for i := 0; i < len(text); {
		c := text[i]
		if strings.IndexByte(" \t\r\n", c) >= 0 {
			i++
			continue
		}
		places = append(places, i)
		size := 1
		switch {
		case strings.IndexByte("(){},!", c) >= 0:
		case strings.HasPrefix(text[i:], "&&"), strings.HasPrefix(text[i:], "||"):
			size = 2
		case c == '\'':
			value, n, ok := quoted(text[i:])
			if !ok {
				return nil, places, errors.New("a string has no end")
			}
			tokens = append(tokens, "'"+value)
			i += n
			continue
		case c == '@':
			end := strings.IndexByte(text[i:], ']')
			open := strings.IndexByte(text[i:], '[')
			if open < 2 || end < open {
				return nil, places, errors.New("an attribute has no name in brackets")
			}
			tokens = append(tokens, text[i:i+end])
			i += end + 1
			continue
		default:
			for size = 0; i+size < len(text) && wordByte(text[i+size]); size++ {
			}
			if size == 0 {
				return nil, places, fmt.Errorf("unexpected %q", c)
			}
		}
		tokens = append(tokens, text[i:i+size])
		i += size
	}
	return tokens, places, nil
}

// isPunctuation says whether a token is neither a word, a string nor an attribute.
func isPunctuation(token string) bool { return strings.IndexByte("(){},!&|", token[0]) >= 0 }

func wordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_.:/*+", c) >= 0
}

// quoted reads a string in single quotes, in which a backslash escapes one character, and says how many bytes it takes.
func quoted(text string) (value string, size int, ok bool) {
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '\'':
			return b.String(), i + 1, true
		case text[i] == '\\' && i+1 < len(text):
			i++
		}
		b.WriteByte(text[i])
	}
	return "", 0, false
}
