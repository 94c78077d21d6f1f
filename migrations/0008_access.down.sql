DROP TABLE idempotency_key, api_key;
