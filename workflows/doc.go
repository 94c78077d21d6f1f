// Package workflows holds the processes of City Resource Graph as Temporal workflows: importing a dataset, onboarding a
// participant, a matching run, one match from proposal to receipt, and an economic valuation.
//
// Each workflow is one file with setup (queries, signals) and run (the story, read top to bottom); what they share
// stands in one named file each: ids.go, signals.go, queries.go, options.go, versions.go, searchattributes.go, start.go.
// A workflow holds no client and reads no clock but its own; everything it learns comes from an activity, and its
// payloads carry ids and references only. It must not import a store.
package workflows
