package main

import (
	"fmt"
	"slices"
	"testing"

	"github.com/clerkmeta/clerkmeta-go/test/benchmarks"
)

// release is what was measured on a release of Go.
type release struct {
	Go      string
	Modules []string
	Groups  []group
}

type group struct {
	Name  string
	Cases []measuredCase
}

// measuredCase is a case with one row a candidate, the baseline first.
type measuredCase struct {
	Name string
	Rows []row
}

// row is what came of a candidate; ratios are to the baseline in the same round,
// the baseline's own to its median.
type row struct {
	Name string
	// None says that the candidate has no such call.
	None                    bool
	Nanos, Low, High, Ratio float64
	Bytes, Allocs           float64
	AllocsRatio             float64
}

// measure has the candidates take turns, so that what else the machine does hits
// all of them alike.
func measure(c benchmarks.Case, rounds int) (measuredCase, error) {
	results := make([][]testing.BenchmarkResult, len(c.Candidates))
	for range rounds {
		for i, candidate := range c.Candidates {
			if candidate.Run == nil {
				continue
			}
			r := testing.Benchmark(func(b *testing.B) { c.Bench(b, candidate) }) //nolint:thelper // it is the benchmark
			if r.N == 0 {
				return measuredCase{}, fmt.Errorf("%s, %s: %s failed", c.Group, c.Name, candidate.Name)
			}
			results[i] = append(results[i], r)
		}
	}
	m := measuredCase{Name: c.Name}
	for i, candidate := range c.Candidates {
		if candidate.Run == nil {
			m.Rows = append(m.Rows, row{Name: candidate.Name, None: true})
			continue
		}
		times := float64(candidate.Count())
		r := row{
			Name:   candidate.Name,
			Nanos:  median(each(results[i], nanos)) / times,
			Bytes:  median(each(results[i], bytesPerOp)) / times,
			Allocs: median(each(results[i], allocsPerOp)) / times,
		}
		ratios := each(results[i], nanos)
		for round := range ratios {
			base := nanos(results[0][round]) / float64(c.Candidates[0].Count()) * times
			if i == 0 {
				base = r.Nanos * times
			}
			ratios[round] /= base
		}
		r.Low, r.Ratio, r.High = slices.Min(ratios), median(ratios), slices.Max(ratios)
		m.Rows = append(m.Rows, r)
		m.Rows[i].AllocsRatio = r.Allocs / m.Rows[0].Allocs
	}
	return m, nil
}

func nanos(r testing.BenchmarkResult) float64       { return float64(r.T.Nanoseconds()) / float64(r.N) }
func bytesPerOp(r testing.BenchmarkResult) float64  { return float64(r.AllocedBytesPerOp()) }
func allocsPerOp(r testing.BenchmarkResult) float64 { return float64(r.AllocsPerOp()) }

func each(results []testing.BenchmarkResult, of func(testing.BenchmarkResult) float64) []float64 {
	var values []float64
	for _, r := range results {
		values = append(values, of(r))
	}
	return values
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}
