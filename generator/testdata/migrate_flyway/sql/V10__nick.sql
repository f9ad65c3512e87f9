ALTER TABLE ${flyway:defaultSchema}.users ADD COLUMN nick text DEFAULT '${default_nick}'; -- not ${this}
