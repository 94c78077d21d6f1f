// Package convert turns the texts of files into typed values: numbers, amounts of money, times, flags and opening hours. The
// few things that a profile cannot declare are named functions; all of them are in functions.go.
package convert
