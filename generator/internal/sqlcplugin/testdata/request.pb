
V
2
postgresql
schema.sql"queries.sqlb,
dbpgwright{"package":"db"}*

pgwrightÏpublic"¹publicˆ
t*
id0ÿÿÿÿÿÿÿÿÿRtb
pg_catalogint4$
moods 0ÿÿÿÿÿÿÿÿÿRtbmoodˆ%
at*Where.0ÿÿÿÿÿÿÿÿÿRtbplaceA table."
moodsadok
How it is.*
place"	pg_temp¶
SELECT id, moods, at FROM tAll:many".
id0ÿÿÿÿÿÿÿÿÿRtb
pg_catalogint4zid"+
moods 0ÿÿÿÿÿÿÿÿÿRtbmoodzmoodsˆ"!
at0ÿÿÿÿÿÿÿÿÿRtbplacezat:queries.sql"v1.31.1*{"package":"db"}2{"stubs":["stubs.sql"]}