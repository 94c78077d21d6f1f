// Package edgelist reads and writes matching problems and their solutions as plain CSV files, the form in which anyone
// can run the engine and repeat its proof without a server.
//
// Input is three tables with a header line: needs and resources (id,quantity) and edges (need,resource,value and
// optionally charge). Ids are any non-empty strings. Rows may come in any order: before anything is solved they are
// brought into canonical order (ids by length, then by their bytes; edges by need, then by resource), which makes
// every output file a function of the input's content alone.
//
// Output is a folder with allocation.csv, prices.csv, certificate.json and basis.bin. It appears whole or not at all.
package edgelist
