package postgresql

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/city-resource-graph/crg/dev/state"
)

// installOn puts empty files where Debian's packages put the real ones.
func installOn(t *testing.T, root string, major int, postgis bool) {
	t.Helper()
	files := []string{fmt.Sprintf("usr/lib/postgresql/%d/bin/postgres", major), fmt.Sprintf("usr/lib/postgresql/%d/bin/initdb", major)}
	if postgis {
		files = append(files, fmt.Sprintf("usr/share/postgresql/%d/extension/postgis.control", major))
	}
	for _, file := range files {
		path := filepath.Join(root, file)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, nil, 0o600))
	}
}

func TestFindBinaries(t *testing.T) {
	t.Parallel()
	type version struct {
		major   int
		postgis bool
	}
	for name, c := range map[string]struct {
		installed []version
		madeBy    string // PG_VERSION of the cluster
		want      int
		wantError string
	}{
		"nothing installed":       {wantError: "is not installed: sudo apt-get install -y postgresql-15-postgis-3"},
		"PostgreSQL alone":        {installed: []version{{15, false}}, wantError: "PostgreSQL 15 or newer with PostGIS is not installed"},
		"too old":                 {installed: []version{{14, true}}, wantError: "PostgreSQL 15 or newer with PostGIS is not installed"},
		"15 comes before newer":   {installed: []version{{15, true}, {17, true}}, want: 15},
		"the newest, without 15":  {installed: []version{{16, true}, {17, true}, {18, false}}, want: 17},
		"what made the cluster":   {installed: []version{{15, true}, {17, true}}, madeBy: "17\n", want: 17},
		"its maker was removed":   {installed: []version{{15, true}}, madeBy: "17\n", wantError: "sudo apt-get install -y postgresql-17-postgis-3"},
		"a damaged version file":  {installed: []version{{15, true}}, madeBy: "?", wantError: "read version of the cluster"},
		"only the maker is there": {installed: []version{{16, true}}, madeBy: "16", want: 16},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root, folder := t.TempDir(), state.Folder{Path: t.TempDir()}
			for _, v := range c.installed {
				installOn(t, root, v.major, v.postgis)
			}
			if c.madeBy != "" {
				require.NoError(t, os.Mkdir(folder.Sub("postgres"), 0o700))
				require.NoError(t, os.WriteFile(folder.Sub("postgres", "PG_VERSION"), []byte(c.madeBy), 0o600))
			}
			found, err := findBinaries(root, folder)
			if c.wantError != "" {
				require.ErrorContains(t, err, c.wantError)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.want, found.major)
			require.FileExists(t, found.path("postgres"))
		})
	}
}
