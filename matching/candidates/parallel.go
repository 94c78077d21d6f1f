package candidates

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

func workersFor(wanted, jobs int) int {
	if wanted <= 0 {
		wanted = runtime.GOMAXPROCS(0)
	}
	return max(1, min(wanted, jobs))
}

// inParallel runs job 0..jobs-1, each once; every worker makes its own function first. It stops early when ctx ends.
func inParallel(ctx context.Context, workers, jobs int, newWorker func() func(job int)) error {
	var next atomic.Int64
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			run := newWorker()
			for ctx.Err() == nil {
				job := int(next.Add(1) - 1)
				if job >= jobs {
					return
				}
				run(job)
			}
		})
	}
	group.Wait()
	return ctx.Err()
}

// chunkListings is how many listings a worker compiles at once.
const chunkListings = 4096

// inChunks runs do over all of 0..n-1, in parallel stretches of a size.
func inChunks(n, size int, do func(from, to int)) {
	chunks := (n + size - 1) / size
	// Without a context that could end there is no error.
	_ = inParallel(context.Background(), workersFor(0, chunks), chunks, func() func(int) {
		return func(chunk int) { do(chunk*size, min((chunk+1)*size, n)) }
	})
}
