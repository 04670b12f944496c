package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/clerkmeta/clerkmeta-go/bulk"
)

const (
	// redraw is the interval of a bar on a terminal, plainEvery that of lines elsewhere.
	redraw     = 200 * time.Millisecond
	plainEvery = 10 * time.Second
	// columns is the width of a bar: that of every terminal, less one, since some break a
	// full line.
	columns = 79
	minBar  = 8
)

// progress shows the progress of a walk: a bar on a terminal, a line now and then
// elsewhere. It is safe for concurrent use.
type progress struct {
	out      io.Writer
	terminal bool
	label    string
	total    int64
	traffic  *traffic

	mu     sync.Mutex
	counts bulk.Counts
	began  time.Time
	stop   chan struct{}
	group  sync.WaitGroup
}

// begin starts the drawing, which end stops.
func (p *progress) begin() {
	p.began, p.stop = time.Now(), make(chan struct{})
	every := plainEvery
	if p.terminal {
		every = redraw
	}
	p.group.Go(func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				p.draw()
			case <-p.stop:
				return
			}
		}
	})
}

// set takes the counts so far.
func (p *progress) set(c bulk.Counts) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts = c
}

// end draws for the last time.
func (p *progress) end() {
	close(p.stop)
	p.group.Wait()
	if p.terminal {
		p.draw()
		p.write("\n")
	}
}

// note writes a line between the bars.
func (p *progress) note(text string) {
	if p.terminal {
		text = "\r\x1b[K" + text
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.write(text + "\n")
}

func (p *progress) draw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.terminal {
		p.write("\r" + p.bar() + "\x1b[K")
	} else {
		p.write(p.line() + "\n")
	}
}

// write writes; an output that is closed does not end the work.
func (p *progress) write(text string) { _, _ = io.WriteString(p.out, text) }

// figures returns the rate of this run and the time left.
func (p *progress) figures() (rate float64, left string) {
	done := p.counts.Total() - p.counts.Recorded
	elapsed := time.Since(p.began).Seconds()
	if done == 0 || elapsed <= 0 {
		return 0, "?"
	}
	rate = float64(done) / elapsed
	remaining := time.Duration(float64(p.total-p.counts.Total()) / rate * float64(time.Second))
	return rate, remaining.Round(time.Second).String()
}

// details returns the failures and waits, "" for none.
func (p *progress) details() string {
	var b strings.Builder
	if n := p.counts.Left(); n > 0 {
		fmt.Fprintf(&b, " failed %d", n)
	}
	if p.traffic != nil {
		if n := p.traffic.waits.Load(); n > 0 {
			fmt.Fprintf(&b, " waits %d", n)
		}
		if n := p.traffic.refused.Load(); n > 0 {
			fmt.Fprintf(&b, " 429s %d", n)
		}
	}
	return b.String()
}

func (p *progress) bar() string {
	rate, left := p.figures()
	done := p.counts.Total()
	share := 1.0
	if p.total > 0 {
		share = min(1, float64(done)/float64(p.total))
	}
	text := fmt.Sprintf("%3d%% %d/%d %.0f/s ETA %s%s", int(share*100), done, p.total, rate, left, p.details())
	width := max(minBar, columns-len(p.label)-len(text)-4)
	full := int(share * float64(width))
	bar := strings.Repeat("=", full)
	if full < width {
		bar += ">" + strings.Repeat(" ", width-full-1)
	}
	return p.label + " [" + bar + "] " + text
}

func (p *progress) line() string {
	rate, left := p.figures()
	return fmt.Sprintf("%s: %d of %d, %.1f/s, ETA %s%s", p.label, p.counts.Total(), p.total, rate, left, p.details())
}
