// Package wire is the API's border as Go types: bodies, parameters and the server interface, generated from
// api/openapi.yaml. Nothing is written here by hand; the domain's own types live in package city.
package wire

//go:generate go tool -modfile=../../tools/go.mod oapi-codegen -config config.yaml ../openapi.yaml
