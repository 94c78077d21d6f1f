//go:build unix

package main

import (
	"bytes"
	"os"
	"runtime"
	"strconv"
	"syscall"
)

// peakRSS returns the largest resident memory of this process so far, in bytes. Linux counts in getrusage what the
// parent held when it started this process, so there the kernel's own mark of the address space is read.
func peakRSS() int64 {
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		if _, mark, found := bytes.Cut(status, []byte("VmHWM:")); found {
			if kB, err := strconv.ParseInt(string(bytes.Fields(mark)[0]), 10, 64); err == nil {
				return kB * 1024
			}
		}
	}
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return usage.Maxrss
	}
	return usage.Maxrss * 1024
}
