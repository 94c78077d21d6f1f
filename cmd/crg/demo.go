package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/city-resource-graph/crg/cities"
	"github.com/city-resource-graph/crg/city"
	crgclient "github.com/city-resource-graph/crg/clients/go"
	"github.com/city-resource-graph/crg/demo"
	"github.com/city-resource-graph/crg/ingest"
	"github.com/city-resource-graph/crg/ingest/generate"
	"github.com/city-resource-graph/crg/report"
)

// demoOptions are the flags of `crg demo`.
type demoOptions struct {
	profile      string
	data         string
	ward         string
	floors       []string
	tiers        bool
	asked        crgclient.NewFairness // what floors and tiers say
	seed         int64
	participants int
	scale        int64
	report       string
	revalue      string
	supply       bool
	every        time.Duration
	preview      bool
	stay         bool
}

// newDemoCommand is the main job in one command.
func newDemoCommand() *cobra.Command {
	o := demoOptions{}
	command := &cobra.Command{
		Use:   "demo",
		Short: "The main job: read a city, onboard, match, approve, hand over, value, report",
		Long: `Reads a city's data, onboards its participants, runs a matching, plays the people who approve and hand over (over REST,
marked as simulated), values what was received, and writes report.json, report.html and, with every line item and source, value.html, value.csv and value.json.

Without --city, a city is generated. The real thing starts the API and three workers as processes of their own; their
logs lie beside the report. --preview computes the same report in one process, without servers, approvals or hand-overs.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.validate(); err != nil {
				return err
			}
			progress := demo.NewProgress(cmd.OutOrStdout(), isTerminal(os.Stdout))
			if o.preview {
				return runPreview(cmd.Context(), o, progress)
			}
			return runDemo(cmd.Context(), o, progress)
		},
	}
	flags := command.Flags()
	flags.StringVar(&o.profile, "city", "generated", "a shipped profile (generated, dc, akron, harvey) or the folder of one")
	flags.StringVar(&o.data, "data", "", "folder of the city's data; not for a generated city")
	flags.StringVar(&o.ward, "ward", "all", "only matches with both sides inside this ward")
	flags.StringArrayVar(&o.floors, "floor", nil, "the least that some wards get, such as 7,8:food:30% of what they want, or 7:goods.furniture:20")
	flags.BoolVar(&o.tiers, "tiers", false, "serve needs strictly in the order of their urgency")
	flags.Int64Var(&o.seed, "seed", 1, "of the generated city and of the people that the demo plays")
	flags.IntVar(&o.participants, "participants", 2000, "of the generated city")
	flags.Int64Var(&o.scale, "time-scale", 60, "city seconds per second: a minute passes in a second")
	flags.StringVar(&o.report, "report", "out", "folder for report.json, report.html and the logs")
	flags.StringVar(&o.revalue, "revalue", "", "parameter file (YAML) to value the run by once more; says what its figures change, to the cent")
	flags.BoolVar(&o.supply, "generated-supply", false, "of a city whose data only asks (akron, harvey): add offers that nobody made, totalled apart")
	flags.DurationVar(&o.every, "schedule", 4*time.Second, "interval at which the city's schedule matches again, until it has fired once; 0: no schedule")
	flags.BoolVar(&o.preview, "preview", false, "in one process, without servers or workflows, in seconds")
	flags.BoolVar(&o.stay, "stay", false, "keep API and workers running at the end, until interrupted")
	return command
}

func (o *demoOptions) validate() error {
	if o.profile == "generated" && o.data != "" {
		return usagef("--data: a generated city brings its own; name a profile with --city, such as --city dc")
	}
	if o.profile != "generated" && o.data == "" {
		return usagef("--data is missing: the folder with the data of city %s", o.profile)
	}
	if o.ward == "" {
		return usagef("--ward is empty: want a ward's id, or all")
	}
	if o.scale < 1 {
		return usagef("--time-scale %d: want at least 1", o.scale)
	}
	if o.every < 0 || o.every%time.Second != 0 {
		return usagef("--schedule %s: want whole seconds, such as 4s; 0s for no schedule", o.every)
	}
	if o.revalue != "" {
		if o.preview {
			return usagef("--revalue: a preview stores nothing that could be valued again; crg value --parameters does it on a file")
		}
		if _, err := valueParameters(o.revalue); err != nil {
			return err
		}
	}
	var err error
	if o.asked, err = o.fairness(); err != nil {
		return err
	}
	if o.report, err = filepath.Abs(o.report); err != nil {
		return fmt.Errorf("report folder: %w", err)
	}
	if _, err := cities.Open(o.profile); err != nil {
		return usagef("--city: %w", err)
	}
	if o.ownProfile() {
		if o.profile, err = filepath.Abs(o.profile); err != nil {
			return fmt.Errorf("city folder: %w", err)
		}
	}
	if o.data != "" {
		if o.data, err = filepath.Abs(o.data); err != nil {
			return fmt.Errorf("data folder: %w", err)
		}
		if info, err := os.Stat(o.data); err != nil || !info.IsDir() {
			return usagef("--data %s: not a folder that can be read", o.data)
		}
	}
	return nil
}

// ownProfile says whether the city is a folder of one's own rather than one that ships.
func (o *demoOptions) ownProfile() bool { return strings.ContainsRune(o.profile, '/') }

// wardScope is the ward of a run, empty for the whole city.
func (o *demoOptions) wardScope() string {
	if o.ward == "all" {
		return ""
	}
	return o.ward
}

// prepareData opens the profile for a city with this id and, for a generated city, writes its data first.
func (o *demoOptions) prepareData(ctx context.Context, id city.ID) (*ingest.City, error) {
	profile, err := openProfile(o.profile, id)
	if err != nil {
		return nil, err
	}
	if o.data == "" {
		o.data = filepath.Join(o.report, "data")
		if err := os.RemoveAll(o.data); err != nil {
			return nil, fmt.Errorf("data of the generated city: %w", err)
		}
		options := generate.Options{Participants: o.participants, Seed: uint64(o.seed)} //nolint:gosec // a seed is any 64 bits
		if _, err := generate.Write(ctx, o.data, options); err != nil {
			return nil, err
		}
	}
	if o.supply {
		if err := o.addSupply(ctx, profile); err != nil {
			return nil, err
		}
	}
	return profile, o.checkWard(profile)
}

// checkWard refuses a ward that the city does not have, before anything is started.
func (o *demoOptions) checkWard(profile *ingest.City) error {
	areas, err := profile.Areas(o.data)
	if err != nil {
		return usage(err)
	}
	if o.ward == "all" {
		return nil
	}
	var ids []string
	for _, ward := range areas.Wards {
		if ward.ID == o.ward {
			return nil
		}
		ids = append(ids, ward.ID)
	}
	return usagef("--ward %s: %s has the wards %v; or all", o.ward, profile.Name, ids)
}

// title is the first line of the story: which city, as of when, shown as when.
func title(progress *demo.Progress, profile *ingest.City, clock city.Clock) {
	progress.Title("%s   as of %s (shown as %s; a city day passes in %s)", profile.Name,
		clock.AsOf.Format("Mon 2 Jan 2006"), clock.Epoch.Format("Mon 2 Jan 2006"),
		clock.Wait(24*time.Hour).Round(100*time.Millisecond))
}

// writeReport writes the report and the valuation in full beside each other, each file whole or not at all.
func writeReport(folder string, r *report.Report) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("report folder: %w", err)
	}
	files := map[string]func(io.Writer, *report.Report) error{"report.json": report.WriteJSON, "report.html": report.WriteHTML}
	if r.Value != nil {
		files["value.html"], files["value.csv"], files["value.json"] = report.WriteValueHTML, report.WriteValueCSV, report.WriteValueJSON
	}
	var failed error
	for name, write := range files {
		failed = errors.Join(failed, writeWhole(filepath.Join(folder, name), func(f *os.File) error { return write(f, r) }))
	}
	return failed
}

func writeWhole(path string, write func(*os.File) error) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".report-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() { _ = os.Remove(file.Name()) }()
	if err := write(file); err != nil {
		_ = file.Close()
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := errors.Join(file.Chmod(0o644), file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(file.Name(), path)
}

// isTerminal reports whether progress may move on a line.
func isTerminal(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
