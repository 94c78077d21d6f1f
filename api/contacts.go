package api

import (
	"context"
	"net/mail"
	"strings"

	"github.com/city-resource-graph/crg/api/wire"
	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/notices"
	"github.com/city-resource-graph/crg/postgres"
)

// WebhookChecker refuses an address that will never be called, such as this API's own; webhook.Sender is one.
type WebhookChecker interface{ Check(address string) error }

// ListContacts lists how people are reached: operators and auditors see everybody's, shortened, all others their own.
func (s *server) ListContacts(ctx context.Context, request wire.ListContactsRequestObject) (wire.ListContactsResponseObject, error) {
	caller := callerOf(ctx)
	filter := postgres.ContactFilter{}
	if !caller.has(city.Operator, city.Auditor) {
		filter = ownContacts(caller)
	}
	found, next, err := s.store.ListContacts(ctx, caller.City, filter, page(request.Params.After, request.Params.Limit))
	if err != nil {
		return nil, badCursor(request.Params.After, err)
	}
	items := make([]wire.Contact, len(found))
	for i, contact := range found {
		items[i] = contactFor(caller, contact)
	}
	return wire.ListContacts200JSONResponse{Items: items, Next: next}, nil
}

// ownContacts asks for the contacts of a participant's key, or of a person of the city. A key without a participant that
// takes applications in is no person's contact either, but by its actor it can be one.
func ownContacts(caller Caller) postgres.ContactFilter {
	if caller.Participant != "" {
		return postgres.ContactFilter{Participant: caller.Participant}
	}
	return postgres.ContactFilter{Actor: caller.Actor}
}

// CreateContact records how somebody is to be reached.
func (s *server) CreateContact(ctx context.Context, request wire.CreateContactRequestObject) (wire.CreateContactResponseObject, error) {
	caller, body := callerOf(ctx), request.Body
	contact := postgres.Contact{
		City: caller.City, ID: effectOf(ctx), Channel: city.Channel(body.Channel), Address: body.Address, Secret: body.Secret,
	}
	own := ownContacts(caller)
	contact.Participant, contact.Actor = own.Participant, own.Actor
	if body.Participant != "" && city.ParticipantID(body.Participant) != caller.Participant {
		if !caller.has(city.Operator) {
			return nil, forbidden.because("only an operator says how somebody else is reached")
		}
		if _, err := s.participant(ctx, body.Participant); err != nil {
			return nil, err
		}
		contact.Participant, contact.Actor = city.ParticipantID(body.Participant), ""
	}
	if err := s.checkAddress(body); err != nil {
		return nil, err
	}
	quiet, err := notices.ParseQuiet(body.QuietFrom, body.QuietUntil)
	if err != nil {
		return nil, invalidRequest.field("/quiet_from", "%v", err)
	}
	contact.QuietFrom, contact.QuietUntil = quiet.From, quiet.Until
	for _, event := range body.Events {
		contact.Events = append(contact.Events, city.NoticeEvent(event))
	}
	if err := s.audit(ctx, "add", "contact", contact.ID); err != nil {
		return nil, err
	}
	if err := s.store.AddContact(ctx, contact); err != nil {
		return nil, err
	}
	recorded, err := s.store.Contact(ctx, caller.City, contact.ID)
	return wire.CreateContact201JSONResponse(contactFor(caller, recorded)), err
}

func (s *server) checkAddress(body *wire.NewContact) error {
	if body.Channel == wire.ChannelEmail {
		parsed, err := mail.ParseAddress(body.Address)
		if err != nil || parsed.Address != body.Address {
			return refused.field("/address", "want one e-mail address such as ann@example.org")
		}
		return nil
	}
	if body.Secret == "" {
		return invalidRequest.field("/secret", "required for a webhook: it signs what you get")
	}
	if s.webhooks == nil {
		return refused.field("/channel", "this installation sends nothing to webhooks")
	}
	if err := s.webhooks.Check(body.Address); err != nil {
		return refused.field("/address", "%v", err)
	}
	return nil
}

// RemoveContact stops using a contact.
func (s *server) RemoveContact(ctx context.Context, request wire.RemoveContactRequestObject) (wire.RemoveContactResponseObject, error) {
	caller := callerOf(ctx)
	found, err := s.store.Contact(ctx, caller.City, request.Contact)
	if err != nil {
		return nil, err
	}
	if !caller.has(city.Operator) && !ownsContact(caller, found) {
		return nil, notFound.because("there is no contact %s, or it is not yours", request.Contact)
	}
	if err := s.audit(ctx, "remove", "contact", found.ID); err != nil {
		return nil, err
	}
	if err := s.store.EndContact(ctx, caller.City, found.ID, "removed by "+caller.Actor); err != nil {
		return nil, err
	}
	return wire.RemoveContact200JSONResponse(contactFor(caller, found)), nil
}

func ownsContact(caller Caller, c postgres.Contact) bool {
	own := ownContacts(caller)
	return c.Participant == own.Participant && c.Actor == own.Actor
}

// contactFor is a contact as the caller may see it: the address whole to its owner alone, the secret to nobody.
func contactFor(caller Caller, c postgres.Contact) wire.Contact {
	from, until := notices.Quiet{From: c.QuietFrom, Until: c.QuietUntil}.Texts()
	answer := wire.Contact{
		ID: c.ID, Participant: string(c.Participant), Actor: c.Actor, Channel: wire.Channel(c.Channel), Address: c.Address,
		QuietFrom: from, QuietUntil: until, CreatedAt: c.CreatedAt,
	}
	for _, event := range c.Events {
		answer.Events = append(answer.Events, wire.NoticeEvent(event))
	}
	if !ownsContact(caller, c) {
		answer.Address = shortened(c.Channel, c.Address)
	}
	return answer
}

// shortened keeps of an address what an operator needs to tell two apart: the domain of a mail, the host of a webhook.
func shortened(channel city.Channel, address string) string {
	if channel == city.EMail {
		_, domain, _ := strings.Cut(address, "@")
		return "...@" + domain
	}
	scheme, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host + "/..."
}
