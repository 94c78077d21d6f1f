package workers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
)

// Version identifies a worker to the server. A versioned worker gets no task, and no error either, until its version is
// the current one of its deployment.
type Version struct {
	Deployment string // all workers of an installation share it; empty = not versioned
	BuildID    string
}

// DefaultDeployment is the deployment that the workers of an installation belong to.
const DefaultDeployment = "crg"

// Versioned reports whether the worker takes part in versioning.
func (v Version) Versioned() bool { return v.Deployment != "" }

func (v Version) options() worker.DeploymentOptions {
	if !v.Versioned() {
		return worker.DeploymentOptions{}
	}
	return worker.DeploymentOptions{
		UseVersioning: true,
		Version:       worker.WorkerDeploymentVersion{DeploymentName: v.Deployment, BuildID: v.BuildID},
	}
}

// BuildID names the running program: given, or else a hash of the executable, so that the same build is the same
// version wherever it runs.
func BuildID(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find the executable, to name its version: %w", err)
	}
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read the executable, to name its version: %w", err)
	}
	defer func() { _ = file.Close() }()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", fmt.Errorf("read the executable, to name its version: %w", err)
	}
	return hex.EncodeToString(hash.Sum(nil))[:12], nil
}

// How often the worker looks whether its version is current: at first often, then to notice a rollout.
const (
	lookSoon  = 250 * time.Millisecond
	lookLater = 10 * time.Second
)

// watchVersion makes the version current once, if it is to, and tells for as long as the worker runs whether it is. It
// never takes the place back from a later version.
func (c *Config) watchVersion(ctx context.Context) {
	if !c.Version.Versioned() {
		c.Readiness.set("")
		return
	}
	handle := c.Client.WorkerDeploymentClient().GetHandle(c.Version.Deployment)
	was, pause, shouted := false, lookSoon, time.Time{}
	for {
		err := c.look(ctx, handle, was)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			if !was {
				c.Logger.InfoContext(ctx, "version is current", "deployment", c.Version.Deployment, "build", c.Version.BuildID)
			}
			c.Readiness.set("")
			was, pause = true, lookLater
		default:
			c.Readiness.set(err.Error())
			pause = min(2*pause, lookLater)
			if time.Since(shouted) > lookLater {
				shouted = time.Now()
				c.Logger.WarnContext(ctx, "this worker gets no tasks", "reason", err.Error(), "queues", c.Queues)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// look returns nil when the version is current, and makes it so where that is this worker's job.
func (c *Config) look(ctx context.Context, handle client.WorkerDeploymentHandle, was bool) error {
	ctx, cancel := context.WithTimeout(ctx, lookLater)
	defer cancel()
	described, err := handle.Describe(ctx, client.WorkerDeploymentDescribeOptions{})
	var unknown *serviceerror.NotFound
	if err != nil && !errors.As(err, &unknown) {
		return fmt.Errorf("ask for the current version of deployment %s: %w", c.Version.Deployment, err)
	}
	current := described.Info.RoutingConfig.CurrentVersion
	if err == nil && current != nil && current.BuildID == c.Version.BuildID {
		return nil
	}
	if !c.MakeCurrent || was {
		return fmt.Errorf("version %s of deployment %s is not current (%s is): roll it out", c.Version.BuildID, c.Version.Deployment, buildOf(current))
	}
	if err := c.polled(ctx, handle); err != nil {
		return err
	}
	_, err = handle.SetCurrentVersion(ctx, client.WorkerDeploymentSetCurrentVersionOptions{
		BuildID: c.Version.BuildID, ConflictToken: described.ConflictToken,
	})
	if err != nil {
		return fmt.Errorf("make version %s of deployment %s current in place of %s: %w", c.Version.BuildID, c.Version.Deployment, buildOf(current), err)
	}
	return nil
}

// polled returns nil once the server has seen this version on every queue that this process serves.
func (c *Config) polled(ctx context.Context, handle client.WorkerDeploymentHandle) error {
	version, err := handle.DescribeVersion(ctx, client.WorkerDeploymentDescribeVersionOptions{BuildID: c.Version.BuildID})
	if err != nil {
		return fmt.Errorf("version %s of deployment %s has not polled yet: %w", c.Version.BuildID, c.Version.Deployment, err)
	}
	seen := map[string]bool{}
	for _, queue := range version.Info.TaskQueuesInfos {
		seen[queue.Name] = true
	}
	for _, queue := range c.Queues {
		if name := queue.Name(c.QueuePrefix); !seen[name] {
			return fmt.Errorf("version %s has not polled queue %s yet", c.Version.BuildID, name)
		}
	}
	return nil
}

func buildOf(v *worker.WorkerDeploymentVersion) string {
	if v == nil {
		return "none"
	}
	return v.BuildID
}

// MakeCurrent makes a version the one that gets new work, and what is not pinned to another one. The server refuses one whose
// workers were never seen.
func MakeCurrent(ctx context.Context, c client.Client, deployment, build string) error {
	_, err := c.WorkerDeploymentClient().GetHandle(deployment).SetCurrentVersion(ctx, client.WorkerDeploymentSetCurrentVersionOptions{BuildID: build})
	if err != nil {
		return fmt.Errorf("make version %s of deployment %s current: %w", build, deployment, err)
	}
	return nil
}
