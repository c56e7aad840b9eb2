/*
 * What the parts of report.txt share: a page, its ink and its columns.
 * Private to the writer.
 */
#ifndef LOCKSTEP_TEXT_PART_H
#define LOCKSTEP_TEXT_PART_H

#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/result/result.h"

enum { TEXT_LABEL = 14, TEXT_LISTED_MAX = 200 };

#define TEXT_RED "\033[31m"
#define TEXT_GREEN "\033[32m"
#define TEXT_YELLOW "\033[33m"
#define TEXT_DIM "\033[2m"
#define TEXT_BOLD "\033[1m"
#define TEXT_PLAIN ""

struct page {
	const struct result *r;
	struct buf *out;
	struct buf t;		/* a sentence being made */
	size_t width;
	int color;
};

/* An ink from here on, and none again; nothing without colour. */
void text_ink(struct page *pg, const char *code);
void text_ink_off(struct page *pg, const char *code);
void text_spaces(struct page *pg, size_t n);

/*
 * Clean text, wrapped, from column `at` on; the cursor is there already.
 * Continuation lines begin at the same column; `more` ends every line but
 * the last.
 */
void text_wrap_more(struct page *pg, size_t at, const char *text,
    const char *code, const char *more);
void text_wrap(struct page *pg, size_t at, const char *text,
    const char *code);

/* Makes room for the next sentence; then it is wrapped. */
struct buf *text_fresh(struct page *pg);
void text_say(struct page *pg, size_t at, const char *code);

/* "label         " in front of what follows. */
void text_label(struct page *pg, const char *s);

/* Text, then blanks up to `columns`; right-aligned when columns < 0. */
void text_cell(struct page *pg, const char *s, int columns);

const char *text_gate_ink(const struct result_gate *g);

/* Behind the first screen: all of it, or the notes alone. */
void text_behind(struct page *pg);
void text_notes(struct page *pg);

#endif
