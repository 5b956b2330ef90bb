package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/keyreeve/keyreeve/collectors/ledger"
	"github.com/keyreeve/keyreeve/collectors/ledger/bucket"
)

const (
	// leaseTerm is how long a lease in a bucket holds from its last renewal. An act has to end within half of it, counted from the
	// entry of its intent: later its outcome can still be written, but nobody else is kept away.
	leaseTerm = time.Hour
	// leaseSkew is how far the clocks of two writers may be apart: a lease is taken over so much after its end.
	leaseSkew = 5 * time.Minute
)

// inBucket keeps a ledger in a bucket. Nothing there is changed or removed, leases no more than entries, so that the whole bucket
// can be immutable:
//
//	entries/00000001.json    the entries
//	leases/00000001.json     {"holder":"alice, process 4711 on build-3","from":"2026-01-02T03:04:05Z","until":"2026-01-02T04:04:05Z"}
//	leases/00000001.released {}
//
// The lease with the highest number counts. It is free when it was released, or when its end is leaseSkew ago. Whoever makes
// the next number first has it. A rule of the bucket may remove leases after a day.
type inBucket struct {
	*bucket.Bucket
	mu  sync.Mutex
	own *lease // held by this process; nil: none
}

type lease struct {
	Holder string    `json:"holder"`
	From   time.Time `json:"from"`
	Until  time.Time `json:"until"`
	seq    int
}

// OpenStore opens the store at a place: the path of a folder, or the URL of a bucket (see package bucket).
func OpenStore(ctx context.Context, place string) (Store, error) {
	if !bucket.IsURL(place) {
		return Folder(place), nil
	}
	b, err := bucket.Open(ctx, place)
	if err != nil {
		return nil, err
	}
	return &inBucket{Bucket: b}, nil
}

// Create makes an object in the bucket.
func (b *inBucket) Create(ctx context.Context, name string, data []byte) error {
	err := b.Bucket.Create(ctx, name, data)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make %s: %w (%w)", name, ErrExists, err)
	}
	return err
}

// Lease makes the next lease, if the last one is free.
func (b *inBucket) Lease(ctx context.Context, holder string, now time.Time) (func() error, error) {
	if names, err := b.List(ctx); err != nil {
		return nil, err
	} else if len(names) == 0 {
		return nil, ledger.ErrNone // rather than leave leases where a place was misspelt
	}
	last, err := b.last(ctx)
	if err != nil {
		return nil, err
	}
	if now.Before(last.Until.Add(leaseSkew)) {
		return nil, fmt.Errorf("%w by %s, until %s at most", ErrBusy, last.Holder, last.Until.Add(leaseSkew).Format(time.RFC3339))
	}
	own, err := b.make(ctx, last.seq+1, holder, now)
	if errors.Is(err, ErrExists) {
		return nil, fmt.Errorf("%w by another, who was faster", ErrBusy)
	} else if err != nil {
		return nil, fmt.Errorf("make a lease: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.own = own
	return func() error { return b.release(ctx) }, nil
}

// Renew makes sure that the lease holds for half a term from now.
func (b *inBucket) Renew(ctx context.Context, now time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.own == nil || !now.Before(b.own.Until):
		return errors.New("the lease is over: another may be writing")
	case now.Before(b.own.Until.Add(-leaseTerm / 2)):
		return nil
	}
	next, err := b.make(ctx, b.own.seq+1, b.own.Holder, now)
	if err != nil {
		return fmt.Errorf("renew the lease: %w", err)
	}
	b.own = next
	return nil
}

// release frees the lease, also when what it was for was interrupted.
func (b *inBucket) release(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	b.mu.Lock()
	defer b.mu.Unlock()
	own := b.own
	b.own = nil
	if err := b.Create(ctx, leaseName(own.seq, "released"), []byte("{}\n")); err != nil {
		return fmt.Errorf("release the lease, which now ends by itself at %s: %w", own.Until.Format(time.RFC3339), err)
	}
	return nil
}

// last reads the lease that counts; one without number, long over, where it is free.
func (b *inBucket) last(ctx context.Context) (lease, error) {
	names, err := b.Under(ctx, "leases/")
	if err != nil {
		return lease{}, err
	}
	var l lease
	for _, name := range names {
		var seq int
		if _, err := fmt.Sscanf(name, "leases/%08d.", &seq); err == nil && strings.HasPrefix(name, leaseName(seq, "")) {
			l.seq = max(l.seq, seq)
		}
	}
	if l.seq == 0 || slices.Contains(names, leaseName(l.seq, "released")) {
		return l, nil
	}
	name := leaseName(l.seq, "json")
	data, err := b.Get(ctx, name)
	if err != nil {
		return lease{}, err
	}
	if err := json.Unmarshal(data, &l); err != nil {
		return lease{}, fmt.Errorf("%s is not a lease: %w", name, err)
	}
	return l, nil
}

func (b *inBucket) make(ctx context.Context, seq int, holder string, now time.Time) (*lease, error) {
	l := &lease{holder, seconds(now), seconds(now).Add(leaseTerm), seq}
	data, err := json.Marshal(l)
	if err != nil {
		return nil, err
	}
	return l, b.Create(ctx, leaseName(seq, "json"), append(data, '\n'))
}

func leaseName(seq int, suffix string) string { return fmt.Sprintf("leases/%08d.%s", seq, suffix) }
