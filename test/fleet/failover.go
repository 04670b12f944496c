package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/clerkmeta/clerkmeta-go/internal/testkit/redisserver"
)

// failover is a master, a replica, and a sentinel that replaces the first by the second. It
// fails if Clerk refused more requests than the takes that were lost with the master.
func (f fleet) failover(dir string) error {
	const name = "clerk"
	folders := []string{dir + "/master", dir + "/replica", dir + "/sentinel"}
	for _, folder := range folders {
		if err := os.Mkdir(folder, 0o700); err != nil {
			return err
		}
	}
	master, err := redisserver.Start(folders[0])
	if err != nil {
		return err
	}
	defer master.Kill()
	host, port, _ := splitAddr(master.Addr)
	replica, err := redisserver.Start(folders[1], "--replicaof", host, port)
	if err != nil {
		return err
	}
	defer replica.Kill()
	sentinel, err := redisserver.StartSentinel(folders[2], name, master)
	if err != nil {
		return err
	}
	defer sentinel.Kill()
	time.Sleep(15 * time.Second) // the sentinel asks the master for its replicas every ten seconds
	var last, killed int64
	o, err := f.send("failover by a sentinel", job{Addr: sentinel.Addr, Master: name}, func() error {
		master.Kill()
		killed = time.Now().UnixMicro()
		var err error
		last, err = lastReplicated(replica.Addr)
		return err
	})
	if err != nil {
		return err
	}
	lost := lostTakes(o.taken, last, killed)
	fmt.Printf("  %d takes that the master had granted were lost with it\n", lost)
	return judge(o.refused, lost)
}

// lostTakes counts the takes of a master that its replica lacks: those after the last one in
// its log, until the master was killed. The servers share the clock of this machine, and the
// replica takes over after a second.
func lostTakes(taken []int64, last, killed int64) (lost int) {
	for _, moment := range taken {
		if last < moment && moment <= killed {
			lost++
		}
	}
	return lost
}

// judge allows Clerk to refuse one request for each take that was lost.
func judge(refused, lost int) error {
	if refused > lost {
		return fmt.Errorf("%d answers were 429; expected at most %d, one for each take that was lost", refused, lost)
	}
	return nil
}

// lastReplicated waits until a replica has read what its dead master has sent, and returns
// the moment of the last take in its log. No take is counted until it is a master.
func lastReplicated(addr string) (int64, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	rdb := redis.NewClient(&redis.Options{Addr: addr})
	defer rdb.Close() //nolint:errcheck // nothing is lost
	for {
		info, err := rdb.Info(ctx, "replication").Result()
		if err != nil {
			return 0, err
		}
		if strings.Contains(info, "role:master") {
			return 0, errors.New("the replica has taken over before its log was read")
		}
		if strings.Contains(info, "master_link_status:down") {
			break
		}
		time.Sleep(time.Millisecond)
	}
	log, err := rdb.ZRangeWithScores(ctx, "{clerk}:sent", -1, -1).Result()
	if err != nil || len(log) == 0 {
		return 0, errors.Join(err, fmt.Errorf("the log of the replica has %d takes", len(log)))
	}
	return int64(log[0].Score), nil
}
