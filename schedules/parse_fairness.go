package schedules

import (
	"errors"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/city-resource-graph/crg/city"
)

// fairness reads what a run has to see to besides value, in the words of the API. Which wards there are, only the city
// knows: a run that meets an unknown one says so.
func (p *parser) fairness(node *yaml.Node, in Input) city.Fairness {
	f := city.Fairness{}
	lines := map[string]*yaml.Node{}
	before := len(p.errs)
	p.entries(node, "fairness", map[string]func(*yaml.Node){
		"floors": func(n *yaml.Node) {
			if n.Kind != yaml.SequenceNode {
				p.wrong(n, "floors: want a list")
				return
			}
			for k, item := range n.Content {
				lines[strconv.Itoa(k)] = item
				f.Floors = append(f.Floors, p.floor(item))
			}
		},
		"tiers": func(n *yaml.Node) { f.Tiers = p.flag(n, "tiers") },
	})
	var wrong *city.FairnessError
	if len(p.errs) == before && errors.As(f.Validate(city.DefaultTaxonomy(), in.Ward, in.Leaves), &wrong) {
		at := node
		if len(wrong.Field) > 1 {
			at = lines[wrong.Field[1]]
		}
		p.wrong(at, "%v", wrong)
	}
	return f
}

func (p *parser) floor(node *yaml.Node) city.Floor {
	f := city.Floor{}
	share := func(name string, into *float64) func(*yaml.Node) {
		return func(n *yaml.Node) {
			if n.Decode(into) != nil || *into == 0 {
				p.wrong(n, "%s %q: want more than 0 and at most 1, such as 0.3", name, n.Value)
			}
		}
	}
	p.entries(node, "a floor", map[string]func(*yaml.Node){
		"wards": func(n *yaml.Node) {
			if n.Kind != yaml.SequenceNode || n.Decode(&f.Wards) != nil {
				p.wrong(n, "wards: want a list, such as [\"7\", \"8\"]")
			}
		},
		"leaf":  func(n *yaml.Node) { f.Leaf = city.Leaf(p.word(n, "leaf")) },
		"class": func(n *yaml.Node) { f.Class = city.Class(p.word(n, "class")) },
		"quantity": func(n *yaml.Node) {
			if n.Decode(&f.Quantity) != nil || f.Quantity < 1 {
				p.wrong(n, "quantity %q: want whole units, at least 1", n.Value)
			}
		},
		"share_of_need": share("share_of_need", &f.ShareOfNeed), "share_of_offers": share("share_of_offers", &f.ShareOfOffers),
	})
	return f
}
