UPDATE run SET fairness = '{"floors": [{"wards": ["7"], "class": "food", "quantity": 500, "least": 500, "reached": 512, "price_minor": 9}]}';
