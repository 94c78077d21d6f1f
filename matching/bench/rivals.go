package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

//go:embed rivals/solve_ortools.py
var ortoolsScript []byte

//go:embed rivals/lemon.cpp
var lemonSource []byte

const ortoolsVersion = "9.15.6755"

// rival is another solver: a program that is given an exported instance and prints what it found.
type rival struct {
	name    string
	command []string
	perfect bool // only for problems in which everybody can be assigned
	classic bool // only for the families of published instances: slow elsewhere
}

// result is what a rival prints.
type result struct {
	Value   int64   `json:"value"`
	Seconds float64 `json:"seconds"`
}

func (r rival) solve(ctx context.Context, path string) (result, error) {
	var found result
	command := exec.CommandContext(ctx, r.command[0], append(r.command[1:len(r.command):len(r.command)], path)...)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return found, err
	}
	if err := json.Unmarshal(out, &found); err != nil {
		return found, fmt.Errorf("its answer %q: %w", out, err)
	}
	return found, nil
}

func prepareRivals(ctx context.Context, o options) ([]rival, error) {
	if !o.rivals {
		return nil, nil
	}
	ortools, err := prepareORTools(ctx, o.folder, o.python)
	if err != nil {
		return nil, fmt.Errorf("prepare OR-Tools: %w", err)
	}
	lemon, err := prepareLEMON(ctx, o.folder)
	if err != nil {
		return nil, fmt.Errorf("prepare LEMON (Debian: apt install g++ liblemon-dev): %w", err)
	}
	return append(ortools, lemon...), nil
}

// prepareORTools makes a Python environment with OR-Tools once and keeps it in the user's cache folder.
func prepareORTools(ctx context.Context, folder, python string) ([]rival, error) {
	if python == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return nil, err
		}
		environment := filepath.Join(cache, "crg-bench", "ortools-"+ortoolsVersion)
		python = filepath.Join(environment, "bin", "python")
		if runtime.GOOS == "windows" {
			return nil, errors.New("on Windows name a Python with -python")
		}
		if err := exec.CommandContext(ctx, python, "-c", "import ortools").Run(); err != nil {
			if err := runLoud(ctx, "python3", "-m", "venv", environment); err != nil {
				return nil, err
			}
			if err := runLoud(ctx, python, "-m", "pip", "install", "--quiet", "ortools=="+ortoolsVersion); err != nil {
				return nil, err
			}
		}
	}
	script := filepath.Join(folder, "solve_ortools.py")
	return []rival{
		{name: "OR-Tools", command: []string{python, script, "flow"}},
		{name: "OR-Tools assignment", command: []string{python, script, "assignment"}, perfect: true},
	}, os.WriteFile(script, ortoolsScript, 0o600)
}

func prepareLEMON(ctx context.Context, folder string) ([]rival, error) {
	source, program := filepath.Join(folder, "lemon.cpp"), filepath.Join(folder, "lemon")
	if err := os.WriteFile(source, lemonSource, 0o600); err != nil {
		return nil, err
	}
	return []rival{
		{name: "LEMON simplex", command: []string{program, "simplex"}},
		{name: "LEMON scaling", command: []string{program, "scaling"}, classic: true},
	}, runLoud(ctx, "g++", "-O3", "-march=native", "-o", program, source)
}

// runLoud runs a command whose output is for the person at the terminal.
func runLoud(ctx context.Context, name string, args ...string) error {
	command := exec.CommandContext(ctx, name, args...)
	command.Stdout, command.Stderr = os.Stderr, os.Stderr
	return command.Run()
}
