INSERT INTO spans VALUES
  (1, '{[2024-01-01,2024-02-01)}', '{[1.5,2),[3,)}', '{[ok,sad]}', ARRAY['{[1,2)}', '{}']::floatmultirange[]),
  (2, '{}', NULL, NULL, NULL);
