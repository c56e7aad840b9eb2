/*
 * Personal data leaves an exchange before it is written: built-in kinds
 * (e-mail, phone, card, …), patterns, JSON pointers and headers of the
 * user's own.
 *
 * Looked into: the target, header values, and bodies: JSON strings with their
 * escapes undone, JSON and base64 within them, the pieces of one text that a
 * stream spreads over its events, form fields, any other text as it stands;
 * packed bodies unpacked.  A body that cannot be unpacked is left out.
 * What is found is masked ("[EMAIL]"), dropped, or becomes a pseudonym
 * ("[EMAIL:5f0c…]"): under one key equal texts give equal tokens, so that
 * records still join.
 *
 * struct redact is immutable and shared; struct redact_work belongs to one
 * thread.
 */
#ifndef LOCKSTEP_REDACT_H
#define LOCKSTEP_REDACT_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/err.h"
#include "harness/traffic/exchange.h"

enum redact_action { REDACT_MASK, REDACT_DROP, REDACT_PSEUDONYM };

enum { REDACT_KEY_BYTES = 32, REDACT_RULES_MAX = 64 };

struct redact;

/*
 * Rules as words, as the command line has them:
 *
 *   all                  every built-in kind
 *   email, phone, card, iban, ip, jwt, key, national_id
 *   pattern:REGEX        PCRE2, of the decoded text
 *   pointer:/json/ptr    the value there, in request and answer bodies
 *   header:NAME          its value
 *
 * each with an action in front where it is not to be masked: "drop:email",
 * "pseudonym:all".
 * key     REDACT_KEY_BYTES for pseudonyms; NULL: none is wanted
 * returns RC_OK, caller frees with redact_free(); RC_USAGE (which word, and
 *         what is there instead), RC_FORMAT (a pattern or pointer), RC_NOMEM
 */
int redact_new(const char *const *words, size_t n, const unsigned char *key,
    struct redact **out, struct err *err);
void redact_free(struct redact *r);

/* How many rules there are, what each is called, and in words for a trace's
 * head. */
size_t redact_n(const struct redact *r);
const char *redact_name(const struct redact *r, size_t i);

struct redact_work;

/* caller frees; NULL: out of memory */
struct redact_work *redact_work_new(const struct redact *r);
void redact_work_free(struct redact_work *w);

/* How often rule i has hit. */
uint64_t redact_hits(const struct redact_work *w, size_t i);

/*
 * Redacts ex in place; what it then points to lives until the next call.
 * The marks of a stream's pieces move with the text.
 * req, res  the headers that ex points to; some may be left out
 * returns RC_OK or RC_NOMEM
 */
int redact_exchange(struct redact_work *w, struct exchange *ex,
    struct ex_header *req, struct ex_header *res);

/*
 * Appends a text with what was found replaced.
 * returns the number of hits
 */
size_t redact_text(struct redact_work *w, const char *p, size_t n,
    struct buf *out);

/* The key in a file of at least 32 bytes: its hash. returns RC_OK, RC_IO,
 * RC_FORMAT (too short) */
int redact_key_load(const char *path, unsigned char key[REDACT_KEY_BYTES],
    struct err *err);

#endif
