package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/keyreeve/keyreeve/collectors/ledger"
)

// TestMain turns the test's binary into a writer when a test asks for another process.
func TestMain(m *testing.M) {
	if dir := os.Getenv("KEYREEVE_TEST_LEDGER"); dir != "" {
		if err := contend(context.Background(), Folder(dir), os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// contend appends without heeding the lease, opening the ledger anew whenever somebody else was faster, and prints the number of
// each entry that it was told it had written.
func contend(ctx context.Context, s Store, out io.Writer) error {
	for written := 0; written < 20; {
		w, err := Open(ctx, unleased{s}, "", fixed)
		if err != nil {
			return err
		}
		for ; written < 20; written++ {
			e, err := w.Append(ctx, ledger.Entry{Kind: ledger.Planned})
			if errors.Is(err, ErrExists) {
				break
			} else if err != nil {
				return err
			}
			fmt.Fprintln(out, e.Seq)
		}
	}
	return nil
}

// each checks that n writers wrote every entry once, and that the ledger is sound.
func each(t *testing.T, s Store, n int, told string) {
	t.Helper()
	log, err := ledger.Read(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(log.Entries); got != 20*n+1 {
		t.Errorf("%d entries, want %d", got, 20*n+1)
	}
	winners := map[string]int{}
	for _, seq := range strings.Fields(told) {
		winners[seq]++
	}
	for _, e := range log.Entries[1:] {
		if seq := fmt.Sprint(e.Seq); winners[seq] != 1 {
			t.Errorf("%d writers were told that they had written entry %s", winners[seq], seq)
		}
	}
}

// TestGoroutines: of writers in one process that heed no lease, exactly one wins each number.
func TestGoroutines(t *testing.T) {
	s := Folder(t.TempDir())
	if _, err := Init(t.Context(), s, "ops", start); err != nil {
		t.Fatal(err)
	}
	told := make([]bytes.Buffer, 4)
	var wg sync.WaitGroup
	for i := range told {
		wg.Go(func() {
			if err := contend(t.Context(), s, &told[i]); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var all bytes.Buffer
	for i := range told {
		all.Write(told[i].Bytes())
	}
	each(t, s, len(told), all.String())
}

// TestProcesses: likewise, of processes.
func TestProcesses(t *testing.T) {
	dir := t.TempDir()
	if _, err := Init(t.Context(), Folder(dir), "ops", start); err != nil {
		t.Fatal(err)
	}
	told := make([]bytes.Buffer, 3)
	var wg sync.WaitGroup
	for i := range told {
		wg.Go(func() {
			c := exec.CommandContext(t.Context(), os.Args[0])
			c.Env = append(os.Environ(), "KEYREEVE_TEST_LEDGER="+dir)
			var errs bytes.Buffer
			c.Stdout, c.Stderr = &told[i], &errs
			if err := c.Run(); err != nil {
				t.Errorf("%v: %s", err, errs.String())
			}
		})
	}
	wg.Wait()
	var all bytes.Buffer
	for i := range told {
		all.Write(told[i].Bytes())
	}
	each(t, Folder(dir), len(told), all.String())
}

// TestOneInit: of those who make a ledger at one place at once, exactly one does.
func TestOneInit(t *testing.T) {
	s := Folder(t.TempDir())
	ids := make([]string, 8)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			id, err := Init(t.Context(), s, "ops", start)
			if err != nil && !errors.Is(err, ErrExists) {
				t.Error(err)
			}
			ids[i] = id
		})
	}
	wg.Wait()
	log, err := ledger.Read(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(ids, ""); got != log.ID {
		t.Errorf("made %q, and %s is there", got, log.ID)
	}
}
