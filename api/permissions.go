package api

import "github.com/city-resource-graph/crg/city"

// permissions says for each operation which roles may use it at all. Whose object it is, is the handler's question.
// An operation that is missing here is refused to everybody; a test holds the table against the API's description.
func permissions() map[string][]city.Role { //nolint:funlen // a table
	everybody := []city.Role{city.Lister, city.Requester, city.Approver, city.Matcher, city.Operator, city.Auditor}
	cityPeople := []city.Role{city.Approver, city.Matcher, city.Operator, city.Auditor}
	sides := []city.Role{city.Lister, city.Requester, city.Operator}
	return map[string][]city.Role{
		"ListCities": everybody,
		"GetCity":    everybody,

		"ListParticipants": everybody,
		"GetParticipant":   everybody,
		"ApplyParticipant": sides, // a lister's or requester's key without a participant is for taking applications in

		"Vouch":          sides,
		"GetGraphStatus": cityPeople,
		"GetTrustPath":   cityPeople, "ListDuplicates": cityPeople, "ListSubstitutes": everybody, "ListChains": cityPeople,
		"ReconcileGraph": {city.Operator},

		"ListOnboardings":  {city.Approver, city.Operator, city.Auditor},
		"GetOnboarding":    everybody,
		"ReviewOnboarding": {city.Approver},

		"AppealOnboarding": sides,
		"ListDocuments":    everybody,
		"SubmitDocument":   sides,
		"ReviewDocument":   {city.Approver},

		"StartImport":      {city.Operator},
		"ListImports":      cityPeople,
		"GetImport":        cityPeople,
		"ListRejectedRows": cityPeople,
		"UploadSheet":      {city.Matcher, city.Operator}, // coordinators fill sheets in
		"CheckSheet":       {city.Matcher, city.Operator},
		"GetTemplate":      everybody,
		"GetExport":        {city.Operator, city.Auditor}, // all of the city at once

		"ListResources":    everybody,
		"GetResource":      everybody,
		"CreateResource":   {city.Lister, city.Operator},
		"ConfirmResources": {city.Lister, city.Operator},

		"RequestConfirmations": {city.Matcher, city.Operator},

		"WithdrawResource": {city.Lister, city.Operator},
		"ListNeeds":        everybody,
		"GetNeed":          everybody,
		"CreateNeed":       {city.Requester, city.Operator},
		"WithdrawNeed":     {city.Requester, city.Operator},

		"StartRun":  {city.Matcher},
		"CancelRun": {city.Matcher, city.Operator},
		"ListRuns":  cityPeople,
		"GetRun":    cityPeople,

		"ListMatches":    everybody,
		"GetMatch":       everybody,
		"DecideMatch":    {city.Lister, city.Requester, city.Approver, city.Operator},
		"DecideMatches":  {city.Lister, city.Requester, city.Approver, city.Operator},
		"HandOverMatch":  {city.Lister, city.Operator},
		"ConfirmReceipt": {city.Requester, city.Operator},
		"ReportNoShow":   sides,
		"GetOverride":    cityPeople,
		"ListApprovals":  {city.Lister, city.Requester, city.Approver},

		"FollowEvents": everybody,
		"ListReasons":  cityPeople,

		"ListContacts":     everybody,
		"CreateContact":    {city.Lister, city.Requester, city.Approver, city.Matcher, city.Operator},
		"RemoveContact":    {city.Lister, city.Requester, city.Approver, city.Matcher, city.Operator},
		"ListNotices":      everybody,
		"RetryNotice":      {city.Operator},
		"ListDelegations":  {city.Approver, city.Operator, city.Auditor},
		"CreateDelegation": {city.Approver, city.Operator},
		"EndDelegation":    {city.Approver, city.Operator},

		"ListSchedules":    cityPeople,
		"GetSchedule":      cityPeople,
		"PauseSchedule":    {city.Operator},
		"ResumeSchedule":   {city.Operator},
		"TriggerSchedule":  {city.Operator},
		"BackfillSchedule": {city.Operator},
		"GetMaintenance":   everybody,
		"SetMaintenance":   {city.Operator},

		"StartValuation": {city.Matcher, city.Operator},
		"ListValuations": cityPeople,
		"GetValuation":   cityPeople,

		"GetValuationDifference": cityPeople,
	}
}

// intake lists the operations by which something new begins; they stop while a city is in maintenance. What goes on is what
// people owe to something that began before (decisions, reviews, documents, answers), what only reads, exports among it, and
// what operators mend with.
func intake() map[string]bool {
	return map[string]bool{
		"ApplyParticipant": true, "StartImport": true, "UploadSheet": true, "CreateResource": true, "CreateNeed": true, "StartRun": true,
		"StartValuation": true, "RequestConfirmations": true, "TriggerSchedule": true, "BackfillSchedule": true, "AppealOnboarding": true,
	}
}
