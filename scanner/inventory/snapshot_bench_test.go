package inventory_test

import (
	"bytes"
	"runtime"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/inventory/inventorytest"
)

// benchmarkResources is the size that the figures in the project's documents speak of.
const benchmarkResources = 100_000

func benchmarkFile(b *testing.B) []byte {
	b.Helper()
	var file bytes.Buffer
	if err := inventorytest.Generate(1, inventorytest.Options{Resources: benchmarkResources}).Write(&file); err != nil {
		b.Fatal(err)
	}
	return file.Bytes()
}

func BenchmarkReadSnapshot(b *testing.B) {
	file := benchmarkFile(b)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	var s *inventory.Snapshot
	for b.Loop() {
		var err error
		if s, err = inventory.ReadSnapshot(bytes.NewReader(file), "estate"); err != nil {
			b.Fatal(err)
		}
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(s)
	s = nil
	runtime.GC()
	runtime.ReadMemStats(&before)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MB-held")
}

func BenchmarkWriteSnapshot(b *testing.B) {
	s := inventorytest.Generate(1, inventorytest.Options{Resources: benchmarkResources})
	var file bytes.Buffer
	b.ReportAllocs()
	for b.Loop() {
		file.Reset()
		if err := s.Write(&file); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(file.Len()))
}
