package demo

// Usable is the seed's answer to "still there, usable?" about an unconfirmed resource that is usable with a chance.
func Usable(seed int64, listing string, chance float64) bool {
	return draw(seed, "usable", listing) < chance
}
