package activities

import "context"

type (
	Imports     struct{}
	Onboarding  struct{}
	Runs        struct{}
	Engine      struct{}
	Starts      struct{}
	Alternative struct{}
	Values      struct{}
)

func (*Alternative) OfferAlternative(context.Context, MatchRef) (Offer, error) { panic("later") }
func (*Values) ValueMatch(context.Context, MatchRef) (MatchWorth, error)       { panic("later") }
func (*Values) FreezeValuation(context.Context, ValuationRef) (FrozenValuation, error) {
	panic("later")
}
func (*Values) ComputeValuation(context.Context, FrozenValuation) (ComputedValuation, error) {
	panic("later")
}
func (*Values) AppendValuation(context.Context, ComputedValuation) (ValuationResult, error) {
	panic("later")
}
func (*Runs) FreezeSnapshot(context.Context, RunRef) (Snapshot, error)               { panic("later") }
func (*Engine) PlanShards(context.Context, Snapshot) (Plan, error)                   { panic("later") }
func (*Engine) SolveShard(context.Context, SolveShardInput) (SolvedShard, error)     { panic("later") }
func (*Engine) VerifyRun(context.Context, Plan) (Proven, error)                      { panic("later") }
func (*Runs) RecordProposals(context.Context, Proven) (Recorded, error)              { panic("later") }
func (*Runs) FinishRun(context.Context, FinishRunInput) (RunState, error)            { panic("later") }
func (*Starts) StartMatches(context.Context, RunRef) (Started, error)                { panic("later") }
func (*Starts) WithdrawProposals(context.Context, RunRef) (Started, error)           { panic("later") }
func (*Imports) PlanImport(context.Context, ImportRef) (ImportPlan, error)           { panic("later") }
func (*Imports) LoadDataset(context.Context, LoadDatasetInput) (ImportCounts, error) { panic("later") }
func (*Imports) FinishImport(context.Context, FinishImportInput) (ImportCounts, error) {
	panic("later")
}
func (*Onboarding) LoadApplicant(context.Context, ApplicantRef) (ApplicantView, error) {
	panic("later")
}
func (*Onboarding) ValidateApplicant(context.Context, ApplicantRef) (Findings, error) { panic("later") }
func (*Onboarding) FindDuplicates(context.Context, ApplicantRef) (Findings, error)    { panic("later") }
func (*Onboarding) LocateApplicant(context.Context, ApplicantRef) (Findings, error)   { panic("later") }
func (*Onboarding) ScreenApplicant(context.Context, ApplicantRef) (Findings, error)   { panic("later") }
func (*Onboarding) Conclude(context.Context, ConcludeInput) (ApplicantView, error)    { panic("later") }
func (*Onboarding) TakeReviews(context.Context, TakeReviewsInput) (ApplicantView, error) {
	panic("later")
}
func (*Onboarding) PassReviewDeadline(context.Context, PassReviewDeadlineInput) (ApplicantView, error) {
	panic("later")
}
func (*Onboarding) GiveNotice(context.Context, ApplicantRef) (ApplicantView, error) { panic("later") }
