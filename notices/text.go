package notices

import (
	"fmt"
	"strings"
	"time"

	"github.com/city-resource-graph/crg/city"
)

// Text is what somebody reads.
type Text struct {
	Title string
	Body  string
}

// Facts are what a text can say. Names of people and places are not among them: a mail passes through many hands, and
// whoever may know finds them behind the link.
type Facts struct {
	What   string    // such as "Fruit and vegetables, 40 kg"
	Reason string    // why it ended or waits
	Until  time.Time // city time of the next deadline, in the city's time zone; zero without one
	Link   string    // where to answer or to read on
}

// template is a title and the lines of a body; lines whose fact is missing are left out.
type template struct {
	title string
	lines []string
}

var templates = map[city.NoticeEvent]template{
	city.NoticeMatchWaiting:       {"Please approve: {what}", []string{"A match waits for your approval: {what}.", "{until}"}},
	city.NoticeMatchReminder:      {"Reminder: {what} waits for you", []string{"This match still waits for your approval: {what}.", "{until}"}},
	city.NoticeMatchEscalated:     {"Please step in: {what}", []string{"Nobody has answered yet. You are asked to step in: {what}.", "{until}"}},
	city.NoticeMatchApproved:      {"Agreed: {what}", []string{"Everybody has agreed: {what}. Please arrange the hand-over.", "{until}"}},
	city.NoticeMatchHandedOver:    {"Please confirm the receipt: {what}", []string{"The giver has handed over. Please say what arrived: {what}.", "{until}"}},
	city.NoticeMatchEnded:         {"Not taking place: {what}", []string{"This match does not take place: {what}.", "{reason}"}},
	city.NoticeOnboardingWaiting:  {"Please review an application", []string{"An application waits for your review.", "{reason}", "{until}"}},
	city.NoticeOnboardingReminder: {"Reminder: an application waits for you", []string{"An application still waits for your review.", "{reason}", "{until}"}},
	city.NoticeOnboardingEscalated: {"Please step in: an application waits", []string{
		"Nobody has reviewed this application yet. You are asked to step in.", "{reason}", "{until}",
	}},
	city.NoticeOnboardingAccepted: {"Welcome", []string{"Your application was accepted. You can now list what you have and what you need."}},
	city.NoticeOnboardingRejected: {"Your application was rejected", []string{
		"Your application was rejected.", "{reason}", "You may appeal once; another person will then look at it.",
	}},
	city.NoticeDocumentWaiting:  {"Please look at a document", []string{"A document waits for your review: {what}."}},
	city.NoticeDocumentExpiring: {"A document expires soon", []string{"A document of yours expires soon: {what}. Please send a new one.", "{until}"}},
	city.NoticeDocumentExpired: {"A document has expired", []string{
		"A document of yours has expired: {what}. What you list takes no part until a new one was accepted.",
	}},
	city.NoticeListingAsked:    {"Still there? {what}", []string{"Is this still there and usable: {what}? Please answer with yes or no.", "{until}"}},
	city.NoticeListingReminder: {"Reminder: still there? {what}", []string{"We still do not know whether this is there and usable: {what}.", "{until}"}},
}

// Write puts an event into words.
func Write(event city.NoticeEvent, f Facts) (Text, error) {
	t, ok := templates[event]
	if !ok {
		return Text{}, fmt.Errorf("event %q: no words for it", event)
	}
	facts := map[string]string{"{what}": f.What, "{reason}": "", "{until}": ""}
	if f.Reason != "" {
		facts["{reason}"] = "Reason: " + f.Reason + "."
	}
	if !f.Until.IsZero() {
		facts["{until}"] = "Until " + f.Until.Format("Monday, 2 January 2006, 15:04 MST") + "."
	}
	var body []string
	for _, line := range t.lines {
		if line = fill(line, facts); line != "" {
			body = append(body, line)
		}
	}
	if f.Link != "" {
		body = append(body, "", f.Link)
	}
	return Text{Title: fill(t.title, facts), Body: strings.Join(body, "\n") + "\n"}, nil
}

func fill(line string, facts map[string]string) string {
	for name, value := range facts {
		line = strings.ReplaceAll(line, name, value)
	}
	return strings.TrimSpace(line)
}
