package city

import (
	"fmt"
	"time"
)

// ApprovalPolicy says who must agree to a match before it goes ahead. Rules are tried in order; the first that fits
// decides. A last rule without conditions is required, so that every match is covered.
type ApprovalPolicy struct {
	ID            string         `yaml:"id" json:"id"` // name@version
	Currency      Currency       `yaml:"currency" json:"currency"`
	Rules         []ApprovalRule `yaml:"rules" json:"rules"`
	RemindAfter   time.Duration  `yaml:"remind_after" json:"remind_after"`
	EscalateAfter time.Duration  `yaml:"escalate_after" json:"escalate_after"`
	ExpireAfter   time.Duration  `yaml:"expire_after" json:"expire_after"`
	PickUpWithin  time.Duration  `yaml:"pick_up_within" json:"pick_up_within"` // after approval; then it is a no-show
}

// ApprovalRule asks for decisions when its conditions hold.
type ApprovalRule struct {
	Name         string  `yaml:"name" json:"name"`
	Below        string  `yaml:"below,omitempty" json:"below,omitempty"` // expected value in currency units; empty = any
	Class        Class   `yaml:"class,omitempty" json:"class,omitempty"` // empty = any
	Leaf         Leaf    `yaml:"leaf,omitempty" json:"leaf,omitempty"`   // empty = any
	AskSides     []Party `yaml:"ask_sides,omitempty" json:"ask_sides,omitempty"`
	CityApprover int     `yaml:"city_approvers" json:"city_approvers"` // different persons, 0 to 2
}

// Requirement is what one match needs before it is approved.
type Requirement struct {
	Rule          string  `json:"rule"`
	Sides         []Party `json:"sides"`
	CityApprovers int     `json:"city_approvers"`
}

// Automatic reports whether the policy alone approves.
func (r Requirement) Automatic() bool { return len(r.Sides) == 0 && r.CityApprovers == 0 }

// Validate names the first thing that is wrong with the policy.
func (p ApprovalPolicy) Validate() error {
	if p.ID == "" {
		return fmt.Errorf("approval policy without an id")
	}
	if err := p.Currency.Validate(); err != nil {
		return fmt.Errorf("approval policy %s: %w", p.ID, err)
	}
	if p.ExpireAfter <= 0 || p.PickUpWithin <= 0 {
		return fmt.Errorf("approval policy %s: expire_after and pick_up_within must be longer than zero", p.ID)
	}
	for i, rule := range p.Rules {
		if err := rule.validate(p.Currency); err != nil {
			return fmt.Errorf("approval policy %s, rule %d (%s): %w", p.ID, i+1, rule.Name, err)
		}
	}
	if n := len(p.Rules); n == 0 || p.Rules[n-1].Below != "" || p.Rules[n-1].Class != "" || p.Rules[n-1].Leaf != "" {
		return fmt.Errorf("approval policy %s: the last rule must have no condition, so that every match is covered", p.ID)
	}
	return nil
}

func (r ApprovalRule) validate(currency Currency) error {
	if r.CityApprover < 0 || r.CityApprover > 2 {
		return fmt.Errorf("city_approvers %d: want 0, 1 or 2", r.CityApprover)
	}
	if r.Below != "" {
		if _, err := ParseMinor(r.Below, currency); err != nil {
			return fmt.Errorf("below: %w", err)
		}
	}
	if r.Class != "" {
		if err := r.Class.Validate(); err != nil {
			return err
		}
	}
	for _, side := range r.AskSides {
		if err := oneOf("ask_sides", side, Giver, Receiver); err != nil {
			return err
		}
	}
	return nil
}

// Require finds what a match of leaf with the given expected value (minor units) needs.
func (p ApprovalPolicy) Require(leaf Leaf, expected int64) (Requirement, error) {
	for _, rule := range p.Rules {
		if rule.fits(leaf, expected, p.Currency) {
			return Requirement{Rule: rule.Name, Sides: rule.AskSides, CityApprovers: rule.CityApprover}, nil
		}
	}
	return Requirement{}, fmt.Errorf("approval policy %s: no rule fits %s", p.ID, leaf)
}

func (r ApprovalRule) fits(leaf Leaf, expected int64, currency Currency) bool {
	if r.Below != "" {
		limit, err := ParseMinor(r.Below, currency)
		if err != nil || expected >= limit {
			return false
		}
	}
	return (r.Class == "" || r.Class == leaf.Class()) && (r.Leaf == "" || r.Leaf == leaf)
}
