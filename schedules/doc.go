// Package schedules reads what is to happen regularly from a YAML file and says how that differs from what is scheduled.
// It is pure: it knows no server and no clock, so that a file can be checked anywhere. Package workflows makes a server's
// schedules equal to a file.
package schedules
