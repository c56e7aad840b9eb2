/* One answer of a store's API, asked for again as long as that may help. */
#ifndef LOCKSTEP_CMD_IMPORT_ASK_H
#define LOCKSTEP_CMD_IMPORT_ASK_H

#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/err.h"
#include "harness/base/json.h"

struct import_ask;

/*
 * url     of the service
 * user    NULL, or the name and, as pass, the password of Basic; pass alone
 *         is a bearer token; neither: none is sent
 */
int import_ask_open(const char *url, const char *user, const char *pass,
    struct import_ask **out, struct err *err);
void import_ask_close(struct import_ask **a);

/*
 * GETs target. 408, 429, 5xx and no answer are asked again (retry.h).
 * *out    the answer's JSON, caller frees; NULL when it was a 404
 * text    takes its bytes; reset first
 * returns RC_OK; RC_NET: what was answered; RC_FORMAT: no JSON
 */
int import_ask(struct import_ask *a, const char *target, struct buf *text,
    struct json **out, struct err *err);

uint64_t import_ask_requests(const struct import_ask *a);

/* Appends s percent-encoded, as a part of a path or a parameter's value. */
void import_ask_escape(struct buf *b, const char *s);

#endif
