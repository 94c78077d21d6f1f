package workflows

import (
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/city-resource-graph/crg/activities"
)

// VerifyDocuments keeps a participant verified: reviewers are asked to look at what it submits, it hears a month before a
// document expires, is suspended when one has, and takes part again when a new one was accepted. It waits for as long as
// a document waits for review or will expire; whoever submits or reviews one starts it, or wakes it.
func VerifyDocuments(ctx workflow.Context, in activities.ParticipantRef) (activities.DocumentsView, error) {
	v := &verifyDocuments{ref: in}
	if err := v.setup(ctx); err != nil {
		return v.view, err
	}
	err := v.run(ctx)
	return v.view, err
}

type verifyDocuments struct {
	ref    activities.ParticipantRef
	view   activities.DocumentsView
	wake   workflow.ReceiveChannel
	waited time.Time
}

func (v *verifyDocuments) setup(ctx workflow.Context) error {
	v.wake = workflow.GetSignalChannel(ctx, SignalDocument)
	return workflow.SetQueryHandlerWithOptions(ctx, QueryStatus, func() (activities.DocumentsView, error) { return v.view, nil },
		workflow.QueryHandlerOptions{Description: "what waits for review, what has expired, and when something expires next"})
}

func (v *verifyDocuments) run(ctx workflow.Context) error {
	for {
		drop(v.wake)
		view, err := quickly(ctx, "look at the documents", documents.LookAtDocuments,
			activities.LookAtDocumentsInput{ParticipantRef: v.ref, Waited: v.waited})
		if err != nil {
			return err
		}
		if err := v.see(ctx, view); err != nil {
			return err
		}
		if !view.Open && v.wake.Len() == 0 {
			return nil
		}
		if historyIsLong(ctx) {
			return workflow.NewContinueAsNewError(ctx, VerifyDocuments, v.ref)
		}
		if err := v.pause(ctx); err != nil {
			return err
		}
	}
}

// pause waits for a signal, or for the moment at which time alone brings something.
func (v *verifyDocuments) pause(ctx workflow.Context) error {
	woken := func() bool { return v.wake.Len() > 0 }
	if v.view.Next == nil {
		return workflow.Await(ctx, woken)
	}
	signalled, err := awaitUntil(ctx, *v.view.Next, "until a document expires or a reviewer is reminded", woken)
	if err == nil && !signalled {
		v.waited = *v.view.Next
	}
	return err
}

func (v *verifyDocuments) see(ctx workflow.Context, view activities.DocumentsView) error {
	v.view = view
	text := fmt.Sprintf("**%s**\n\n%d documents wait for review.", view.State, view.Submitted)
	if len(view.Expired) > 0 {
		kinds := make([]string, len(view.Expired))
		for i, kind := range view.Expired {
			kinds[i] = string(kind)
		}
		text += " Expired: " + strings.Join(kinds, ", ") + "."
	}
	if view.Next != nil {
		text += " Next at " + view.Next.UTC().Format(time.RFC3339) + "."
	}
	workflow.SetCurrentDetails(ctx, text)
	return upsertStatus(ctx, Status(view.State))
}

// drop takes wake-ups out of a channel: what they announced is in the database.
func drop(wake workflow.ReceiveChannel) {
	for wake.ReceiveAsync(nil) {
		continue
	}
}
