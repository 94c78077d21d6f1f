package process

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// Record identifies one process for as long as the machine runs.
type Record struct {
	PID int `json:"pid"`
	// StartTicks is the start time of the process in clock ticks since boot (field 22 of /proc/PID/stat).
	StartTicks uint64 `json:"start_ticks"`
	// Boot is the id of the boot that StartTicks counts from.
	Boot string `json:"boot"`
}

// Alive reports whether this very process is still there, be it with one thread: what it holds, ports and locks, is free
// only after the last one. A zombie is not alive.
func (r Record) Alive() bool {
	if r.PID <= 0 {
		return false
	}
	now, ended, err := identify(r.PID)
	return err == nil && !ended && now == r
}

// Save writes the record so that it is either the old or the new one, whatever happens meanwhile.
func (r Record) Save(path string) error {
	data, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode process record: %w", err)
	}
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		return fmt.Errorf("write process record: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("write process record: %w", err)
	}
	return nil
}

// Load reads a record. A record that is missing or damaged says that no process is known: it gives the zero record.
func Load(path string) (Record, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Record{}, nil
	}
	if err != nil {
		return Record{}, fmt.Errorf("read process record: %w", err)
	}
	var r Record
	if json.Unmarshal(data, &r) != nil {
		r = Record{}
	}
	return r, nil
}

// identify reads the identity of a process. One that has ended keeps it, as a zombie, until its parent has taken note. A
// killed process of many threads shows as a zombie as soon as its first thread is gone, and has ended with its last.
func identify(pid int) (r Record, ended bool, err error) {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return Record{}, false, fmt.Errorf("read boot id: %w", err)
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return Record{}, false, fmt.Errorf("read process %d: %w", pid, err)
	}
	// The second field is the program's name in parentheses and may itself hold spaces and parentheses.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	const state, threads, startTime = 0, 17, 19 // fields 3, 20 and 22 of proc(5), counted after the name
	if len(fields) <= startTime {
		return Record{}, false, fmt.Errorf("read process %d: unexpected /proc/%d/stat", pid, pid)
	}
	ticks, err := strconv.ParseUint(fields[startTime], 10, 64)
	if err != nil {
		return Record{}, false, fmt.Errorf("read start time of process %d: %w", pid, err)
	}
	r = Record{PID: pid, StartTicks: ticks, Boot: strings.TrimSpace(string(boot))}
	return r, fields[state] == "X" || fields[state] == "Z" && (fields[threads] == "0" || fields[threads] == "1"), nil
}
