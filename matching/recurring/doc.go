// Package recurring carries over from one run to the next: where to start the search, what to keep, and what keeping it
// costs.
//
// A run that is repeated on slightly different listings has two temptations. The first is to start from nothing: a
// [Memory] of the last basis, named by listings and not by positions, lets the next search begin where the last one
// ended; a damaged memory, or one of another city or engine, is refused and the run starts cold. The second is churn: an
// optimum of slightly different listings may be a very different allocation, and people who were promised something hear
// that it is off. Open proposals therefore gain a share of their score ([Keep]; scoring key "stability"), and the
// [Frontier] reports, for several such shares, how many proposals would be dropped and what keeping the others costs.
//
// Approved matches are not the subject of a new run: their quantities are held, or pinned as fixed; rejected pairs are
// pinned as forbidden (see candidates.Pin).
package recurring
