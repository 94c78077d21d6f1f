-- The extensions stay: they may have been there before us.
DROP TABLE rule, category, ward_piece, ward, city;
DROP FUNCTION ward_pieces, ward_at, city_now;
