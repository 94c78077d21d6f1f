package api

import (
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// maySpeak says by which role the caller may say this about the match. A side signs for itself with the key of its
// participant; the city is signed for by approvers; an operator records what a side reports by telephone (hand-over,
// receipt, no-show) and cancels for the city, and never approves.
func maySpeak(caller Caller, m postgres.Match, said word) (city.Role, error) {
	switch {
	case said.party == city.CityHall && said.kind == city.DecisionCancel:
		return oneOf(caller, "cancel for the city", city.Operator, city.Approver)
	case said.party == city.CityHall:
		return oneOf(caller, "sign for the city", city.Approver)
	case said.party == city.Giver && caller.owns(m.Giver):
		return oneOf(caller, "speak for the giver", city.Lister)
	case said.party == city.Receiver && caller.owns(m.Receiver):
		return oneOf(caller, "speak for the receiver", city.Requester)
	case said.kind == city.DecisionHandOver || said.kind == city.DecisionConfirmReceipt || said.kind == city.DecisionNoShow:
		return oneOf(caller, "speak for the "+string(said.party), city.Operator)
	}
	return "", forbidden.because("only the %s's own key signs for it", said.party)
}

func oneOf(caller Caller, doing string, roles ...city.Role) (city.Role, error) {
	role := caller.acting(roles)
	if role == "" {
		return "", forbidden.because("to %s the key needs one of the roles %v; it has %v", doing, roles, caller.Roles)
	}
	return role, nil
}
