package demo

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	crgclient "github.com/city-resource-graph/crg/clients/go"
)

// Options say which city is played and how.
type Options struct {
	API      string // base URL
	Keys     Keys
	Profile  string // mapping profile of the import
	Source   string // folder that the workers read
	Run      string // id of the matching run
	Ward     string // both sides inside this ward; empty is the whole city
	Fairness crgclient.NewFairness
	Seed     int64
	Chances  Chances
	Revalue  string        // another parameter file, as text; empty: nothing is valued twice
	Patience time.Duration // how long a request may keep trying while something is down
	// Regular applies the city's schedules, of which ScheduleID fires soon; nil: the city has none.
	Regular func(context.Context) error
}

// Keys are the API keys of the people. Two approvers, because large matches need two different ones.
type Keys struct {
	Coordinator string // operator and matcher
	Approvers   [2]string
}

// Chances are the shares of simulated events.
type Chances struct {
	Refuse float64 // an approver says no
	Short  float64 // less is weighed than was promised
	NoShow float64 // the giver's side does not come about
	Late   float64 // a holder answers only after the run, where a schedule follows it
}

// DefaultChances are assumptions for a demonstration, not findings; the one real base rate, bulky items that were gone
// when the crew came (23 %, 594 of 2,570 crew notes of Washington's 311 data), is used when the listings are asked.
func DefaultChances() Chances { return Chances{Refuse: 0.08, Short: 0.2, NoShow: 0.03} }

// Outcome is what the demo learnt on its way; stores know the rest.
type Outcome struct {
	Import    string
	Run       string
	Confirmed int64 // unconfirmed resources that turned out usable
	Denied    int64
	Fired     []Fired // what the schedule did by itself, the oldest first
}

// runs are the runs whose matches the people settle.
func (o *Outcome) runs() []string {
	runs := []string{o.Run}
	for _, fired := range o.Fired {
		runs = append(runs, fired.Run)
	}
	return runs
}

// Demo drives one run.
type Demo struct {
	options     Options
	progress    *Progress
	tally       *tally
	late        []crgclient.Listing // whose holders answer after the run
	coordinator *crgclient.ClientWithResponses
	approvers   [2]*crgclient.ClientWithResponses
}

// New prepares the people's clients.
func New(options Options, progress *Progress) (*Demo, error) {
	d := &Demo{options: options, progress: progress, tally: newTally()}
	patientClient := &http.Client{Transport: patient{next: http.DefaultTransport, wait: options.Patience}}
	connect := func(key string) (*crgclient.ClientWithResponses, error) {
		return crgclient.New(options.API, key, crgclient.WithHTTPClient(patientClient))
	}
	var err error
	if d.coordinator, err = connect(options.Keys.Coordinator); err != nil {
		return nil, fmt.Errorf("client of the coordinator: %w", err)
	}
	for i, key := range options.Keys.Approvers {
		if d.approvers[i], err = connect(key); err != nil {
			return nil, fmt.Errorf("client of approver %d: %w", i+1, err)
		}
	}
	return d, nil
}

// Play is the main job from the data to the last hand-over.
func (d *Demo) Play(ctx context.Context) (Outcome, error) {
	outcome := Outcome{}
	for _, step := range []func(context.Context, *Outcome) error{
		d.read, d.onboard, d.ask, d.match, d.regular, d.settle, d.value,
	} {
		if err := step(ctx, &outcome); err != nil {
			return outcome, err
		}
	}
	return outcome, nil
}

const (
	pollPause = 300 * time.Millisecond
	atOnce    = 12 // requests in flight
)

// poll asks until done says so.
func poll(ctx context.Context, ask func(context.Context) (done bool, err error)) error {
	ticker := time.NewTicker(pollPause)
	defer ticker.Stop()
	for {
		if done, err := ask(ctx); done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// each does something for every item, some at once.
func each[T any](ctx context.Context, items []T, do func(context.Context, T) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, item := range items {
		group.Go(func() error { return do(ctx, item) })
	}
	return group.Wait()
}
