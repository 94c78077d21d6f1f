// Package city holds the words of City Resource Graph as types: participants, listings (resources and needs), matches
// and decisions with the states each may take, money and quantities that know their unit, and the city clock.
//
// It is the floor of the house: it imports nothing of ours, no driver and no server. What a state may become is stated
// once, in the transition tables of this package; the database, the API and the documents are generated from or
// checked against them.
package city
