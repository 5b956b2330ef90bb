package rewrap

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
)

// A line is one stored ciphertext, with all that stands around it: a JSON object with the field "ciphertext", of which only that field's value
// changes, or the ciphertext alone. A blank line has none.
type line struct {
	before, after []byte // what stays as it is, byte for byte
	item          Item
	version       int // of the key; 0: the line is blank
	id            string
}

// ciphertexts are written by Transit as vault:vVERSION:BASE64.
var ciphertexts = regexp.MustCompile(`^vault:v([0-9]{1,9}):[A-Za-z0-9+/=:_-]+$`)

// errNone is a line that is not shown, as it may hold what was never encrypted.
var errNone = errors.New("it holds no ciphertext of Transit (vault:vN:...); it is not shown here, as it may be what should have been encrypted")

// parseLine reads a line without its line feed.
func parseLine(text []byte) (line, error) {
	trimmed := bytes.TrimSpace(text)
	if len(trimmed) == 0 {
		return line{before: text}, nil
	}
	if trimmed[0] == '{' {
		return parseObject(text)
	}
	start := bytes.Index(text, trimmed)
	l := line{before: text[:start], after: text[start+len(trimmed):], item: Item{Ciphertext: string(trimmed)}}
	return l, l.take()
}

// parseObject finds the value of "ciphertext" in an object, and reads "context", "nonce" and "id".
func parseObject(text []byte) (line, error) {
	var l line
	found := false
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		return l, errNotJSON
	}
	for d.More() {
		name, err := d.Token()
		var value json.RawMessage
		if err != nil || d.Decode(&value) != nil {
			return l, errNotJSON
		}
		end := int(d.InputOffset())
		switch name {
		case "ciphertext":
			if found {
				return l, errors.New(`it has two fields "ciphertext"`)
			}
			found = true
			if json.Unmarshal(value, &l.item.Ciphertext) != nil {
				return l, errNone
			}
			l.before, l.after = text[:end-len(value)], text[end:]
		case "context":
			if json.Unmarshal(value, &l.item.Context) != nil {
				return l, errors.New(`its "context" is no string; Transit wants it in base64`)
			}
		case "nonce":
			if json.Unmarshal(value, &l.item.Nonce) != nil {
				return l, errors.New(`its "nonce" is no string; Transit wants it in base64`)
			}
		case "id":
			l.id = string(value)
		}
	}
	if _, err := d.Token(); err != nil || len(bytes.TrimSpace(text[d.InputOffset():])) > 0 {
		return l, errNotJSON
	}
	if !found {
		return l, errors.New(`it has no field "ciphertext"`)
	}
	return l, l.take()
}

var errNotJSON = errors.New("it is no JSON object of one line")

// take reads the version out of the ciphertext.
func (l *line) take() error {
	version, ok := versionOf(l.item.Ciphertext)
	if !ok {
		return errNone
	}
	l.version = version
	return nil
}

// versionOf reads the version of the key; Vault takes version 0 for 1.
func versionOf(ciphertext string) (int, bool) {
	m := ciphertexts.FindStringSubmatch(ciphertext)
	if m == nil {
		return 0, false
	}
	version, err := strconv.Atoi(m[1])
	return max(version, 1), err == nil
}

// with is the line, line feed included, with another ciphertext in its place.
func (l *line) with(ciphertext string) []byte {
	out := bytes.Clone(l.before)
	switch {
	case l.version == 0:
	case bytes.HasPrefix(bytes.TrimSpace(l.before), []byte("{")):
		out = append(strconv.AppendQuote(out, ciphertext), l.after...) // printable ASCII without quotes or backslashes
	default:
		out = append(append(out, ciphertext...), l.after...)
	}
	return append(out, '\n')
}

// follows says how a line of the output is not what becomes of a line of the input; nil when it may be.
func (l *line) follows(in *line) error {
	switch {
	case !bytes.Equal(l.before, in.before) || !bytes.Equal(l.after, in.after) || (l.version == 0) != (in.version == 0):
		return errors.New("what stands around the ciphertext is different")
	case l.version < in.version:
		return fmt.Errorf("its version %d is older than the input's %d", l.version, in.version)
	case l.version == in.version && l.item != in.item:
		return errors.New("it is another ciphertext of the same version")
	}
	return nil
}
