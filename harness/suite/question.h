/*
 * The question of a recorded request: in the JSON of its body, in a parameter
 * of its target, or in a form. Content codings are undone.
 * One thread at a time.
 */
#ifndef LOCKSTEP_QUESTION_H
#define LOCKSTEP_QUESTION_H

#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/base/json.h"
#include "harness/traffic/exchange.h"
#include "harness/traffic/extract.h"

struct question_reader {
	struct buf question, plain, form;	/* scratch */
	const char *text;	/* the body, unpacked */
	size_t text_n;
};

void question_reader_init(struct question_reader *r);
void question_reader_fini(struct question_reader *r);

/*
 * *body   the body as JSON, caller frees; NULL: it is none
 * *n      the question's length: it may hold a NUL
 * returns the question, which lives as long as the body, and until the next
 *         call; or NULL
 */
const char *question_of(struct question_reader *r,
    const struct extract_spec *spec, const struct exchange *ex,
    struct json **body, size_t *n);

#endif
