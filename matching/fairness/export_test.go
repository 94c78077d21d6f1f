package fairness

// Searches is how many searches there were.
func (t *Tried) Searches() int { return len(t.list) }
