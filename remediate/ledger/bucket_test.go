package ledger

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"gocloud.dev/blob/memblob"

	"github.com/keyreeve/keyreeve/collectors/ledger"
	"github.com/keyreeve/keyreeve/collectors/ledger/bucket"
)

// shared makes stores of one bucket, as several processes would have them.
func shared(t *testing.T) func() *inBucket {
	objects := memblob.OpenBucket(nil)
	t.Cleanup(func() { objects.Close() })
	return func() *inBucket { return &inBucket{Bucket: bucket.New(objects)} }
}

func openAt(s Store, holder string, at time.Time) (*Writer, error) {
	return Open(context.Background(), s, holder, func() time.Time { return at })
}

// TestBucketLedger: a ledger in a bucket is written and read like one in a folder.
func TestBucketLedger(t *testing.T) {
	store := shared(t)
	if _, err := openAt(store(), "alice", start); !errors.Is(err, ledger.ErrNone) {
		t.Errorf("opened where there is none: %v", err)
	}
	if names, _ := store().Under(t.Context(), ""); len(names) != 0 {
		t.Errorf("opening has left %v", names)
	}
	w := open(t, store())
	for range 3 {
		if _, err := w.Append(t.Context(), ledger.Entry{Kind: ledger.Planned, Note: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	if log, err := ledger.Read(t.Context(), store()); err != nil || !reflect.DeepEqual(log, w.Log()) {
		t.Errorf("read %+v, %v; wrote %+v", log, err, w.Log())
	}
	if _, err := Init(t.Context(), store(), "ops", start); !errors.Is(err, ErrExists) {
		t.Errorf("made again: %v", err)
	}
}

// TestBucketLease: a lease keeps others away until it is released or, by everybody's clock, over.
func TestBucketLease(t *testing.T) {
	store := shared(t)
	if _, err := Init(t.Context(), store(), "ops", start); err != nil {
		t.Fatal(err)
	}
	alice, err := openAt(store(), "alice", start)
	if err != nil {
		t.Fatal(err)
	}
	for after, want := range map[time.Duration]error{0: ErrBusy, leaseTerm: ErrBusy, leaseTerm + leaseSkew - time.Second: ErrBusy} {
		if _, err := openAt(store(), "bob", start.Add(after)); !errors.Is(err, want) || !strings.Contains(err.Error(), "by alice, until 2026-01-02T04:09:05Z") {
			t.Errorf("after %s: %v", after, err)
		}
	}
	if err := alice.Close(); err != nil {
		t.Fatal(err)
	}
	bob, err := openAt(store(), "bob", start)
	if err != nil {
		t.Fatalf("after its release: %v", err)
	}
	carol, err := openAt(store(), "carol", start.Add(leaseTerm+leaseSkew))
	if err != nil {
		t.Fatalf("after its end: %v", err)
	}
	bob.now = func() time.Time { return start.Add(leaseTerm) }
	if _, err := bob.Append(t.Context(), ledger.Entry{Kind: ledger.Outcome}); err == nil || !strings.Contains(err.Error(), "the lease is over") {
		t.Errorf("appended without a lease: %v", err)
	}
	if _, err := carol.Append(t.Context(), ledger.Entry{Kind: ledger.Intent}); err != nil {
		t.Error(err)
	}
}

// TestBucketRenewal: whoever goes on writing keeps the lease, and one that was taken over is not renewed.
func TestBucketRenewal(t *testing.T) {
	store := shared(t)
	w := open(t, store())
	for i := range 10 {
		w.now = func() time.Time { return start.Add(time.Duration(i) * 35 * time.Minute) }
		if _, err := w.Append(t.Context(), ledger.Entry{Kind: ledger.Planned}); err != nil {
			t.Fatal(err)
		}
		if _, err := openAt(store(), "bob", w.now().Add(leaseTerm/2)); !errors.Is(err, ErrBusy) {
			t.Errorf("the lease was lost at %s: %v", w.now(), err)
		}
	}
	other := store()
	if _, err := other.make(t.Context(), w.store.(*inBucket).own.seq+1, "bob", start); err != nil {
		t.Fatal(err)
	}
	w.now = func() time.Time { return start.Add(9*35*time.Minute + leaseTerm*3/4) }
	if _, err := w.Append(t.Context(), ledger.Entry{Kind: ledger.Planned}); !errors.Is(err, ErrExists) {
		t.Errorf("renewed a lease that was taken over: %v", err)
	}
}

// TestBucketTaken: of those who ask at once for a free lease, one gets it.
func TestBucketTaken(t *testing.T) {
	store := shared(t)
	if _, err := Init(t.Context(), store(), "ops", start); err != nil {
		t.Fatal(err)
	}
	errs := make([]error, 8)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { _, errs[i] = openAt(store(), "one of many", start) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !errors.Is(err, ErrBusy) {
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d have the lease", won)
	}
}

// TestBucketRace: of writers that heed no lease, exactly one wins each number.
func TestBucketRace(t *testing.T) {
	store := shared(t)
	if _, err := Init(t.Context(), store(), "ops", start); err != nil {
		t.Fatal(err)
	}
	told := make([]bytes.Buffer, 4)
	var wg sync.WaitGroup
	for i := range told {
		wg.Go(func() {
			if err := contend(t.Context(), store(), &told[i]); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var all bytes.Buffer
	for i := range told {
		all.Write(told[i].Bytes())
	}
	each(t, store(), len(told), all.String())
}

// TestPlaces: a path is a folder, a URL a bucket.
func TestPlaces(t *testing.T) {
	if s, err := OpenStore(t.Context(), "a/b"); err != nil || s != Folder("a/b") {
		t.Errorf("a path: %v, %v", s, err)
	}
	if _, err := OpenStore(t.Context(), "file:///a/b"); err == nil || !strings.Contains(err.Error(), "the path of a folder, s3://BUCKET or azblob://CONTAINER") {
		t.Errorf("a URL of files: %v", err)
	}
}
