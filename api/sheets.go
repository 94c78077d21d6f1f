package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/workflows"
)

// mostToldRows is how many rows of a spreadsheet one answer tells; crg import --dry-run tells all.
const mostToldRows = 2000

// CheckSheet answers what would become of each row of a spreadsheet.
func (s *server) CheckSheet(ctx context.Context, request wire.CheckSheetRequestObject) (wire.CheckSheetResponseObject, error) {
	content, name, err := sheetOf(request.Body, string(request.Params.Form))
	if err != nil {
		return nil, err
	}
	answer := wire.SheetCheck{Rows: []wire.SheetRow{}}
	counts, err := activities.TrySheet(ctx, s.store, callerOf(ctx).City, time.Now(), name, content, func(t activities.Told) {
		if len(answer.Rows) == mostToldRows {
			answer.LeftOut++
			return
		}
		answer.Rows = append(answer.Rows, wire.SheetRow{Line: t.Line, Key: t.Key, Outcome: wire.SheetRowOutcome(t.Outcome), Says: t.Says()})
	})
	if errors.Is(err, activities.ErrSheet) {
		return nil, refused.because("%v", err)
	}
	if err != nil {
		return nil, err
	}
	answer.Counts = wire.ImportCounts{
		Read: counts.Read, Accepted: counts.Read - counts.Unchanged - counts.Rejected, Unchanged: counts.Unchanged, Rejected: counts.Rejected,
		Listing: counts.Listing, PlaceFact: counts.PlaceFact, History: counts.History, PriceEvidence: counts.PriceEvidence,
	}
	return wire.CheckSheet200JSONResponse(answer), nil
}

// UploadSheet puts a spreadsheet where the workers find it and starts its import.
func (s *server) UploadSheet(ctx context.Context, request wire.UploadSheetRequestObject) (wire.UploadSheetResponseObject, error) {
	caller := callerOf(ctx)
	if s.objects == nil {
		return nil, waiting(away, "the API has no object storage, where an uploaded file is kept")
	}
	content, name, err := sheetOf(request.Body, string(request.Params.Form))
	if err != nil {
		return nil, err
	}
	id := "import-" + effectOf(ctx)
	if err := s.audit(ctx, "upload", "import", id); err != nil {
		return nil, err
	}
	ref, err := s.objects.Put(ctx, fmt.Sprintf("%s/imports/%s/%s", caller.City, id, name), content)
	if err != nil {
		return nil, err
	}
	started, err := s.start(ctx, func(ctx context.Context) (workflows.Started, error) {
		return s.starter.ImportDataset(ctx, activities.ImportRef{
			City: caller.City, Import: id, Profile: activities.SheetProfile, Source: name, Upload: &ref,
		})
	})
	if err != nil {
		return nil, err
	}
	return wire.UploadSheet202JSONResponse{
		StartedResponseJSONResponse: s.started(id, started.WorkflowID, locate("imports", id)),
	}, nil
}

// sheetOf is the file that was sent, under the name by which the profile knows it.
func sheetOf(body io.Reader, form string) (content []byte, name string, err error) {
	if content, err = io.ReadAll(body); err != nil {
		return nil, "", fmt.Errorf("read the file: %w", err)
	}
	if len(content) == 0 {
		return nil, "", invalidRequest.field("body", "empty: want the file")
	}
	if form == "csv" {
		return content, "listings.csv", nil
	}
	return content, "listings.xlsx", nil
}
