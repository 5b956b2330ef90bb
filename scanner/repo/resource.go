package repo

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/secrets"
)

const credentialType = "repo.credential"

// credentials are the types that the detector of credentials yields.
var credentials = []string{credentialType}

// found is a match and its place among the matches of its detector in its file, from 1.
type found struct {
	path    string
	ordinal int
	secrets.Match
}

// number gives the matches of one file, which are in the order of their place, their ordinals. A rule that goes by the
// file's name alone matches once in every fragment of it; the first stands for all.
func number(path string, matches []secrets.Match) []found {
	out := make([]found, 0, len(matches))
	count := map[string]int{}
	for _, m := range matches {
		if m.StartLine == 0 && count[m.Detector] > 0 {
			continue
		}
		count[m.Detector]++
		out = append(out, found{path: path, ordinal: count[m.Detector], Match: m})
	}
	return out
}

// resources turns matches into resources, sorted by ID. Values that occur more than once are numbered in that order.
func resources(scope inventory.Scope, name string, list []found) []inventory.Resource {
	type named struct {
		id inventory.ID
		found
	}
	sorted := make([]named, 0, len(list))
	copies := map[secrets.Group]int{}
	for _, f := range list {
		sorted = append(sorted, named{credentialID(name, f), f})
		copies[f.Group]++
	}
	slices.SortFunc(sorted, func(a, b named) int { return cmp.Compare(a.id, b.id) })

	numbers := map[secrets.Group]int{}
	out := make([]inventory.Resource, 0, len(sorted))
	for _, f := range sorted {
		inTree := true
		c := &inventory.Credential{Class: f.Class, Detector: f.Detector, Preview: f.Preview, AllowedBy: f.AllowedBy, InHead: &inTree}
		if copies[f.Group] > 1 && f.Group != (secrets.Group{}) {
			if numbers[f.Group] == 0 {
				numbers[f.Group] = len(numbers) + 1
			}
			n := numbers[f.Group]
			c.SameValue = &n
		}
		shown := escape(f.path, "")
		out = append(out, inventory.Resource{
			ID: f.id, Type: credentialType, Kind: inventory.KindCredential, Name: shown + ": " + f.Detector,
			Origin: inventory.Declared, Scope: scope, Credential: c,
			Location: &inventory.Location{Path: shown, StartLine: max(f.StartLine, 1), EndLine: max(f.EndLine, 1)},
		})
	}
	return out
}

// credentialID is repo:NAME#DETECTOR:PATH:ORDINAL. It holds no line, so a finding keeps its fingerprint when lines move.
func credentialID(name string, f found) inventory.ID {
	return inventory.ID("repo:" + escape(name, "%#") + "#" + escape(f.Detector, "%:") + ":" + escape(f.path, "%") + ":" + strconv.Itoa(f.ordinal))
}

// escape writes bytes that are no UTF-8, control characters and those of special as %XX. IDs escape "%" too, so that two
// paths never share one; paths that are only shown do not.
func escape(s, special string) string {
	var b strings.Builder
	for i, r := range s {
		_, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1, r < ' ', r == 0x7f, strings.ContainsRune(special, r):
			fmt.Fprintf(&b, "%%%02X", s[i])
		default:
			b.WriteString(s[i : i+size])
		}
	}
	return b.String()
}
