// Package matching allocates resources to needs so that the total value is greatest, and proves it.
//
// It knows nothing of cities: needs and resources have quantities, some pairs have a value per unit, and anything may
// stay unmatched. That covers assignment, transportation and weighted b-matching; the first example is one of them in
// ten lines. The package is pure: no I/O, no clock, no randomness, no cgo.
//
// # The problem
//
// Let need i want d(i) units and resource j offer s(j). Each edge (i,j) is worth v(i,j) per unit. Choose whole
// quantities x >= 0:
//
//	maximise   sum of v(i,j) x(i,j)
//	such that  sum over j of x(i,j) <= d(i)   for each need i
//	           sum over i of x(i,j) <= s(j)   for each resource j
//
// Its dual puts a price u(i) >= 0 on each need and p(j) >= 0 on each resource:
//
//	minimise   sum of d(i) u(i) + sum of s(j) p(j)
//	such that  u(i) + p(j) >= v(i,j)          for each edge (i,j)
//
// Every allocation is worth at most what any feasible prices add up to (weak duality), and at the optimum both are equal.
// The matrix is totally unimodular, so the optimum is reached in whole numbers, and so are prices (Hoffman and Kruskal
// 1956). The problem goes back to Hitchcock (1941) and Koopmans (1949); Shapley and Shubik (1971) show that these prices
// are the competitive ones: one more unit wanted by i is worth u(i) at most and one unit less loses u(i) at least, and so it is
// with p(j) and a unit of j. Prices are not unique; package live tells the lowest and the highest, which are those two.
//
// # What the certificate proves
//
// A [Solution] holds the allocation and the prices, and these two are the proof. Package certificate needs one pass over
// the input to check it: no quantity is exceeded, every edge is worth at most its two prices, and the sum of quantity x
// price is the bound. If that equals the allocation's value, nothing can be worth more, whoever found it and however.
// The check is in integers with 128-bit sums, shares no code with the solver, and runs after every matching run;
// [Verify] is the short way to it. A solver's mistake can therefore cost time or a gap, never a wrong claim.
//
// # The method, in the order in which it runs
//
//  1. Check (problem.go). Values and quantities up to 2^40. A problem in which a price or a sum could leave 62 bits is
//     refused before the start, with the sum named.
//  2. Components (components.go). Union-find over the usable edges splits the problem into parts that share nothing.
//     They are solved largest first by all workers (solve.go, crew.go).
//  3. Order (order.go). Breadth-first numbering of each component, so that what competes lies close in memory. Not if there
//     is an earlier run to start from: then rows stay in the problem's order, and are loaded in it (load.go).
//  4. First basis (warmup.go). From an earlier run's flows and prices where they are given (warm.go), put right by shortest
//     paths (mend.go; Jewell 1958, Edmonds and Karp 1972), unless that is the longer way. Else, in a large component, by an auction with falling epsilon
//     (auction.go; Bertsekas and Castanon 1989), held in several halls at a time so that the cores of one machine share
//     one component (hall.go), and a spanning tree around its outcome (crash.go, tree.go; edges are chosen as in Kruskal
//     1956); what an auction of single units left wrong is put right by shortest paths, too, where that is little
//     (mend_begin.go). Else with nothing matched.
//  5. Primal network simplex (simplex.go; Dantzig 1951, Cunningham 1976). All that is unmatched hangs at a root, the
//     pool, so the first basis is always feasible and no edge needs a capacity. Edges are priced by rows and columns
//     whose potential changed since they were last found clean (simplex_pricing.go); a pivot shifts flow around one
//     cycle of the tree and moves the potentials of one subtree (simplex_pivot.go). Ties keep a strongly feasible basis so
//     (Cunningham), with which degenerate pivots cannot cycle; a basis that is not, as after an auction, is made so when
//     too many pivots in a row moved nothing.
//  6. Assignment problems, in which all quantities are 1 and values are a constant less a cost, are solved by an auction of
//     their own (assign.go; Bertsekas 1979, Goldberg and Kennedy 1995), down to an epsilon at which its outcome is
//     optimal, and proven by its prices (assign_proof.go). It takes the place of 4 and 5.
//  7. Cost scaling (scaling.go; Goldberg and Tarjan 1990, with the global updates of Goldberg 1997 and of Kiraly and Kovacs
//     2012), in components where neither auction nor pivots get there: see below. Prices that are nearly right are rounded
//     so that the fewest remainders are cut, settled by shortest paths, and proven (exact.go).
//  8. Recovery (component.go, gather.go). Flows and prices in the caller's indices. If a deadline or a limit on pivots came
//     first, the flows are feasible all the same, and the bound is the best of several price vectors at hand (salvage.go):
//     the gap is told honestly.
//
// # Which engine
//
// Auction and pivots are the fast way through values that differ by what they are worth, as in a city. Values that are a
// large constant less a cost, as in assignment and transportation problems where everybody must be served, send prices
// far: bids become a war, and a pivot moves half of the tree. Where all quantities are 1 as well, bids for single
// resources are so cheap that they go on to the end. Needs that cannot be served are left out when a round has had
// mostBids bids per need; what the prices do not prove is put right by shortest paths (mend.go) if it is little, else by
// pivots, for much hangs at the pool; if there are far fewer resources than needs, pivots begin. Else a war of bids, or
// pivots from the auction's basis that came to pivotPasses passes over the edges, are given up, and pivots begin with nothing
// matched: where much is left over, trees from there stay shallow, whatever the values are. They go on as long as they make
// headway, and what is left then is for cost scaling (handover.go). Neither takes over prices, for prices that are far off in
// places are worse than none. Where the values are a constant less a cost and next to nothing is left over, cost scaling
// begins at once.
//
// If cost scaling leaves its range of numbers or its proof fails, pivots do the rest, so the result is exact in any case.
// Every choice is made by counts of the component at hand (edges, row lengths, spreads of values, bids), never by the
// clock, so that a result can be repeated. The settings are constants with their reasons at the heads of warmup.go,
// assign.go and scaling.go; what was measured and what lost is in docs/adr/matching-engine.md and matching-second-engine.md.
//
// # Complexity
//
// Let n be needs and resources, m edges, C the largest value. Reading, splitting, ordering, recovery and the check are
// O(m) and O(m a(n)). An auction that runs to its end is O(n m log(nC)); ours is cut short by a count of bids, so it is
// O(m) with a large constant. Cost scaling takes O(log(nC)) scales, each of a few passes over the edges
// in practice. The simplex has no useful worst-case bound with its pivot rule; on city-like problems
// pivots grow a little faster than n and the whole time as m^1.2 (docs/performance.md). Memory is about 60 bytes an edge
// at the peak, the input included.
//
// # Data layout
//
// A [Problem] is in compressed rows: the edges of need i are Edges[RowStart[i]:RowStart[i+1]], in any order, and an edge
// is a resource's index and a value. Everything else is a slice by need, by resource or parallel to the edges. Inside a
// component (simplex.go) needs come first, then resources, then the pool, all as int32 ids. A node of the basis tree
// holds parent, children as a list, depth and the flow to its parent, 28 or 32 bytes; potentials lie beside, by id. Flow
// exists on tree edges only, and its direction follows from the side of the child. Where a component's numbers fit into
// 32 bits, with room for fractions of values, it is solved in that width, else in 64, by the same code (type parameters
// of simplex).
//
// # Determinism
//
// The same problem gives the same bytes for any number of workers and any way of sharding: components do not depend on
// each other, halls of one sitting do not write what others read, and random choices do not exist. Ties between equally
// good optima are broken by what the rules above meet first, which is fixed for a version of the rules ([Version]); another
// order of rows may pick another optimum of the same value. Of several edges of one pair the larger value counts.
//
// # Trip charges
//
// With [Problem.Charges] each used pair also costs a fixed amount, which makes the problem NP-hard. Spread over the most
// that a pair can carry and rounded down, a charge lowers the edge's value without making any allocation look worth less
// than it is (charges.go). The bound is the exact optimum of that linear problem, proven by the same certificate;
// package charges searches for the allocation.
//
// # Around it
//
//	certificate  checks a result, trusting nothing and nobody
//	charges      allocates where every used pair costs a trip
//	live         keeps an optimum and answers what-if in microseconds; intervals of supporting prices
//	explain      says why, why not, and why unserved, in words and money
//	fairness     tiers, floors and the curve of share against loss
//	recurring    from one run to the next: warm start, churn and its price
//	candidates   makes the problem from a snapshot of listings
//	instances    families of problems for tests and benchmarks
//
// # Papers
//
//   - Hitchcock, The distribution of a product from several sources to numerous localities, J. Math. and Physics 20, 1941
//   - Koopmans, Optimum utilization of the transportation system, Econometrica 17 (supplement), 1949
//   - Dantzig, Application of the simplex method to a transportation problem, in: Activity Analysis of Production and Allocation, 1951
//   - Hoffman and Kruskal, Integral boundary points of convex polyhedra, in: Linear Inequalities and Related Systems, 1956
//   - Kruskal, On the shortest spanning subtree of a graph and the traveling salesman problem, Proc. AMS 7, 1956
//   - Jewell, Optimal flow through networks, MIT Operations Research Center, 1958
//   - Shapley and Shubik, The assignment game I: the core, Int. J. of Game Theory 1, 1971
//   - Edmonds and Karp, Theoretical improvements in algorithmic efficiency for network flow problems, J. ACM 19, 1972
//   - Cunningham, A network simplex method, Mathematical Programming 11, 1976
//   - Bertsekas, A distributed algorithm for the assignment problem, MIT Laboratory for Information and Decision Systems, 1979
//   - Bertsekas and Castanon, The auction algorithm for the transportation problem, Annals of Operations Research 20, 1989
//   - Goldberg and Tarjan, Finding minimum-cost circulations by successive approximation, Math. of Operations Research 15, 1990
//   - Goldberg and Kennedy, An efficient cost scaling algorithm for the assignment problem, Mathematical Programming 71, 1995
//   - Goldberg, An efficient implementation of a scaling minimum-cost flow algorithm, J. of Algorithms 22, 1997
//   - Kiraly and Kovacs, Efficient implementations of minimum-cost flow algorithms, Acta Univ. Sapientiae, Informatica 4, 2012
package matching
