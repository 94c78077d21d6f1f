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
	var m mapping
	for line := range strings.Lines(string(maps)) {
		if at, found := parseMapping(line); found {
			m = at
			continue
		}
		// What nobody may write and nobody has written, as a loader does that moves a program, is still as in the file.
		if m.path == program && m.mode[1] == '-' && strings.Join(strings.Fields(line), " ") == "Anonymous: 0 kB" {
			m.forget()
		}
	}
}

// mapping is a part of the address space that shows a file.
type mapping struct {
	from, to   uintptr
	mode, path string
}

// parseMapping reads the line of smaps with which a mapping begins.
func parseMapping(line string) (m mapping, found bool) {
	var offset, device, inode string
	n, _ := fmt.Sscanf(line, "%x-%x %s %s %s %s %s", &m.from, &m.to, &m.mode, &offset, &device, &inode, &m.path)
	return m, n >= 6
}

func (m *mapping) forget() {
	const noHugePages = 15 // MADV_NOHUGEPAGE
	for _, advice := range []uintptr{noHugePages, syscall.MADV_DONTNEED} {
		_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, m.from, m.to-m.from, advice)
	}
}
