package house_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"
)

func compose(t *testing.T) *types.Project {
	t.Helper()
	project, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir:  "..",
		ConfigFiles: []types.ConfigFile{{Filename: "../docker-compose.yml"}},
		Environment: types.Mapping{},
	})
	require.NoError(t, err)
	return project
}

// devVersion is the version of a module that crgdev links.
func devVersion(t *testing.T, module string) string {
	t.Helper()
	text, err := os.ReadFile("../dev/go.mod")
	require.NoError(t, err)
	found := regexp.MustCompile(`\s` + regexp.QuoteMeta(module) + ` v(\S+)`).FindSubmatch(text)
	require.NotNil(t, found, module)
	return string(found[1])
}

// neo4jVersion is the version that crgdev fetches.
func neo4jVersion(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../dev/neo4j/pom.xml")
	require.NoError(t, err)
	found := regexp.MustCompile(`<neo4j.version>(.+)</neo4j.version>`).FindSubmatch(text)
	require.NotNil(t, found)
	return string(found[1])
}

func TestComposeRunsTheVersionsOfCrgdev(t *testing.T) {
	t.Parallel()
	project := compose(t)
	server, ui := devVersion(t, "go.temporal.io/server"), devVersion(t, "github.com/temporalio/ui-server/v2")
	for service, image := range map[string]string{
		"postgres":           "postgis/postgis:15-3.4",
		"redis":              "redis:7",
		"neo4j":              "neo4j:" + neo4jVersion(t) + "-community",
		"temporal-schema":    "temporalio/admin-tools:" + server,
		"temporal":           "temporalio/server:" + server,
		"temporal-namespace": "temporalio/admin-tools:" + server,
		"temporal-ui":        "temporalio/ui:" + ui,
		"prometheus":         "prom/prometheus:v2.42.0", // the one of Debian that the tests use
	} {
		require.Equal(t, image, project.Services[service].Image, service)
	}
	require.Len(t, project.Services, 8)
	shards := project.Services["temporal"].Environment["NUM_HISTORY_SHARDS"]
	require.Equal(t, "4", *shards)
}

func TestComposePublishesOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	published := map[string]string{}
	for _, service := range compose(t).Services {
		for _, port := range service.Ports {
			require.Equal(t, "127.0.0.1", port.HostIP, service.Name)
			published[service.Name] = fmt.Sprintf("%s:%d", port.Published, port.Target)
		}
	}
	require.Equal(t, map[string]string{
		"postgres": "5432:5432", "redis": "6379:6379", "neo4j": "7687:7687", "temporal": "7233:7233", "temporal-ui": "8233:8080",
	}, published)
}

// Prometheus sees the host's loopback, listens on nothing else, and is told the house's own rules.
func TestComposeWatchesWhatRunsOnTheHost(t *testing.T) {
	t.Parallel()
	service := compose(t).Services["prometheus"]
	require.Equal(t, "host", service.NetworkMode)
	require.Contains(t, service.Command, "--web.listen-address=127.0.0.1:9090")
	require.Equal(t, "../ops", service.Volumes[0].Source)
	require.FileExists(t, "../ops/prometheus.yml")
	require.Equal(t, "/etc/prometheus", service.Volumes[0].Target)
}

func TestComposeKeepsItsStateAndWaitsForItsParts(t *testing.T) {
	t.Parallel()
	project := compose(t)
	for _, name := range []string{"postgres", "redis", "neo4j"} {
		service := project.Services[name]
		require.Len(t, service.Volumes, 1, name)
		require.Contains(t, project.Volumes, service.Volumes[0].Source, name)
		require.NotNil(t, service.HealthCheck, name)
	}
	for service, needs := range map[string]map[string]string{
		"temporal-schema":    {"postgres": types.ServiceConditionHealthy},
		"temporal":           {"temporal-schema": types.ServiceConditionCompletedSuccessfully},
		"temporal-namespace": {"temporal": types.ServiceConditionHealthy},
		"temporal-ui":        {"temporal-namespace": types.ServiceConditionCompletedSuccessfully},
	} {
		for other, condition := range needs {
			require.Equal(t, condition, project.Services[service].DependsOn[other].Condition, "%s on %s", service, other)
		}
	}
	for _, extension := range []string{"postgis", "pg_trgm", "btree_gist"} {
		require.Contains(t, project.Configs["databases"].Content, "create extension if not exists "+extension)
	}
}

// TestGuideMatchesCompose holds that the variables in the guide are those of the services.
func TestGuideMatchesCompose(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../docs/development.md")
	require.NoError(t, err)
	for _, line := range []string{
		"export DATABASE_URL='postgres://crg:crg@127.0.0.1:5432/crg?sslmode=disable'",
		"export REDIS_URL=redis://default:crg@127.0.0.1:6379/0",
		"export NEO4J_URI=bolt://127.0.0.1:7687 NEO4J_USERNAME=neo4j NEO4J_PASSWORD=crg-local",
		"export TEMPORAL_ADDRESS=127.0.0.1:7233 TEMPORAL_NAMESPACE=default CRG_WEB_UI=http://127.0.0.1:8233",
	} {
		require.Contains(t, string(guide), line)
	}
	require.True(t, strings.HasPrefix(string(guide), "# "))
}
