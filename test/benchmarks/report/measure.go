package main

import (
	"fmt"
	"slices"
	"testing"

	"github.com/clerkmeta/clerkmeta-go/test/benchmarks"
)

// release is the results on a release of Go.
type release struct {
	Go      string
	Modules []string
	Cases   []measured
}

// measured is a case with a row for each candidate, the baseline first.
type measured struct {
	Group, Name string
	Rows        []row
}

// row is the result of a candidate; ratios are to the baseline in the same round,
// the baseline's own to its median.
type row struct {
	Name                    string
	Nanos, Low, High, Ratio float64
	Bytes, Allocs           float64
	AllocsRatio             float64
}

// measure lets the candidates take turns, so that other load on the machine affects
// all of them alike.
func measure(c benchmarks.Case, rounds int) (measured, error) {
	results := make([][]testing.BenchmarkResult, len(c.Candidates))
	for range rounds {
		for i, candidate := range c.Candidates {
			r := testing.Benchmark(func(b *testing.B) { c.Bench(b, candidate) }) //nolint:thelper // it is the benchmark
			if r.N == 0 {
				return measured{}, fmt.Errorf("%s, %s: %s failed", c.Group, c.Name, candidate.Name)
			}
			results[i] = append(results[i], r)
		}
	}
	m := measured{Group: c.Group, Name: c.Name}
	for i, candidate := range c.Candidates {
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
