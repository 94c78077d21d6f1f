// Package demo plays the people of a city: it drives the main job over REST, as a coordinator, approvers, givers and
// receivers would, and waits for the workflows to do the rest. What it makes up (answers, refusals, hand-overs, weights,
// no-shows) is drawn from a seed, marked as simulated, and never put on the name of a real organisation.
//
// It knows no store and no workflow, only the API's client, so that whatever it does anyone can do.
package demo
