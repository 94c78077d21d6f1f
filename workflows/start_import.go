package workflows

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/city-resource-graph/crg/activities"
)

// ImportDataset starts an import. An import is one attempt: to repeat it takes a new id, and what was loaded is unchanged
// then.
func (s Starter) ImportDataset(ctx context.Context, in activities.ImportRef) (Started, error) {
	return s.start(ctx, "ImportDataset", client.StartWorkflowOptions{
		ID:                    ImportID(in.City, in.Import),
		Priority:              fair(in.City, bulk),
		WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		StaticSummary:         importSummary(in),
		StaticDetails:         importDetails(in),
		TypedSearchAttributes: temporal.NewSearchAttributes(
			AttributeCity.ValueSet(string(in.City)), AttributeStatus.ValueSet(string(StatusRunning))),
	}, in)
}

func importSummary(in activities.ImportRef) string { return "import " + in.Profile }

func importDetails(in activities.ImportRef) string {
	if len(in.Datasets) == 0 {
		return "from " + in.Source
	}
	return "from " + in.Source + ", only " + strings.Join(in.Datasets, ", ")
}

// ErrOtherImport says that an import's id stands for another source already.
var ErrOtherImport = errors.New("the import's id was used for something else")

// SameImport refuses an import whose id was used for another profile or source, as its workflow tells while the server
// keeps it; a NotFound says that it keeps none. The start itself would answer with the other one.
func (s Starter) SameImport(ctx context.Context, in activities.ImportRef) error {
	id := ImportID(in.City, in.Import)
	found, err := s.Client.DescribeWorkflow(ctx, id, "")
	if err != nil {
		return fmt.Errorf("describe workflow %s: %w", id, err)
	}
	summary, summaryErr := found.GetStaticSummary()
	details, detailsErr := found.GetStaticDetails()
	if err := errors.Join(summaryErr, detailsErr); err != nil {
		return fmt.Errorf("read what workflow %s is about: %w", id, err)
	}
	if summary != importSummary(in) || details != importDetails(in) {
		return fmt.Errorf("%w: import %s is of profile %s, %s", ErrOtherImport, in.Import, strings.TrimPrefix(summary, "import "), details)
	}
	return nil
}

// IsUnknown reports whether the server keeps no such workflow: it never started, or ended long ago.
func IsUnknown(err error) bool {
	var none *serviceerror.NotFound
	return errors.As(err, &none)
}
