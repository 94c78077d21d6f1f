// Package api serves the REST API of City Resource Graph: it validates a request against openapi.yaml, checks who asks
// and whether the object is theirs, then reads PostgreSQL, or records what was asked and starts or signals a workflow.
// It computes nothing and decides nothing: what a match may become is the workflow's and the database's business.
package api
