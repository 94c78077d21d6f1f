// Package candidates turns a frozen snapshot of a city's open listings into the sparse problem that package matching
// solves: which resource could serve which need, what one unit of it would score, and what the trip would cost.
//
// # From a snapshot to a graph
//
// [Generate] compiles the snapshot once: integer decimetres, integer money, bit masks. The resources of each category lie
// in a few layers by quantity, each a uniform grid stored in cell order; the needs are visited in cell order too, so that
// neighbours in the city are neighbours in memory. For each need the search goes through the layers, the large offers
// first, and in each of them outward ring by ring:
//
//  1. A ring that is out of reach, or in which even the best offer of the layer could not beat the worst of the K held,
//     ends the layer. Large offers spread the charge of their trip best, so that few rings of the later layers are seen.
//  2. A first look (sieve.go) passes over the run of cells without branch, root or division, and keeps the offers that are
//     in reach, may be open together with the need, and may be worth enough.
//  3. The exact look applies the other filters (see [Filter]) and the integer score, and asks the calendars of both sides
//     only where their bit masks leave it open.
//
// Once a few needs were searched, the worth of the worst candidate that the next one will keep is guessed from theirs
// (guess.go), and all that is worth less is passed over from the start. A guess that was too high is noticed, and the
// search starts again: nothing that is found depends on it.
//
// No distance on the sphere is ever computed. No floating point number decides anything: money and quantities are integers,
// coordinates are rounded to decimetres first, and the first look only ever refuses what the exact one would. Of two
// candidates that are worth the same at the edge of the best K, the one found first stays: the larger layer, the nearer
// ring, the earlier row. The same snapshot gives the same bytes for any number of workers.
//
// Time grows with the offers in reach of all needs together; the index takes one pass over the listings, memory 130
// bytes a resource and 220 a need, and the graph itself 24 bytes an edge.
//
// Cells for near neighbours in the plane are those of Bentley, Stanat and Williams (The complexity of finding fixed-radius
// near neighbors, 1977); ending a search by a bound on what is still unseen is the threshold algorithm of Fagin, Lotem and
// Naor (Optimal aggregation algorithms for middleware, 2001).
//
// # What was cut off
//
// With many resources in reach only the best few candidates of a need are kept. Dropping the others must not break the
// proof of optimality, so the graph holds for each need a bound on the worth of everything that was cut off
// ([Graph.CutBound]). A need whose price is at least its bound loses nothing: every pair that was cut off is worth no
// more than the need's price alone, so the prices that prove the small graph optimal prove the full one. Where a price
// is lower, [SolveProven] prices the missing pairs in for that need only and solves on from the basis it has (Lee and
// Orlin 1993 solve assignment problems of 10^12 edges this way).
//
// # Numbers
//
// A need or resource keeps its position in the snapshot as its index in the problem, so nothing has to be renumbered.
// An edge's value is its score per unit; its charge is the trip charge of the pair. What an edge can be worth at best
// per unit is its score less floor(charge / min(quantities)): edges for which that is not positive can never pay and
// are left out.
//
// The package does no I/O and asks no clock: the moment of the run is part of the snapshot.
package candidates
