package ops_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// rule is an alert as its file has it.
type rule struct {
	Alert       string            `yaml:"alert"`
	Expr        string            `yaml:"expr"`
	For         string            `yaml:"for"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
}

func rules(t *testing.T) []rule {
	t.Helper()
	text, err := os.ReadFile("alerts.yaml")
	require.NoError(t, err)
	var file struct {
		Groups []struct{ Rules []rule }
	}
	require.NoError(t, yaml.Unmarshal(text, &file))
	require.Len(t, file.Groups, 1)
	return file.Groups[0].Rules
}

func promtool(t *testing.T, args ...string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "promtool", args...).CombinedOutput()
	require.NoError(t, err, "promtool %s: %s\nit comes with `make setup-test`", strings.Join(args, " "), out)
}

func TestPromtoolAcceptsTheRules(t *testing.T) {
	t.Parallel()
	promtool(t, "check", "rules", "--lint=all", "alerts.yaml")
	promtool(t, "check", "config", "prometheus.yml")
	promtool(t, "test", "rules", "alerts_test.yaml")
}

// Each alert is tested in both directions: a moment at which it fires, and one at which it does not.
func TestEveryAlertIsTestedBothWays(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("alerts_test.yaml")
	require.NoError(t, err)
	var file struct {
		Tests []struct {
			Moments []struct {
				Alert string           `yaml:"alertname"`
				Fires []map[string]any `yaml:"exp_alerts"`
			} `yaml:"alert_rule_test"`
		}
	}
	require.NoError(t, yaml.Unmarshal(text, &file))
	fires, silent := map[string]bool{}, map[string]bool{}
	for _, test := range file.Tests {
		for _, moment := range test.Moments {
			if len(moment.Fires) > 0 {
				fires[moment.Alert] = true
			} else {
				silent[moment.Alert] = true
			}
		}
	}
	for _, r := range rules(t) {
		require.True(t, fires[r.Alert], "%s never fires in alerts_test.yaml", r.Alert)
		require.True(t, silent[r.Alert], "%s is never silent in alerts_test.yaml", r.Alert)
	}
}

// Each alert says how bad it is, what it means, and where its page is; each page has an alert and all its parts.
func TestEveryAlertHasItsRunbook(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../docs/runbooks/*.md")
	require.NoError(t, err)
	require.Len(t, pages, len(rules(t)))
	for _, r := range rules(t) {
		require.Contains(t, []string{"page", "ticket"}, r.Labels["severity"], r.Alert)
		require.NotEmpty(t, r.Annotations["summary"], r.Alert)
		require.NotEmpty(t, r.Annotations["description"], r.Alert)
		require.Equal(t, "docs/runbooks/"+pageOf(r.Alert)+".md", r.Annotations["runbook"])
		page, err := os.ReadFile("../" + r.Annotations["runbook"])
		require.NoError(t, err)
		for _, part := range []string{
			"**What people notice.**", "**What it means.**", "\n## Look\n", "\n## Mend\n", "\n## Prove it\n", "\n## Prevent\n", "quiet " + r.Alert,
		} {
			require.Contains(t, string(page), part, r.Alert)
		}
		require.Less(t, strings.Count(string(page), "\n"), 80, "%s is one page", r.Annotations["runbook"])
	}
}

// pageOf is the name of an alert's page: NoPollers is in no-pollers.md.
func pageOf(alert string) string {
	return strings.ToLower(regexp.MustCompile(`([a-z])([A-Z])`).ReplaceAllString(alert, "$1-$2"))
}

// metricsIn are the names of metrics in an expression: what is left of it without texts, labels and functions.
func metricsIn(expr string) []string {
	for _, other := range []string{`"[^"]*"`, `\{[^}]*\}`, `\[[^\]]*\]`, `\b(by|on|without|ignoring)\s*\([^)]*\)`, `\boffset\s+\w+`, `\b\w+\s*\(`} {
		expr = regexp.MustCompile(other).ReplaceAllString(expr, " ")
	}
	var names []string
	for _, word := range regexp.MustCompile(`\b[a-z_]+\b`).FindAllString(expr, -1) {
		switch word {
		case "and", "or", "unless", "by", "on", "without", "ignoring":
		default:
			names = append(names, word)
		}
	}
	return names
}

func TestMetricsAreReadOutOfExpressions(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"a_total", "b_bucket", "c", "c"}, metricsIn(
		`sum by (x, le) (rate(a_total{y="z_total"}[5m])) / on (x) max(b_bucket) > 0.5 or label_replace(absent(c > 1), "q", "c", "", "") unless c offset 15m`))
}
