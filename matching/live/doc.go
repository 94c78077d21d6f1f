// Package live keeps an optimum and answers questions about it without solving again: what if a listing came, went or
// changed, what if a pair were forced or forbidden, and between which prices the optimum stays one.
//
// # Method
//
// An optimum of the transportation problem comes with prices: u of needs and p of resources, none negative, with
// u + p >= value on every edge, equal where something flows, and 0 where something is left over. Seen as a residual
// graph with the reduced costs u + p - value as lengths, all lengths are non-negative, so Dijkstra's algorithm applies.
//
// A change makes some units homeless, at a need or at a resource. Each is led along a shortest path to the cheapest
// place: something unused, or another need or resource that gives way and stays unmatched itself. The prices of the
// nodes on the way move by what the path is shorter than its goal, which keeps them optimal (successive shortest paths;
// Tomizawa 1971, Edmonds and Karp 1972). A search settles only what is cheaper than its goal, in practice a few dozen
// nodes, so an answer takes far less than a millisecond however large the component is.
//
// Every step is written down and taken back after the answer: the optimum is unharmed.
//
// # Trip charges
//
// With trip charges the optimum in question is that of the linear relaxation, whose value is the bound of the run: each
// charge is spread over the largest quantity that its pair can carry, and a change of a quantity changes the spread. What an allocation then
// achieves is NP-hard to say exactly: AskPaid searches for it, without and with the changes, and gives both beside the
// exact bounds.
package live
