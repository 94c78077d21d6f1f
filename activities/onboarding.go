package activities

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/graph"
	"github.com/city-resource-graph/crg/postgres"
	"github.com/city-resource-graph/crg/projection"
)

// OnboardingStore is what the steps of an onboarding need of the database.
type OnboardingStore interface {
	Participant(ctx context.Context, id city.ID, participant city.ParticipantID) (postgres.Participant, error)
	TransitionParticipant(ctx context.Context, id city.ID, participant city.ParticipantID, to city.ParticipantState, reason string) (postgres.Participant, error)
	LocateParticipant(ctx context.Context, id city.ID, participant city.ParticipantID, at *city.Point, quality city.LocationQuality, ward string) error
	WardAt(ctx context.Context, id city.ID, p city.Point) (string, error)
	FindDuplicates(ctx context.Context, id city.ID, ids []city.ParticipantID) ([]postgres.Duplicate, error)
	Decision(ctx context.Context, id city.ID, decision city.DecisionID) (postgres.Decision, error)
	ParticipantDecisions(ctx context.Context, id city.ID, participant city.ParticipantID) ([]postgres.Decision, error)
	RecordDecision(ctx context.Context, d postgres.Decision) error
	TakeDecision(ctx context.Context, id city.ID, decision city.DecisionID, v postgres.Verdict) (postgres.Decision, error)
	AuditStore
}

// Onboarding checks applicants and carries them through review.
type Onboarding struct {
	Store  OnboardingStore
	Graph  *graph.Graph // nil: this installation has none
	Logger *slog.Logger // needed with a graph
	Cities *Cities
	Teller *Teller
	Now    func() time.Time
}

// LoadApplicant says where an applicant stands.
func (o *Onboarding) LoadApplicant(ctx context.Context, ref ApplicantRef) (ApplicantView, error) {
	p, err := o.Store.Participant(ctx, ref.City, ref.Participant)
	if err != nil {
		return ApplicantView{}, classify(err)
	}
	view, err := o.view(ctx, p)
	return view, classify(err)
}

// ValidateApplicant refuses what no review can mend.
func (o *Onboarding) ValidateApplicant(ctx context.Context, ref ApplicantRef) (Findings, error) {
	return o.check(ctx, ref, func(p postgres.Participant) (Findings, error) {
		return Findings{Reject: cannotBe(p)}, nil
	})
}

// FindDuplicates flags an applicant that another participant may be, by what the rows say and by what the graph says.
// Without the graph the rows alone are asked: an application does not wait for it.
func (o *Onboarding) FindDuplicates(ctx context.Context, ref ApplicantRef) (Findings, error) {
	return o.check(ctx, ref, func(p postgres.Participant) (Findings, error) {
		found, err := o.Store.FindDuplicates(ctx, ref.City, []city.ParticipantID{p.ID})
		if err != nil {
			return Findings{}, err
		}
		var flags []string
		known := map[city.ParticipantID]bool{}
		for _, d := range found {
			known[d.Other] = true
			flags = append(flags, fmt.Sprintf("may be %s: %s", d.Other, marks(d)))
		}
		for _, d := range o.askGraph(ctx, p) {
			if !known[d.Other] {
				flags = append(flags, fmt.Sprintf("may be %s: %s", d.Other, graphMarks(d)))
			}
		}
		return Findings{Flags: flags[:min(len(flags), mostFlags)]}, nil
	})
}

// graphTime is what an application waits for the graph.
const graphTime = 3 * time.Second

func (o *Onboarding) askGraph(ctx context.Context, p postgres.Participant) []graph.Duplicate {
	if o.Graph == nil {
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, graphTime)
	defer cancel()
	found, err := o.Graph.Duplicates(limited, p.City, []graph.Subject{projection.Subject(postgres.Neighbourhood{Participant: p})})
	if err != nil {
		o.Logger.WarnContext(ctx, "duplicates are looked for without the graph", "participant", string(p.ID), "error", err)
	}
	return found
}

// graphMarks are the marks that the graph found, in words.
func graphMarks(d graph.Duplicate) string {
	words := marks(postgres.Duplicate{NameSimilarity: d.Likeness, SameAddress: d.SameAddress, SameEmailDomain: d.SameDomain})
	if d.SameOperator {
		words += ", same operator"
	}
	return words
}

// mostFlags bounds what one check brings up: a reviewer needs no more, and a payload stays small.
const mostFlags = 10

// marks are the marks of a duplicate in words.
func marks(d postgres.Duplicate) string {
	var found []string
	if d.NameSimilarity > 0 {
		found = append(found, fmt.Sprintf("name similar by %.2f", d.NameSimilarity))
	}
	if d.SameAddress {
		found = append(found, "same address")
	}
	if d.SameEmailDomain {
		found = append(found, "same e-mail domain")
	}
	if d.Metres != nil {
		found = append(found, fmt.Sprintf("%.0f m apart", *d.Metres))
	}
	return strings.Join(found, ", ")
}

// LocateApplicant finds the ward and flags a place that matching cannot use.
func (o *Onboarding) LocateApplicant(ctx context.Context, ref ApplicantRef) (Findings, error) {
	return o.check(ctx, ref, func(p postgres.Participant) (Findings, error) {
		if p.Point == nil {
			return Findings{Flags: []string{"no location"}}, nil
		}
		ward, err := o.Store.WardAt(ctx, ref.City, *p.Point)
		if err != nil {
			return Findings{}, err
		}
		if err := o.Store.LocateParticipant(ctx, ref.City, p.ID, p.Point, p.LocationQuality, ward); err != nil {
			return Findings{}, err
		}
		var found Findings
		if ward == "" {
			found.Flags = append(found.Flags, "outside every ward")
		}
		if p.LocationQuality == city.Default {
			found.Flags = append(found.Flags, "the location is a default that others share")
		}
		return found, nil
	})
}

// ScreenApplicant flags a name that stands for nobody, and passes on why an import wants a person to look.
func (o *Onboarding) ScreenApplicant(ctx context.Context, ref ApplicantRef) (Findings, error) {
	return o.check(ctx, ref, func(p postgres.Participant) (Findings, error) {
		var found Findings
		if placeholder(p.Name) {
			found.Flags = append(found.Flags, "the name is a placeholder")
		}
		if p.Kind != city.Person && p.AddressID == "" && p.EmailDomain == "" && p.Point == nil {
			found.Flags = append(found.Flags, "neither address, e-mail domain nor location")
		}
		if ref.Flag != "" {
			found.Flags = append(found.Flags, ref.Flag)
		}
		return found, nil
	})
}

func (o *Onboarding) check(ctx context.Context, ref ApplicantRef, look func(postgres.Participant) (Findings, error)) (Findings, error) {
	p, err := o.Store.Participant(ctx, ref.City, ref.Participant)
	if err != nil {
		return Findings{}, classify(err)
	}
	found, err := look(p)
	return found, classify(err)
}

// cannotBe says what is wrong with an applicant so that no review can mend it.
func cannotBe(p postgres.Participant) string {
	problem := p.Kind.Validate()
	if problem == nil && p.Point != nil {
		problem = p.Point.Validate()
	}
	switch {
	case problem != nil:
		return problem.Error()
	case letters(p.Name) < 2:
		return "the name has fewer than two letters"
	}
	return ""
}

func letters(name string) int {
	count := 0
	for _, r := range name {
		if r >= '0' && r <= '9' || strings.ContainsRune(" .,-_/'\"()?#*", r) {
			continue
		}
		count++
	}
	return count
}

// placeholder reports whether a name is one that people type when a form insists on one.
func placeholder(name string) bool {
	switch strings.ToLower(strings.Trim(name, " .-?")) {
	case "test", "unknown", "n/a", "na", "none", "null", "tbd", "xxx", "anonymous", "asdf", "name":
		return true
	}
	return false
}
