// Package ingest turns the files of a city into participants, resources and needs, as the city's folder under cities says.
//
// Open reads and checks the folder: city.yaml, the approval policy, the scoring and the mapping profile. Plan passes over
// the data once, refuses what cannot be read at all before anything is loaded, and cuts the rest into batches with a cursor
// each; what rules over two files need to know travels in the plan. ReadBatch maps one batch: each row of each file ends
// exactly once, as listing, place fact, history, price evidence, or rejected with its line and reason. Batches can be read
// in any order, by any number of processes, again after a crash, and give the same rows.
//
// The package reads files and knows no database, no workflow and no server. Times are those of the data; Row.Shift moves
// them to city time.
package ingest
