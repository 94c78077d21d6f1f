package candidates

import "github.com/city-resource-graph/crg/city"

// anyBit stands for a participant of unknown kind: only a resource that anyone may take admits it.
const anyBit = uint8(1) << 7

func kindBit(kind city.Kind) uint8 {
	switch kind {
	case city.Organisation:
		return 1
	case city.Agency:
		return 2
	case city.Business:
		return 4
	case city.Person:
		return 8
	}
	return anyBit
}

func receiverBits(kinds []city.Kind) uint8 {
	if len(kinds) == 0 {
		return 0xff
	}
	bits := uint8(0)
	for _, kind := range kinds {
		bits |= kindBit(kind) &^ anyBit
	}
	return bits
}

func temperatureBit(t city.Temperature) uint8 {
	switch t {
	case city.Chilled:
		return 2
	case city.Frozen:
		return 4
	case city.Hot:
		return 8
	}
	return 1 // ambient, or nothing stated
}

// acceptedTemperatures is what a need can take in. Who can keep things frozen can keep them cool, and anyone has a
// shelf; hot food needs someone who says so. A need that states nothing takes everything.
func acceptedTemperatures(t city.Temperature) uint8 {
	switch t {
	case city.Ambient:
		return 1
	case city.Chilled:
		return 1 | 2
	case city.Frozen:
		return 1 | 2 | 4
	case city.Hot:
		return 1 | 8
	}
	return 0xff
}
