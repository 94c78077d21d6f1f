// Package fuzz holds the spec-based fuzzing of the API: schemathesis makes requests from api/openapi.yaml, valid ones and
// wrong ones, over all routes of the real API. `make fuzz-api` runs it.
package fuzz
