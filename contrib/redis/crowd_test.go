package redislimit_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"github.com/stretchr/testify/require"

	redislimit "github.com/clerkmeta/clerkmeta-go/contrib/redis"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// slow is a connection of a Redis that allows every take, and is busy for a millisecond with each.
func slow(conn net.Conn, busy chan struct{}) {
	in := bufio.NewReader(conn)
	for {
		var parts, length int
		if _, err := fmt.Fscanf(in, "*%d\r\n", &parts); err != nil {
			return
		}
		command := make([]string, parts)
		for i := range command {
			if _, err := fmt.Fscanf(in, "$%d\r\n", &length); err != nil {
				return
			}
			text := make([]byte, length+len("\r\n"))
			if _, err := io.ReadFull(in, text); err != nil {
				return
			}
			command[i] = string(text)
		}
		answer := "-ERR unknown command\r\n"
		if strings.HasPrefix(strings.ToLower(command[0]), "evalsha") {
			busy <- struct{}{}
			time.Sleep(time.Millisecond)
			<-busy
			answer = "*4\r\n:0\r\n:0\r\n:1\r\n:1\r\n"
		}
		if _, err := io.WriteString(conn, answer); err != nil {
			return
		}
	}
}

// Thousands of requests at once are no outage of a Redis that answers: few ask at a time.
func TestACrowd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const crowd = 3000
		busy := make(chan struct{}, 1)
		rdb := redis.NewClient(&redis.Options{
			Addr: "127.0.0.1:6379", DisableIdentity: true, Protocol: 2,
			// Those that wait for a connection share timers with clients outside the bubble.
			PoolSize:                 crowd,
			MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
			Dialer: func(context.Context, string, string) (net.Conn, error) {
				ours, theirs := net.Pipe()
				go slow(theirs, busy)
				return ours, nil
			},
		})
		l, err := redislimit.New(rdb, redislimit.Config{Limit: 1000})
		require.NoError(t, err)
		var all sync.WaitGroup
		for range crowd {
			all.Go(func() { require.NoError(t, l.Wait(t.Context(), observe.Request{})) })
		}
		all.Wait()
		require.EqualValues(t, crowd, l.Stats().Takes)
		require.Zero(t, l.Stats().Outages)
		require.NoError(t, rdb.Close())
	})
}
