package ledger

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"slices"
	"sync"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Config says where a ledger is.
type Config struct {
	Place string // a folder, or the URL of a bucket
	Head  string // hash of an entry that was kept elsewhere; "" none
}

// IsHead reports whether a text can be the hash of an entry.
func IsHead(text string) bool { return isHash(text) }

// The calls that reading makes.
const (
	listCall = "list entries"
	getCall  = "get entry"
)

// Calls are all calls that reading makes.
var Calls = []inventory.Call{
	{Name: listCall, Type: "ledger.log", Permission: "read the ledger's folder; s3:ListBucket, or Storage Blob Data Reader"},
	{Name: listCall, Type: "ledger.rotation", Permission: "read the ledger's folder; s3:ListBucket, or Storage Blob Data Reader"},
	{
		Name: getCall, Type: "ledger.log", Facts: []string{"ledger.verified", "ledger.opened_at", "ledger.last_at", "ledger.drilled_at", "ledger.entries"},
		Permission: "read the ledger's files; s3:GetObject, or Storage Blob Data Reader",
	},
	{Name: getCall, Type: "ledger.rotation", Facts: []string{"rotation"}, Permission: "read the ledger's files; s3:GetObject, or Storage Blob Data Reader"},
}

// Permissions says in words what reading a ledger needs.
const Permissions = `# The ledger is read where rotation.ledger of the configuration says it is.
# A folder:          read access to it and to what is in entries/.
# s3://BUCKET:       s3:ListBucket on the bucket, s3:GetObject on its objects.
# azblob://CONTAINER: the role Storage Blob Data Reader on the container.
`

var (
	scope = inventory.NewScope("ledger", "rotations")
	types = []string{"ledger.log", "ledger.rotation"}
)

// A Source reads a ledger as a whole: it yields the ledger itself, and each rotation that it records. It checks that the entries hang together,
// and no signature: that is for those who know the signers. A ledger that is broken yields no rotations but a gap, as what it says may be made up.
type Source struct {
	from Reader
	head string

	mu   sync.Mutex
	gets int
	list int
}

// NewSource makes a source of a ledger; head is the hash of an entry that was kept elsewhere, or "".
func NewSource(from Reader, head string) *Source { return &Source{from: from, head: head} }

// Scope is ledger/rotations: a configuration names one ledger.
func (s *Source) Scope() inventory.Scope { return scope }

// Report says what the latest reading did.
func (s *Source) Report() inventory.Report {
	s.mu.Lock()
	defer s.mu.Unlock()
	return inventory.Report{Types: slices.Clone(types), Calls: map[string]int{listCall: s.list, getCall: s.gets}}
}

// Resources reads the ledger.
func (s *Source) Resources(ctx context.Context) iter.Seq2[inventory.Resource, error] {
	return func(yield func(inventory.Resource, error) bool) {
		s.mu.Lock()
		s.list, s.gets = 0, 0
		s.mu.Unlock()
		log, err := Read(ctx, counted{s})
		if err == nil {
			_, err = log.Verify(s.head)
		}
		if err != nil && ctx.Err() != nil {
			yield(inventory.Resource{}, ctx.Err())
			return
		}
		var broken *BrokenError
		switch {
		case errors.As(err, &broken):
			whole := entire()
			whole.Ledger = &inventory.Ledger{Verified: "broken", BrokenAt: broken.Name, Why: broken.Why}
			if yield(whole, nil) {
				yield(inventory.Resource{}, gap("rotations", inventory.Unreadable, err, "keyreeve-rotate ledger verify says more; restore the entries from where they are locked or backed up", "ledger.rotation"))
			}
			return
		case errors.Is(err, ErrNone) || errors.Is(err, fs.ErrNotExist):
			yield(inventory.Resource{}, gap("the ledger", inventory.Unreadable, err, "keyreeve-rotate ledger init makes one; where there was one, it is gone", types...))
			return
		case err != nil:
			yield(inventory.Resource{}, gap("the ledger", inventory.Unreadable, err, "see keyreeve permissions ledger, and rotation.ledger of the configuration", types...))
			return
		}
		all := rotations(log)
		whole := entire()
		whole.Ledger = record(log, s.head, all)
		if !yield(whole, nil) {
			return
		}
		for _, r := range all {
			if !yield(r.resource(), nil) {
				return
			}
		}
	}
}

func entire() inventory.Resource {
	return inventory.Resource{ID: "ledger:rotations", Type: "ledger.log", Kind: inventory.KindLedger, Name: "ledger", Origin: inventory.Recorded, Scope: scope}
}

// record is the ledger as a whole.
func record(log *Log, head string, all []*rotation) *inventory.Ledger {
	n := len(log.Entries)
	l := &inventory.Ledger{Verified: "consistent", LedgerID: log.ID, Entries: &n, OpenedAt: &log.Entries[0].At, LastAt: &log.Entries[n-1].At, DrilledAt: drilled(all)}
	if head != "" {
		proven := log.UpTo(head)
		l.Verified, l.Proven = "complete", &proven
	}
	return l
}

func gap(what string, why inventory.Reason, err error, hint string, types ...string) *inventory.Gap {
	return &inventory.Gap{Scope: scope, Types: types, What: what, Why: why, Call: getCall, Hint: hint, Err: err.Error()}
}

// counted counts the calls of a source's reading.
type counted struct{ s *Source }

func (c counted) List(ctx context.Context) ([]string, error) {
	c.s.mu.Lock()
	c.s.list++
	c.s.mu.Unlock()
	return c.s.from.List(ctx)
}

func (c counted) Get(ctx context.Context, name string) ([]byte, error) {
	c.s.mu.Lock()
	c.s.gets++
	c.s.mu.Unlock()
	return c.s.from.Get(ctx, name)
}
