package workflows

// Query names. Lists and pages are read from PostgreSQL; a query is for looking into one running workflow.
const (
	QueryStatus   = "status"   // of a match or an onboarding
	QueryProgress = "progress" // of an import or a run
)
