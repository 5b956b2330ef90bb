package ledger

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/collectors/ledger"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 678, time.UTC)

func fixed() time.Time { return start }

// open makes a ledger in a store and opens it.
func open(t *testing.T, s Store) *Writer {
	t.Helper()
	if _, err := Init(t.Context(), s, "ops@example.org", start); err != nil {
		t.Fatal(err)
	}
	w, err := Open(t.Context(), s, "the test", fixed)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

// TestAppend: what was appended is what a reader reads, and the head that the writer knew is the reader's.
func TestAppend(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ledger")
	w := open(t, Folder(dir))
	for _, e := range []ledger.Entry{
		{Kind: ledger.Planned, Rotation: "r1", Resource: "arn:aws:kms:eu-west-1:111122223333:key/1", Facts: map[string]string{"tier": "production", "pattern": "overlap"}},
		{Kind: ledger.Approved, By: "alice@example.org", Plan: "sha256:12", Signature: []byte(`{ "sig": "<&>" }`)},
		{Kind: ledger.Intent, Rotation: "r1", Step: "r1/create", Note: "two\nlines & <signs>", At: start.Add(-time.Hour), Seq: 77, Prev: "x", Ledger: "y"},
	} {
		if _, err := w.Append(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	log, err := ledger.Read(t.Context(), ledger.Folder(dir))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(log, w.Log()) {
		t.Errorf("read\n%+v\nappended\n%+v", log, w.Log())
	}
	if len(log.Entries) != 4 || log.Entries[3].At != time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) || string(log.Entries[2].Signature) != `{"sig":"<&>"}` {
		t.Errorf("read %+v", log.Entries)
	}
	for path, want := range map[string]os.FileMode{dir: 0o700, dir + "/entries": 0o700, dir + "/entries/00000001.json": 0o600, dir + "/entries/00000004.json": 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v (%v), want %v", path, info.Mode().Perm(), err, want)
		}
	}
	if left, _ := os.ReadDir(dir + "/making"); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestInitOnce: a ledger is not made where there is one, and not opened where there is none.
func TestInitOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ledger")
	if _, err := Open(t.Context(), Folder(dir), "the test", fixed); !errors.Is(err, ledger.ErrNone) {
		t.Errorf("opened where there is none: %v", err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("opening has made the folder")
	}
	id, err := Init(t.Context(), Folder(dir), "ops", start)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Init(t.Context(), Folder(dir), "ops", start); !errors.Is(err, ErrExists) {
		t.Errorf("made again: %v", err)
	}
	if log, err := ledger.Read(t.Context(), ledger.Folder(dir)); err != nil || log.ID != id {
		t.Errorf("read %+v, %v; want %s", log, err, id)
	}
}

// TestBusy: the second writer is told who the first is, and may write when it is gone.
func TestBusy(t *testing.T) {
	s := Folder(t.TempDir())
	w := open(t, s)
	if _, err := Open(t.Context(), s, "another", fixed); !errors.Is(err, ErrBusy) || !strings.Contains(err.Error(), "the test") {
		t.Errorf("a second writer: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Append(t.Context(), ledger.Entry{Kind: ledger.Planned}); !errors.Is(err, ErrStopped) {
		t.Errorf("appended after Close: %v", err)
	}
	again, err := Open(t.Context(), s, "another", fixed)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestStops: after an entry that could not be written there is no other, whatever the reason.
func TestStops(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(dir string, w *Writer) context.Context
		entry ledger.Entry
		want  error
		text  string
	}{
		"clock backwards": {
			spoil: func(_ string, w *Writer) context.Context {
				w.now = func() time.Time { return start.Add(-61 * time.Second) }
				return context.Background()
			}, want: ErrClock, text: "it says 2026-01-02T03:03:04Z, and entry 1 was written at 2026-01-02T03:04:05Z",
		},
		"somebody else's entry": {
			spoil: func(dir string, _ *Writer) context.Context {
				os.WriteFile(dir+"/entries/00000002.json", nil, 0o600)
				return context.Background()
			}, want: ErrExists, text: "write entry 2 of the ledger",
		},
		"interrupted": {
			spoil: func(string, *Writer) context.Context {
				ctx, cancel := context.WithCancel(context.Background())
				cancel()
				return ctx
			}, want: context.Canceled,
		},
		"no entry":  {entry: ledger.Entry{Kind: "guessed"}, text: `its kind "guessed" is none that this version knows`},
		"too large": {entry: ledger.Entry{Kind: ledger.Planned, Note: strings.Repeat("x", ledger.MaxEntry)}, text: "more than 65536"},
		"signature": {entry: ledger.Entry{Kind: ledger.Planned, Signature: []byte(`{`)}, text: "its signature is not JSON"},
		"a file where the folder was": {
			spoil: func(dir string, _ *Writer) context.Context {
				os.RemoveAll(dir + "/making")
				os.WriteFile(dir+"/making", nil, 0o600)
				return context.Background()
			}, text: "not a directory",
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			w := open(t, Folder(dir))
			ctx := context.Background()
			if c.spoil != nil {
				ctx = c.spoil(dir, w)
			}
			if c.entry.Kind == "" {
				c.entry.Kind = ledger.Planned
			}
			_, err := w.Append(ctx, c.entry)
			if err == nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("the failing entry: %v; want %v %q", err, c.want, c.text)
			}
			w.now = fixed
			if _, err := w.Append(t.Context(), ledger.Entry{Kind: ledger.Planned}); !errors.Is(err, ErrStopped) {
				t.Errorf("the next entry: %v", err)
			}
			if n := len(w.Log().Entries); n != 1 {
				t.Errorf("the writer believes in %d entries", n)
			}
		})
	}
}

// Two writers' clocks may differ a little: the later entry then has the time of the earlier one.
func TestClocksDifferALittle(t *testing.T) {
	s := Folder(t.TempDir())
	if _, err := Init(t.Context(), s, "ops", start); err != nil {
		t.Fatal(err)
	}
	w, err := Open(t.Context(), s, "ci", func() time.Time { return start.Add(-time.Minute) })
	if err != nil {
		t.Fatal(err)
	}
	e, err := w.Append(t.Context(), ledger.Entry{Kind: ledger.Planned})
	if err != nil || !e.At.Equal(seconds(start)) {
		t.Errorf("an entry at %s, %v; want %s", e.At, err, seconds(start))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}
