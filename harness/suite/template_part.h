/*
 * Private to template*.c: a compiled template.
 */
#ifndef LOCKSTEP_TEMPLATE_PART_H
#define LOCKSTEP_TEMPLATE_PART_H

#include "harness/suite/template.h"

enum { TEMPLATE_MAX = 64 << 20 };

enum template_var {
	VAR_QUESTION, VAR_SEED, VAR_SESSION, VAR_RUN, VAR_ARM,
	VAR_PARAPHRASE, VAR_REPEAT, VAR_TARGET, VAR_BODY, VAR_CASE
};

enum seg_kind {
	SEG_LITERAL,
	SEG_COMMA,	/* unless nothing stands before it in its object */
	SEG_VALUE,	/* a placeholder alone: any JSON value */
	SEG_MEMBER,	/* the same with its key; left out when missing */
	SEG_IN_STRING,	/* within a quoted string */
	SEG_PLAIN, SEG_PATH, SEG_TEXT
};

struct seg {
	enum seg_kind kind;
	enum template_var var;
	int url;
	size_t from, n;		/* SEG_LITERAL; the key of a SEG_MEMBER */
	struct json_ptr *ptr;	/* VAR_CASE, VAR_BODY */
};

struct template {
	const struct json *body;	/* borrowed; NULL for texts */
	int json;			/* a body that a request merges over */
	int nulls;			/* a missing member is null */
	struct seg *seg;
	size_t n, cap;
	struct buf lit;
	int depth;
};

#endif
