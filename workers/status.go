package workers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/city-resource-graph/crg/workflows"
)

// Status is how the workers of an installation stand: which versions there are, who polls, and what waits.
type Status struct {
	Deployment string          `json:"deployment"`
	Current    string          `json:"current"` // build id of the version that gets new work; empty = none
	Versions   []VersionStatus `json:"versions"`
	Queues     []QueueStatus   `json:"queues"`
}

// VersionStatus is one version of the workers. A version that is not current is draining while executions are pinned to it,
// and drained when its workers can go.
type VersionStatus struct {
	BuildID string    `json:"build_id"`
	State   string    `json:"state"` // current, ramping, draining, drained or inactive
	Created time.Time `json:"created"`
}

// QueueStatus is one side of a task queue.
type QueueStatus struct {
	Queue   string        `json:"queue"`
	Kind    string        `json:"kind"`    // workflow or activity
	Pollers []string      `json:"pollers"` // seen within the last minute and a half
	Backlog int64         `json:"backlog"` // tasks that wait for a worker, about
	Age     time.Duration `json:"age"`     // of the oldest of them
}

// ReadStatus asks the server how the workers stand.
func ReadStatus(ctx context.Context, c client.Client, namespace, deployment, prefix string) (Status, error) {
	status := Status{Deployment: deployment, Versions: []VersionStatus{}}
	described, err := c.WorkerDeploymentClient().GetHandle(deployment).Describe(ctx, client.WorkerDeploymentDescribeOptions{})
	var unknown *serviceerror.NotFound
	if err != nil && !errors.As(err, &unknown) {
		return status, fmt.Errorf("describe deployment %s: %w", deployment, err)
	}
	if current := described.Info.RoutingConfig.CurrentVersion; current != nil {
		status.Current = current.BuildID
	}
	for _, v := range described.Info.VersionSummaries {
		status.Versions = append(status.Versions, VersionStatus{
			BuildID: v.Version.BuildID, State: stateOf(v, described.Info.RoutingConfig), Created: v.CreateTime,
		})
	}
	slices.SortFunc(status.Versions, func(a, b VersionStatus) int { return b.Created.Compare(a.Created) })
	status.Queues, err = ReadQueues(ctx, c, namespace, prefix)
	return status, err
}

// ReadQueues asks the server what waits in each queue, and who polls it.
func ReadQueues(ctx context.Context, c client.Client, namespace, prefix string) ([]QueueStatus, error) {
	var all []QueueStatus
	for _, queue := range workflows.Queues() {
		kinds := []enums.TaskQueueType{enums.TASK_QUEUE_TYPE_ACTIVITY}
		if queue == workflows.CityQueue {
			kinds = []enums.TaskQueueType{enums.TASK_QUEUE_TYPE_WORKFLOW, enums.TASK_QUEUE_TYPE_ACTIVITY}
		}
		for _, kind := range kinds {
			one, err := queueStatus(ctx, c, namespace, queue.Name(prefix), kind)
			if err != nil {
				return all, err
			}
			all = append(all, one)
		}
	}
	return all, nil
}

func stateOf(v client.WorkerDeploymentVersionSummary, routing client.WorkerDeploymentRoutingConfig) string {
	switch {
	case routing.CurrentVersion != nil && routing.CurrentVersion.BuildID == v.Version.BuildID:
		return "current"
	case routing.RampingVersion != nil && routing.RampingVersion.BuildID == v.Version.BuildID:
		return "ramping"
	case v.DrainageStatus == client.WorkerDeploymentVersionDrainageStatusDraining:
		return "draining"
	case v.DrainageStatus == client.WorkerDeploymentVersionDrainageStatusDrained:
		return "drained"
	}
	return "inactive"
}

// pollerGone is when a poller that was not heard of has gone: a poll lasts a minute at most, and the server lists pollers for
// five.
const pollerGone = 90 * time.Second

func queueStatus(ctx context.Context, c client.Client, namespace, name string, kind enums.TaskQueueType) (QueueStatus, error) {
	described, err := c.WorkflowService().DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
		Namespace: namespace, TaskQueue: &taskqueue.TaskQueue{Name: name}, TaskQueueType: kind, ReportStats: true,
	})
	if err != nil {
		return QueueStatus{}, fmt.Errorf("describe task queue %s: %w", name, err)
	}
	status := QueueStatus{
		Queue: name, Kind: strings.ToLower(kind.String()), Pollers: []string{},
		Backlog: described.GetStats().GetApproximateBacklogCount(), Age: described.GetStats().GetApproximateBacklogAge().AsDuration(),
	}
	for _, poller := range described.GetPollers() {
		if time.Since(poller.GetLastAccessTime().AsTime()) > pollerGone {
			continue
		}
		status.Pollers = append(status.Pollers, poller.GetIdentity())
	}
	slices.Sort(status.Pollers)
	return status, nil
}

// Undrained lists the builds that still hold executions: the one that is named, or each that is not current. It is an error
// to drain the current one, which new work goes to.
func (s Status) Undrained(build string) ([]string, error) {
	var left []string
	known := build == ""
	for _, v := range s.Versions {
		if build != "" && v.BuildID != build {
			continue
		}
		known = true
		switch v.State {
		case "current", "ramping":
			if build != "" {
				return nil, fmt.Errorf("version %s is %s and gets new work: roll out another one first", build, v.State)
			}
		case "draining":
			left = append(left, v.BuildID)
		}
	}
	if !known {
		return nil, fmt.Errorf("deployment %s has no version %s", s.Deployment, build)
	}
	return left, nil
}
