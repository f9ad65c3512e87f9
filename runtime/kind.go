package runtime

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pgwright/pgwright/runtime/profile"
)

// Kind says what can be done about an error. It follows from the SQLSTATE or
// the type of the cause, never from the text of a message, which servers
// translate.
type Kind uint8

const (
	// KindPermanent is an error that comes again if the same is done again: bad
	// SQL or values, violated constraints, a changed schema, a cancelled
	// context, and whatever is of no other kind. So is [ErrCommitUnknown]: what
	// may have been done must not be done again.
	KindPermanent Kind = iota
	// KindTransient is an error that may not come again: serialization failure
	// and deadlock (40001, 40P01), a lock that was not available (55P03), a
	// lost or refused connection (class 08, or an error of the network), a
	// server that is shutting down or starting (57P01 to 57P03), and one with
	// too many connections (53300).
	KindTransient
	// KindTimeout is a statement that the server cancelled (57014), or the
	// deadline of a context, of the network, or of the wait for a connection.
	KindTimeout
	// KindAuth is a server that refuses the user (class 28).
	KindAuth
	// KindConfig is a connection string or a profile that cannot be used.
	KindConfig
	// KindNoRows is [ErrNoRows].
	KindNoRows
)

// String returns the kind in lower case, as "transient".
func (k Kind) String() string {
	switch k {
	case KindTransient:
		return "transient"
	case KindTimeout:
		return "timeout"
	case KindAuth:
		return "auth"
	case KindConfig:
		return "config"
	case KindNoRows:
		return "no rows"
	}
	return "permanent"
}

// Errors that errors.Is finds in an [*Error] of their kind. [ErrNoRows] is the
// one for [KindNoRows].
var (
	ErrTransient error = kindError{KindTransient}
	ErrTimeout   error = kindError{KindTimeout}
	ErrAuth      error = kindError{KindAuth}
	ErrConfig    error = kindError{KindConfig}
	ErrPermanent error = kindError{KindPermanent}
)

type kindError struct{ kind Kind }

func (e kindError) Error() string { return e.kind.String() + " error" }

// classify returns the kind of an error, and the SQLSTATE if the server sent
// one.
func classify(err error) (Kind, string) {
	var state string
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		state = pg.Code
	}
	var netErr net.Error
	var bad *pgconn.ParseConfigError
	switch {
	case errors.Is(err, ErrCommitUnknown):
		// Whatever became of the connection, doing it all again is no answer.
		return KindPermanent, state
	case errors.Is(err, ErrNoRows):
		return KindNoRows, state
	case errors.Is(err, context.Canceled):
		// Whoever cancelled does not want the statement any more, though the
		// server says 57014 as it does for a timeout.
		return KindPermanent, state
	case errors.Is(err, context.DeadlineExceeded):
		return KindTimeout, state
	case state != "":
		return kindOfState(state), state
	case errors.As(err, &bad), errors.Is(err, profile.ErrConfig):
		return KindConfig, state
	case pgconn.Timeout(err), errors.As(err, &netErr) && netErr.Timeout():
		return KindTimeout, state
	case netErr != nil, pgconn.SafeToRetry(err), isLost(err):
		return KindTransient, state
	}
	return KindPermanent, state
}

// isLost is true of a connection that has ended.
func isLost(err error) bool {
	for _, lost := range []error{
		io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, pgconn.ErrConnClosed,
		syscall.ECONNRESET, syscall.ECONNREFUSED, syscall.ECONNABORTED, syscall.EPIPE,
	} {
		if errors.Is(err, lost) {
			return true
		}
	}
	return false
}

// kindOfState classifies a SQLSTATE (src/backend/utils/errcodes.txt).
func kindOfState(state string) Kind {
	switch state {
	case "40001", // serialization_failure
		"40P01", // deadlock_detected
		"55P03", // lock_not_available
		"57P01", // admin_shutdown
		"57P02", // crash_shutdown
		"57P03", // cannot_connect_now
		"53300": // too_many_connections
		return KindTransient
	case "57014": // query_canceled
		return KindTimeout
	}
	switch {
	case strings.HasPrefix(state, "08"): // connection exception
		return KindTransient
	case strings.HasPrefix(state, "28"): // invalid authorization specification
		return KindAuth
	}
	return KindPermanent
}
