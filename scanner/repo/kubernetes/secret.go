package kubernetes

import (
	"cmp"
	"encoding/base64"
	"regexp"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
	"github.com/keyreeve/keyreeve/scanner/repo/staticcred"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// opaque is the type of a Secret that states none (API reference of Secret, field "type").
const opaque = "Opaque"

// serviceAccountToken is the type of a Secret that the control plane fills with a token that never expires.
const serviceAccountToken = "kubernetes.io/service-account-token"

// secret reads the type of a Secret and whether its values stand in the file, which its line is then.
func (r *reader) secret(o *object) {
	literal, open := r.literal(o.node)
	inCode := literal != nil
	if o.patch && !inCode { // a patch that holds a value holds it whatever it is applied to
		return
	}
	res := r.new(o, secret)
	open = cmp.Or(open, r.kustom.may(o, values))
	res.Secret = &inventory.Secret{ValueInCode: &inCode}
	if !inCode && open != "" {
		res.Secret.ValueInCode = nil
		declare.Open(&res, "secret.value_in_code", open)
	}
	typ := o.node.Get("type")
	switch s, ok := typ.Str(); {
	case typ == nil, typ.Kind == yamlnode.Null:
		res.Secret.Format = opaque
	case !ok, staticcred.Template(s):
		declare.Open(&res, "secret.format", "its type is filled in from elsewhere")
	default:
		res.Secret.Format = s
	}
	if why := r.kustom.may(o, format); res.Secret.Format != "" && (why != "" || o.patch && typ == nil) {
		res.Secret.Format = ""
		declare.Open(&res, "secret.format", cmp.Or(why, "this is a fragment of an object"))
	}
	switch {
	case res.Secret.Format == serviceAccountToken:
		res.Location.StartLine, res.Location.EndLine = typ.Line, typ.EndLine
	case inCode:
		res.Location.StartLine, res.Location.EndLine = literal.Line, max(literal.Line, literal.EndLine)
	}
	r.yieldResource(res)
}

// literal is the key of the first value that stands in the clear. Open is why one may that was not found.
func (r *reader) literal(n *yamlnode.Node) (found *yamlnode.Node, open string) {
	for _, field := range []string{"data", "stringData"} {
		data := n.Get(field)
		if data != nil && data.Kind != yamlnode.Map && data.Kind != yamlnode.Null {
			open = "what data holds is not a map"
		}
		data.Each(func(_ string, k, v *yamlnode.Node) {
			text, ok := v.Str()
			if found != nil || !ok {
				return
			}
			if plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text)); field == "data" && err == nil {
				text = string(plain)
			}
			switch inText(text) {
			case certain:
				found = k
			case perhaps:
				open = cmp.Or(open, besides)
			}
		})
	}
	return found, open
}

const besides = "a value holds text that may be filled in from elsewhere, or stand beside what is"

// holding says whether a value that stands in a file holds a secret in the clear.
type holding int

const (
	nothing holding = iota
	perhaps         // text beside a placeholder: it may be the frame of a secret or another one
	certain
)

var (
	placeholder = regexp.MustCompile(`(?s)\$\{[^}]*\}|\{\{.*?\}\}|<%.*?%>`)
	// frame is what a file has around a value: keys and comments.
	frame = regexp.MustCompile(`(?m)^[ \t]*#.*$|(?:^|[\s{,])["']?[A-Za-z_][\w./-]*["']?[ \t]*[:=]`)
)

// mark is a value that tools which replace marks would fill in: envsubst, "replace tokens" of Azure Pipelines, Octopus Deploy. It may be
// meant as it stands.
var mark = regexp.MustCompile(`^(?:\$[A-Z_][A-Z0-9_]*|#\{[^{}\n]+\}#?|__[A-Za-z0-9_.-]+__|(?:%%?|@@?)[A-Za-z0-9_.-]+(?:%%?|@@?)|\{%.*%\})$`)

// inText looks at a value: one that is empty, or placeholders in a frame, holds nothing.
func inText(text string) holding {
	if text == "" || stored(text) || strings.HasPrefix(text, "ENC[") {
		return nothing
	}
	rest := placeholder.ReplaceAllString(text, "")
	switch {
	case mark.MatchString(text):
		return perhaps
	case !staticcred.Template(text):
		return certain
	case strings.Trim(frame.ReplaceAllString(rest, ""), " \t\r\n\"'{}[],;:|>-") == "" && rest != text:
		return nothing
	}
	return perhaps
}

// filled reports whether a text is filled in from elsewhere, or encrypted, before it is used.
func filled(text string) bool {
	return staticcred.Template(text) || stored(text) || strings.HasPrefix(text, "ENC[") // SOPS
}

// stored reports whether a text names the place of a value in a store: of the Argo CD Vault plugin ("<path:secret/data/app#key>",
// "<key>"), of Bank-Vaults ("vault:secret/data/app#key"), of vals ("ref+vault://...").
func stored(text string) bool {
	if strings.Contains(text, "\n") {
		return false
	}
	return strings.HasPrefix(text, "<") && strings.HasSuffix(text, ">") && strings.Count(text, "<") == 1 ||
		strings.HasPrefix(text, "vault:") || strings.HasPrefix(text, ">>vault:") || strings.HasPrefix(text, "ref+")
}
