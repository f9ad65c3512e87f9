-- +migrate Up
-- +migrate StatementBegin
CREATE FUNCTION total(of_user bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    sum bigint;
BEGIN
    SELECT coalesce(sum(o.cents), 0) INTO sum FROM orders o WHERE o.user_id = of_user;
    RETURN sum;
END;
$$;
-- +migrate StatementEnd

-- +migrate Down
DROP FUNCTION total;
