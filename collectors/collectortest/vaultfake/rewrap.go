package vaultfake

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// rewrap answers POST rewrap/NAME with batch_input, as Vault does: an item that cannot be decrypted has an error of its own. What it takes for a
// ciphertext is vault:vN: and anything in base64, which stays what it is.
func (s *Server) rewrap(r *http.Request, m *Mount, name string, rt *route) {
	rt.call = "POST TRANSIT/rewrap/NAME"
	var body struct {
		Items []struct{ Ciphertext, Context string } `json:"batch_input"`
	}
	err := json.NewDecoder(r.Body).Decode(&body)
	rt.handle = func(*Namespace, *Token) reply {
		var k *TransitKey
		for i := range m.Keys {
			if m.Keys[i].Name == name {
				k = &m.Keys[i]
			}
		}
		switch {
		case err != nil || len(body.Items) == 0:
			return failed(http.StatusBadRequest, "missing batch input to process")
		case k == nil:
			return failed(http.StatusBadRequest, "encryption key not found")
		}
		results := []object{}
		for _, item := range body.Items {
			if (item.Context == "") != (body.Items[0].Context == "") {
				return failed(http.StatusBadRequest, "context should be set either in all the request blocks or in none")
			}
			result := object{"ciphertext": fmt.Sprintf("vault:v%d:%s", len(k.Versions), item.Ciphertext[strings.LastIndexByte(item.Ciphertext, ':')+1:]), "key_version": len(k.Versions)}
			if why := k.undecryptable(item.Ciphertext, item.Context); why != "" {
				result = object{"error": why}
			}
			results = append(results, result)
		}
		return s.wrapped(object{"batch_results": results}, m.Type)
	}
}

// undecryptable says why a ciphertext cannot be decrypted, in Vault's words.
func (k *TransitKey) undecryptable(ciphertext, context string) string {
	version, text := 0, ""
	if _, err := fmt.Sscanf(ciphertext, "vault:v%d:%s", &version, &text); err != nil {
		return "invalid ciphertext: no prefix"
	}
	_, err := base64.StdEncoding.DecodeString(text)
	switch {
	case !encrypting[k.Type]:
		return "message decryption not supported for key type " + k.Type
	case k.Derived && context == "":
		return "missing 'context' for key derivation; the key was created using a derived key, which means additional, per-request information must be included in order to perform operations with the key"
	case version > len(k.Versions):
		return "invalid ciphertext: version is too new"
	case version < k.MinDecryption:
		return "ciphertext or signature version is disallowed by policy (too old)"
	case err != nil:
		return "invalid ciphertext: could not decode base64"
	}
	return ""
}
