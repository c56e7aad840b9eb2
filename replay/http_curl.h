/*
 * What libcurl does unasked, and what its codes mean. Private to http.c.
 *
 * libcurl sends a request again, unasked, when a kept connection breaks before
 * a byte of the answer came. That would hide a stack that drops requests, so
 * each connection is checked before a request is written to it: only requests
 * lost by a stale connection are sent again, and are counted.
 */
#ifndef LOCKSTEP_HTTP_CURL_H
#define LOCKSTEP_HTTP_CURL_H

#include "replay/http_call.h"

/* When each connection of a client was last used. One thread at a time. */
struct http_kept;

/* NULL when memory is out; caller frees with http_kept_free(). */
struct http_kept *http_kept_new(void);
void http_kept_free(struct http_kept *k);

/* Watches the connections of m->easy, which is new; k outlives it. */
void http_curl_watch(struct http_call_mem *m, struct http_kept *k);

/* A transfer is over: its failure, if any, becomes the call's outcome.
 * code    a CURLcode */
void http_curl_ended(struct http_call_mem *m, int code);

#endif
