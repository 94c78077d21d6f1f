// Package crgclient is the Go client of the City Resource Graph API, generated from api/openapi.yaml, with the few lines
// by hand that every caller needs: the API key, fresh idempotency keys, and problems as Go errors.
package crgclient

//go:generate go tool -modfile=../../tools/go.mod oapi-codegen -config config.yaml ../../api/openapi.yaml
