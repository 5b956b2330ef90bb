package relate

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Without configuration these tags are honoured, in this order; with it, they speak for what no selector decides. The letter
// case of a key does not matter: AWS has "Environment" as often as "environment".
var (
	environmentTags = []string{"keyreeve:environment", "environment", "env"}
	ownerTags       = []string{"keyreeve:owner", "owner", "team"}
)

const (
	purposeTag = "keyreeve:purpose" // one of Purposes
	rewrapTag  = "keyreeve:rewrap"  // a strategy in the owner's words; also as custom metadata of Vault
	seriesTag  = "keyreeve:series"  // the same on each key of a series; see Series

	tagPrefix = "tag:" // of Owner.From
)

// unreadName stands for a name that a tag gives which was not read.
const unreadName = "(a tag that was not read)"

// Tiers lists the tiers.
var Tiers = []string{"production", "staging", "development"}

// Purposes lists what keys and secrets may be for. Unclassified is not among them.
var Purposes = []string{"api_key", "certificate_authority", "code_signing", "config", "connection", "encryption", "other", "token_signing"}

// Unclassified is the purpose of a secret that nothing classifies.
const Unclassified = "unclassified"

// conventional finds the first of the given tags that has a value. ok is false when none has, and when the tags were not read.
func conventional(r *inventory.Resource, tags []string) (value, tag string, ok bool) {
	if r.Unread("tags") != nil {
		return "", "", false
	}
	for _, want := range tags {
		best := ""
		for k, v := range r.Tags {
			if strings.EqualFold(k, want) && strings.TrimSpace(v) != "" && (best == "" || k < best) {
				best = k
			}
		}
		if best != "" {
			return strings.TrimSpace(r.Tags[best]), best, true
		}
	}
	return "", "", false
}

// tierWords maps the words that people use for environments, in lower case and without - and _, to tiers.
var tierWords = map[string]string{
	"production": "production", "prod": "production", "prd": "production", "live": "production",
	"staging": "staging", "stage": "staging", "stg": "staging", "preprod": "staging", "preproduction": "staging", "pre": "staging", "uat": "staging", "qa": "staging",
	"development": "development", "develop": "development", "dev": "development", "test": "development", "testing": "development", "tst": "development",
	"sandbox": "development", "sbx": "development", "nonprod": "development", "nonproduction": "development", "local": "development", "ci": "development", "demo": "development",
}

// joined writes a word without the signs that people put between its parts.
var joined = strings.NewReplacer("-", "", "_", "")

// tierOfWord tells the tier of a word: "Prod", "pre-prod", or one with something after it, "prod-eu-1". It is "" when unknown.
func tierOfWord(word string) string {
	word = strings.ToLower(word)
	if t := tierWords[joined.Replace(word)]; t != "" {
		return t
	}
	parts := strings.FieldsFunc(word, func(c rune) bool { return strings.ContainsRune("-_./ ", c) })
	if len(parts) > 1 {
		if t := tierWords[parts[0]+parts[1]]; t != "" {
			return t
		}
	}
	if len(parts) > 0 {
		return tierWords[parts[0]]
	}
	return ""
}

// purposeByUse tells the purposes that a key may have by what it can do, and why when there are several. The last is the likeliest.
//
// A key that signs or makes MACs signs tokens; one that encrypts, encrypts. A key made and kept by the provider encrypts for one of
// its services. Of a secret nothing can be told.
func purposeByUse(r *inventory.Resource) (purposes []string, why string) {
	if r.Kind == inventory.KindSecret {
		return []string{Unclassified}, ""
	}
	if r.Key == nil {
		return []string{"other", "token_signing", "encryption"}, "the key was not read"
	}
	managerUnread, usagesUnread := r.Unread("key.manager") != nil, r.Unread("key.usages") != nil
	if r.Key.Manager == "provider" && !managerUnread {
		return []string{"encryption"}, ""
	}
	can := func(use string) bool { return slices.Contains(r.Key.Usages, use) }
	encrypts := can("encrypt") || can("decrypt") || can("wrap")
	signs := can("sign") || can("mac") && !encrypts // a symmetric key that encrypts and can also authenticate is for encryption
	switch {
	case usagesUnread:
		return []string{"other", "token_signing", "encryption"}, "key.usages was not read"
	case signs && encrypts:
		return []string{"token_signing", "encryption"}, "the key can both sign and encrypt"
	case signs && managerUnread:
		return []string{"encryption", "token_signing"}, "key.manager was not read"
	case signs:
		return []string{"token_signing"}, ""
	case encrypts:
		return []string{"encryption"}, ""
	case managerUnread:
		return []string{"encryption", "other"}, "key.manager was not read"
	}
	return []string{"other"}, "" // it only verifies, or only agrees on keys
}
