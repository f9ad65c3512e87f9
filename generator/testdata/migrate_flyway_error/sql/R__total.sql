CREATE OR REPLACE VIEW nicks AS SELECT nick FROM users;

CREATE OR REPLACE FUNCTION total(of_user bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    sum bigint;
BEGIN
    SELECT coalesce(sum(o.cents), 0) INTO sum FROM orders o WHERE o.user_id = of_user;
    RETURN sum;
END;
$$;
