// Package candidates turns a frozen snapshot of a city's open listings into the sparse problem that package matching
// solves: which resource could serve which need, what one unit of it would score, and what the trip would cost.
//
// # From a snapshot to a graph
//
// [Generate] compiles the snapshot once (integer decimetres, integer money, bit masks), puts the resources of each
// category into a uniform grid stored in cell order, and visits the needs in cell order too, so that neighbours in the
// city are neighbours in memory. For each need it looks outward ring by ring, applies the filters (see [Filter]), scores
// what is left and stops as soon as no farther cell can beat what it holds. No pair is looked at twice, no distance on
// the sphere is ever computed, and no floating point number decides anything: money and quantities are integers, and
// coordinates are rounded to decimetres first. The same snapshot gives the same bytes for any number of workers.
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
