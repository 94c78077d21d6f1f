package main

import "syscall"

// detached keeps an interrupt at the terminal away from the children (the demo stops them in order) and still ends them
// when the demo itself is killed.
func detached() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
