// Package edgelist reads and writes matching problems and their solutions as plain CSV files, the form in which anyone
// can run the engine and repeat its proof without a server.
//
// Input is three tables with a header line: needs (id,quantity and optionally ward, tier and weight), resources (id,quantity)
// and edges (need,resource,value and optionally charge). Ids are any non-empty text in UTF-8. Rows may come in any order:
// before anything is solved they are brought into canonical order (ids by length, then by their bytes; edges by need, then by
// resource), which makes every output file but inputs.json a function of the input's content alone.
//
// Output is a folder with allocation.csv, prices.csv, certificate.json, basis.bin, inputs.json (where the input lies) and,
// where tiers or weights claim more than one bound, proofs.csv. It appears whole or not at all.
package edgelist
