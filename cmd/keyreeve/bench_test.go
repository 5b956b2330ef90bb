//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/scanner/inventory/inventorytest"
)

// BenchmarkCheck judges 100,000 resources with every built-in rule and writes the result: once with all facts read, once with the
// generator's share of facts that were not. cpu-s/op is the processor time, peak-MB the most memory that the process has held so far.
func BenchmarkCheck(b *testing.B) {
	for _, whole := range []bool{true, false} {
		b.Run(fmt.Sprintf("whole=%t", whole), func(b *testing.B) {
			dir := b.TempDir()
			file := filepath.Join(dir, "estate.ndjson")
			estate := inventorytest.Generate(1, inventorytest.Options{Resources: 100_000, TakenAt: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Whole: whole})
			if err := writeSnapshot(file, estate); err != nil {
				b.Fatal(err)
			}
			estate = nil
			debug.SetGCPercent(50) // as main does
			debug.FreeOSMemory()
			before := processor(b)
			for b.Loop() {
				a := &app{stdout: io.Discard, stderr: io.Discard, env: func(string) string { return "" }, now: time.Now, color: "never"}
				code := a.run(context.Background(), []string{"check", file, "-o", "json=" + filepath.Join(dir, "result.json")})
				if code != exitOK && code != exitIncomplete {
					b.Fatalf("exit %d", code)
				}
			}
			b.ReportMetric((processor(b)-before).Seconds()/float64(b.N), "cpu-s/op")
			b.ReportMetric(peak(b), "peak-MB")
		})
	}
}

// BenchmarkLint lints infrastructure code of an ordinary kind, copies of testdata/service, that git knows nothing of.
func BenchmarkLint(b *testing.B) {
	for _, files := range []int{100, 5_000} {
		b.Run(fmt.Sprintf("files=%d", files), func(b *testing.B) {
			root := b.TempDir()
			n := 0
			for copied := 0; n < files; copied++ {
				n += copyInto(b, filepath.Join(root, fmt.Sprintf("service%04d", copied)), filepath.Join("..", "..", "testdata", "service"), files-n)
			}
			debug.SetGCPercent(50) // as main does
			debug.FreeOSMemory()
			before := processor(b)
			for b.Loop() {
				a := &app{stdout: io.Discard, stderr: io.Discard, env: func(string) string { return "" }, now: time.Now, color: "never"}
				if code := a.run(context.Background(), []string{"lint", root, "--fail-on", "none"}); code != exitOK && code != exitIncomplete {
					b.Fatalf("exit %d", code)
				}
			}
			b.ReportMetric((processor(b)-before).Seconds()/float64(b.N), "cpu-s/op")
			b.ReportMetric(peak(b), "peak-MB")
		})
	}
}

// copyInto copies at most a number of files, and returns how many.
func copyInto(b *testing.B, to, from string, most int) (n int) {
	b.Helper()
	err := filepath.WalkDir(from, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if n >= most {
			return filepath.SkipAll
		}
		n++
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(to, rel)), 0o755); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), data, 0o600)
	})
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// peak is the most memory that this process has held, in MB.
func peak(b *testing.B) float64 {
	b.Helper()
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return float64(use.Maxrss) / 1024
}

// processor is the processor time of this process so far.
func processor(b *testing.B) time.Duration {
	b.Helper()
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}
