package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/cities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/ingest"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/workflows"
)

// importOptions are the flags of `crg import`.
type importOptions struct {
	profile  string
	data     string
	id       string
	city     string
	datasets []string
	scale    int64
	check    bool
	dryRun   bool
	rejects  string
	asJSON   bool
}

// newImportCommand reads a city's files.
func newImportCommand() *cobra.Command {
	o := importOptions{}
	command := &cobra.Command{
		Use:   "import PROFILE --data DIR",
		Short: "Read a city's files into the database, or only check what would become of their rows",
		Long: `Starts the workflow ImportDataset and waits for it. Workers must be running, and be able to read DIR.

--check needs no server: it reads the same files in the same way and counts what the rows would become, and, with
--rejects, which rows would be rejected and why. --dry-run says it line by line. With --city, and if DATABASE_URL is set,
rows that say nothing new are unchanged, and a profile for any city (sheet, hsds) is tried on that city's wards. Exit code 1 when the import
failed; rejected rows alone are no failure.

DIR may be the URL of a file: with --check it is not fetched, since the workers do that.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.profile = args[0]
			counts, err := o.run(cmd)
			if err != nil {
				return err
			}
			if o.dryRun {
				return printCounts(cmd.ErrOrStderr(), counts, o.asJSON)
			}
			return printCounts(cmd.OutOrStdout(), counts, o.asJSON)
		},
	}
	flags := command.Flags()
	flags.StringVar(&o.data, "data", "", "folder of the city's data, or the URL of its one file")
	flags.StringVar(&o.id, "id", "", "id of the import, the time when empty; the same id again is the same import. Needs DATABASE_URL")
	flags.StringVar(&o.city, "city", "", "id of the city; the profile's own when empty")
	flags.StringSliceVar(&o.datasets, "datasets", nil, "only these data sets; all when empty")
	flags.Int64Var(&o.scale, "time-scale", 1, "of a city that is new: city seconds per second")
	flags.BoolVar(&o.check, "check", false, "only say what would become of the rows; nothing is stored, no server is needed")
	flags.BoolVar(&o.dryRun, "dry-run", false, "like --check, and print what would become of each row as CSV; the counts go to standard error")
	flags.StringVar(&o.rejects, "rejects", "", "with --check: write the rows that would be rejected to this CSV file")
	flags.BoolVar(&o.asJSON, "json", false, "print one JSON object")
	return command
}

func (o *importOptions) run(cmd *cobra.Command) (activities.ImportCounts, error) {
	if o.data == "" {
		return activities.ImportCounts{}, usagef("--data is missing: want the folder of the city's data")
	}
	o.check = o.check || o.dryRun
	if o.check && activities.IsURL(o.data) {
		return activities.ImportCounts{}, usagef("--data %s: only workers fetch; fetch the file yourself to try it out", o.data)
	}
	if o.rejects != "" && !o.check {
		return activities.ImportCounts{}, usagef("--rejects goes with --check: of an import that ran, the API lists the rejected rows")
	}
	profile, err := openProfile(o.profile, city.ID(o.city))
	if err != nil {
		return activities.ImportCounts{}, err
	}
	if o.check {
		profile, recorded, leave, err := o.visit(cmd, profile)
		if err != nil {
			return activities.ImportCounts{}, err
		}
		defer leave()
		return o.tryOut(cmd, profile, recorded)
	}
	return o.start(cmd, profile)
}

// visit looks at the city where the database is there to tell about it: a profile for any city is put into the one that is
// named, and what was imported before is known. leave ends the visit.
func (o *importOptions) visit(cmd *cobra.Command, profile *ingest.City) (_ *ingest.City, _ activities.RecordedRowStore, leave func(), _ error) {
	config, err := loadConfig()
	if err != nil || o.city == "" || config.DatabaseURL == "" {
		return profile, nil, func() {}, err
	}
	s := newServices(config, cmd.ErrOrStderr())
	store, err := s.store(cmd.Context())
	if err != nil || !profile.Guest {
		return profile, store, s.close, err
	}
	host, err := activities.HostOf(cmd.Context(), store, city.ID(o.city), time.Now())
	if err != nil || host == nil {
		return profile, store, s.close, err
	}
	folder, err := cities.Open(o.profile)
	if err != nil {
		return nil, nil, s.close, usage(err)
	}
	profile, err = ingest.OpenFor(folder, city.DefaultTaxonomy(), *host)
	return profile, store, s.close, err
}

// tryOut maps all rows and stores nothing. Where a database tells what is there, rows that say nothing new are unchanged.
func (o *importOptions) tryOut(cmd *cobra.Command, profile *ingest.City, recorded activities.RecordedRowStore) (activities.ImportCounts, error) {
	var told *ingest.Teller
	if o.dryRun {
		told = ingest.NewTeller(cmd.OutOrStdout())
	}
	var rejected []ingest.Row
	counts, err := activities.TryOut(cmd.Context(), profile, o.data, o.datasets, recorded, func(t activities.Told) {
		if told != nil {
			told.Row(t.Row, t.Outcome)
		}
		if o.rejects != "" && t.Outcome == ingest.Rejected {
			rejected = append(rejected, *t.Row)
		}
	})
	if err != nil {
		return counts, err
	}
	if told != nil {
		if err := told.Flush(); err != nil {
			return counts, err
		}
	}
	if o.rejects == "" {
		return counts, nil
	}
	return counts, writeWhole(o.rejects, func(f *os.File) error { return ingest.WriteRejects(f, rejected) })
}

// start runs the import as a workflow and waits for it.
func (o *importOptions) start(cmd *cobra.Command, profile *ingest.City) (counts activities.ImportCounts, err error) {
	ref, err := o.ref(profile)
	if err != nil {
		return counts, err
	}
	err = withTemporal(cmd, func(ctx context.Context, s *services, server client.Client) error {
		starter := workflows.Starter{Client: server}
		if o.id != "" {
			if err := sameImport(ctx, s, starter, ref); err != nil {
				return err
			}
		}
		started, err := starter.ImportDataset(ctx, ref)
		if err != nil {
			return err
		}
		if err := starter.SameImport(ctx, ref); err != nil { // another one with the same id may have been faster
			return err
		}
		if s.config.WebUI != "" {
			link := workflows.Link(s.config.WebUI, s.config.TemporalNamespace, started.WorkflowID)
			if _, err := fmt.Fprintln(cmd.ErrOrStderr(), "watch it at", link); err != nil {
				return err
			}
		}
		if err := server.GetWorkflow(ctx, started.WorkflowID, started.RunID).Get(ctx, &counts); err != nil {
			return fmt.Errorf("import %s: %s", ref.Import, causeOf(err))
		}
		return nil
	})
	return counts, err
}

// sameImport refuses an id that another import has, as the API does. Of one that ended so long ago that Temporal has forgotten
// what it read, only the database knows.
func sameImport(ctx context.Context, s *services, starter workflows.Starter, ref activities.ImportRef) error {
	if err := s.config.require("DATABASE_URL"); err != nil {
		return err
	}
	if err := starter.SameImport(ctx, ref); !workflows.IsUnknown(err) {
		return err
	}
	store, err := s.store(ctx)
	if err != nil {
		return err
	}
	past, err := store.Import(ctx, ref.City, ref.Import)
	switch {
	case errors.Is(err, postgres.ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	return fmt.Errorf("import %s of profile %s ended long ago: give this one an id of its own", ref.Import, past.Profile)
}

// causeOf is why a workflow failed, in the words of the step that failed; which step and where, its page shows.
func causeOf(err error) string {
	var failure *temporal.ApplicationError
	if errors.As(err, &failure) {
		return failure.Message()
	}
	return err.Error()
}

// ref says to the workers what to import. They have working folders of their own.
func (o *importOptions) ref(profile *ingest.City) (activities.ImportRef, error) {
	ref := activities.ImportRef{
		City: profile.ID, Import: o.id, Profile: o.profile, Source: o.data, Datasets: o.datasets, TimeScale: o.scale,
	}
	if ref.Import == "" {
		ref.Import = time.Now().UTC().Format("20060102-150405")
	}
	var err error
	if !activities.IsURL(o.data) {
		if ref.Source, err = filepath.Abs(o.data); err != nil {
			return ref, fmt.Errorf("folder %s: %w", o.data, err)
		}
	}
	if strings.ContainsRune(o.profile, '/') {
		if ref.Profile, err = filepath.Abs(o.profile); err != nil {
			return ref, fmt.Errorf("folder %s: %w", o.profile, err)
		}
	}
	return ref, nil
}

func printCounts(w io.Writer, c activities.ImportCounts, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(c)
	}
	_, err := fmt.Fprintf(w, "%d rows: %d listings, %d place facts, %d history, %d price evidence, %d unchanged, %d rejected; %d holders to review\n",
		c.Read, c.Listing, c.PlaceFact, c.History, c.PriceEvidence, c.Unchanged, c.Rejected, c.Flagged)
	return err
}
