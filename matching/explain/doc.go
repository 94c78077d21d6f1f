// Package explain says why a matching came out as it did: why this pair, why not that one, why a need went unserved. Each
// answer is a sentence, figures in minor units, and a struct that goes out as JSON.
//
// Nothing is guessed. That a pair was not used is explained by the certificate: the need's price and the resource's
// price say what one more unit of each would be worth elsewhere, and a pair that is worth less than their sum loses the
// difference for every unit that is forced onto it. That is a proof, and it costs nothing. The exact loss, which may be
// larger, comes from package live; where floors would get more or less by it nobody knows it, and it is not said. That there
// never was a candidate is explained by the filters of package candidates, where the problem was made from a snapshot.
package explain
