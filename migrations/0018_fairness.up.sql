-- What a run was asked to see to besides value, and how it did: floors with their prices, tiers. {} where nothing was
-- asked. Keys: see Fairness of package postgres.
ALTER TABLE run ADD COLUMN fairness jsonb NOT NULL DEFAULT '{}';
