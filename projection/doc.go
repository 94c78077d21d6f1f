// Package projection keeps the graph in Neo4j equal to the rows in PostgreSQL. Events say only whom a change concerns;
// what is projected are that participant's rows as they are when it is looked at. So an event that comes twice, late or
// after a newer one does no harm, and the graph can be built from nothing without any event at all.
package projection
