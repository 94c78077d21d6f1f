// Package generate makes a city that does not exist, from a seed: neighbourhoods with more and less of everything, wards
// with unequal incomes, offers and wants in many categories of which few are frequent (Zipf), opening hours and radii.
//
// It writes the files that cities/generated describes, so that the same importer reads them as reads a real city's. The
// same seed and size give the same bytes on any machine.
package generate
