// Command fleet measures contrib/redis with real servers and processes: a fleet that shares
// one limit against the in-process Clerk with the limits of a production instance, and takes
// beside other limiters. It needs redis-server.
//
//	go run . -run plain -processes 32 -for 60s
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/redisserver"
)

func main() {
	if text, ok := os.LookupEnv(envJob); ok {
		work(text)
		return
	}
	f := fleet{}
	scenario := flag.String("run", "plain", "plain, restart, failover, classes or takes")
	flag.IntVar(&f.processes, "processes", 32, "how many processes share the limit")
	flag.DurationVar(&f.time, "for", time.Minute, "how long they send")
	flag.Parse()
	if err := f.run(*scenario); err != nil {
		fmt.Fprintln(os.Stderr, "fleet:", err)
		os.Exit(1)
	}
}

// fleet is processes that send for a time.
type fleet struct {
	processes int
	time      time.Duration
}

func (f fleet) run(scenario string) error {
	dir, err := os.MkdirTemp("", "fleet")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	if scenario == "failover" {
		return f.failover(dir)
	}
	server, err := redisserver.Start(dir)
	if err != nil {
		return err
	}
	defer server.Kill()
	switch scenario {
	case "plain":
		_, err := f.send("undisturbed", job{Addr: server.Addr}, nil)
		return err
	case "restart":
		_, err := f.send("Redis restarted without its log", job{Addr: server.Addr}, func() error {
			server.Kill()
			return server.Restart()
		})
		return err
	case "classes":
		_, err := f.send("a backfill without classes", job{Addr: server.Addr, Interactive: true}, nil)
		_, err2 := f.send("a backfill with classes", job{Addr: server.Addr, Interactive: true, Instance: "classes", Reserve: 200, Floor: 50}, nil)
		return errors.Join(err, err2)
	case "takes":
		return takes(server.Addr)
	}
	return fmt.Errorf("scenario %q is unknown", scenario)
}

const (
	people  = 5000
	quota   = int(client.ProductionLimit)
	perTime = 10 * time.Second
)

// arrivals is what comes to the in-process Clerk.
type arrivals struct {
	next http.Handler

	mu       sync.Mutex
	accepted []time.Time
	refused  int
}

func (a *arrivals) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status := &statusWriter{ResponseWriter: w, status: http.StatusOK}
	a.next.ServeHTTP(status, r)
	a.mu.Lock()
	defer a.mu.Unlock()
	if status.status == http.StatusTooManyRequests {
		a.refused++
	} else {
		a.accepted = append(a.accepted, time.Now())
	}
}

type statusWriter struct {
	http.ResponseWriter

	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// outcome is what came of a fleet that sent.
type outcome struct {
	taken   []int64 // the server's moment of each take that a process was granted
	refused int     // answers 429
}

// send lets the processes send, disturbs them in the middle, and prints what came of it.
func (f fleet) send(name string, j job, disturb func() error) (outcome, error) {
	seed := clerktest.Seed{}
	for i := range people {
		seed.Users = append(seed.Users, clerktest.User{ID: userID(i)})
	}
	clerk, err := clerktest.Config{Limits: clerktest.LimitsProduction, RequestLog: 1}.New(seed)
	if err != nil {
		return outcome{}, err
	}
	all := &arrivals{next: clerk}
	server := httptest.NewServer(all)
	defer server.Close()
	j.URL, j.For = server.URL, f.time
	j.Start = time.Now().Add(2 * time.Second) // when all processes are there
	reports := make([]report, f.processes)
	errs := make([]error, f.processes+1)
	var wg sync.WaitGroup
	for i := range f.processes {
		wg.Go(func() {
			mine := j
			mine.Interactive = j.Interactive && i == 0
			mine.Backfill = j.Interactive && i > 0 && j.Reserve > 0
			reports[i], errs[i] = spawn(mine)
		})
	}
	if disturb != nil {
		time.Sleep(time.Until(j.Start.Add(f.time / 2)))
		errs[f.processes] = disturb()
	}
	wg.Wait()
	all.print(name, f, j.Start)
	var waits []time.Duration
	o, failed := outcome{refused: all.refused}, 0
	for _, r := range reports {
		waits = append(waits, r.Waits...)
		o.taken = append(o.taken, r.Taken...)
		failed += r.Failed
	}
	fmt.Printf("  %d takes, %d calls failed without being sent\n", len(o.taken), failed)
	if j.Interactive {
		fmt.Printf("  interactive waits: %s\n", percentiles(waits))
	}
	return o, errors.Join(errs...)
}

func (a *arrivals) print(name string, f fleet, start time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	in, gap, before := 0, time.Duration(0), start
	for _, at := range a.accepted {
		if at.Sub(start) <= f.time {
			in++
		}
		gap, before = max(gap, at.Sub(before)), at
	}
	allowed := float64(quota) * f.time.Seconds() / perTime.Seconds()
	fmt.Printf("%s: %d processes, %s: %d requests in time, %.1f %% of %.0f; %d answers were 429; longest gap %s\n",
		name, f.processes, f.time, in, 100*float64(in)/allowed, allowed, a.refused, gap.Round(time.Millisecond))
}

// spawn runs a process of the fleet.
func spawn(j job) (r report, err error) {
	text, err := json.Marshal(j)
	if err != nil {
		return r, err
	}
	self, err := os.Executable()
	if err != nil {
		return r, err
	}
	command := exec.Command(self) //nolint:gosec,noctx // this program; it ends with its job
	command.Env, command.Stderr = append(os.Environ(), envJob+"="+string(text), "GOMAXPROCS=1"), os.Stderr
	out, err := command.Output()
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(out, &r)
}

func percentiles(all []time.Duration) string {
	if len(all) == 0 {
		return "none"
	}
	slices.Sort(all)
	at := func(p int) time.Duration { return all[min(len(all)-1, len(all)*p/100)].Round(time.Microsecond) }
	return fmt.Sprintf("%d, p50 %s, p99 %s, longest %s", len(all), at(50), at(99), at(100))
}
