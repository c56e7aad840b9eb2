/*
 * Sentences, and windows of whole sentences: what a question is compared with
 * in a longer text. Iterators over somebody else's bytes; nothing is
 * allocated.  Safe from any thread.
 */
#ifndef LOCKSTEP_WINDOW_H
#define LOCKSTEP_WINDOW_H

#include <stddef.h>

#include "harness/meaning/embed.h"

#define WINDOW_CHARS 420	/* code points of a window, at most */

/* A place in a text. */
struct window_iter {
	const char *p, *end;
};

void window_init(struct window_iter *it, const char *s, size_t n);

/*
 * The next sentence, without white space around it.  It ends after . ! ? ...
 * and what closes behind it, when white space and no lower-case letter
 * follow; after the full stops of CJK, Arabic, Devanagari and Armenian; at an
 * empty line.  Initials, numbers and common abbreviations end none.
 * returns 1, or 0 at the end
 */
int sentence_next(struct window_iter *it, struct embed_str *out);

/*
 * The next window: as many whole sentences as fit into WINDOW_CHARS.  A
 * longer sentence is cut at white space, else anywhere between characters.
 * returns 1, or 0 at the end
 */
int window_next(struct window_iter *it, struct embed_str *out);

#endif
