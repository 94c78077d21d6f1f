// Package watch looks at a whole installation from outside, again and again, and shows as metrics what none of its parts
// can say of itself: that nobody takes tasks, that matches stand still, that the graph is not what the rows say. It only
// reads. Alerts rest on it (ops/alerts.yaml); what `crg check` verifies is the longer list, for people.
package watch
