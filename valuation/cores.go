package valuation

import (
	"runtime"
	"sync"
)

// onAllCores does something for each i below n, on every core a run of neighbours. What it does for one must not depend on
// another.
func onAllCores(n int, do func(i int)) {
	cores := min(n, runtime.GOMAXPROCS(0))
	var working sync.WaitGroup
	for core := range cores {
		working.Go(func() {
			for i := core * n / cores; i < (core+1)*n/cores; i++ {
				do(i)
			}
		})
	}
	working.Wait()
}
