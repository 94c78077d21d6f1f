package ops_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// firing says whether an alert fires.
func (i *installation) firing(alert string) bool {
	query := url.Values{"query": {`ALERTS{alertname="` + alert + `",alertstate="firing"}`}}
	answer, err := get(i.t, "http://"+i.prometheus+"/api/v1/query?"+query.Encode())
	if err != nil {
		return false
	}
	var found struct {
		Data struct{ Result []json.RawMessage }
	}
	require.NoError(i.t, json.Unmarshal(answer, &found))
	return len(found.Data.Result) > 0
}

// shown lists the names of all metrics that Prometheus got from a process.
func (i *installation) shown(t *testing.T) []string {
	t.Helper()
	answer, err := get(t, "http://"+i.prometheus+"/api/v1/label/__name__/values")
	require.NoError(t, err)
	var found struct{ Data []string }
	require.NoError(t, json.Unmarshal(answer, &found))
	return found.Data
}

func get(t *testing.T, address string) ([]byte, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	return io.ReadAll(response.Body)
}

// shellBlock finds the commands of a page.
var shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

// follow types every command of a page in its order; the first that fails fails the test. What the commands leave running
// runs until the returned function is called.
func (i *installation) follow(t *testing.T, page string, environment ...string) (tidy func()) {
	t.Helper()
	var script strings.Builder
	for _, file := range []string{"../docs/operations.md", page} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		blocks := shellBlock.FindAllSubmatch(text, -1)
		require.NotEmpty(t, blocks, file)
		for _, block := range blocks {
			script.Write(block[1])
		}
	}
	output, err := os.Create(i.path("commands.log"))
	require.NoError(t, err)
	// With -x, what failed can be seen; the keys in it open nothing but this test's database.
	command := exec.CommandContext(t.Context(), "bash", "-euxo", "pipefail", "-c", script.String())
	command.Dir, command.Env = i.folder, append(append(i.env, "CRG_METRICS_ADDRESS="+i.metrics.second), environment...)
	command.Stdout, command.Stderr = output, output
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, command.Start())
	group := command.Process.Pid
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	select {
	case err = <-ended:
	case <-time.After(10 * time.Minute):
		require.NoError(t, syscall.Kill(-group, syscall.SIGKILL))
		err = <-ended
	}
	tidy = func() {
		_ = syscall.Kill(-group, syscall.SIGTERM)
		require.Eventually(t, func() bool { return syscall.Kill(-group, 0) != nil }, patience, 20*time.Millisecond)
	}
	if err != nil {
		tidy()
	}
	text, _ := os.ReadFile(output.Name())
	require.NoError(t, err, "%s", text)
	require.NoError(t, output.Close())
	return tidy
}

// nothing of ours ends by chance: what fires is waited for, and what is mended too.
const patience = 2 * time.Minute

func (i *installation) awaitFiring(t *testing.T, alert string, fires bool) {
	t.Helper()
	require.Eventually(t, func() bool { return i.firing(alert) == fires }, patience, 100*time.Millisecond, "%s: want firing %t", alert, fires)
}
