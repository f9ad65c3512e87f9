CREATE TYPE mood AS ENUM ('ok', 'sad');
CREATE TYPE floatrange AS RANGE (subtype = float8);
CREATE TYPE moodrange AS RANGE (subtype = mood, multirange_type_name = moods);
CREATE TABLE spans (id int PRIMARY KEY, days datemultirange NOT NULL, f floatmultirange, m moods, fs floatmultirange[]);
