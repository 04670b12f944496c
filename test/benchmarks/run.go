package benchmarks

import (
	"runtime"
	"testing"
)

// goroutines is how many do a parallel case.
const goroutines = 16

// Bench runs a candidate as a benchmark of package testing.
func (c Case) Bench(b *testing.B, candidate Candidate) {
	b.Helper()
	b.ReportAllocs()
	if !c.Parallel {
		for b.Loop() {
			if err := candidate.Run(); err != nil {
				b.Fatal(err)
			}
		}
		return
	}
	b.SetParallelism(max(1, goroutines/runtime.GOMAXPROCS(0)))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := candidate.Run(); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
