package riverwrites_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	riverwrites "github.com/clerkmeta/clerkmeta-go/contrib/river"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// cut breaks a connection at the message with a number, before the message is sent or
// before its answer arrives.
type cut struct {
	net.Conn

	messages *atomic.Int64
	at       int64
	sent     bool
	broken   atomic.Bool
}

var errCut = errors.New("the connection is cut")

func (c *cut) Write(p []byte) (int, error) {
	if c.messages.Add(1) == c.at {
		c.broken.Store(true)
		if !c.sent {
			_ = c.Close()
			return 0, errCut
		}
	}
	return c.Conn.Write(p)
}

func (c *cut) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.broken.Load() {
		_ = c.Close()
		return 0, errCut
	}
	return n, err
}

// The connection to Postgres is lost at each message of a drain, and of the next one. No write
// is lost, sent out of order, or sent more than twice, and no error or log line has a value.
func TestConnectionLost(t *testing.T) {
	t.Parallel()
	for _, sent := range []bool{false, true} {
		log := &logBuffer{}
		w := newWorld(t, riverwrites.Config{Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
		for at := int64(1); ; at++ {
			_, err := w.pool.Exec(t.Context(), `TRUNCATE clerkmeta_write`)
			require.NoError(t, err)
			w.clerk.ResetRequests()
			w.insert(t, private("a", "secret 1"), bulk.ReplaceUser("user_1", bulk.Values{Private: metadata.Of(map[string]any{"a": at})}))
			config := w.pool.Config()
			messages := &atomic.Int64{}
			config.ConnConfig.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
				conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
				return &cut{Conn: conn, messages: messages, at: at, sent: sent}, err
			}
			pool, err := pgxpool.NewWithConfig(t.Context(), config)
			require.NoError(t, err)
			err = w.outbox.Drain(t.Context(), pool, w.client, user)
			pool.Close()
			if messages.Load() < at {
				require.NoError(t, err)
				require.Greater(t, at, int64(8), "there were some")
				break
			}
			if err != nil {
				require.NotContains(t, err.Error(), "secret")
			}
			_, err = w.pool.Exec(t.Context(), `UPDATE clerkmeta_lease SET leased_until = now()`) // it ends by itself
			require.NoError(t, err)
			require.NoError(t, w.drain(t, user))
			require.Equal(t, []string{"applied", "applied"}, w.states(t))
			u, _ := w.clerk.User("user_1")
			want, err := metadata.Of(map[string]any{"a": at}).Object()
			require.NoError(t, err)
			require.True(t, metadata.Equal(want, u.PrivateMetadata))
			require.LessOrEqual(t, len(w.bodies()), 3, "one of the two twice")
		}
		require.Contains(t, log.String(), "applied")
		require.NotContains(t, log.String(), "secret")
	}
}
