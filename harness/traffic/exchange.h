/*
 * One exchange: a request, its response, and its outcome.
 *
 * The same record is a recorded production exchange and an observation of a
 * run (then it carries a key).  TRACE.md is the format's definition.
 * A failing request is data: its outcome says how it failed.
 */
#ifndef LOCKSTEP_EXCHANGE_H
#define LOCKSTEP_EXCHANGE_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/err.h"
#include "harness/base/json.h"

/* What became of a request (METRICS 2). The names are those of the reports. */
enum outcome {
	OUTCOME_OK,
	OUTCOME_HTTP_4XX,
	OUTCOME_HTTP_429,
	OUTCOME_HTTP_5XX,
	OUTCOME_TIMEOUT,	/* the deadline passed, connecting included */
	OUTCOME_RESET,		/* closed or reset before the answer's end */
	OUTCOME_TLS,
	OUTCOME_PROTOCOL,	/* not HTTP; a stream without its end mark */
	OUTCOME_TOO_LARGE,	/* body or headers beyond the limit */
	OUTCOME_UNDECODABLE,	/* its content coding cannot be undone */
	OUTCOME_BAD_JSON,
	OUTCOME_EXTRACT_FAILED,	/* JSON, but nothing the pointers name */
	OUTCOME_SERVICE_ERROR,	/* an error that the service says in a 200 */
	OUTCOME_FILTERED,	/* its filter stopped the answer: no error */
	OUTCOME_CUT,		/* it cut the answer short: no error */
	OUTCOME_REFUSED,	/* the service declined to answer: no error */
	OUTCOME_SHED,		/* not sent: a cap or an open circuit */
	OUTCOME_UNREACHABLE,	/* no connection: refused, no route, no name */
	OUTCOME_N
};

/* "ok", "http_4xx", ... */
const char *outcome_name(enum outcome o);
/* returns the outcome of a name, or OUTCOME_N */
enum outcome outcome_of(const char *name);
/* Whether METRICS 2 counts it as an error (an expected 4xx is not seen). */
int outcome_is_error(enum outcome o);
/* Whether it came with an answer to judge: ok, refused, filtered, cut. */
int outcome_is_answer(enum outcome o);

/* The arms; an echo asks the same variant of the same arm once more. */
enum arm {
	ARM_BASELINE,
	ARM_CANDIDATE,
	ARM_BASELINE2,
	ARM_CANDIDATE2,
	ARM_N
};

/* The arm that an echo repeats; any other arm is itself. */
static inline enum arm
arm_of_echo(enum arm a)
{
	return a >= ARM_BASELINE2 ? (enum arm)(a - ARM_BASELINE2) : a;
}

/* The echo of an arm. */
static inline enum arm
arm_echo(enum arm a)
{
	return (enum arm)(a + ARM_BASELINE2);
}

/* "baseline", "candidate", "baseline2", "candidate2". */
const char *arm_name(enum arm a);
/* returns the arm of a name, or ARM_N */
enum arm arm_of(const char *name);

/* Why an observation was made: as planned, or once more (METRICS 4). */
enum ex_round {
	ROUND_PLAN,
	ROUND_CONFIRM,		/* an undecided case, for its answer */
	ROUND_LATENCY,		/* measured on: for its latency alone */
	ROUND_LATENCY_AGAIN,	/* the same, of an undecided latency */
	ROUND_N			/* none that is known here */
};

/* "plan", "confirm", "latency", "latency_again". */
const char *round_name(enum ex_round r);
/* returns the round of a name, or ROUND_N */
enum ex_round round_of(const char *name);

/* Which variant of which case on which arm, and when. */
struct ex_key {
	const char *case_id;	/* NULL in a recorded production exchange */
	uint32_t p, s, r;	/* paraphrase, seed, repeat: indices from 0 */
	enum arm arm;
	enum ex_round round;
	uint32_t n;		/* within the round: confirm: how often the
				   case was asked before; latency: the pair */
};

/*
 * A body: n bytes at p, or, where it is too large for a record, in a file of
 * its own beside the trace (trace_body_load()).  Both NULL: no body.
 */
struct ex_bytes {
	const char *p;
	size_t n;
	const char *spill;	/* name of that file in TRACE.d, or NULL */
};

/* Bodies up to this many bytes stand in the record itself. */
#define EXCHANGE_BODY_MAX ((size_t)8 << 20)

struct ex_header {
	const char *name, *value;
};

/* One piece of a streamed body: when it came and how long it was. */
struct ex_chunk {
	int64_t at_ns;		/* after the request was sent */
	size_t n;
};

/* One earlier attempt of a retried request. */
struct ex_attempt {
	enum outcome outcome;
	int status;
	int64_t sent_ns;	/* since the trace's start */
	int64_t total_ns;
};

/*
 * A view of one record. Pointers live as long as the record (reading) or
 * belong to the caller (writing). Times are nanoseconds; a time that is not
 * known is -1.
 */
struct exchange {
	const char *id;
	struct ex_key key;
	const char *session;	/* conversation, or NULL */
	int64_t sent_ns;	/* since the trace's start */
	int64_t due_ns;		/* intended start, since the trace's start */
	int64_t ttfb_ns;	/* from sent to the first byte */
	int64_t ttft_ns;	/* from sent to the first content token */
	int64_t total_ns;	/* from sent to the end */
	enum outcome outcome;
	const char *why;	/* detail of a bad outcome, or NULL */
	const char *url;	/* what stands before target, or NULL */
	const char *method, *target;	/* target: path and query */
	const struct ex_header *req_headers, *res_headers;
	size_t n_req_headers, n_res_headers;
	/* behind chunked bodies */
	struct ex_header *req_trailers, *res_trailers;
	size_t n_req_trailers, n_res_trailers;
	struct ex_bytes req_body, res_body;
	int status;		/* 0: no response */
	const struct ex_chunk *chunks;
	size_t n_chunks;
	const struct ex_attempt *attempts;
	size_t n_attempts;
	unsigned stale;		/* kept connections that were found closed */
	int generic;		/* put together from traces: its answer has
				   the shape of the preset generic, whatever
				   the suite says; no service can say so */
};

/* All times unknown, outcome ok, everything else empty. */
void exchange_init(struct exchange *ex);

/*
 * Appends the record as one line without the newline. A body that is not
 * valid UTF-8, or holds a NUL, is written as base64, as is a header value of
 * that kind.
 */
void exchange_write(struct buf *b, const struct exchange *ex);

/* A parsed record; reuse one per thread. */
struct exchange_rec;

struct exchange_rec *exchange_rec_new(void);
void exchange_rec_free(struct exchange_rec *rec);

/*
 * Parses one line. Unknown fields are ignored here (a copy of the line keeps
 * them).
 * *out    a view that lives until the next call with this rec; id, method and
 *         target are never NULL
 * returns 1 an exchange; 0 another kind of record (head, tail, unknown);
 *         RC_FORMAT or RC_NOMEM
 */
int exchange_parse(struct exchange_rec *rec, const char *line, size_t n,
    struct exchange *out, struct err *err);

/* As exchange_parse(), but the request is passed over. */
int exchange_parse_answer(struct exchange_rec *rec, const char *line,
    size_t n, struct exchange *out, struct err *err);

/*
 * As exchange_parse(), but only what stands before the request is certain to
 * be filled in: id, key, session, times, outcome, why. Several times faster
 * on lines as exchange_write() makes them.
 */
int exchange_peek(struct exchange_rec *rec, const char *line, size_t n,
    struct exchange *out, struct err *err);

/*
 * The key of a line, as exchange_peek().
 * scratch keeps key->case_id until the next call with it
 */
int exchange_peek_key(const char *line, size_t n, struct buf *scratch,
    struct ex_key *key, struct err *err);

/* The value of a response header (case-insensitive), or NULL. */
const char *exchange_header(const struct exchange *ex, const char *name);

#endif
