/*
 * The head of an HTTP/1.1 message as lines: its bytes taken as they come,
 * split into fields, each checked by itself. h1_head.h checks what they mean
 * together. It has no socket and no clock, so it can be fed anything.
 *
 * One thread a head.
 */
#ifndef LOCKSTEP_H1_LINES_H
#define LOCKSTEP_H1_LINES_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/traffic/exchange.h"

enum {
	H1_TARGET_MAX = 32 << 10,	/* bytes; more is 414 */
	H1_HEAD_MAX = 128 << 10,	/* of a request; more is 431 */
	H1_FIELDS_MAX = 1000,		/* of a request; more is 431 */
	H1_ANSWER_MAX = 256 << 10,
	H1_ANSWER_FIELDS_MAX = 4000
};

/* Bytes that somebody else owns; not NUL-terminated. */
struct h1_str {
	const char *p;
	size_t n;
};

/* Names that mean something to this hop. */
enum h1_name { H1_OTHER, H1_TE, H1_HOST, H1_EXPECT, H1_TRAILER, H1_UPGRADE,
    H1_CONNECTION, H1_KEEP_ALIVE, H1_AUTHORIZATION, H1_CONTENT_LENGTH,
    H1_PROXY_CONNECTION, H1_TRANSFER_ENCODING, H1_PROXY_AUTHENTICATE,
    H1_PROXY_AUTHORIZATION };

/* One header line; points into the head's text. */
struct h1_field {
	enum h1_name is;
	char *line;		/* as it was sent, without its end */
	size_t line_n, name_n;
	char *value;		/* within line, blanks around it left out */
	size_t value_n;
};

/* Why a head is not taken. */
struct h1_refusal {
	int status;		/* to be answered: 400, 414, 431, 501, 505 */
	const char *reason;	/* a literal, for the account */
};

enum h1_framing {
	H1_BODY_NONE,
	H1_BODY_LENGTH,		/* length bytes */
	H1_BODY_CHUNKED,
	H1_BODY_TO_END		/* until the connection closes */
};

struct h1_head {
	struct buf text;
	size_t line_at;		/* where the line being read begins */
	size_t max;		/* bytes, fields */
	size_t fields_max;
	struct h1_field *fields;
	size_t n_fields, cap_fields;

	/* of a request */
	struct h1_str method, target;	/* target in origin or "*" form */
	struct h1_str upgrade;	/* the protocol asked for; n 0: none */
	int expects;		/* 100-continue */
	int te_trailers;
	/* of an answer */
	int status;
	struct h1_str reason;

	int minor;		/* HTTP/1.minor: 0 or 1 */
	int keep;		/* the connection may be used again */
	int has_host;
	int names_hops;		/* Connection names other headers */
	enum h1_framing framing;
	uint64_t length;
	int drop_length;	/* Transfer-Encoding rules it out */
};

/* An empty head; allocates nothing yet. */
void h1_head_init(struct h1_head *h, int is_request);
void h1_head_fini(struct h1_head *h);
/* Empty again, for another message of its kind; keeps what memory most need. */
void h1_head_reset(struct h1_head *h);

/*
 * Takes bytes up to the end of the head.
 * *used   bytes taken
 * returns 1 the head is whole; 0 more must come; -1 it is too long, or there
 *         is no memory (*no then says which)
 */
int h1_head_take(struct h1_head *h, const char *p, size_t n, size_t *used,
    struct h1_refusal *no);

/* Whether a byte of it has come, */
int h1_head_begun(const struct h1_head *h);
/* and whether what has come can be no answer of HTTP/1. */
int h1_head_is_foreign(const struct h1_head *h);

/*
 * Ends every name and value with a NUL, in place: for those who keep them.
 * The lines as they were sent are gone then.
 * out     n_fields entries
 */
void h1_head_seal(struct h1_head *h, struct ex_header *out);

/* What h1_head_lines() says of too many fields; known by its address. */
extern const char h1_too_many[];

/*
 * Splits a whole head into its first line and its fields.
 * strict  of a request: CRLF alone, no folds, no controls in values. Else a
 *         fold is made one blank and a blank before a colon is left out
 * returns NULL, or what is wrong, a literal
 */
const char *h1_head_lines(struct h1_head *h, int strict, char **first,
    size_t *first_n);

/* Whether c may stand in a method or header name. */
int h1_is_token(unsigned char c);

#endif
