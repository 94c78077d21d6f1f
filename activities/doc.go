// Package activities does what workflows ask for: each method reads or writes a store, or runs the importer, the engine
// or the valuation, and is thin over those packages.
//
// One file is one family: a struct with its dependencies as small interfaces that name what it needs, and its methods.
// The structs in *_messages.go are what travels between workflow and activity: ids, counts and references, never the
// data itself. Every method may be repeated: it either finds its own earlier effect or changes nothing.
package activities
