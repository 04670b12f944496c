package redislimit_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	redislimit "github.com/clerkmeta/clerkmeta-go/contrib/redis"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/redisserver"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// Three servers as a cluster: one of them has all keys of an instance.
func TestCluster(t *testing.T) {
	t.Parallel()
	const slots, nodes = 16384, 3
	var addrs []string
	var first *redis.Client
	for i := range nodes {
		s := redisserver.Run(t, "--cluster-enabled", "yes", "--cluster-node-timeout", "60000")
		node := connect(t, s)
		from, to := slots*i/nodes, slots*(i+1)/nodes-1
		require.NoError(t, node.ClusterAddSlotsRange(t.Context(), from, to).Err())
		if first == nil {
			first = node
		}
		host, port, err := net.SplitHostPort(s.Addr)
		require.NoError(t, err)
		require.NoError(t, first.ClusterMeet(t.Context(), host, port).Err())
		addrs = append(addrs, s.Addr)
	}
	cluster := redis.NewClusterClient(&redis.ClusterOptions{Addrs: addrs})
	t.Cleanup(func() { _ = cluster.Close() })
	require.Eventually(t, func() bool {
		whole := cluster.ForEachMaster(t.Context(), func(ctx context.Context, node *redis.Client) error {
			info, err := node.ClusterInfo(ctx).Result()
			if err == nil && !containsAll(info, "cluster_state:ok", "cluster_known_nodes:3", "cluster_slots_ok:16384") {
				err = errRefused
			}
			return err
		})
		return whole == nil
	}, time.Minute, 50*time.Millisecond)

	for _, instance := range []string{"one", "two", "three"} {
		l := patient(t, cluster, redislimit.Config{Instance: instance, Limit: 12, WriteLimit: 10, Reserve: 1, Backfill: true})
		for range 10 {
			require.NoError(t, l.Wait(t.Context(), observe.Request{Entity: "user/user_1"}))
		}
		l.TooMany(t.Context(), observe.Request{Entity: "user/user_1"}, time.Minute)
		_ = late(t, l, observe.Request{Entity: "user/user_1"}, 5*time.Second)
		require.NoError(t, l.Wait(t.Context(), observe.Request{Entity: "user/user_2"}))
	}
}

func containsAll(text string, parts ...string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}

// A sentinel replaces a master that has died by its replica, which has the log.
func TestSentinel(t *testing.T) {
	t.Parallel()
	master := redisserver.Run(t)
	host, port, err := net.SplitHostPort(master.Addr)
	require.NoError(t, err)
	replica := connect(t, redisserver.Run(t, "--replicaof", host, port))
	old := connect(t, master)
	sentinel := redisserver.RunSentinel(t, "clerk", master)
	asked := redis.NewSentinelClient(&redis.Options{Addr: sentinel.Addr})
	t.Cleanup(func() { _ = asked.Close() })
	require.Eventually(t, func() bool {
		replicas, err := asked.Replicas(t.Context(), "clerk").Result()
		return err == nil && len(replicas) == 1 && strings.Contains(replica.Info(t.Context(), "replication").Val(), "master_link_status:up")
	}, time.Minute, 50*time.Millisecond)

	rdb := redis.NewFailoverClient(&redis.FailoverOptions{MasterName: "clerk", SentinelAddrs: []string{sentinel.Addr}})
	t.Cleanup(func() { _ = rdb.Close() })
	l := patient(t, rdb, redislimit.Config{Limit: 100, WriteLimit: 5})
	l.TooMany(t.Context(), observe.Request{Operation: "CreateInvitation"}, time.Hour)
	for range 4 {
		require.NoError(t, l.Wait(t.Context(), observe.Request{Operation: "CreateInvitations"}))
	}
	require.EqualValues(t, 1, old.Wait(t.Context(), 1, time.Minute).Val(), "the replica has the log")
	master.Kill()
	require.Eventually(t, func() bool {
		return l.Wait(t.Context(), observe.Request{Operation: "CreateInvitations"}) == nil
	}, time.Minute, 50*time.Millisecond)
	_ = late(t, l, observe.Request{Operation: "CreateInvitation"}, time.Minute)
	require.EqualValues(t, 5, l.Stats().Takes)
}
