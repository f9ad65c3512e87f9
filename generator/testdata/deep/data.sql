INSERT INTO people (name, path, h, m, ms, om, om2) VALUES ('Bob','a.b','a=>1','very happy','{ok,"",very-happy,"a
b"}','x','y'), ('Al',null,null,null,'{}',null,null);
INSERT INTO odd (id, d2, rc) VALUES (1, 5, '{}');
INSERT INTO odd SELECT 2, ROW(ARRAY[ROW(1)::b], 2)::a, ROW(3)::b, NULL, ARRAY[ROW(1)::b, ROW(NULL)::b],
 1, 2, 'very happy', '{ok,sad}', ROW(1,2,'ok')::pt, ARRAY[ROW(1,2,'ok')::pt::dpt], '{1,2}', '{ok,""}', ARRAY['{ok}'::dmoods]::dmoods[],
 posrange(1,5), moodrange('ok','sad'), ptrange(ROW(1,2,'ok'),ROW(3,4,'sad')), '[1.5,2)', citextrange('A','b'),
 '{"[1,2)",empty}', '{"[1.5,2)"}', '{"[2020-01-01 00:00+00,)"}', ROW((SELECT p FROM people p WHERE name='Bob'), 4, ARRAY(SELECT p FROM people p))::withrow, (SELECT p FROM people p WHERE name='Bob'), ARRAY(SELECT p FROM people p),
 1,'q','n','D','S',1,'t','f',2,3,4,'c',
 'vc', '{1.5,NaN}', '{101,000}', '{a,abc}', '{nm}', '{x,"\""}', '1 day 2.345s', '{10:00+01}', '{$1.50,$-2}', '{10.0.0.1,::1/64}', '{08:00:2b:01:02:03}', '{"{\"a\": 1}","null"}', '{<a/>}', '{"''a'':1"}', 'a & b', '0/16', '{pg_class}', '1 2 3', '4 5', '(0,1)', '5', '10:20:10,14', NULL, '{$.a}';
UPDATE odd SET acl = ARRAY[makeaclitem(10, 10, 'SELECT', false)] WHERE id=2;
INSERT INTO child (name, ms, extra) VALUES ('c','{}','e');
INSERT INTO part VALUES (1,'2020-05-05','v');
INSERT INTO "Quoted Table" VALUES (1,'u'),(77,'z');
INSERT INTO zero DEFAULT VALUES;
REFRESH MATERIALIZED VIEW mv; ANALYZE;
