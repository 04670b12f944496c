// Code generated from docs/guides/durable-writes.md. DO NOT EDIT.

package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	riverwrites "github.com/clerkmeta/clerkmeta-go/contrib/river"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

var errNoCustomer = errors.New("the customer does not exist")

// setPlan stores a plan, here and at Clerk.
func setPlan(ctx context.Context, db *pgxpool.Pool, outbox *riverwrites.Outbox, user, plan string) error {
	return pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		// First the row, whose lock the transaction keeps: see below.
		tag, err := tx.Exec(ctx, `UPDATE customers SET plan = $2 WHERE clerk_id = $1`, user, plan)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return errNoCustomer
		}
		_, err = outbox.InsertTx(ctx, tx, bulk.PatchUser(user, bulk.Fields{
			Public: metadata.Patch{"plan": plan},
		}))
		return err
	})
}

func plans(db *pgxpool.Pool, outbox *riverwrites.Outbox) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := setPlan(r.Context(), db, outbox, r.PathValue("user"), r.FormValue("plan"))
		switch {
		case err == nil:
			w.WriteHeader(http.StatusAccepted) // Clerk has it soon
		case errors.Is(err, errNoCustomer):
			http.Error(w, "no such customer", http.StatusNotFound)
		case errors.Is(err, clerkerr.ErrInvalidArgument):
			http.Error(w, "the plan cannot be stored", http.StatusUnprocessableEntity)
		default:
			log.Print("plan: ", err)
			http.Error(w, "try again", http.StatusServiceUnavailable)
		}
	}
}

func workers(db *pgxpool.Pool, outbox *riverwrites.Outbox, c *client.Client) (*river.Client[pgx.Tx], error) {
	config := &river.Config{}
	if err := outbox.AddWorkers(config, db, c); err != nil {
		return nil, err
	}
	return river.NewClient(riverpgxv5.New(db), config)
}

func run(ctx context.Context) error {
	db, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		return fmt.Errorf("DATABASE_URL: %w", err)
	}
	defer db.Close()
	c, err := client.FromEnv()
	if err != nil {
		return err
	}
	outbox, err := riverwrites.New(riverwrites.Config{})
	if err != nil {
		return err
	}
	jobs, err := workers(db, outbox, c)
	if err != nil {
		return err
	}
	if err := jobs.Start(context.WithoutCancel(ctx)); err != nil { // Stop ends it
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /customers/{user}/plan", plans(db, outbox))
	server := &http.Server{Addr: "127.0.0.1:8080", Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		// A request to Clerk is over within half a minute.
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		if err := errors.Join(server.Shutdown(stop), jobs.Stop(stop)); err != nil {
			log.Print("stop: ", err)
		}
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	<-jobs.Stopped()
	return nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		log.Fatal(err)
	}
}
