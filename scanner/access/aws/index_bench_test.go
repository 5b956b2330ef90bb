package aws_test

import (
	"fmt"
	"iter"
	"runtime"
	"runtime/metrics"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/access/aws/estatetest"
)

// BenchmarkIndex reads an estate, indexes it, and works out all rights on all of its keys on two cores.
func BenchmarkIndex(b *testing.B) {
	for _, o := range []estatetest.Options{
		{Accounts: 1000, Roles: 20_000, Keys: 100_000},
		{Accounts: 1, Roles: 20, Keys: 10_000},
		{Accounts: 1, Roles: 200, Keys: 10_000},
		{Accounts: 100, Roles: 2_000, Keys: 5_000, Secrets: 5_000},
	} {
		b.Run(fmt.Sprintf("accounts=%d/roles=%d/keys=%d/secrets=%d", o.Accounts, o.Roles, o.Keys, o.Secrets), func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
			before := cpu()
			peak := watchHeap(b)
			for range b.N {
				start := time.Now()
				ix, err := aws.Build(estatetest.Generate(1, o))
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(time.Since(start).Milliseconds()), "build-ms")
				var rows, principals, certain atomic.Int64
				ix.Each(2, func(_ string, rights iter.Seq[aws.Rights]) {
					n := 0
					for r := range rights {
						n++
						principals.Add(int64(r.Len()))
						if r.Certain != 0 {
							certain.Add(1)
						}
					}
					rows.Add(int64(n))
				})
				b.ReportMetric(float64(rows.Load()), "rows")
				b.ReportMetric(float64(principals.Load()), "rights")
				b.ReportMetric(float64(certain.Load()), "certain-rows")
			}
			b.ReportMetric(float64(peak())/1e6, "peak-heap-MB")
			b.ReportMetric((cpu()-before).Seconds()/float64(b.N), "cpu-s")
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

// watchHeap returns the most bytes that objects on the heap took, dead ones that were not yet collected among them.
func watchHeap(b *testing.B) (peak func() uint64) {
	runtime.GC()
	var most atomic.Uint64
	done := make(chan struct{})
	b.Cleanup(func() { close(done) })
	look := func() {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(sample)
		if v := sample[0].Value.Uint64(); v > most.Load() {
			most.Store(v)
		}
	}
	go func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
				look()
			}
		}
	}()
	return func() uint64 { look(); return most.Load() }
}
