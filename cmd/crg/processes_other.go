//go:build !linux

package main

import "syscall"

// detached keeps an interrupt at the terminal away from the children; the demo stops them in order.
func detached() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
