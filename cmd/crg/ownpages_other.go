//go:build !linux

package main

// forgetOwnPages is not needed where the largest resident memory is not taken for what a process costs.
func forgetOwnPages() {}
