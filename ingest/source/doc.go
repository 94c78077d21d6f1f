// Package source reads rows from files as a stream: GeoJSON, CSV and JSON Lines, with the line on which each row starts
// and a cursor from which reading can resume. It knows formats and nothing of what a row means.
//
// Memory is bounded whatever the file's size: a row larger than MaxRow is skipped without being held, and comes back as a
// faulty record. A damaged row never takes its neighbours with it: the readers find the next row and go on. What makes the
// whole file unreadable (another encoding, another delimiter, not the format that was promised) is a FileError.
package source
