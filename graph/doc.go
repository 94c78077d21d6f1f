// Package graph keeps the graph of a city in Neo4j and asks it. It is the only package that knows the driver and Cypher.
//
// The graph is a projection of PostgreSQL: nothing exists only here, and all of it can be built anew at any time. It is
// made of subjects. A [Subject] is a participant together with every relation that begins at it; [Graph.Apply] makes the
// graph equal to the subjects it is given, whatever was there before, so applying one twice or late does no harm.
//
// Every key begins with the installation's prefix and the city, because Neo4j Community has one database.
package graph
