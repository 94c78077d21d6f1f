package house_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSetupOnMachines runs dev/setup on machines that differ in what is installed and who asks. Their apt-get notes what
// it is told; that the packages really bring what is missing is seen on every fresh machine that runs the check.
func TestSetupOnMachines(t *testing.T) {
	t.Parallel()
	java := []string{"java", "javac", "mvn"}
	for name, c := range map[string]struct {
		user      string // 0 is root
		sudo      string // exit code of sudo -n true; empty means that there is no sudo
		what      string // is set up; empty is the local stack
		installed []string
		without   string // of what the other machines all have
		apt       string // exit code of apt-get; empty means that there is none
		commands  []string
		fails     string
	}{
		"everything is there": {user: "1000", installed: append(java, "redis-server", "gcc"), apt: "0"},
		"root": {
			user: "0", installed: append(java, "gcc"), apt: "0",
			commands: []string{"update -q", "install -q -y --no-install-recommends redis-server"},
		},
		"no browser": {user: "0", installed: append(java, "redis-server", "gcc"), without: "chromium", apt: "0"},
		"no browser for the tests": {
			user: "0", what: "test", installed: append(java, "redis-server", "gcc"), without: "chromium", apt: "0",
			commands: []string{"update -q", "install -q -y --no-install-recommends chromium"},
		},
		"nothing to judge alerts": {user: "0", installed: append(java, "redis-server", "gcc"), without: "promtool", apt: "0"},
		"nothing to judge alerts in the tests": {
			user: "0", what: "test", installed: append(java, "redis-server", "gcc"), without: "promtool", apt: "0",
			commands: []string{"update -q", "install -q -y --no-install-recommends prometheus"},
		},
		"sudo": {
			user: "1000", sudo: "0", apt: "0",
			commands: []string{"update -q", "install -q -y --no-install-recommends redis-server gcc libc6-dev openjdk-17-jdk-headless maven"},
		},
		"sudo asks for a password": {
			user: "1000", sudo: "1", installed: append(java, "gcc"), apt: "0",
			fails: "missing: redis-server. Install them with: sudo apt-get update && sudo apt-get install -y redis-server\n",
		},
		"no rights": {user: "1000", installed: java, apt: "0", fails: "sudo apt-get install -y redis-server gcc libc6-dev\n"},
		"a JRE": {
			user: "0", installed: []string{"redis-server", "gcc", "java", "mvn"}, apt: "0",
			commands: []string{"update -q", "install -q -y --no-install-recommends openjdk-17-jdk-headless"},
		},
		"no apt": {user: "0", fails: "This machine has no apt-get"},
		"no net": {user: "0", installed: java, apt: "100", commands: []string{"update -q"}, fails: "installing redis-server gcc libc6-dev"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bin := t.TempDir()
			program := func(name, script string) {
				syscall.ForkLock.RLock() // what another test starts meanwhile would hold it open for writing, and nobody could run it
				defer syscall.ForkLock.RUnlock()
				require.NoError(t, os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700))
			}
			program("id", "echo "+c.user)
			for _, name := range append(c.installed, "setpriv", "apt-cache", "chromium", "promtool") {
				if name != c.without {
					program(name, "exit 0")
				}
			}
			env, err := exec.LookPath("env")
			require.NoError(t, err)
			require.NoError(t, os.Symlink(env, filepath.Join(bin, "env")))
			noted := filepath.Join(bin, "noted")
			if c.apt != "" {
				program("apt-get", `[ "$1 $3" = "-o -o" ] || exit 9; shift 4; echo "$@" >>"`+noted+`"; exit `+c.apt)
			}
			if c.sudo != "" {
				program("sudo", `shift; [ "$1" != true ] || exit `+c.sudo+`; exec "$@"`)
			}
			setup := exec.CommandContext(t.Context(), "/bin/sh", "../dev/setup", c.what)
			setup.Env = []string{"PATH=" + bin}
			out, err := setup.CombinedOutput()
			if c.fails == "" {
				require.NoError(t, err, string(out))
			} else {
				require.Error(t, err)
				require.Contains(t, string(out), c.fails)
			}
			told, err := os.ReadFile(noted)
			if errors.Is(err, os.ErrNotExist) {
				require.Empty(t, c.commands)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.commands, strings.Split(strings.TrimSpace(string(told)), "\n"))
		})
	}
}
