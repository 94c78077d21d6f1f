package workflows_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/city-resource-graph/crg/city"
)

// What follows is the code of docs/howto-workflow.md. TestHowTo holds the two together.

// ExpiryRef is the input of the workflow: ids and references only.
type ExpiryRef struct {
	City city.ID `json:"city"`
}

// Expired counts the listings that expired.
type Expired struct {
	Listings int64 `json:"listings"`
}

// ExpiryStore is what the step needs of the database, and no more.
type ExpiryStore interface {
	ExpireListings(ctx context.Context, id city.ID) (int64, error)
}

// Expiry closes what has perished.
type Expiry struct{ Store ExpiryStore }

// CloseExpired may be repeated: what expired already is not counted again.
func (e *Expiry) CloseExpired(ctx context.Context, in ExpiryRef) (Expired, error) {
	count, err := e.Store.ExpireListings(ctx, in.City)
	return Expired{Listings: count}, err
}

var expiry *Expiry // a typed reference, never dereferenced

// ExpireListings closes every day what has perished, for a week.
func ExpireListings(ctx workflow.Context, in ExpiryRef) (Expired, error) {
	var total Expired
	steadily := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{ // in the house: the preset steadily
		StartToCloseTimeout: 30 * time.Second, ScheduleToCloseTimeout: 24 * time.Hour,
		RetryPolicy: &temporal.RetryPolicy{NonRetryableErrorTypes: []string{"NotFound", "Invalid"}},
	})
	for range 7 {
		var closed Expired
		if err := workflow.ExecuteActivity(steadily, expiry.CloseExpired, in).Get(ctx, &closed); err != nil {
			return total, err
		}
		total.Listings += closed.Listings
		if err := workflow.Sleep(ctx, 24*time.Hour); err != nil {
			return total, err
		}
	}
	return total, nil
}

func TestExpireListings(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	in := ExpiryRef{City: "testville"}
	env.OnActivity(expiry.CloseExpired, mock.Anything, in).Return(Expired{Listings: 2}, nil).Times(7)
	env.ExecuteWorkflow(ExpireListings, in) // seven days in a few milliseconds
	var total Expired
	require.NoError(t, env.GetWorkflowResult(&total))
	require.Equal(t, Expired{Listings: 14}, total)
}

// The how-to shows this file's code, and nothing else.
func TestHowTo(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/howto-workflow.md")
	require.NoError(t, err)
	source, err := os.ReadFile("howto_test.go")
	require.NoError(t, err)
	blocks := strings.Split(string(page), "```go\n")[1:]
	require.Len(t, blocks, 4)
	for _, block := range blocks {
		code, _, closed := strings.Cut(block, "```")
		require.True(t, closed)
		require.Contains(t, string(source), code)
	}
	for _, name := range []string{"ids.go", "options.go", "refs.go", "signals.go", "start.go", "versions.go", "waiting.go", "searchattributes.go"} {
		require.Contains(t, string(page), "`"+name+"`")
		require.FileExists(t, name)
	}
}
