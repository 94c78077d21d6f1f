package api

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/cities"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/workflows"
)

// StartImport starts an import from one of the folders, or the hosts, that the installation allows.
func (s *server) StartImport(ctx context.Context, request wire.StartImportRequestObject) (wire.StartImportResponseObject, error) {
	caller, body := callerOf(ctx), request.Body
	source, err := s.allowedSource(body.Source)
	if err != nil {
		return nil, err
	}
	profile, err := s.allowedProfile(body.Profile)
	if err != nil {
		return nil, err
	}
	id := body.ID
	if id == "" {
		id = "import-" + effectOf(ctx)
	}
	ref := activities.ImportRef{City: caller.City, Import: id, Profile: profile, Source: source}
	if err := s.sameImport(ctx, ref); err != nil {
		return nil, err
	}
	if err := s.audit(ctx, "start", "import", id); err != nil {
		return nil, err
	}
	started, err := s.start(ctx, func(ctx context.Context) (workflows.Started, error) { return s.starter.ImportDataset(ctx, ref) })
	if err == nil {
		err = s.sameImport(ctx, ref) // another one with the same id may have been faster
	}
	if err != nil {
		return nil, err
	}
	return wire.StartImport202JSONResponse{
		StartedResponseJSONResponse: s.started(id, started.WorkflowID, locate("imports", id)),
	}, nil
}

// sameImport refuses an id that another import has: its answer would be taken for this one's. Of one that ended so long ago
// that nobody can tell what it read, only the id is left, and it is refused too.
func (s *server) sameImport(ctx context.Context, ref activities.ImportRef) error {
	err := s.askTemporal(ctx, func(ctx context.Context) error { return s.starter.SameImport(ctx, ref) })
	switch {
	case errors.Is(err, workflows.ErrOtherImport):
		return conflict.because("import %s exists, of another source or profile: give this one an id of its own", ref.Import)
	case !workflows.IsUnknown(err):
		return err
	}
	_, err = s.store.Import(ctx, ref.City, ref.Import)
	switch {
	case errors.Is(err, postgres.ErrNotFound):
		return nil
	case err == nil:
		return conflict.because("import %s ended long ago: give this one an id of its own", ref.Import)
	}
	return err
}

// allowedProfile finds the city folder of a name: one of the installation's own, or one that ships.
func (s *server) allowedProfile(name string) (string, error) {
	for _, folder := range s.config.ProfileFolders {
		if filepath.Base(folder) == name {
			return folder, nil
		}
	}
	names := cities.Names()
	if slices.Contains(names, name) {
		return name, nil
	}
	return "", refused.field("/profile", "%q: want one of %s, or a folder of CRG_PROFILE_FOLDERS by its last element", name, strings.Join(names, ", "))
}

// allowedSource keeps a caller inside the import folders: with any other path it could have the workers read their own
// secrets. Links are followed where the API sees the same disk.
func (s *server) allowedSource(stated string) (string, error) {
	if activities.IsURL(stated) {
		if _, err := s.config.Outbound.Check(stated); err != nil {
			return "", refused.field("/source", "%v", err)
		}
		return stated, nil
	}
	if len(s.config.ImportFolders) == 0 {
		return "", refused.field("/source", "this installation allows no import folder: start the API with CRG_IMPORT_FOLDERS")
	}
	source := filepath.Clean(stated)
	if !filepath.IsAbs(source) {
		source = filepath.Join(s.config.ImportFolders[0], source)
	}
	if followed, err := filepath.EvalSymlinks(source); err == nil {
		source = followed
	}
	for _, folder := range s.config.ImportFolders {
		if followed, err := filepath.EvalSymlinks(folder); err == nil {
			folder = followed
		}
		if source == folder || strings.HasPrefix(source, strings.TrimSuffix(folder, "/")+"/") {
			return source, nil
		}
	}
	return "", refused.field("/source", "%q: not inside an import folder of this installation", stated)
}

// ListImports lists a city's imports, newest first.
func (s *server) ListImports(ctx context.Context, request wire.ListImportsRequestObject) (wire.ListImportsResponseObject, error) {
	found, next, err := s.store.ListImports(ctx, callerOf(ctx).City, page(request.Params.After, request.Params.Limit))
	if err != nil {
		return nil, badCursor(request.Params.After, err)
	}
	items := make([]wire.Import, len(found))
	for i, one := range found {
		items[i] = s.importOf(one)
	}
	return wire.ListImports200JSONResponse{Items: items, Next: next}, nil
}

// GetImport answers with one import.
func (s *server) GetImport(ctx context.Context, request wire.GetImportRequestObject) (wire.GetImportResponseObject, error) {
	caller := callerOf(ctx)
	found, err := s.store.Import(ctx, caller.City, request.Import)
	if errors.Is(err, postgres.ErrNotFound) {
		since, alive, startErr := s.unrecorded(ctx, workflows.ImportID(caller.City, request.Import))
		found, err = postgres.Import{City: caller.City, ID: request.Import, State: postgres.ImportRunning, StartedAt: since}, startErr
		if !alive {
			found.State, found.Error = postgres.ImportFailed, "it ended before it read anything: see its workflow"
		}
	}
	if err != nil {
		return nil, err
	}
	return wire.GetImport200JSONResponse(s.importOf(found)), nil
}

// unrecorded says of a workflow that has recorded nothing (yet) when it was started and whether it still runs.
func (s *server) unrecorded(ctx context.Context, workflowID string) (since time.Time, alive bool, err error) {
	var described *workflowservice.DescribeWorkflowExecutionResponse
	err = s.askTemporal(ctx, func(ctx context.Context) error {
		var err error
		described, err = s.temporal.DescribeWorkflowExecution(ctx, workflowID, "")
		return err
	})
	var none *serviceerror.NotFound
	switch {
	case errors.As(err, &none):
		return since, false, notFound.because("there is no such object, or it is not yours")
	case err != nil:
		return since, false, fmt.Errorf("describe workflow %s: %w", workflowID, err)
	}
	info := described.GetWorkflowExecutionInfo()
	return info.GetStartTime().AsTime(), info.GetStatus() == enums.WORKFLOW_EXECUTION_STATUS_RUNNING, nil
}

func (s *server) importOf(i postgres.Import) wire.Import {
	workflowID := workflows.ImportID(i.City, i.ID)
	return wire.Import{
		ID: i.ID, Profile: filepath.Base(i.Profile), Datasets: i.Datasets, State: wire.ImportState(i.State), Error: i.Error,
		Counts: wire.ImportCounts{
			Read: i.Counts.Read, Accepted: i.Counts.Accepted(), Unchanged: i.Counts.Unchanged, Rejected: i.Counts.Rejected,
			Listing: i.Counts.Listing, PlaceFact: i.Counts.PlaceFact, History: i.Counts.History, PriceEvidence: i.Counts.PriceEvidence,
		},
		StartedAt: i.StartedAt, FinishedAt: timeOf(i.FinishedAt), WorkflowID: workflowID, WebUI: s.link(workflowID),
	}
}

// ListRejectedRows lists what an import rejected, with the reasons.
func (s *server) ListRejectedRows(ctx context.Context, request wire.ListRejectedRowsRequestObject) (wire.ListRejectedRowsResponseObject, error) {
	caller := callerOf(ctx)
	if _, err := s.store.Import(ctx, caller.City, request.Import); err != nil {
		return nil, err
	}
	found, next, err := s.store.RejectedRows(ctx, caller.City, request.Import, page(request.Params.After, request.Params.Limit))
	if err != nil {
		return nil, badCursor(request.Params.After, err)
	}
	items := make([]wire.RejectedRow, len(found))
	for i, row := range found {
		items[i] = wire.RejectedRow{Dataset: row.Dataset, File: row.File, Line: row.Line, Key: row.Key, Reason: row.Reason}
	}
	return wire.ListRejectedRows200JSONResponse{Items: items, Next: next}, nil
}
