package workflows

import (
	"encoding/json"
	"fmt"
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/city-resource-graph/crg/activities"
	"github.com/city-resource-graph/crg/city"
)

// Signal names. An operator may type them into the Web UI as well.
const (
	SignalApprove        = "approve"
	SignalReject         = "reject"
	SignalCancel         = "cancel" // of a match, and of a run
	SignalHandedOver     = "handed_over"
	SignalConfirmReceipt = "confirm_receipt"
	SignalNoShow         = "no_show"
	SignalReview         = "review"
	SignalAppeal         = "appeal"
	SignalNotices        = "notices"  // something was announced
	SignalDocument       = "document" // one was submitted or reviewed
	SignalAnswered       = "answered" // the holder of a listing has answered
	SignalPause          = "pause"    // of the projection of the graph; carries true or false
)

// DecisionSignal is the payload of every decision's signal. It carries nothing to trust: the decision is read from the
// database, where only the API writes it. A signal without a known decision was typed in by an operator.
type DecisionSignal struct {
	DecisionID city.DecisionID `json:"decision_id"`
	Verdict    string          `json:"verdict,omitempty"` // of a review that an operator types in: accept or reject
}

// UnmarshalJSON takes whatever an operator may type. What is no object becomes the verdict, so that "reject" typed as
// the input of a review means what it says.
func (s *DecisionSignal) UnmarshalJSON(text []byte) error {
	type plain DecisionSignal
	if json.Unmarshal(text, (*plain)(s)) != nil {
		*s = DecisionSignal{Verdict: strings.Trim(string(text), `" `)}
	}
	return nil
}

// mailbox is a signal and the kind of decision that it announces.
type mailbox struct {
	signal string
	kind   city.DecisionKind
}

func matchSignals() []mailbox {
	return []mailbox{
		{SignalApprove, city.DecisionApprove},
		{SignalReject, city.DecisionReject},
		{SignalCancel, city.DecisionCancel},
		{SignalHandedOver, city.DecisionHandOver},
		{SignalConfirmReceipt, city.DecisionConfirmReceipt},
		{SignalNoShow, city.DecisionNoShow},
	}
}

// matchSignal is the signal that announces a decision of kind.
func matchSignal(kind city.DecisionKind) (string, error) {
	for _, box := range matchSignals() {
		if box.kind == kind {
			return box.signal, nil
		}
	}
	return "", fmt.Errorf("decision %q: no signal of a match announces it", kind)
}

// inbox collects the decisions that signals announce. The order of two signals means nothing: the database knows which
// decision was made first.
type inbox struct {
	boxes    []mailbox
	channels []workflow.ReceiveChannel
	typed    int
}

func newInbox(ctx workflow.Context, boxes []mailbox) *inbox {
	in := &inbox{boxes: boxes}
	for _, box := range boxes {
		in.channels = append(in.channels, workflow.GetSignalChannel(ctx, box.signal))
	}
	return in
}

// waiting reports whether a signal came that was not taken out yet.
func (in *inbox) waiting() bool {
	for _, channel := range in.channels {
		if channel.Len() > 0 {
			return true
		}
	}
	return false
}

// batch bounds what one activity is told, so that a flood of signals stays below the size of a payload.
const batch = 100

// empty takes out what came, at most a batch.
func (in *inbox) empty(ctx workflow.Context) []activities.Announced {
	var out []activities.Announced
	for i, channel := range in.channels {
		var signal DecisionSignal
		for len(out) < batch && channel.ReceiveAsync(&signal) {
			out = append(out, in.announce(ctx, in.boxes[i].kind, signal))
			signal = DecisionSignal{}
		}
	}
	return out
}

func (in *inbox) announce(ctx workflow.Context, kind city.DecisionKind, signal DecisionSignal) activities.Announced {
	in.typed++
	if kind == city.DecisionReviewAccept && strings.EqualFold(signal.Verdict, "reject") {
		kind = city.DecisionReviewReject
	}
	run := workflow.GetInfo(ctx).WorkflowExecution.RunID
	return activities.Announced{
		Kind: kind, Decision: signal.DecisionID,
		TypedIn: city.DecisionID(fmt.Sprintf("typed.%s.%d", run, in.typed)),
	}
}

// summarise names the decisions of a batch in one line.
func summarise(announced []activities.Announced) string {
	var kinds []string
	for _, a := range announced {
		kinds = append(kinds, string(a.Kind))
		if len(kinds) == 5 {
			kinds = append(kinds, fmt.Sprintf("(%d in all)", len(announced)))
			break
		}
	}
	return "take decisions: " + strings.Join(kinds, ", ")
}
