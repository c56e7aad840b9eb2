/*
 * Heads of HTTP/1.1 messages (RFC 9110, 9112), judged by one validator.
 * Requests are checked strictly: a request that two readers could understand
 * differently is refused. Answers are accepted as browsers accept them, if
 * that is safe.
 */
#ifndef LOCKSTEP_H1_HEAD_H
#define LOCKSTEP_H1_HEAD_H

#include "replay/h1_lines.h"

/*
 * Judges a whole head and finds its framing.
 * returns RC_OK; RC_FORMAT with *no
 */
int h1_head_request(struct h1_head *h, struct h1_refusal *no);

/*
 * The same of an answer.
 * to_head    whether it answers HEAD
 * upgrading  whether the request asked for another protocol
 * *why       what is wrong, a literal
 */
int h1_head_answer(struct h1_head *h, int to_head, int upgrading,
    const char **why);

/*
 * Whether a field ends at this hop: the hop-by-hop ones, and those that
 * Connection names (never Host or what frames the message).
 */
int h1_head_is_hop(const struct h1_head *h, const struct h1_field *f);

#endif
