package city

import "strings"

// Leaf is a leaf of the category taxonomy, "class.name" such as "food.produce".
type Leaf string

// Class is one of the taxonomy's eight classes.
type Class string

// The classes.
const (
	Food      Class = "food"
	Goods     Class = "goods"
	Space     Class = "space"
	Equipment Class = "equipment"
	Vehicle   Class = "vehicle"
	Skill     Class = "skill"
	Material  Class = "material"
	Service   Class = "service"
)

// Class is the part of the leaf before its dot.
func (l Leaf) Class() Class {
	class, _, _ := strings.Cut(string(l), ".")
	return Class(class)
}

// Validate refuses an unknown class.
func (c Class) Validate() error {
	return oneOf("class", c, Food, Goods, Space, Equipment, Vehicle, Skill, Material, Service)
}

// Temperature is how something must be kept on the way.
type Temperature string

// Temperature classes.
const (
	Ambient Temperature = "ambient"
	Chilled Temperature = "chilled"
	Frozen  Temperature = "frozen"
	Hot     Temperature = "hot"
)

// Validate refuses an unknown temperature class.
func (t Temperature) Validate() error {
	return oneOf("temperature class", t, Ambient, Chilled, Frozen, Hot)
}
