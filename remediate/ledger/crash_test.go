package ledger

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/keyreeve/keyreeve/collectors/ledger"
)

// TestCrash: what a writer leaves that stops between writing a file and naming it disturbs nobody, and the next writer removes it.
func TestCrash(t *testing.T) {
	dir := t.TempDir()
	if _, err := Init(t.Context(), Folder(dir), "ops", start); err != nil {
		t.Fatal(err)
	}
	left, err := write(filepath.Join(dir, "making"), []byte(`{"seq":2,"prev":"`))
	if err != nil {
		t.Fatal(err)
	}
	if log, err := ledger.Read(t.Context(), ledger.Folder(dir)); err != nil || len(log.Entries) != 1 {
		t.Errorf("read %v, %v", log, err)
	}
	w, err := Open(t.Context(), Folder(dir), "the test", fixed)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there (%v)", left, err)
	}
	if _, err := w.Append(t.Context(), ledger.Entry{Kind: ledger.Planned}); err != nil {
		t.Error(err)
	}
}

// TestUncertain: where a store made the entry and said that it did not, the writer stops, and the next one finds the entry.
func TestUncertain(t *testing.T) {
	s := Folder(t.TempDir())
	w := open(t, s)
	w.store = forgetful{s}
	if _, err := w.Append(t.Context(), ledger.Entry{Kind: ledger.Intent, Step: "r1/create"}); !errors.Is(err, errLost) {
		t.Errorf("Append: %v", err)
	}
	if _, err := w.Append(t.Context(), ledger.Entry{Kind: ledger.Intent}); !errors.Is(err, ErrStopped) || !errors.Is(err, errLost) {
		t.Errorf("the next: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w, err := Open(t.Context(), s, "the test", fixed)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if log := w.Log(); len(log.Entries) != 2 || log.Entries[1].Step != "r1/create" {
		t.Errorf("found %+v", log.Entries)
	}
}

// TestFull: a full disk stops the writer and leaves the ledger as it was.
func TestFull(t *testing.T) {
	s := Folder(t.TempDir())
	if _, err := Init(t.Context(), full{s}, "ops", start); !errors.Is(err, errFull) {
		t.Errorf("Init: %v", err)
	}
	w := open(t, s)
	w.store = full{s}
	if _, err := w.Append(t.Context(), ledger.Entry{Kind: ledger.Intent}); !errors.Is(err, errFull) {
		t.Errorf("Append: %v", err)
	}
	w.store = s
	if _, err := w.Append(t.Context(), ledger.Entry{Kind: ledger.Intent}); !errors.Is(err, ErrStopped) {
		t.Errorf("the next: %v", err)
	}
	if log, err := ledger.Read(t.Context(), s); err != nil || len(log.Entries) != 1 {
		t.Errorf("read %+v, %v", log, err)
	}
}

// TestReadOnly: where nothing can be written no writer opens; readers are not disturbed.
func TestReadOnly(t *testing.T) {
	dir := t.TempDir()
	if _, err := Init(t.Context(), Folder(dir), "ops", start); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 { // whom modes do not hold: something that is no file stands where the lock would be
		if err := os.Mkdir(filepath.Join(dir, "writer.lock"), 0o700); err != nil {
			t.Fatal(err)
		}
	} else {
		if err := os.Chmod(dir, 0o500); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Chmod(dir, 0o700) })
	}
	if _, err := Open(t.Context(), Folder(dir), "the test", fixed); err == nil || errors.Is(err, ErrBusy) || !strings.Contains(err.Error(), "open the ledger for writing") {
		t.Errorf("Open: %v", err)
	}
	if _, err := ledger.Read(t.Context(), ledger.Folder(dir)); err != nil {
		t.Errorf("Read: %v", err)
	}
}

// TestBrokenIsNotWritten: nothing is added to a ledger that does not verify, and the lease is given back.
func TestBrokenIsNotWritten(t *testing.T) {
	dir := t.TempDir()
	w := open(t, Folder(dir))
	for range 2 {
		if _, err := w.Append(t.Context(), ledger.Entry{Kind: ledger.Planned}); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	os.Remove(filepath.Join(dir, ledger.Name(2)))
	for range 2 {
		if _, err := Open(t.Context(), Folder(dir), "the test", fixed); !errors.As(err, new(*ledger.BrokenError)) {
			t.Errorf("Open: %v", err)
		}
	}
}

// TestReadsBackEqual: any sequence of entries that was appended, by any number of writers one after the other, is what a reader
// reads.
func TestReadsBackEqual(t *testing.T) {
	text := rapid.OneOf(rapid.Just(""), rapid.String(), rapid.SampledFrom([]string{"<&>", "a\u2028b", "\x00", `"\`, "é", "\ufeff", "\r\n"}))
	entry := rapid.Custom(func(t *rapid.T) ledger.Entry {
		return ledger.Entry{
			Kind: rapid.SampledFrom(ledger.Kinds[1:len(ledger.Kinds)-1]).Draw(t, "kind"), By: text.Draw(t, "by"), Run: text.Draw(t, "run"), Plan: text.Draw(t, "plan"),
			Rotation: text.Draw(t, "rotation"), Step: text.Draw(t, "step"), Resource: text.Draw(t, "resource"), Note: text.Draw(t, "note"),
			Facts:     rapid.MapOf(rapid.StringN(1, 9, 40), text).Draw(t, "facts"),
			Signature: []byte(rapid.SampledFrom([]string{"", "null", "1e9", `{"a" : [1, "<\u2028>"]}`, "\"\u2028\""}).Draw(t, "signature")),
		}
	})
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			rt.Fatal(err)
		}
		if _, err := Init(t.Context(), Folder(dir), text.Draw(rt, "by"), start); err != nil {
			rt.Fatal(err)
		}
		clock := start
		for range rapid.IntRange(1, 3).Draw(rt, "writers") {
			w, err := Open(t.Context(), Folder(dir), "the test", func() time.Time { return clock })
			if err != nil {
				rt.Fatal(err)
			}
			for _, e := range rapid.SliceOfN(entry, 0, 5).Draw(rt, "entries") {
				clock = clock.Add(time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(rt, "later")))
				wrote, err := w.Append(t.Context(), e)
				if err != nil {
					rt.Fatal(err)
				}
				if wrote.Kind != e.Kind || wrote.By != e.By || wrote.Step != e.Step || wrote.Note != e.Note || len(wrote.Facts) != len(e.Facts) {
					rt.Fatalf("appended %+v, wrote %+v", e, wrote)
				}
			}
			log, err := ledger.Read(t.Context(), ledger.Folder(dir))
			if err != nil || !reflect.DeepEqual(log, w.Log()) {
				rt.Fatalf("read\n%+v, %v\nwrote\n%+v", log, err, w.Log())
			}
			if err := w.Close(); err != nil {
				rt.Fatal(err)
			}
		}
	})
}
