export AUTO_WORKFLOW_CONNECTORS_POSTGRES_DEFAULT__DSN="$DATABASE_URL"
/tmp/h-prof/pgwright doctor; echo status $?
/tmp/h-prof/pgwright doctor nope; echo status $?
