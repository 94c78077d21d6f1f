// Package hsds reads and writes the Human Services Data Specification 3 (Open Referral): JSON, as lists or pages of
// organizations, services, services at locations or locations with what is nested in them, and the tabular package, CSV
// tables with a datapackage.json.
//
// Both are taken apart into the same tables, whose references are then followed, so that a service at a location becomes one
// row with all that a mapping profile may ask for. A reference that leads nowhere makes its own row faulty and no other.
// Names, telephone numbers and addresses of persons (contacts, phones) are checked for their references and go no further.
package hsds
