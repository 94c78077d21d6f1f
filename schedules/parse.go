package schedules

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/city-resource-graph/crg/city"
)

// Parse reads a file and checks all of it; its error names every mistake with file, line, field and what would be right.
// Now is when, so that the clock's switches ahead are known.
func Parse(name string, content []byte, kinds []Kind, now time.Time) (*File, error) {
	document, err := city.YAMLDocument(content, name)
	if err != nil {
		return nil, err
	}
	p := &parser{file: name, kinds: kinds, now: now}
	f := p.document(document)
	return f, errors.Join(p.errs...)
}

type parser struct {
	file  string
	kinds []Kind
	now   time.Time
	errs  []error
}

func (p *parser) wrong(node *yaml.Node, format string, args ...any) {
	p.errs = append(p.errs, fmt.Errorf("%s, line %d: %s", p.file, node.Line, fmt.Sprintf(format, args...)))
}

// entries hands the keys of a mapping to their readers. Unknown and doubled keys are named.
func (p *parser) entries(node *yaml.Node, what string, readers map[string]func(*yaml.Node)) map[string]bool {
	seen := map[string]bool{}
	if node.Kind != yaml.MappingNode {
		p.wrong(node, "%s: want keys and values", what)
		return seen
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		read, known := readers[key.Value]
		switch {
		case !known:
			p.wrong(key, "%s has no field %q: want one of %s", what, key.Value, strings.Join(sortedKeys(readers), ", "))
		case seen[key.Value]:
			p.wrong(key, "%s: field %q is given twice", what, key.Value)
		default:
			seen[key.Value] = true
			read(node.Content[i+1])
		}
	}
	return seen
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func (p *parser) document(node *yaml.Node) *File {
	f := &File{}
	lines := map[string]int{}
	seen := p.entries(node, "the file", map[string]func(*yaml.Node){
		"city": func(n *yaml.Node) { f.City, f.Line = city.ID(p.word(n, "city")), n.Line },
		"schedules": func(n *yaml.Node) {
			if n.Kind != yaml.SequenceNode {
				p.wrong(n, "schedules: want a list")
				return
			}
			for _, item := range n.Content {
				s := p.schedule(item)
				if first, twice := lines[s.ID]; twice && s.ID != "" {
					p.wrong(item, "id %q: line %d has it already; want one of its own for each schedule", s.ID, first)
				}
				lines[s.ID] = item.Line
				f.Schedules = append(f.Schedules, s)
			}
		},
	})
	for _, key := range []string{"city", "schedules"} {
		if !seen[key] {
			p.wrong(node, "the file lacks %q", key)
		}
	}
	return f
}

var identifier = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,59}$`)

func (p *parser) schedule(node *yaml.Node) Schedule {
	s := Schedule{Line: node.Line}
	var cron, every, zone, rule, work *yaml.Node
	var input *yaml.Node
	seen := p.entries(node, "a schedule", map[string]func(*yaml.Node){
		"id": func(n *yaml.Node) {
			if s.ID = p.word(n, "id"); !identifier.MatchString(s.ID) {
				p.wrong(n, "id %q: want lower-case letters, digits and dashes, 60 at most", s.ID)
			}
		},
		"work": func(n *yaml.Node) { work = n }, "input": func(n *yaml.Node) { input = n },
		"cron": func(n *yaml.Node) { cron = n }, "every": func(n *yaml.Node) { every = n },
		"offset":    func(n *yaml.Node) { s.Times.Offset = p.duration(n, "offset", 0, 24*time.Hour) },
		"time_zone": func(n *yaml.Node) { zone = n }, "daylight_saving": func(n *yaml.Node) { rule = n },
		"overlap": func(n *yaml.Node) {
			if s.Overlap = Overlap(p.word(n, "overlap")); !slices.Contains(overlaps(), s.Overlap) {
				p.wrong(n, "overlap %q: want one of %v", s.Overlap, overlaps())
			}
		},
		"catch_up":         func(n *yaml.Node) { s.CatchUp = p.duration(n, "catch_up", 10*time.Second, 365*24*time.Hour) },
		"jitter":           func(n *yaml.Node) { s.Jitter = p.duration(n, "jitter", 0, 24*time.Hour) },
		"pause_on_failure": func(n *yaml.Node) { s.PauseOff = !p.flag(n, "pause_on_failure") },
		"note":             func(n *yaml.Node) { s.Note = p.word(n, "note") },
	})
	for _, key := range []string{"id", "work", "overlap", "catch_up", "jitter", "pause_on_failure"} {
		if !seen[key] {
			p.wrong(node, "schedule %q lacks %q: it is stated for each, so that nobody has to know a default", s.ID, key)
		}
	}
	if work != nil {
		s.Work = p.word(work, "work")
		s.Input = p.input(work, input, s.Work)
	}
	p.times(node, &s, cron, every, zone, rule)
	return s
}

// times reads when: cron in a time zone, or every.
func (p *parser) times(node *yaml.Node, s *Schedule, cron, every, zone, rule *yaml.Node) {
	switch {
	case (cron == nil) == (every == nil):
		p.wrong(node, "schedule %q: want either cron, such as \"0 3 * * *\", or every, such as 6h", s.ID)
		return
	case every != nil:
		s.Times.Every = p.duration(every, "every", time.Second, 366*24*time.Hour)
		if s.Times.Offset >= s.Times.Every {
			p.wrong(every, "every %s with offset %s: want an offset below the interval", s.Times.Every, s.Times.Offset)
		}
		for name, n := range map[string]*yaml.Node{"time_zone": zone, "daylight_saving": rule} {
			if n != nil {
				p.wrong(n, "%s goes with cron: an interval knows no clock on the wall", name)
			}
		}
		return
	}
	if s.Times.Offset != 0 {
		p.wrong(node, "schedule %q: offset goes with every", s.ID)
	}
	calendar, err := ParseCron(p.word(cron, "cron"))
	if err != nil {
		p.wrong(cron, "cron %s", err)
		return
	}
	if !calendar.everFires() {
		p.wrong(cron, "cron %q: no month has such a day", calendar)
	}
	s.Times.Calendar = calendar
	if zone == nil {
		p.wrong(node, "schedule %q lacks \"time_zone\", such as America/New_York or UTC", s.ID)
		return
	}
	s.Times.TimeZone = p.word(zone, "time_zone")
	location, err := time.LoadLocation(s.Times.TimeZone)
	if err != nil || s.Times.TimeZone == "" || s.Times.TimeZone == "Local" {
		p.wrong(zone, "time_zone %q: want a name of the IANA time zone database, such as America/New_York or UTC", s.Times.TimeZone)
		return
	}
	daylight := Avoid
	if rule != nil {
		if daylight = DaylightSaving(p.word(rule, "daylight_saving")); daylight != Avoid && daylight != Follow {
			p.wrong(rule, "daylight_saving %q: want avoid or follow", daylight)
			return
		}
	}
	if daylight == Avoid {
		if err := conflict(calendar, location, p.now); err != nil {
			p.wrong(cron, "cron %q: %s; want another time, or daylight_saving: follow", calendar, err)
		}
	}
}

func (p *parser) input(work, node *yaml.Node, name string) Input {
	in := Input{}
	k := slices.IndexFunc(p.kinds, func(k Kind) bool { return k.Name == name })
	if k < 0 {
		names := make([]string, len(p.kinds))
		for i := range p.kinds {
			names[i] = p.kinds[i].Name
		}
		p.wrong(work, "work %q: want one of %s", name, strings.Join(names, ", "))
		return in
	}
	if node == nil {
		return in
	}
	var fair *yaml.Node
	all := map[string]func(*yaml.Node){
		"fairness": func(n *yaml.Node) { fair = n },
		"ward":     func(n *yaml.Node) { in.Ward = p.word(n, "ward") },
		"leaves": func(n *yaml.Node) {
			var leaves []city.Leaf
			if n.Kind != yaml.SequenceNode || n.Decode(&leaves) != nil {
				p.wrong(n, "leaves: want a list, such as [food.produce]")
			}
			for _, leaf := range leaves {
				if category, err := city.DefaultTaxonomy().Category(leaf); err != nil {
					p.wrong(n, "leaves: %s", err)
				} else if category.IsClass() {
					p.wrong(n, "leaves: %s is a class: want its leaves", leaf)
				}
			}
			in.Leaves = leaves
		},
		"runs": func(n *yaml.Node) {
			if n.Decode(&in.Runs) != nil || in.Runs < 1 || in.Runs > 100 {
				p.wrong(n, "runs %q: want 1..100", n.Value)
			}
		},
	}
	if len(p.kinds[k].Inputs) == 0 {
		p.wrong(node, "%s takes no input", name)
		return in
	}
	taken := map[string]func(*yaml.Node){}
	for _, key := range p.kinds[k].Inputs {
		taken[key] = all[key]
	}
	p.entries(node, "input of "+name, taken)
	if fair != nil {
		in.Fairness = p.fairness(fair, in)
	}
	return in
}

func (p *parser) word(node *yaml.Node, name string) string {
	if node.Kind != yaml.ScalarNode {
		p.wrong(node, "%s: want one word or text", name)
		return ""
	}
	return node.Value
}

func (p *parser) flag(node *yaml.Node, name string) (set bool) {
	if node.Kind != yaml.ScalarNode || node.Decode(&set) != nil {
		p.wrong(node, "%s %q: want true or false", name, node.Value)
	}
	return set
}

func (p *parser) duration(node *yaml.Node, name string, low, high time.Duration) time.Duration {
	d, err := time.ParseDuration(node.Value)
	if node.Kind != yaml.ScalarNode || err != nil || d < low || d > high || d%time.Second != 0 {
		p.wrong(node, "%s %q: want whole seconds from %s to %s, such as 90s, 15m or 2h", name, node.Value, low, high)
		return low
	}
	return d
}
