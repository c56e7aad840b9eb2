/* What the writers of drills share. Private to the room. */
#ifndef LOCKSTEP_DRILL_WORDS_H
#define LOCKSTEP_DRILL_WORDS_H

#include <string.h>

#include "harness/base/json.h"
#include "harness/result/result.h"
#include "reports/html_page.h"

/* A member's text, "" where there is none. */
static inline const char *
word_of(const struct json *j, const char *key)
{
	const char *s = json_get_str(j, key);

	return s == NULL ? "" : s;
}

static inline int
has_verdict(const struct json *j, const char *verdict)
{
	return strcmp(word_of(j, "verdict"), verdict) == 0;
}

/* One character beside a verdict; a dash where nothing was judged. */
static inline const char *
symbol_of(const struct json *j)
{
	enum verdict v = verdict_of(word_of(j, "verdict"));

	return v == VERDICT_N ? "\xe2\x80\x93" : verdict_symbol(v);
}

/* Its class of the style sheet; "" where nothing was judged. */
static inline const char *
class_of(const struct json *j)
{
	enum verdict v = verdict_of(word_of(j, "verdict"));

	return v == VERDICT_N ? "" : html_verdict_class(v);
}

#endif
