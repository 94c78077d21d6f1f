package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// forgetOwnPages gives back the pages of the program's own file. The start of all its packages, servers and drivers among
// them, touches some sixty megabytes of it, for Linux maps up to two at a touch; a command that works by itself needs
// few of them. They stay in the page cache and are mapped again when they are needed. Nothing depends on it, so what does not
// succeed is left alone.
func forgetOwnPages() {
	program, _ := os.Readlink("/proc/self/exe")
	maps, _ := os.ReadFile("/proc/self/smaps")
	var from, to uintptr
	var mode string
	own := false
	for line := range strings.Lines(string(maps)) {
		switch {
		case strings.HasSuffix(line, " "+program+"\n"): // a mapping begins
			_, err := fmt.Sscanf(line, "%x-%x %s", &from, &to, &mode)
			own = err == nil
		case own && strings.HasPrefix(line, "Anonymous:"):
			own = false
			// What nobody may write and nobody has written, as a loader does that moves a program, is as it is in the file.
			if mode[1] == '-' && strings.Join(strings.Fields(line)[1:], " ") == "0 kB" {
				_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, from, to-from, syscall.MADV_DONTNEED)
			}
		}
	}
}
