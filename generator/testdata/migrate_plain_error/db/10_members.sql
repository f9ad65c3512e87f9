CREATE TABLE members (team_id bigint REFERENCES teams);
