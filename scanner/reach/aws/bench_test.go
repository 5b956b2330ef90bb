package aws_test

import (
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/access/aws/estatetest"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	reach "github.com/keyreeve/keyreeve/scanner/reach/aws"
)

// BenchmarkSummarize works out all summaries of one account and of many, with what they keep on the heap. The index is there before.
func BenchmarkSummarize(b *testing.B) {
	for _, o := range []estatetest.Options{{Accounts: 1, Roles: 100, Keys: 10_000}, {Accounts: 1000, Roles: 20_000, Keys: 100_000}} {
		b.Run(fmt.Sprintf("accounts=%d/roles=%d/keys=%d", o.Accounts, o.Roles, o.Keys), func(b *testing.B) {
			ix, err := aws.Build(estatetest.Generate(1, o))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			before, heap := cpu(), kept()
			var s *reach.Summaries
			for b.Loop() {
				s = reach.Summarize(ix, &inventory.Snapshot{})
			}
			b.ReportMetric((cpu()-before).Seconds()/float64(b.N), "cpu-s")
			b.ReportMetric(float64(kept()-heap)/1e6, "kept-MB")
			runtime.KeepAlive(s)
		})
	}
}

func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func kept() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
