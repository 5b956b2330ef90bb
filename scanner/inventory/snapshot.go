package inventory

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// A Snapshot is what one collection saw. The clock of all judgement is TakenAt.
type Snapshot struct {
	TakenAt   time.Time
	Tool      string // version of keyreeve that took it
	Scopes    []ScopeRead
	Resources []Resource // sorted by ID, IDs unique
	Gaps      []Gap
}

// ScopeRead says what was done to read one scope.
type ScopeRead struct {
	Scope     Scope `json:"scope"`
	Resources int   `json:"resources"`
	Report
}

// The snapshot file is newline-delimited JSON in UTF-8, each line as encoding/json writes the Go type, without HTML escapes:
//
//	{"format":"keyreeve-snapshot","version":2,"taken_at":"2026-01-01T00:00:00Z","tool":"1.2.3","scopes":[...]}   snapshotHeader
//	{"id":"arn:aws:kms:...","type":"aws.kms.key", ...}                           Resource, one a line, sorted by ID, no ID twice
//	{"sha256":"...","text":"{\"Version\": ...}"}                                  policy document, one a line, sorted by hash; each is some resource's
//	{"scope":"aws/-/111122223333/eu-west-1","what":"list of keys", ...}          Gap, one a line, sorted by all its fields
//	{"resources":1,"gaps":1,"sha256":"..."}                                      snapshotTrailer
//
// The checksum is of all lines before the trailer, line ends included. It tells an accident, not an attacker: whoever edits
// the file can write a new one. A line is told by its first key. Every line ends in a line feed, the trailer too, so a file
// that was cut off anywhere can be told. There is one way to write a snapshot, and a file written in another is refused.
// A new field, type or value of a closed set raises the version.
const (
	snapshotFormat  = "keyreeve-snapshot"
	snapshotVersion = 2
	// maxLine bounds a line, in bytes: a resource has about 1,200, a key named by ten thousand aliases about 2 million.
	maxLine = 8 << 20
)

type snapshotHeader struct {
	Format  string      `json:"format"`
	Version int         `json:"version"`
	TakenAt time.Time   `json:"taken_at"`
	Tool    string      `json:"tool"`
	Scopes  []ScopeRead `json:"scopes"` // sorted, none twice
}

type snapshotDocument struct {
	SHA256 string `json:"sha256"` // of the text; see DocumentHash
	Text   string `json:"text"`
}

type snapshotTrailer struct {
	Resources int    `json:"resources"`
	Gaps      int    `json:"gaps"`
	SHA256    string `json:"sha256"`
}

// The first keys of the lines after the header.
const (
	resourceKey = `{"id":`
	documentKey = `{"sha256":`
	gapKey      = `{"scope":`
	trailerKey  = `{"resources":`
)

// compareGaps orders gaps by all that their lines say.
func compareGaps(a, b Gap) int {
	return cmp.Or(
		cmp.Compare(a.Scope, b.Scope), strings.Compare(a.What, b.What), cmp.Compare(a.Why, b.Why), strings.Compare(a.Call, b.Call),
		strings.Compare(a.Hint, b.Hint), strings.Compare(a.Err, b.Err), slices.Compare(a.Types, b.Types),
	)
}
