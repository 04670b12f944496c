package main

import (
	"context"
	"sync"

	"github.com/redis/go-redis/v9"
)

// grants records the server's moment of each take that it granted to this process, from the
// answers of the script.
type grants struct {
	mu      sync.Mutex
	moments []int64
}

// DialHook changes nothing.
func (*grants) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessPipelineHook changes nothing.
func (*grants) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// ProcessHook reads the answers, which are status, wait, arrival and moment; status 0 is granted.
func (g *grants) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, command redis.Cmder) error {
		err := next(ctx, command)
		answer, ok := command.(*redis.Cmd)
		if err != nil || !ok {
			return err
		}
		if values, err := answer.Int64Slice(); err == nil && len(values) == 4 && values[0] == 0 {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.moments = append(g.moments, values[3])
		}
		return nil
	}
}
