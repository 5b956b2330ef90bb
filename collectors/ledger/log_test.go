package ledger

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestTampering: each way to tamper with a ledger is found, and the entry named.
func TestTampering(t *testing.T) {
	one, two, three, four, last := Name(1), Name(2), Name(3), Name(4), Name(5)
	replace := func(name, old, new string) func(files) {
		return func(f files) { f[name] = bytes.Replace(f[name], []byte(old), []byte(new), 1) }
	}
	// again replaces an entry by one that is sound in itself.
	again := func(seq int, change func(*Entry)) func(files) {
		return func(f files) {
			e, _ := Parse(f[Name(seq)])
			change(&e)
			f[Name(seq)] = e.Bytes()
		}
	}
	for _, c := range []struct {
		name   string
		spoil  func(files)
		at     string
		reason string
	}{
		{"an edited byte", replace(two, "production", "productiom"), three, "its prev is not the hash of entry 2"},
		{"an edited byte in the last", replace(last, `"seq":5`, `"seq":6`), last, "it holds entry 6"},
		{"an edited hash", replace(three, `"prev":"`, `"prev":"0`), three, "is not a hash"},
		{"an edited time", again(3, func(e *Entry) { e.At = start.AddDate(1, 0, 0) }), four, "its prev is not the hash of entry 3"},
		{"the first removed", func(f files) { delete(f, one) }, one, "it is missing, but there is 00000002.json"},
		{"a middle one removed", func(f files) { delete(f, three) }, three, "it is missing, but there is 00000004.json"},
		{"a middle one removed, the rest renamed", func(f files) { f[three], f[four] = f[four], f[last]; delete(f, last) }, three, "it holds entry 4"},
		{"two exchanged", func(f files) { f[three], f[four] = f[four], f[three] }, three, "it holds entry 4"},
		{"renamed", func(f files) { f["entries/3.json"] = f[three]; delete(f, three) }, "entries/3.json", "it is not the name of an entry"},
		{"renamed to the end", func(f files) { f[Name(6)] = f[last]; delete(f, last) }, last, "it is missing, but there is 00000006.json"},
		{"a file of another kind", func(f files) { f["entries/notes.txt"] = nil }, "entries/notes.txt", "it is not the name of an entry"},
		{"a number too large", func(f files) { f["entries/000000001.json"] = f[one] }, "entries/000000001.json", "it is not the name of an entry"},
		{"entry zero", func(f files) { f[Name(0)] = f[one] }, Name(0), "it is not the name of an entry"},
		{"a folder deeper", func(f files) { f["entries/old/00000001.json"] = f[one] }, "entries/old/00000001.json", "it is not the name of an entry"},
		{"a sound entry of its own", again(4, func(e *Entry) { e.Note = "nothing happened" }), last, "its prev is not the hash of entry 4"},
		{"added, made up", func(f files) { f[Name(6)] = []byte("{}\n") }, Name(6), "its number 0 is not between"},
		{"added, chained to another", func(f files) {
			e, _ := Parse(f[last])
			e.Seq = 6
			f[Name(6)] = e.Bytes()
		}, Name(6), "its prev is not the hash of entry 5"},
		{"another ledger's entry", func(f files) {
			_, other := five(theirs)
			f[last] = other[last]
		}, last, "it belongs to ledger " + theirs},
		{"another ledger's entry, chained", again(5, func(e *Entry) { e.Ledger = theirs }), last, "it belongs to ledger " + theirs},
		{"another ledger's beginning", func(f files) {
			_, other := five(theirs)
			f[one] = other[one]
		}, two, "it belongs to ledger " + mine},
		{"a duplicate", func(f files) { f[four] = f[three] }, four, "it holds entry 3"},
		{"a duplicate at the end", func(f files) { f[Name(6)] = f[last] }, Name(6), "it holds entry 5"},
		{"spaces", replace(two, `,"`, `, "`), two, "not in canonical form"},
		{"fields in another order", func(f files) {
			f[four] = bytes.Replace(bytes.Replace(f[four], []byte(`,"step":"r1/create"`), nil, 1), []byte(`"seq":4`), []byte(`"step":"r1/create","seq":4`), 1)
		}, four, "not in canonical form"},
		{"facts in another order", replace(two, `"pattern":"overlap","tier":"production"`, `"tier":"production","pattern":"overlap"`), two, "not in canonical form"},
		{"a field twice", replace(four, `"kind":"intent"`, `"kind":"outcome","kind":"intent"`), four, "not in canonical form"},
		{"a field spelt otherwise", replace(four, `"kind"`, `"Kind"`), four, "not in canonical form"},
		{"an escape that is not needed", replace(four, `r1`, `\u00721`), four, "not in canonical form"},
		{"an empty field", replace(four, `"rotation":`, `"run":"","rotation":`), four, "not in canonical form"},
		{"a null", replace(four, `"rotation":`, `"run":null,"rotation":`), four, "not in canonical form"},
		{"an unknown field", replace(four, `"rotation":`, `"who":"me","rotation":`), four, `unknown field "who"`},
		{"an unknown kind", replace(four, `"intent"`, `"guess"`), four, `its kind "guess" is none that this version knows`},
		{"CRLF", func(f files) { f[two] = bytes.ReplaceAll(f[two], []byte("\n"), []byte("\r\n")) }, two, "not in canonical form"},
		{"no line feed", func(f files) { f[two] = bytes.TrimSpace(f[two]) }, two, "not in canonical form"},
		{"two line feeds", func(f files) { f[two] = append(f[two], '\n') }, two, "not in canonical form"},
		{"a second value", func(f files) { f[two] = append(f[two], "{}\n"...) }, two, "not in canonical form"},
		{"a byte order mark", func(f files) { f[two] = append([]byte("\ufeff"), f[two]...) }, two, "it is not an entry"},
		{"not UTF-8", replace(four, "r1", "\xff"), four, "not in canonical form"},
		{"cut off", func(f files) { f[last] = f[last][:len(f[last])/2] }, last, "it is cut off"},
		{"empty", func(f files) { f[last] = nil }, last, "it is cut off"},
		{"too large", func(f files) { f[last] = bytes.Repeat([]byte(" "), MaxEntry+1) }, last, "more than 65536 bytes"},
		{"another format", func(f files) { replace(one, Format, "keyreeve-ledger/2")(f) }, one, `the ledger's format is "keyreeve-ledger/2"`},
		{"another time zone", replace(two, "Z\"", "+00:00\""), two, "not in canonical form"},
		{"parts of a second", replace(two, "Z\"", ".5Z\""), two, "is not in whole seconds of UTC"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, f := five(mine)
			c.spoil(f)
			l, err := Read(t.Context(), f)
			var broken *BrokenError
			if !errors.As(err, &broken) || l != nil {
				t.Fatalf("Read = %v, %v; want a broken ledger", l, err)
			}
			if broken.Name != c.at || !strings.Contains(broken.Why, c.reason) {
				t.Errorf("%v; want %s: %s", err, c.at, c.reason)
			}
		})
	}
}

// TestOrder: what hangs together by its hashes is refused all the same when its times or kinds cannot be.
func TestOrder(t *testing.T) {
	for name, c := range map[string]struct {
		entry Entry
		want  string
	}{
		"time backwards":                {Entry{Kind: Intent, At: start}, "its time 2026-01-02T03:04:05Z is before that of entry 2, 2026-01-02T03:06:05Z"},
		"opened again":                  {Entry{Kind: Opened, Facts: map[string]string{"format": Format}}, "the first entry, and no other"},
		"a checkpoint of nothing":       {Entry{Kind: Checkpoint}, "which this ledger never had"},
		"a checkpoint of another head":  {Entry{Kind: Checkpoint, Facts: map[string]string{"seq": "1", "head": strings.Repeat("0", 64)}}, "which this ledger never had"},
		"a checkpoint of another, last": {Entry{Kind: Checkpoint, Facts: map[string]string{"seq": "2", "head": strings.Repeat("0", 64)}}, "which this ledger never had"},
		"a checkpoint of what is after": {Entry{Kind: Checkpoint, Facts: map[string]string{"seq": "3", "head": strings.Repeat("0", 64)}}, "which this ledger never had"},
	} {
		t.Run(name, func(t *testing.T) {
			l, f := written(mine, Entry{Kind: Planned})
			e := next(l, c.entry)
			if f[Name(3)] = e.Bytes(); f[Name(3)] == nil { // Check refuses it; a forger need not ask
				f[Name(3)] = bytes.Replace(next(l, Entry{Kind: Intent}).Bytes(), []byte(`"intent"`), []byte(`"`+e.Kind+`"`), 1)
			}
			if _, err := Read(t.Context(), f); err == nil || !strings.Contains(err.Error(), "entries/00000003.json: ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v; want %s", err, c.want)
			}
		})
	}
}

// TestTail: entries cut off the end are found with a head, and only with one.
func TestTail(t *testing.T) {
	l, f := five(mine)
	whole := read(t, f)
	if !reflect.DeepEqual(l, whole) || whole.Head() != l.Head() || whole.UpTo(l.Head()) != 5 {
		t.Fatalf("read %+v, wrote %+v", whole, l)
	}
	delete(f, Name(5))
	short := read(t, f)
	for _, c := range []struct {
		log        *Log
		head, want string
		broken     bool
	}{
		{whole, "", "consistent, not authenticated: 5 entries hang together, and no head was given that proves the last of them to be there", false},
		{whole, l.Head(), "complete: 5 entries, the head being that of the last", false},
		{whole, short.Head(), "complete up to entry 4; 1 entry added since", false},
		{short, "", "consistent, not authenticated: 4 entries hang together, and no head was given that proves the last of them to be there", false},
		{short, l.Head(), "the ledger is broken: entries/00000004.json: neither it nor one before it has the hash " + l.Head() + ": entries are missing, or these are others", true},
		{short, strings.ToUpper(l.Head()), `"` + strings.ToUpper(l.Head()) + `" is not the hash of an entry: 64 digits of lower-case hex`, false},
	} {
		got, err := c.log.Verify(c.head)
		var broken *BrokenError
		if errors.As(err, &broken) != c.broken {
			t.Errorf("Verify(%q) = %v, broken being %v", c.head, err, c.broken)
		}
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("Verify(%q) says\n%s; want\n%s", c.head, got, c.want)
		}
	}
}

// TestCheckpoint: a checkpoint names the head before it, by the message that was signed.
func TestCheckpoint(t *testing.T) {
	l, f := five(mine)
	if got, want := string(Message(l.ID, 5, l.Head())), "keyreeve ledger checkpoint 1\nledger "+mine+"\nentry 5\nhead "+l.Head()+"\n"; got != want {
		t.Errorf("message %q, want %q", got, want)
	}
	c := l.Checkpoint()
	for range 2 { // right after the head that it names, and once more later
		e := next(l, c)
		l.Entries = append(l.Entries, e)
		f[Name(e.Seq)] = e.Bytes()
	}
	if got := read(t, f); got.Entries[5].Facts["seq"] != "5" || got.UpTo(got.Entries[5].Facts["head"]) != 5 {
		t.Errorf("read %+v", got.Entries[5])
	}
}

// TestNone: a place without entries is no ledger, and a reader's error is not taken for tampering.
func TestNone(t *testing.T) {
	if _, err := Read(t.Context(), files{}); !errors.Is(err, ErrNone) {
		t.Errorf("an empty place: %v", err)
	}
	for name, c := range map[string]struct {
		reader Reader
		want   error
	}{
		"nowhere":          {Folder(filepath.Join(t.TempDir(), "no")), os.ErrNotExist},
		"an entry is gone": {gone{}, os.ErrNotExist},
		"stopped":          {stopped{}, context.DeadlineExceeded},
	} {
		_, err := Read(t.Context(), c.reader)
		if broken := new(*BrokenError); !errors.Is(err, c.want) || errors.As(err, broken) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, f := five(mine)
	if _, err := Read(ctx, f); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

type gone struct{ files }

func (gone) List(context.Context) ([]string, error) { return []string{Name(1)}, nil }

type stopped struct{}

func (stopped) List(context.Context) ([]string, error)      { return nil, context.DeadlineExceeded }
func (stopped) Get(context.Context, string) ([]byte, error) { return nil, context.DeadlineExceeded }

// TestFolder: a folder is read as it stands; dot files, and files elsewhere, are no part of the ledger.
func TestFolder(t *testing.T) {
	dir := t.TempDir()
	if _, err := Read(t.Context(), Folder(dir)); !errors.Is(err, ErrNone) {
		t.Errorf("an empty folder: %v", err)
	}
	l, f := five(mine)
	os.MkdirAll(filepath.Join(dir, "entries"), 0o700)
	os.MkdirAll(filepath.Join(dir, "making"), 0o700)
	f["entries/.DS_Store"], f["making/1.entry"], f["writer"] = nil, []byte("half an ent"), nil
	for name, data := range f {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := read(t, Folder(dir)); !reflect.DeepEqual(got, l) {
		t.Errorf("read %+v, want %+v", got, l)
	}
	os.WriteFile(filepath.Join(dir, Name(5)), bytes.Repeat([]byte("x"), 10*MaxEntry), 0o600)
	if data, err := Folder(dir).Get(t.Context(), Name(5)); err != nil || len(data) != MaxEntry+1 {
		t.Errorf("read %d bytes of a large file, %v", len(data), err)
	}
	os.Remove(filepath.Join(dir, Name(5)))
	os.Mkdir(filepath.Join(dir, Name(5)), 0o700)
	if _, err := Read(t.Context(), Folder(dir)); err == nil || !strings.Contains(err.Error(), "is not a file") {
		t.Errorf("a folder in place of an entry: %v", err)
	}
}

// TestSoundEntries: what Check refuses has no bytes.
func TestSoundEntries(t *testing.T) {
	sound := func() Entry {
		return Entry{Seq: 2, Prev: strings.Repeat("a", 64), Ledger: mine, At: start, Kind: Intent}
	}
	if e := sound(); e.Check() != nil || e.Bytes() == nil {
		t.Fatal(e.Check())
	}
	for want, change := range map[string]func(*Entry){
		"its number 0":           func(e *Entry) { e.Seq = 0 },
		"its number 100000000":   func(e *Entry) { e.Seq = MaxSeq + 1 },
		"is not an ID":           func(e *Entry) { e.Ledger = "x" },
		"is not a hash":          func(e *Entry) { e.Prev = strings.Repeat("A", 64) },
		"the first entry has no": func(e *Entry) { e.Prev = "" },
		"its kind \"\"":          func(e *Entry) { e.Kind = "" },
		"whole seconds":          func(e *Entry) { e.At = start.Add(1) },
		"from 1970":              func(e *Entry) { e.At = time.Time{} },
		"of UTC":                 func(e *Entry) { e.At = start.In(time.FixedZone("", 3600)) },
		"is not UTF-8":           func(e *Entry) { e.By = "\xff" },
		"has no name":            func(e *Entry) { e.Facts = map[string]string{"": "x"} },
		"or is not UTF-8":        func(e *Entry) { e.Facts = map[string]string{"x": "\xff"} },
		"more than 65536":        func(e *Entry) { e.Note = strings.Repeat("\x01", MaxEntry/6) },
		"signature is not JSON":  func(e *Entry) { e.Signature = []byte("{} {}") },
	} {
		e := sound()
		change(&e)
		if err := e.Check(); err == nil || !strings.Contains(err.Error(), want) || e.Bytes() != nil {
			t.Errorf("%v; want %s, and no bytes", err, want)
		}
	}
}
