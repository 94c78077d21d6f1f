package valuation

// Formulas is the version of all that lies between figures and amounts: the terms, what lasts, whose account bears what,
// rounding, draws. A value came about by figures (Parameters.Version and Hash) and by formulas, and is stored with both.
// Whoever changes what any match comes to raises it and says here what changed; a test holds that.
//
//	1  the first
//	2  only the receiver's part lasts for years; the equity view weighs the receiver's account; drinking water is no meal
const Formulas = "2"
