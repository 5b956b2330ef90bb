package report

import (
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/owenrumney/go-sarif/v2/sarif"

	"github.com/keyreeve/keyreeve/scanner/finding"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// places finds a physical location for every finding:
//
//	in a repository    the file and its lines
//	with an anchor     the anchor file, a line of its own for each resource, in order of resource IDs
//	otherwise          a path made of the resource's ID, line 1: keys/aws/111122223333/eu-west-1/kms/KEY-ID,
//	                   keys/vault/eu/root/transit/keys/jwt; a part of a resource adds /@PART
//
// Such a path is for ever, as the ID is, different for different IDs, and relative: a colon would make the first part a scheme.
type places struct {
	anchor string
	parts  []part // with an anchor: sorted, so that the line of a part is its index
}

// A part is a resource, or a part of it, that has findings.
type part struct {
	id inventory.ID
	at string
}

func newPlaces(v *view, o Options) *places {
	p := &places{}
	if o.Anchor == "" {
		return p
	}
	p.anchor = escaped(strings.Split(o.Anchor, "/"))
	for _, f := range v.findings { // all of them: a waiver must not move the lines of others
		p.parts = append(p.parts, partOf(f))
	}
	slices.SortFunc(p.parts, comparePart)
	p.parts = slices.Compact(p.parts)
	return p
}

func partOf(f *finding.Finding) part { return part{f.Resource.ID, f.At} }

func comparePart(a, b part) int {
	if c := strings.Compare(string(a.id), string(b.id)); c != 0 {
		return c
	}
	return strings.Compare(a.at, b.at)
}

// of returns where a finding is, and whether that is a real file of the repository at a line the finding is really about.
func (p *places) of(f *finding.Finding) (*sarif.PhysicalLocation, bool) {
	if l := located(f); l != nil {
		start, end := startLine(l), endLine(l)
		uri := escaped(strings.Split(cleanPath(l), "/"))
		return physical(uri, sarif.Region{StartLine: &start, EndLine: &end}), true
	}
	line, one := 1, 1
	uri := syntheticPath(f)
	if p.anchor != "" {
		uri = p.anchor
		i, _ := slices.BinarySearchFunc(p.parts, partOf(f), comparePart)
		line = i + 1
	}
	return physical(uri, sarif.Region{StartLine: &line, StartColumn: &one, EndLine: &line, EndColumn: &one}), false
}

// located is where in the repository a finding is, or nil.
func located(f *finding.Finding) *inventory.Location {
	if l := f.Resource.Location; l != nil && l.Path != "" {
		return l
	}
	return nil
}

// cleanPath is the path of a file from the top of the repository, one for each file.
func cleanPath(l *inventory.Location) string {
	return strings.TrimLeft(path.Clean("/"+l.Path), "/")
}

func physical(uri string, region sarif.Region) *sarif.PhysicalLocation {
	return &sarif.PhysicalLocation{ArtifactLocation: &sarif.ArtifactLocation{URI: &uri}, Region: &region}
}

func startLine(l *inventory.Location) int { return max(1, l.StartLine) }
func endLine(l *inventory.Location) int   { return max(startLine(l), l.EndLine) }

func syntheticPath(f *finding.Finding) string {
	parts := append([]string{"keys"}, idParts(string(f.Resource.ID))...)
	s := escaped(parts)
	if f.At != "" {
		s += "/@" + escape(f.At)
	}
	return s
}

// idParts splits an ID where its parts are.
func idParts(id string) []string {
	// arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE
	if arn := strings.SplitN(id, ":", 6); len(arn) == 6 && arn[0] == "arn" {
		backend := arn[1] // "aws", "aws-cn", "aws-us-gov"
		resource := arn[5]
		if arn[2] == "kms" {
			resource = strings.TrimPrefix(resource, "key/")
		}
		return append([]string{backend, arn[4], arn[3], arn[2]}, strings.Split(resource, "/")...)
	}
	backend, rest, ok := strings.Cut(id, ":")
	if !ok {
		backend, rest = "other", id
	}
	return append([]string{backend}, strings.Split(rest, "/")...)
}

// escaped joins parts to a relative path of a URI. A part that a reader would take for a step (empty, "." or "..") is marked with ~.
func escaped(parts []string) string {
	out := make([]string, len(parts))
	for i, s := range parts {
		if s == "" || s == "." || s == ".." || strings.HasPrefix(s, "~") {
			s = "~" + s
		}
		out[i] = escape(s)
	}
	return strings.Join(out, "/")
}

// escape percent-encodes a part, also the letters that mean something at its beginning or in the first part: @ and the colon.
func escape(s string) string { return special.Replace(url.PathEscape(s)) }

var special = strings.NewReplacer(":", "%3A", "@", "%40", "+", "%2B")
