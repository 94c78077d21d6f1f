package activities

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/postgres"
)

// ParticipantRef names a participant. It is the input of the workflow VerifyDocuments.
type ParticipantRef struct {
	City        city.ID            `json:"city"`
	Participant city.ParticipantID `json:"participant"`
}

// LookAtDocumentsInput says up to when the workflow has waited, by the server's clock. This machine's clock may lie
// behind; what is due at that moment is due all the same.
type LookAtDocumentsInput struct {
	ParticipantRef
	Waited time.Time `json:"waited"`
}

// DocumentsView is what the workflow needs to know of a participant's documents.
type DocumentsView struct {
	State     city.ParticipantState `json:"state"`
	Submitted int                   `json:"submitted"`           // documents that nobody has looked at yet
	Expired   []city.DocumentKind   `json:"expired,omitempty"`   // of which no valid document is left
	Next      *time.Time            `json:"next,omitempty"`      // when time alone brings something
	Open      bool                  `json:"open"`                // whether anything is to be waited for
	Asked     []string              `json:"escalated,omitempty"` // deputies who were asked to look
}

// DocumentStore is what the verification of documents needs of the database.
type DocumentStore interface {
	Participant(ctx context.Context, id city.ID, participant city.ParticipantID) (postgres.Participant, error)
	TransitionParticipant(ctx context.Context, id city.ID, participant city.ParticipantID, to city.ParticipantState, reason string) (postgres.Participant, error)
	Documents(ctx context.Context, id city.ID, participant city.ParticipantID) ([]postgres.Document, error)
	ParticipantDecisions(ctx context.Context, id city.ID, participant city.ParticipantID) ([]postgres.Decision, error)
	TakeDecision(ctx context.Context, id city.ID, decision city.DecisionID, v postgres.Verdict) (postgres.Decision, error)
}

// Documents keeps participants verified.
type Documents struct {
	Store  DocumentStore
	Cities *Cities
	Teller *Teller
	Now    func() time.Time
}

// expiredReason begins the reason of a suspension that a new document ends.
const expiredReason = "a document has expired: "

// LookAtDocuments does whatever is due for a participant's documents: it gives pending decisions their outcome, asks
// reviewers, says what expires soon, suspends who has no valid document of a kind left, and lets back in who has one
// again. All of it follows from what is recorded and the city clock, so that looking twice changes nothing.
func (d *Documents) LookAtDocuments(ctx context.Context, in LookAtDocumentsInput) (DocumentsView, error) {
	view, err := d.look(ctx, in)
	return view, classify(err)
}

func (d *Documents) look(ctx context.Context, in LookAtDocumentsInput) (DocumentsView, error) {
	t, err := d.Cities.of(ctx, in.City)
	if err != nil {
		return DocumentsView{}, err
	}
	if err := d.judge(ctx, in.ParticipantRef); err != nil {
		return DocumentsView{}, err
	}
	documents, err := d.Store.Documents(ctx, in.City, in.Participant)
	if err != nil {
		return DocumentsView{}, err
	}
	p, err := d.Store.Participant(ctx, in.City, in.Participant)
	if err != nil {
		return DocumentsView{}, err
	}
	wall := d.Now()
	if in.Waited.After(wall) {
		wall = in.Waited
	}
	stands := standing(documents, t.clock.Now(wall))
	w := &watch{Documents: d, terms: t, participant: p, now: t.clock.Now(wall), view: DocumentsView{
		Submitted: len(stands.submitted), Expired: stands.expired, Open: len(stands.submitted) > 0,
	}}
	if p.State == city.ParticipantRejected {
		return DocumentsView{State: p.State}, nil // nothing of it matters until an appeal
	}
	if err := w.askReviewers(ctx, stands.submitted); err != nil {
		return DocumentsView{}, err
	}
	if err := w.tellHolder(ctx, stands); err != nil {
		return DocumentsView{}, err
	}
	w.view.State, err = w.admit(ctx, stands.expired)
	return w.view, err
}

// judge gives pending decisions on documents their outcome, oldest first. Nobody reviews what they submitted.
func (d *Documents) judge(ctx context.Context, ref ParticipantRef) error {
	decisions, err := d.Store.ParticipantDecisions(ctx, ref.City, ref.Participant)
	if err != nil {
		return err
	}
	documents, err := d.Store.Documents(ctx, ref.City, ref.Participant)
	if err != nil {
		return err
	}
	by := map[string]string{}
	for _, document := range documents {
		by[document.ID] = document.CreatedBy
	}
	for _, decision := range decisions {
		if decision.Document == "" || decision.Outcome != city.DecisionPending {
			continue
		}
		verdict := postgres.Verdict{Outcome: city.DecisionApplied}
		if by[decision.Document] == decision.Actor {
			verdict = ignored("%s submitted it", decision.Actor)
		}
		if _, err := d.Store.TakeDecision(ctx, ref.City, decision.ID, verdict); err != nil {
			return err
		}
	}
	return nil
}

// stands is how a participant's documents stand at a moment.
type stands struct {
	submitted []postgres.Document
	ahead     []postgres.Document // the last one of its kind, which will expire
	gone      []postgres.Document // the last one of its kind, which has expired
	expired   []city.DocumentKind
}

func standing(documents []postgres.Document, now time.Time) stands {
	var s stands
	last := map[city.DocumentKind]postgres.Document{}
	for _, document := range documents {
		switch document.State {
		case city.DocumentSubmitted:
			s.submitted = append(s.submitted, document)
		case city.DocumentAccepted:
			if other, known := last[document.Kind]; !known || lasts(document, other) {
				last[document.Kind] = document
			}
		case city.DocumentRefused:
		}
	}
	for _, kind := range city.DocumentKinds() {
		document, known := last[kind]
		switch {
		case !known || document.ExpiresAt == nil:
		case document.ExpiresAt.After(now):
			s.ahead = append(s.ahead, document)
		default:
			s.gone, s.expired = append(s.gone, document), append(s.expired, kind)
		}
	}
	return s
}

// lasts reports whether a document is valid for longer than another one.
func lasts(a, b postgres.Document) bool {
	return b.ExpiresAt != nil && (a.ExpiresAt == nil || a.ExpiresAt.After(*b.ExpiresAt))
}

// watch is one look at the documents of a participant.
type watch struct {
	*Documents
	terms       terms
	participant postgres.Participant
	now         time.Time // city time
	view        DocumentsView
}

// wakeAt notes a city time at which there is something to do, the first of which the workflow waits for.
func (w *watch) wakeAt(at time.Time) {
	wall := w.terms.wall(at)
	if w.view.Next == nil || wall.Before(*w.view.Next) {
		w.view.Next = &wall
	}
}

// askReviewers asks the approvers to look at what was submitted, reminds them, and then asks their deputies.
func (w *watch) askReviewers(ctx context.Context, submitted []postgres.Document) error {
	policy := w.terms.policy
	for _, document := range submitted {
		note := aboutDocument(document, "waiting")
		note.Event, note.Roles = city.NoticeDocumentWaiting, []city.Role{city.Approver}
		if err := w.Teller.tell(ctx, note); err != nil {
			return err
		}
		for _, step := range []struct {
			step  Step
			after time.Duration
		}{{StepRemind, policy.RemindAfter}, {StepEscalate, policy.EscalateAfter}} {
			at := document.CreatedAt.Add(step.after)
			if step.after <= 0 {
				continue
			}
			if at.After(w.now) {
				w.wakeAt(at)
				break
			}
			note.Key = aboutDocument(document, string(step.step)).Key
			if step.step == StepRemind {
				if err := w.Teller.tell(ctx, note); err != nil {
					return err
				}
				continue
			}
			asked, err := w.Teller.escalate(ctx, note, nil)
			if err != nil {
				return err
			}
			w.view.Asked = asked.Deputies
		}
	}
	return nil
}

// tellHolder says what expires soon and what has expired.
func (w *watch) tellHolder(ctx context.Context, s stands) error {
	for _, document := range s.ahead {
		w.view.Open = true
		if warn := document.ExpiresAt.Add(-city.ExpiryNotice); warn.After(w.now) {
			w.wakeAt(warn)
			continue
		}
		w.wakeAt(*document.ExpiresAt)
		note := aboutDocument(document, "expiring")
		note.Event, note.Participants = city.NoticeDocumentExpiring, []city.ParticipantID{document.Participant}
		if err := w.Teller.tell(ctx, note); err != nil {
			return err
		}
	}
	for _, document := range s.gone {
		note := aboutDocument(document, "expired")
		note.Event, note.Participants = city.NoticeDocumentExpired, []city.ParticipantID{document.Participant}
		if err := w.Teller.tell(ctx, note); err != nil {
			return err
		}
	}
	return nil
}

// admit suspends who lacks a valid document of a kind, and lets in again who was suspended for that and lacks none now.
func (w *watch) admit(ctx context.Context, expired []city.DocumentKind) (city.ParticipantState, error) {
	p := w.participant
	var to city.ParticipantState
	reason := ""
	switch {
	case p.State == city.ParticipantActive && len(expired) > 0:
		kinds := make([]string, len(expired))
		for i, kind := range expired {
			kinds[i] = string(kind)
		}
		to, reason = city.ParticipantSuspended, expiredReason+strings.Join(kinds, ", ")
	case p.State == city.ParticipantSuspended && len(expired) == 0 && strings.HasPrefix(p.StateReason, expiredReason):
		to = city.ParticipantActive
	default:
		return p.State, nil
	}
	moved, err := w.Store.TransitionParticipant(ctx, p.City, p.ID, to, reason)
	return moved.State, err
}

func aboutDocument(d postgres.Document, step string) postgres.Announcement {
	return postgres.Announcement{
		City: d.City, Key: fmt.Sprintf("participant:%s:document:%s:%s", d.Participant, d.ID, step), Kind: "participant",
		Subject: string(d.Participant),
	}
}
