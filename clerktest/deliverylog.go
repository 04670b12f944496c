package clerktest

import "time"

// attempt is an attempt to deliver a message, as the control endpoint lists it.
type attempt struct {
	Seq     int    `json:"seq"`
	ID      string `json:"id"`
	Type    string `json:"type"`
	URL     string `json:"url"`
	Attempt int    `json:"attempt"` // 0 for one that a script lost
	Time    string `json:"time"`
	Status  int    `json:"status"` // 0 without an answer
	// Error says what was wrong, even with an answer that counts.
	Error      string  `json:"error"`
	DurationMS float64 `json:"duration_ms"`
	Next       *string `json:"next"` // the time of the next attempt
	message    *message
	answer     []byte // its beginning
}

// deliveryLog holds attempts, the oldest first.
type deliveryLog struct {
	rows    []attempt
	seq     int
	bytes   int
	dropped int
}

// stamp is a time in RFC 3339, UTC, with milliseconds.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }

// record logs an attempt, and drops the oldest ones of a log that is full.
func (c *Clerk) record(row attempt) {
	log := &c.deliveries
	log.seq++
	row.Seq, row.ID, row.Type = log.seq, row.message.id, row.message.name
	log.rows = append(log.rows, row)
	log.bytes += len(row.message.payload)
	for most := c.config.RequestLog; most > 0 && (len(log.rows) > most || log.bytes > maxQueued); {
		log.bytes -= len(log.rows[0].message.payload)
		log.rows = log.rows[1:]
		log.dropped++
	}
	row.message, row.answer = nil, nil // which would stay in the memory of a feed
	c.feed.publish("delivery", func() any { return row })
}
