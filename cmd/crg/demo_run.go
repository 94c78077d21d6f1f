package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/api"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/demo"
	"github.com/city-resource-graph/crg/ingest"
	"github.com/city-resource-graph/crg/loopback"
	"github.com/city-resource-graph/crg/postgres"
)

// patience is how long the demo waits for a part of the stack that is down before it gives up.
const patience = 5 * time.Minute

// runDemo plays the main job on the real stack.
func runDemo(ctx context.Context, o demoOptions, progress *demo.Progress) error {
	config, err := loadConfig()
	if err != nil {
		return err
	}
	if err := config.require("DATABASE_URL", "REDIS_URL", "TEMPORAL_ADDRESS", "CRG_BLOBS"); err != nil {
		return err
	}
	// A city of its own for each demo: whatever an earlier one matched is not for the taking here.
	now := time.Now()
	profile, err := o.prepareData(ctx, city.ID(filepath.Base(o.profile)+now.Format("-0102-150405")))
	if err != nil {
		return err
	}
	logs := filepath.Join(o.report, "logs")
	children, err := newProcesses(logs, config.GraceTime)
	if err != nil {
		return err
	}
	defer children.stop()
	if _, err := postgres.MigrateUp(ctx, config.DatabaseURL); err != nil {
		return err
	}
	s := newServices(config, os.Stderr)
	defer s.close()
	store, err := s.store(ctx)
	if err != nil {
		return err
	}

	clock, err := city.NewClock(profile.AsOf, now, o.scale)
	if err != nil {
		return err
	}
	title(progress, profile, clock)
	if err := activities.InstallCity(ctx, store, profile, o.data, o.scale, now); err != nil {
		return err
	}
	keys, err := demoKeys(ctx, store, profile.ID)
	if err != nil {
		return err
	}
	base, err := startProduct(ctx, children, o)
	if err != nil {
		return err
	}
	progress.Title("   API         %s/docs   logs %s", base, logs)
	revalue, err := o.revalueBy()
	if err != nil {
		return err
	}
	regular, stop, err := o.schedules(ctx, s, profile.ID, progress)
	if err != nil {
		return err
	}
	defer stop()
	player, err := demo.New(demo.Options{
		API: base, Keys: keys, Profile: filepath.Base(o.profile), Source: o.data, Run: "demo" + now.Format("-0102-150405"), Ward: o.wardScope(),
		Fairness: o.asked,
		Seed:     o.seed, Chances: o.chances(), Revalue: revalue, Patience: patience,
		Regular: regular,
	}, progress)
	if err != nil {
		return err
	}
	outcome, err := player.Play(ctx)
	if err != nil {
		return fmt.Errorf("%w\nlogs of the processes: %s", err, logs)
	}
	return finishDemo(ctx, o, demoResult{
		config: config, store: store, profile: profile, outcome: outcome, api: base,
	}, progress)
}

// chances are those of every demo. Only the people of a generated city answer late: a run over real data is to be the one
// that anybody finds from the same files.
func (o *demoOptions) chances() demo.Chances {
	chances := demo.DefaultChances()
	if o.profile == "generated" {
		chances.Late = 0.2
	}
	return chances
}

// revalueBy reads the other parameter file, if there is one.
func (o *demoOptions) revalueBy() (string, error) {
	if o.revalue == "" {
		return "", nil
	}
	content, err := os.ReadFile(o.revalue)
	if err != nil {
		return "", usagef("--revalue: %w", err)
	}
	return string(content), nil
}

// demoResult is what the report is gathered from.
type demoResult struct {
	config  Config
	store   *postgres.Store
	profile *ingest.City
	outcome demo.Outcome
	api     string
}

func finishDemo(ctx context.Context, o demoOptions, done demoResult, progress *demo.Progress) error {
	r, err := gather(ctx, o, done)
	if err != nil {
		return fmt.Errorf("gather the report: %w", err)
	}
	r.Seconds = progress.Seconds()
	if err := writeReport(o.report, r); err != nil {
		return err
	}
	printEnd(progress, o, r)
	if !o.stay {
		return nil
	}
	progress.Title("API and workers stay up; interrupt to stop them")
	<-ctx.Done()
	return nil
}

// demoKeys makes the keys of a coordinator and of two different approvers.
func demoKeys(ctx context.Context, store *postgres.Store, id city.ID) (demo.Keys, error) {
	keys := demo.Keys{}
	for _, person := range []struct {
		key   *string
		actor string
		roles []city.Role
	}{
		{&keys.Coordinator, "demo-coordinator", []city.Role{city.Operator, city.Matcher, city.Auditor}},
		{&keys.Approvers[0], "demo-approver-a", []city.Role{city.Approver}},
		{&keys.Approvers[1], "demo-approver-b", []city.Role{city.Approver}},
	} {
		text, _, err := api.CreateKey(ctx, store, api.NewKey{City: id, Actor: person.actor, Roles: person.roles})
		if err != nil {
			return keys, err
		}
		*person.key = text
	}
	return keys, nil
}

// startProduct runs one API, one worker for the stores and two for the engine, and waits until the API is ready.
func startProduct(ctx context.Context, children *processes, o demoOptions) (string, error) {
	address, err := loopback.Free(ctx, loopback.Host)
	if err != nil {
		return "", err
	}
	environment := []string{"CRG_API_ADDRESS=" + address, "CRG_METRICS_ADDRESS=" + loopback.Host + ":0", "CRG_IMPORT_FOLDERS=" + o.data}
	if o.ownProfile() {
		environment = append(environment, "CRG_PROFILE_FOLDERS="+o.profile)
	}
	for _, p := range []struct {
		name string
		args []string
	}{
		{"worker-city", []string{"worker", "--queue", "city"}},
		{"worker-matching-1", []string{"worker", "--queue", "matching"}},
		{"worker-matching-2", []string{"worker", "--queue", "matching"}},
		{"api", []string{"api"}},
	} {
		if err := children.start(ctx, p.name, environment, p.args...); err != nil {
			return "", err
		}
	}
	base := "http://" + address
	return base, awaitReady(ctx, base)
}

func awaitReady(ctx context.Context, base string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/ready", http.NoBody)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the API at %s did not become ready: %w", base, context.Cause(ctx))
		case <-time.After(100 * time.Millisecond):
		}
	}
}
