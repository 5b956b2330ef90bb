package approval

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// Signers is a file of allowed signers, in the format that ssh-keygen(1) describes under ALLOWED SIGNERS: principals, options, a key.
//
//	ana@example.com,ana.b@example.com namespaces="approve@keyreeve,confirm@keyreeve" ssh-ed25519 AAAA...
//	*@example.com cert-authority,valid-before="20271231Z" ssh-ed25519 AAAA...
type Signers struct {
	lines []signer
	hash  string
}

// A signer is one line.
type signer struct {
	number        int
	principals    patterns
	authority     bool     // the key signs certificates, and nothing else
	namespaces    patterns // nil: all
	after, before time.Time
	key           ssh.PublicKey
}

// maxSigners bounds the lines of a file.
const maxSigners = 10_000

// ParseSigners reads the content of a file of allowed signers. Errors name the line.
func ParseSigners(text []byte) (*Signers, error) {
	sum := sha256.Sum256(text)
	s := &Signers{hash: hex.EncodeToString(sum[:])}
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if len(s.lines) == maxSigners {
			return nil, fmt.Errorf("line %d: there are more than %d signers", i+1, maxSigners)
		}
		one, err := parseSigner(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		one.number = i + 1
		s.lines = append(s.lines, one)
	}
	if len(s.lines) == 0 {
		return nil, errors.New("it names nobody; a line is PRINCIPAL ssh-ed25519 KEY")
	}
	return s, nil
}

// Hash is the SHA-256 of the file, in hex.
func (s *Signers) Hash() string { return s.hash }

// Names says that a line of the file is about a principal; whether and for what it counts is for Verify.
func (s *Signers) Names(principal string) bool {
	return slices.ContainsFunc(s.lines, func(l signer) bool { return l.principals.match(principal) })
}

func parseSigner(line string) (signer, error) {
	var one signer
	who, rest, err := field(line)
	if err != nil {
		return one, err
	}
	if one.principals, err = parsePatterns(who); err != nil {
		return one, fmt.Errorf("principals %q: %w", who, err)
	}
	if one.key, err = keyOf(rest); err == nil {
		return one, nil
	}
	options, rest, err := field(rest)
	if err != nil {
		return one, err
	}
	if err := one.options(options); err != nil {
		return one, err
	}
	if one.key, err = keyOf(rest); err != nil {
		return one, errors.New("no public key stands after the principals and options")
	}
	return one, nil
}

// field splits off what stands before the first space that is not quoted.
func field(text string) (first, rest string, err error) {
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && quoted && i+1 < len(text) && text[i+1] == '"':
			i++
		case c == '"':
			quoted = !quoted
		case (c == ' ' || c == '\t') && !quoted:
			return text[:i], strings.TrimLeft(text[i:], " \t"), nil
		}
	}
	if quoted {
		return "", "", errors.New("a quotation mark is missing")
	}
	return text, "", nil
}

// keyOf reads "TYPE BASE64 [COMMENT]".
func keyOf(text string) (ssh.PublicKey, error) {
	parts := strings.Fields(text)
	if len(parts) < 2 {
		return nil, errors.New("no key")
	}
	key, _, options, _, err := ssh.ParseAuthorizedKey([]byte(parts[0] + " " + parts[1]))
	if err != nil {
		return nil, err
	}
	if len(options) > 0 || key.Type() != parts[0] {
		return nil, errors.New("no key")
	}
	return key, nil
}

// options reads "cert-authority,namespaces=\"a,b\",valid-after=...".
func (s *signer) options(text string) error {
	for text != "" {
		one := text
		quoted := false
		text = ""
		for i := 0; i < len(one); i++ {
			if one[i] == '"' {
				quoted = !quoted
			}
			if one[i] == ',' && !quoted {
				one, text = one[:i], one[i+1:]
				break
			}
		}
		name, value, valued := strings.Cut(one, "=")
		value = strings.Trim(value, `"`)
		var err error
		switch name = strings.ToLower(name); {
		case name == "cert-authority" && !valued:
			s.authority = true
		case name == "namespaces" && value != "":
			s.namespaces, err = parsePatterns(value)
		case name == "valid-after" && value != "":
			s.after, err = stamp(value)
		case name == "valid-before" && value != "":
			s.before, err = stamp(value)
		default:
			err = fmt.Errorf("%q is no option of a signer", one)
		}
		if err != nil {
			return err
		}
	}
	if !s.after.IsZero() && !s.before.IsZero() && !s.before.After(s.after) {
		return errors.New("valid-before is not after valid-after")
	}
	return nil
}

// stamp reads YYYYMMDD[HHMM[SS]][Z]: in UTC with Z, else in the local time zone, as ssh-keygen does.
func stamp(text string) (time.Time, error) {
	zone, digits := time.Local, text
	if cut, ok := strings.CutSuffix(text, "Z"); ok {
		zone, digits = time.UTC, cut
	}
	layout, ok := map[int]string{8: "20060102", 12: "200601021504", 14: "20060102150405"}[len(digits)]
	if !ok {
		return time.Time{}, fmt.Errorf("%q is no time; write YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, with Z for UTC", text)
	}
	t, err := time.ParseInLocation(layout, digits, zone)
	if err != nil {
		return t, fmt.Errorf("%q is no time; write YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, with Z for UTC", text)
	}
	return t, nil
}

// patterns are names with * and ?, of which those that begin with ! exclude.
type patterns []string

func parsePatterns(text string) (patterns, error) {
	if len(text) > 1 && strings.HasPrefix(text, `"`) && strings.HasSuffix(text, `"`) {
		text = text[1 : len(text)-1]
	}
	if strings.Contains(text, `"`) {
		return nil, errors.New("a quotation mark stands inside")
	}
	all := strings.Split(text, ",")
	for _, one := range all {
		if strings.TrimPrefix(one, "!") == "" {
			return nil, errors.New("a name is empty")
		}
	}
	return all, nil
}

// match is that of ssh-keygen: an exclusion that matches decides.
func (p patterns) match(name string) bool {
	found := false
	for _, one := range p {
		negative, not := strings.CutPrefix(one, "!")
		if wild(negative, name) {
			if not {
				return false
			}
			found = true
		}
	}
	return found
}

// wild matches * and ?, in time linear in the product of the lengths.
func wild(pattern, name string) bool {
	star, mark, i := -1, 0, 0
	j := 0
	for i < len(name) {
		switch {
		case j < len(pattern) && (pattern[j] == '?' || pattern[j] == name[i]) && pattern[j] != '*':
			i++
			j++
		case j < len(pattern) && pattern[j] == '*':
			star, mark = j, i
			j++
		case star >= 0:
			mark++
			i, j = mark, star+1
		default:
			return false
		}
	}
	for j < len(pattern) && pattern[j] == '*' {
		j++
	}
	return j == len(pattern)
}
