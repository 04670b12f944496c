package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

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
}

// Each candidate is measured in so many rounds, at least so long in each.
const (
	rounds = 15
	each   = 40 * time.Millisecond
)

// printMeasured measures on this release of Go.
func printMeasured() error {
	if err := flag.Set("test.benchtime", each.String()); err != nil {
		return err
	}
	set, err := benchmarks.NewSet()
	if err != nil {
		return err
	}
	defer set.Close()
	r := release{Go: runtime.Version(), Modules: versions()}
	for _, c := range set.Cases {
		fmt.Fprintf(os.Stderr, "%s: %s, %s\n", r.Go, c.Group, c.Name)
		m, err := measure(c)
		if err != nil {
			return err
		}
		r.Cases = append(r.Cases, m)
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

// measure lets the candidates take turns, so that other load on the machine affects
// all of them alike.
func measure(c benchmarks.Case) (measured, error) {
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
	times := float64(max(1, c.Times))
	for i, candidate := range c.Candidates {
		r := row{
			Name:   candidate.Name,
			Nanos:  median(results[i], nanos) / times,
			Bytes:  median(results[i], bytesPerOp) / times,
			Allocs: median(results[i], allocsPerOp) / times,
		}
		var ratios []float64
		for round, result := range results[i] {
			base := nanos(results[0][round])
			if i == 0 {
				base = median(results[0], nanos)
			}
			ratios = append(ratios, nanos(result)/base)
		}
		slices.Sort(ratios)
		r.Low, r.Ratio, r.High = ratios[0], ratios[rounds/2], ratios[rounds-1]
		m.Rows = append(m.Rows, r)
	}
	return m, nil
}

func nanos(r testing.BenchmarkResult) float64       { return float64(r.T.Nanoseconds()) / float64(r.N) }
func bytesPerOp(r testing.BenchmarkResult) float64  { return float64(r.AllocedBytesPerOp()) }
func allocsPerOp(r testing.BenchmarkResult) float64 { return float64(r.AllocsPerOp()) }

func median(results []testing.BenchmarkResult, of func(testing.BenchmarkResult) float64) float64 {
	var values []float64
	for _, r := range results {
		values = append(values, of(r))
	}
	slices.Sort(values)
	return values[rounds/2]
}
