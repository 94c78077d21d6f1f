DROP TABLE valuation, decision;
DROP FUNCTION decision_settled_once;
