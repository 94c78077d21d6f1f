package workflows_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/testsuite"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/workflows"
)

// signal is sent to the workflow some minutes after its start.
type signal struct {
	minutes  time.Duration
	name     string
	decision city.DecisionID
}

// matchWorld answers for the activities of one match as the database would: it keeps the state and the decisions that
// wait for theirs.
type matchWorld struct {
	*testsuite.TestWorkflowEnvironment
	ref     activities.MatchRef
	state   city.MatchState
	pending []activities.Announced

	during map[string]func() // called inside a step
	fail   map[string]error  // returned by a step

	typed     []city.DecisionID
	announced []city.DecisionID // in the order in which the workflow passed them on
	passed    []activities.Step
	released  int
	offers    int
	timers    map[string]bool // timers
}

// The deadlines of the world's policy, from the start of a state.
const (
	remindAfter   = time.Hour
	escalateAfter = 2 * time.Hour
	expireAfter   = 3 * time.Hour
	pickUpWithin  = 4 * time.Hour
)

func newMatchWorld(t *testing.T, state city.MatchState) *matchWorld {
	t.Helper()
	m := &matchWorld{
		TestWorkflowEnvironment: newEnvironment(t),
		ref:                     activities.MatchRef{City: "testville", Match: city.MatchID{Run: "r1", Leaf: "food.grocery-mixed", N: 1}},
		state:                   state,
		during:                  map[string]func(){},
		fail:                    map[string]error{},
		timers:                  map[string]bool{},
	}
	m.SetOnTimerScheduledListener(func(id string, _ time.Duration) { m.timers[id] = true })
	m.SetOnTimerFiredListener(func(id string) { delete(m.timers, id) })
	m.SetOnTimerCanceledListener(func(id string) { delete(m.timers, id) })
	var matches *activities.Matches
	var alternatives *activities.Alternative
	var values *activities.Values
	m.RegisterActivity(matches)
	m.RegisterActivity(alternatives)
	m.RegisterActivity(values)
	m.answer()
	return m
}

// step lets a test act inside a step, or fail it.
func (m *matchWorld) step(name string) error {
	if act := m.during[name]; act != nil {
		act()
	}
	return m.fail[name]
}

func (m *matchWorld) answer() {
	var matches *activities.Matches
	var alternatives *activities.Alternative
	var values *activities.Values
	entered := m.Now()
	view := func() activities.MatchView {
		return activities.MatchView{State: m.state, Next: nextDeadline(m.state, entered, m.Now().Sub(entered))}
	}
	m.OnActivity(matches.LoadMatch, mock.Anything, m.ref).Return(
		func(context.Context, activities.MatchRef) (activities.MatchView, error) {
			return view(), m.step("load")
		}).Maybe()
	m.OnActivity(matches.TakeDecisions, mock.Anything, mock.Anything).Return(
		func(_ context.Context, in activities.TakeDecisionsInput) (activities.MatchView, error) {
			if err := m.step("take"); err != nil {
				return activities.MatchView{}, err
			}
			before := m.state
			m.judge(in.Announced)
			if m.state != before {
				entered = m.Now()
			}
			return view(), nil
		}).Maybe()
	m.OnActivity(matches.PassDeadline, mock.Anything, mock.Anything).Return(
		func(_ context.Context, in activities.PassDeadlineInput) (activities.MatchView, error) {
			m.passed = append(m.passed, in.Step)
			switch in.Step {
			case activities.StepExpire:
				m.state = city.MatchExpired
			case activities.StepNoShow:
				m.state = city.MatchFailed
			}
			return view(), m.step("pass")
		}).Maybe()
	m.OnActivity(matches.ReleaseMatch, mock.Anything, mock.Anything).Return(
		func(context.Context, activities.ReleaseMatchInput) (activities.MatchView, error) {
			m.released++
			if !city.MatchTransitions().Terminal(m.state) {
				m.state = city.MatchCancelled
			}
			return view(), nil
		}).Maybe()
	m.OnActivity(alternatives.OfferAlternative, mock.Anything, m.ref).Return(
		func(context.Context, activities.MatchRef) (activities.Offer, error) {
			m.offers++
			return activities.Offer{Match: &city.MatchID{Run: "r1", Leaf: "food.grocery-mixed", N: 2}}, m.step("offer")
		}).Maybe()
	m.OnActivity(values.ValueMatch, mock.Anything, m.ref).Return(activities.MatchWorth{NSVMinor: 47_700}, nil).Maybe()
}

// nextDeadline is the first that lies after the given time in the state.
func nextDeadline(state city.MatchState, entered time.Time, after time.Duration) activities.Deadline {
	at := func(step activities.Step, d time.Duration) activities.Deadline {
		return activities.Deadline{Step: step, At: entered.Add(d)}
	}
	switch {
	case state != city.MatchProposed:
		return at(activities.StepNoShow, pickUpWithin)
	case after < remindAfter:
		return at(activities.StepRemind, remindAfter)
	case after < escalateAfter:
		return at(activities.StepEscalate, escalateAfter)
	}
	return at(activities.StepExpire, expireAfter)
}

// judge applies every pending decision whose time has come, again and again until none moves the match.
func (m *matchWorld) judge(announced []activities.Announced) {
	for _, a := range announced {
		if !slices.Contains(m.announced, a.Decision) {
			m.pending = append(m.pending, a)
		}
		m.announced = append(m.announced, a.Decision)
		if a.Decision == "" {
			m.typed = append(m.typed, a.TypedIn)
		}
	}
	leads := map[city.MatchState]map[city.DecisionKind]city.MatchState{
		city.MatchProposed:   {city.DecisionApprove: city.MatchApproved, city.DecisionReject: city.MatchRejected, city.DecisionCancel: city.MatchCancelled},
		city.MatchApproved:   {city.DecisionHandOver: city.MatchHandedOver, city.DecisionNoShow: city.MatchFailed, city.DecisionCancel: city.MatchCancelled},
		city.MatchHandedOver: {city.DecisionConfirmReceipt: city.MatchConfirmed, city.DecisionNoShow: city.MatchFailed},
	}
	for moved := true; moved; {
		moved = false
		for i, a := range m.pending {
			if to, ok := leads[m.state][a.Kind]; ok {
				m.state, moved = to, true
				m.pending = slices.Delete(m.pending, i, i+1)
				break
			}
		}
	}
}

func (m *matchWorld) signals(signals ...signal) {
	for _, s := range signals {
		m.RegisterDelayedCallback(func() {
			m.SignalWorkflow(s.name, workflows.DecisionSignal{DecisionID: s.decision})
		}, s.minutes*time.Minute)
	}
}

func (m *matchWorld) run() (workflows.MatchResult, error) {
	m.ExecuteWorkflow(workflows.Match, m.ref)
	var result workflows.MatchResult
	if err := m.GetWorkflowError(); err != nil {
		return result, err
	}
	return result, m.GetWorkflowResult(&result)
}
