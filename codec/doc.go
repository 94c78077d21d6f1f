// Package codec encrypts what workflows carry: inputs, results, signals, heartbeats and failures are sealed with AES-256-GCM
// before they leave the process, so that whoever runs the Temporal server, or reads its database, sees ids of workflows
// and search attributes only. It holds keys and nothing else, and knows no store.
package codec
