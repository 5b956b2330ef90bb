package staticcred

import (
	"regexp"
	"strings"
	"unicode"
)

// tokenHeader is the header by which Vault's HTTP API takes a token, and nothing else does.
const tokenHeader = "X-Vault-Token"

var (
	// inHeader is the header as one text: 'X-Vault-Token: $TOKEN'.
	inHeader = regexp.MustCompile(`(?i)X-Vault-Token:[ \t]*(\$\{\{[^}\n]*\}\}|[^\s;&|"'\x60)\\]+)`)
	// ofHeader is the header as a name and a value: {"X-Vault-Token": "$TOKEN"}. What has no quotes there is a name of some language's,
	// unless the shell or a pipeline fills it in.
	ofHeader = regexp.MustCompile(`(?i)X-Vault-Token\\?["']\s*[:=]\s*\\?(?:["'](\$\{\{[^}\n]*\}\}|[^\s"'\\]+)|(\$\{\{[^}\n]*\}\}|\$[^\s;&|"'),}]+))`)
)

// headers are the tokens that a script hands to Vault in its header, as the shell sees them.
func headers(script string) []string {
	if !strings.Contains(strings.ToLower(script), "x-vault-token") {
		return nil
	}
	var out []string
	for _, re := range []*regexp.Regexp{inHeader, ofHeader} {
		for _, hit := range re.FindAllStringSubmatch(script, -1) {
			text := strings.Join(hit[1:], "")
			if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
				out = append(out, text)
			}
		}
	}
	return out
}
