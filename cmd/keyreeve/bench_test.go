//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
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
			var use syscall.Rusage
			if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(use.Maxrss)/1024, "peak-MB")
		})
	}
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
