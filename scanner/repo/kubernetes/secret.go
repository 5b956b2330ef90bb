package kubernetes

import (
	"encoding/base64"
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
	if o.patch {
		return
	}
	res := r.new(o, secret)
	literal, open := r.literal(o.node)
	inCode := literal != nil
	res.Secret = &inventory.Secret{ValueInCode: &inCode}
	if !inCode && open {
		res.Secret.ValueInCode = nil
		declare.Open(&res, "secret.value_in_code", "what data holds is not a map")
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
	switch {
	case res.Secret.Format == serviceAccountToken:
		res.Location.StartLine, res.Location.EndLine = typ.Line, typ.EndLine
	case inCode:
		res.Location.StartLine, res.Location.EndLine = literal.Line, max(literal.Line, literal.EndLine)
	}
	r.yieldResource(res)
}

// literal is the key of the first value that stands in the clear. Open: a part of the data cannot be read.
func (r *reader) literal(n *yamlnode.Node) (found *yamlnode.Node, open bool) {
	for _, field := range []string{"data", "stringData"} {
		data := n.Get(field)
		open = open || data != nil && data.Kind != yamlnode.Map && data.Kind != yamlnode.Null
		data.Each(func(_ string, k, v *yamlnode.Node) {
			text, ok := v.Str()
			if found != nil || !ok || text == "" || filled(text) {
				return
			}
			if plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text)); field == "data" && err == nil && (len(plain) == 0 || filled(string(plain))) {
				return
			}
			found = k
		})
	}
	return found, open
}

// filled reports whether a text is filled in from elsewhere, or encrypted, before it is used.
func filled(text string) bool {
	return staticcred.Template(text) || stored(text) || strings.HasPrefix(text, "ENC[") // SOPS
}

// stored reports whether a text names the place of a value in a store: of the Argo CD Vault plugin ("<path:secret/data/app#key>",
// "<key>"), of Bank-Vaults ("vault:secret/data/app#key"), of vals ("ref+vault://...").
func stored(text string) bool {
	return strings.HasPrefix(text, "<") && strings.HasSuffix(text, ">") ||
		strings.HasPrefix(text, "vault:") || strings.HasPrefix(text, ">>vault:") || strings.HasPrefix(text, "ref+")
}
