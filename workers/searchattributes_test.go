package workers_test

import (
	"context"
	"crypto/rand"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/city-resource-graph/crg/workers/workertest"
	"github.com/city-resource-graph/crg/workflows"
)

// An older namespace has some of the attributes; several processes start at once and add the others.
func TestSearchAttributesOfAnOlderNamespace(t *testing.T) {
	t.Parallel()
	i := workertest.New(t)
	namespace := "crg-" + strings.ToLower(rand.Text()[:10])
	_, err := i.Client.WorkflowService().RegisterNamespace(t.Context(), &workflowservice.RegisterNamespaceRequest{
		Namespace: namespace, WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		_, _ = i.Client.OperatorService().DeleteNamespace(context.WithoutCancel(t.Context()), &operatorservice.DeleteNamespaceRequest{Namespace: namespace})
	})
	require.Eventually(t, func() bool {
		_, err := i.Client.OperatorService().AddSearchAttributes(t.Context(), &operatorservice.AddSearchAttributesRequest{
			Namespace:        namespace,
			SearchAttributes: map[string]enums.IndexedValueType{workflows.AttributeCity.GetName(): enums.INDEXED_VALUE_TYPE_KEYWORD},
		})
		return err == nil
	}, patience, 200*time.Millisecond)
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			if err := workflows.RegisterSearchAttributes(t.Context(), i.Client, namespace); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}
