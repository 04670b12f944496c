package main

import (
	"fmt"
	"slices"
	"testing"

	"github.com/clerkmeta/clerkmeta-go/internal/benchmarks"
)

// measuredCase is a case with one row a candidate, the baseline first.
type measuredCase struct {
	name string
	rows []row
}

// row is what came of a candidate; ratios are to the baseline in the same round,
// the baseline's own to its median.
type row struct {
	name string
	// none says that the candidate has no such call.
	none                    bool
	nanos, low, high, ratio float64
	bytes, allocs           float64
	bytesRatio, allocsRatio float64
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
	m := measuredCase{name: c.Name}
	for i, candidate := range c.Candidates {
		if candidate.Run == nil {
			m.rows = append(m.rows, row{name: candidate.Name, none: true})
			continue
		}
		times := float64(candidate.Count())
		r := row{
			name:   candidate.Name,
			nanos:  median(each(results[i], nanos)) / times,
			bytes:  median(each(results[i], bytesPerOp)) / times,
			allocs: median(each(results[i], allocsPerOp)) / times,
		}
		ratios := each(results[i], nanos)
		for round := range ratios {
			base := nanos(results[0][round]) / float64(c.Candidates[0].Count()) * times
			if i == 0 {
				base = r.nanos * times
			}
			ratios[round] /= base
		}
		r.low, r.ratio, r.high = slices.Min(ratios), median(ratios), slices.Max(ratios)
		m.rows = append(m.rows, r)
		m.rows[i].bytesRatio = r.bytes / m.rows[0].bytes
		m.rows[i].allocsRatio = r.allocs / m.rows[0].allocs
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
