package workers

import (
	"os"
	"runtime/debug"
	"slices"

	"github.com/city-resource-graph/crg/workflows"
)

// garbagePercent lets garbage grow to twice what is in use before a process collects it. Go's own 100 % costs an
// import about a tenth of its time.
const garbagePercent = 200

// CollectRarely tunes this process's garbage collector to the queues that it serves, and returns how to undo it. A process
// that serves none but city holds some ten megabytes at a time, whatever the size of a file, and may hold garbage beside
// it. One that matches holds a whole city, and is left alone; so is one for which GOGC is set.
func CollectRarely(queues ...workflows.Queue) (undo func()) {
	_, set := os.LookupEnv("GOGC")
	if set || slices.ContainsFunc(queues, func(q workflows.Queue) bool { return q != workflows.CityQueue }) {
		return func() {}
	}
	before := debug.SetGCPercent(garbagePercent)
	return func() { debug.SetGCPercent(before) }
}
