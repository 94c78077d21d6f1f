package generate

import "github.com/city-resource-graph/crg/city"

// kind of thing that is offered and asked, most frequent first: the order is the rank of the Zipf distribution.
type kind struct {
	leaf      city.Leaf
	offer     string // title of an offer
	want      string
	low, high int64   // quantity of a want; an offer is up to half of it
	radiusKM  float64 // typical
	perish    float64 // hours; 0 = keeps
	givers    string  // key of the trade names
}

// catalogue is the generated city's economy. Quantities are per week, in the category's unit.
var catalogue = []kind{
	{"food.grocery-mixed", "Unsold groceries", "Food for the pantry", 60, 400, 6, 72, "shop"},
	{"food.prepared-chilled", "Prepared meals left over", "Meals for guests", 20, 120, 4, 24, "kitchen"},
	{"goods.furniture", "Used furniture", "Furniture for new households", 1, 6, 8, 0, "house"},
	{"food.bakery", "Bread of the day", "Bread for breakfast", 10, 60, 4, 36, "bakery"},
	{"food.produce", "Fruit and vegetables", "Fresh produce", 30, 200, 5, 48, "market"},
	{"goods.clothing", "Used clothing", "Clothing for guests", 10, 80, 8, 0, "shop"},
	{"space.hall", "Hall on free evenings", "Room for meetings", 2, 12, 5, 0, "hall"},
	{"goods.bedding", "Blankets and towels", "Bedding for the shelter", 5, 60, 8, 0, "hotel"},
	{"vehicle.van", "Van idle after noon", "Van for collections", 2, 10, 8, 0, "depot"},
	{"goods.school", "School supplies", "Supplies for pupils", 20, 150, 6, 0, "shop"},
	{"skill.general", "Volunteers' hours", "Helping hands", 2, 16, 6, 0, "club"},
	{"food.shelf-stable", "Tins and dry food", "Food that keeps", 40, 300, 8, 0, "shop"},
	{"goods.computer", "Refurbished computers", "Computers for the class", 1, 8, 10, 0, "office"},
	{"food.dairy", "Milk and yoghurt", "Dairy for breakfast", 10, 80, 5, 96, "shop"},
	{"space.kitchen", "Kitchen in the morning", "Kitchen to cook in", 2, 12, 5, 0, "kitchen"},
	{"goods.hygiene", "Soap and shampoo", "Hygiene kits", 20, 150, 8, 0, "hotel"},
	{"skill.it", "Help with computers", "Help with computers", 2, 10, 8, 0, "office"},
	{"goods.appliance", "Used appliances", "Appliances for new households", 1, 3, 10, 0, "house"},
}

// hours are patterns of opening: in words that the importer's opening_hours reads.
var hours = []string{
	"Monday: 09:00-17:00; Tuesday: 09:00-17:00; Wednesday: 09:00-17:00; Thursday: 09:00-17:00; Friday: 09:00-17:00",
	"Monday: 14:00-22:00; Tuesday: 14:00-22:00; Wednesday: 14:00-22:00; Thursday: 14:00-22:00; Friday: 14:00-22:00; Saturday: 14:00-22:00; Sunday: 14:00-22:00",
	"Tuesday: 10:00-14:00; Thursday: 10:00-14:00",
	"Saturday: 08:00-13:00",
	"Monday: 07:00-19:00; Tuesday: 07:00-19:00; Wednesday: 07:00-19:00; Thursday: 07:00-19:00; Friday: 07:00-19:00; Saturday: 08:00-16:00",
	"Wednesday: 16:00-20:00; Friday: 16:00-20:00",
	"", // any time
}

// Words for names. They name trades, trees and features of a landscape, never a person.
var (
	firsts = []string{
		"Maple", "Harbour", "Mill", "Lantern", "Juniper", "Granite", "Willow", "Orchard", "Copper", "Heron", "Cedar", "Meadow",
		"Station", "Bridge", "Quarry", "Clover", "Northgate", "Riverside", "Hilltop", "Foundry", "Linden", "Canal", "Sparrow", "Market",
	}
	streets = []string{"Street", "Lane", "Hill", "Square", "Corner", "Green", "Row", "Yard", "Park", "Crossing"}
	trades  = map[string][]string{
		"shop": {"Grocers", "Provisions", "Corner Shop", "Supermarket", "Stores"}, "kitchen": {"Kitchen", "Diner", "Canteen", "Café", "Catering"},
		"house": {"House Clearance", "Furniture", "Reuse Barn"}, "bakery": {"Bakery", "Bread Company", "Oven"},
		"market": {"Farmers' Market", "Greengrocers", "Growers"}, "hall": {"Hall", "Community House", "Clubhouse"},
		"hotel": {"Hotel", "Inn", "Lodge"}, "depot": {"Depot", "Haulage", "Garage"}, "club": {"Volunteers", "Neighbours", "Friends' Circle"},
		"office": {"Office Services", "Computers", "Workshop"},
	}
	receivers = []string{
		"Pantry", "Shelter", "Community Kitchen", "Day Centre", "Youth House", "Family Centre", "Night Refuge",
		"Welcome Centre", "Settlement House", "School",
	}
	agencies = []string{"Parks Department", "Housing Office", "Public Works Yard", "Library Branch"}
)
