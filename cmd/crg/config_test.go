package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// environment is a process's environment in a test.
type environment map[string]string

func (e environment) lookup(name string) (string, bool) {
	value, given := e[name]
	return value, given
}

func configFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "crg.yaml")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func TestEnvironmentOverFileOverDefault(t *testing.T) {
	t.Parallel()
	path := configFile(t, "temporal_namespace: from-file\ngrace_time: 3s\nimport_folders: [/data/a, /data/b]\nmake_current: false\n")
	config, list, err := readSettings(path, environment{
		"TEMPORAL_NAMESPACE": "from-environment", "CRG_IMPORT_HOSTS": "a.example, *.b.example,", "CRG_TRACE_SHARE": "0.25",
	}.lookup)
	require.NoError(t, err)
	require.Equal(t, "from-environment", config.TemporalNamespace)
	require.Equal(t, 3*time.Second, config.GraceTime)
	require.Equal(t, []string{"/data/a", "/data/b"}, config.ImportFolders)
	require.Equal(t, []string{"a.example", "*.b.example"}, config.ImportHosts)
	require.False(t, config.MakeCurrent)
	require.Equal(t, "127.0.0.1:8080", config.APIAddress)
	require.InDelta(t, 0.25, config.TraceShare, 0)

	from := map[string]string{}
	for _, s := range list {
		from[s.key] = s.from
	}
	require.Equal(t, "environment", from["temporal_namespace"])
	require.Equal(t, "file", from["grace_time"])
	require.Equal(t, "default", from["api_address"])
}

func TestConfigurationThatCannotBe(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		file string
		env  environment
		want string
	}{
		"unknown key":    {file: "databse_url: x\n", want: "field databse_url not found"},
		"wrong type":     {file: "grace_time: soon\n", want: "cannot unmarshal"},
		"a word":         {env: environment{"CRG_MAKE_CURRENT": "perhaps"}, want: `CRG_MAKE_CURRENT "perhaps": want true or false`},
		"no duration":    {env: environment{"CRG_GRACE_TIME": "25"}, want: `CRG_GRACE_TIME "25": want a duration such as 25s`},
		"below zero":     {env: environment{"CRG_GRACE_TIME": "-1s"}, want: "want a duration above 0"},
		"share above 1":  {env: environment{"CRG_TRACE_SHARE": "2"}, want: "want a share from 0 to 1"},
		"not a share":    {env: environment{"CRG_TRACE_SHARE": "NaN"}, want: "want a share from 0 to 1"},
		"both told":      {env: environment{"CRG_GRACE_TIME": "-1s", "CRG_TRACE_SHARE": "2"}, want: "CRG_TRACE_SHARE 2: want a share from 0 to 1"},
		"no network":     {env: environment{"CRG_OUTBOUND_NETWORKS": "10.0.0.1"}, want: "want networks such as 10.1.0.0/16"},
		"no host":        {env: environment{"CRG_IMPORT_HOSTS": "https://a.example"}, want: "want a name in lower case"},
		"no codec key":   {env: environment{"CRG_CODEC_KEYS": "a:hunter2"}, want: `CRG_CODEC_KEYS: codec key "a": want 32 bytes in base64`},
		"all told":       {env: environment{"CRG_MAKE_CURRENT": "x", "CRG_TRACE_SHARE": "y"}, want: "want a number"},
		"missing a file": {env: environment{"CRG_CONFIG": "/nowhere/crg.yaml"}, want: "CRG_CONFIG: open /nowhere/crg.yaml"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := test.env["CRG_CONFIG"]
			if test.file != "" {
				path = configFile(t, test.file)
			}
			config, _, err := readSettings(path, test.env.lookup)
			if err == nil {
				err = config.validate()
			}
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestSecretsAreMasked(t *testing.T) {
	t.Parallel()
	_, list, err := readSettings("", environment{
		"DATABASE_URL": "postgres://crg:hunter2@db.example:5432/crg?password=hunter2", "REDIS_URL": "hunter2", "CRG_BLOBS": "file:///var/blobs",
		"CRG_CODEC_KEYS": "a:/hunter2,b:hunter2",
	}.lookup)
	require.NoError(t, err)
	for _, write := range []func(*bytes.Buffer) error{
		func(out *bytes.Buffer) error { return writeSettings(out, list) },
		func(out *bytes.Buffer) error { return writeSettingsJSON(out, list) },
	} {
		var out bytes.Buffer
		require.NoError(t, write(&out))
		require.NotContains(t, out.String(), "hunter2")
		require.Contains(t, out.String(), "postgres://crg:***@db.example:5432/crg?***")
		require.Contains(t, out.String(), "file:///var/blobs")
	}
	_, _, err = readSettings("", environment{"CRG_TRACES": "x"}.lookup)
	require.NoError(t, err)
}

// Each key is described once, and the documentation says the same.
func TestTheDocumentationHasEveryKey(t *testing.T) {
	t.Parallel()
	var table bytes.Buffer
	require.NoError(t, writeKeys(&table))
	page, err := os.ReadFile("../../docs/configuration.md")
	require.NoError(t, err)
	require.Contains(t, string(page), table.String(), "run: go run ./cmd/crg config --markdown")
	seen := map[string]bool{}
	for _, s := range settingsOf(new(Config)) {
		require.NotEmpty(t, s.key)
		require.NotEmpty(t, s.env)
		require.NotEmpty(t, s.help, s.key)
		require.False(t, seen[s.env], s.env)
		seen[s.env] = true
	}
}
