// Package workers runs the processes that do the work: it serves task queues, registers workflows and activities with
// their dependencies, sees to it that the worker's version is the current one, and stops within a grace time.
//
// Any number of worker processes may serve the same queues, on any number of machines. All of them belong to one worker
// deployment; a process is told which queues it serves.
package workers
