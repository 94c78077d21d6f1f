package ops_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/graph/graphtest"
	"github.com/city-resource-graph/crg/ingest/generate"
	"github.com/city-resource-graph/crg/loopback/loopbacktest"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/postgres/pgtest"
)

const (
	town    = "town"
	current = "v1" // build id of the workers
)

// installation is the real product on servers of the local stack: a database, a namespace, a graph and a bucket of its own,
// API and workers as processes, and a Prometheus that watches them.
type installation struct {
	t        *testing.T
	folder   string
	crg      string // the program
	env      []string
	store    *postgres.Store
	temporal client.Client
	worker   *process

	namespace, graphPrefix      string
	operator, matcher, approver string                                        // API keys
	api, prometheus             string                                        // addresses
	metrics                     struct{ api, worker, second, altered string } // where processes show theirs

	decided city.MatchID // what was approved while the altered story ran
	relieve func()       // takes away what a fault was made with, once its page is done
}

func newInstallation(t *testing.T) *installation {
	t.Helper()
	crg, err := program()
	require.NoError(t, err)
	i := &installation{t: t, folder: t.TempDir(), crg: crg, relieve: func() {}}
	for _, address := range []*string{&i.api, &i.prometheus, &i.metrics.api, &i.metrics.worker, &i.metrics.second, &i.metrics.altered} {
		*address = loopbacktest.Address(t)
	}
	i.connect()
	i.start("api", []string{"CRG_METRICS_ADDRESS=" + i.metrics.api}, i.crg, "api")
	i.startWorker()
	i.startPrometheus()
	return i
}

// programs is the folder of what is built for all installations.
var programs string

func TestMain(m *testing.M) {
	var err error
	if programs, err = os.MkdirTemp("", "crg-ops-"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(programs)
	os.Exit(code)
}

// program builds crg once.
var program = sync.OnceValues(func() (string, error) {
	crg := filepath.Join(programs, "crg")
	if out, err := exec.Command("go", "build", "-o", crg, "../cmd/crg").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build crg: %w: %s", err, out)
	}
	return crg, nil
})

// connect opens the stores and tells the environment of every program where they are.
func (i *installation) connect() {
	i.t.Helper()
	graph := graphtest.Config(i.t)
	graphtest.Connect(i.t, graph)
	url := pgtest.URL(i.t)
	i.namespace, i.graphPrefix = "ops-"+strings.ToLower(rand.Text()[:8]), graph.Prefix
	var err error
	i.store, err = postgres.Open(i.t.Context(), url)
	require.NoError(i.t, err)
	i.t.Cleanup(i.store.Close)
	i.temporal = openNamespace(i.t, i.namespace)
	require.NoError(i.t, os.MkdirAll(i.path("blobs"), 0o700))
	i.env = append(os.Environ(),
		"DATABASE_URL="+url, "TEMPORAL_NAMESPACE="+i.namespace, "CRG_GRAPH_PREFIX="+i.graphPrefix, "CRG_BLOBS=file://"+i.path("blobs"),
		"CRG_API_ADDRESS="+i.api, "CRG_IMPORT_FOLDERS="+i.folder, "CRG_WATCH_INTERVAL=500ms", "CRG_GRACE_TIME=5s", "CRG_BUILD_ID="+current,
		"PATH="+filepath.Dir(i.crg)+":"+os.Getenv("PATH"))
	_, err = generate.Write(i.t.Context(), i.path("data"), generate.Options{Participants: 100, Seed: 1})
	require.NoError(i.t, err)
}

func (i *installation) path(name string) string { return filepath.Join(i.folder, name) }

// openNamespace makes a namespace that goes with the test.
func openNamespace(t *testing.T, name string) client.Client {
	t.Helper()
	address := os.Getenv("TEMPORAL_ADDRESS")
	require.NotEmpty(t, address, "TEMPORAL_ADDRESS is not set: run the tests as `bin/crgdev exec -- go test ./...` or `make test`")
	all, err := client.NewNamespaceClient(client.Options{HostPort: address, Logger: silent()})
	require.NoError(t, err)
	t.Cleanup(all.Close)
	require.NoError(t, all.Register(t.Context(), &workflowservice.RegisterNamespaceRequest{
		Namespace: name, WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	}))
	c, err := client.NewLazyClient(client.Options{HostPort: address, Namespace: name, Logger: silent()})
	require.NoError(t, err)
	t.Cleanup(func() {
		_, _ = c.OperatorService().DeleteNamespace(context.WithoutCancel(t.Context()), &operatorservice.DeleteNamespaceRequest{Namespace: name})
		c.Close()
	})
	require.Eventually(t, func() bool {
		_, err := c.CheckHealth(t.Context(), &client.CheckHealthRequest{})
		if err == nil {
			_, err = c.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Namespace: name})
		}
		return err == nil
	}, time.Minute, 100*time.Millisecond, "the server never came to know the namespace")
	return c
}

func silent() log.Logger { return log.NewStructuredLogger(slog.New(slog.DiscardHandler)) }

// startWorker runs the worker that everybody expects to be there.
func (i *installation) startWorker(environment ...string) {
	i.t.Helper()
	i.worker = i.start("worker", append([]string{"CRG_METRICS_ADDRESS=" + i.metrics.worker}, environment...),
		i.crg, "worker", "--queue", "city", "--queue", "matching")
}

// startPrometheus has a Prometheus judge the rules in a hurry.
func (i *installation) startPrometheus() {
	i.t.Helper()
	text, err := os.ReadFile("alerts.yaml")
	require.NoError(i.t, err)
	require.NoError(i.t, os.WriteFile(i.path("alerts.yaml"), hastened(i.t, text), 0o600))
	config := fmt.Sprintf(`
global: {scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms}
rule_files: [alerts.yaml]
scrape_configs:
  - job_name: crg
    static_configs: [{targets: [%q, %q, %q, %q]}]
`, i.metrics.api, i.metrics.worker, i.metrics.second, i.metrics.altered)
	require.NoError(i.t, os.WriteFile(i.path("prometheus.yml"), []byte(config), 0o600))
	i.start("prometheus", nil, "prometheus", "--config.file="+i.path("prometheus.yml"), "--storage.tsdb.path="+i.path("tsdb"),
		"--web.listen-address="+i.prometheus, "--log.level=warn")
}

// hastened are the rules as they are but for their patience: nothing has to last before an alert fires, minutes of looking
// back are ten seconds, and a minute without a taker is three seconds.
func hastened(t *testing.T, rules []byte) []byte {
	t.Helper()
	for _, hurry := range [][2]string{
		{`for: \d+m`, `for: 0s`},
		{`\[\d+m\]`, `[10s]`},
		{`offset \d+m`, `offset 10s`},
		{`(task_queue_backlog_age_seconds\{task_queue="city"\}\)) > 60`, `$1 > 3`},
	} {
		pattern := regexp.MustCompile(hurry[0])
		require.True(t, pattern.Match(rules), hurry[0])
		rules = pattern.ReplaceAll(rules, []byte(hurry[1]))
	}
	return rules
}

// process is a program at work, with its output in a file.
type process struct {
	command *exec.Cmd
	ended   chan struct{}
}

func (i *installation) start(name string, environment []string, program string, args ...string) *process {
	i.t.Helper()
	log, err := os.OpenFile(i.path(name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(i.t, err)
	p := &process{command: exec.Command(program, args...), ended: make(chan struct{})} // its end is an orderly stop, see below
	p.command.Dir, p.command.Env = i.folder, append(i.env, environment...)
	p.command.Stdout, p.command.Stderr = log, log
	p.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	require.NoError(i.t, p.command.Start())
	require.NoError(i.t, log.Close())
	go func() {
		_ = p.command.Wait()
		close(p.ended)
	}()
	i.t.Cleanup(func() {
		p.stop()
		if i.t.Failed() {
			text, _ := os.ReadFile(log.Name())
			i.t.Logf("the end of %s:\n%s", name, text[max(0, len(text)-3000):])
		}
	})
	return p
}

// stop asks the process to end, and ends it when it does not.
func (p *process) stop() {
	_ = p.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(patience):
		_ = p.command.Process.Kill()
		<-p.ended
	}
}

// run runs `crg ARGS` to its successful end and gives what it printed.
func (i *installation) run(args ...string) string {
	i.t.Helper()
	command := exec.CommandContext(i.t.Context(), i.crg, args...)
	command.Dir, command.Env = i.folder, i.env
	var errs strings.Builder
	command.Stderr = &errs
	out, err := command.Output()
	require.NoError(i.t, err, "crg %s: %s%s", strings.Join(args, " "), out, errs.String())
	return string(out)
}

// key makes an API key of a person of the town.
func (i *installation) key(actor string, roles ...string) string {
	i.t.Helper()
	args := []string{"key", "create", "--json", "--city", town, "--actor", actor}
	for _, role := range roles {
		args = append(args, "--role", role)
	}
	var made struct{ Key string }
	require.NoError(i.t, json.Unmarshal([]byte(i.run(args...)), &made))
	return made.Key
}
