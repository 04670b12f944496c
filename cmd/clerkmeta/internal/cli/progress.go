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
	minBar     = 8
)

// progress shows the progress of a walk: a bar on a terminal, a line now and then
// elsewhere. It is safe for concurrent use.
type progress struct {
	out io.Writer
	// columns is the width of the terminal, 0 for none.
	columns func() int
	label   string
	total   int64
	traffic *traffic

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
	if p.columns() > 0 {
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

func (p *progress) set(c bulk.Counts) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts = c
}

// end draws for the last time.
func (p *progress) end() {
	close(p.stop)
	p.group.Wait()
	if p.columns() > 0 {
		p.draw()
		p.write("\n")
	}
}

// note writes a line between the bars.
func (p *progress) note(text string) {
	if p.columns() > 0 {
		text = "\r\x1b[K" + text
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.write(text + "\n")
}

func (p *progress) draw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.columns() > 0 {
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

// details returns the failures and waits that are not zero.
func (p *progress) details() []string {
	var texts []string
	add := func(format string, n int64) {
		if n > 0 {
			texts = append(texts, fmt.Sprintf(format, n))
		}
	}
	add("failed %d", p.counts.Left())
	if p.traffic != nil {
		add("waits %d", p.traffic.waits.Load())
		add("429s %d", p.traffic.refused.Load())
		add("%d waiting", p.traffic.waiting.Load())
	}
	return texts
}

func (p *progress) bar() string {
	rate, left := p.figures()
	done := p.counts.Total()
	share := 1.0
	if p.total > 0 {
		share = min(1, float64(done)/float64(p.total))
	}
	head := fmt.Sprintf("%3d%% %d/%d", int(share*100), done, p.total)
	details := p.details()
	text := strings.Join(append([]string{head, fmt.Sprintf("%.0f/s ETA %s", rate, left)}, details...), " ")
	// One column stays free: some terminals break a full line.
	width := p.columns() - 1 - len(p.label) - len(text) - 4
	if width < minBar {
		text = p.label + " " + strings.TrimSpace(head)
		for _, part := range append(details, "ETA "+left) {
			if len(text)+1+len(part) < p.columns() {
				text += " " + part
			}
		}
		return text
	}
	full := int(share * float64(width))
	bar := strings.Repeat("=", full)
	if full < width {
		bar += ">" + strings.Repeat(" ", width-full-1)
	}
	return p.label + " [" + bar + "] " + text
}

func (p *progress) line() string {
	rate, left := p.figures()
	text := fmt.Sprintf("%s: %d of %d, %.1f/s, ETA %s", p.label, p.counts.Total(), p.total, rate, left)
	return strings.Join(append([]string{text}, p.details()...), " ")
}

// showRead shows on a terminal how many entities were read. An output that is closed does
// not end the work.
func (e Env) showRead(count int, k *kind, end string) {
	if e.terminal(e.Stderr) {
		_, _ = fmt.Fprintf(e.Stderr, "\r%d %ss%s", count, k, end)
	}
}
