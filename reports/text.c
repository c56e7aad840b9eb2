/* What the parts of report.txt share; see text_part.h. */
#include "reports/text_part.h"

#include <stdlib.h>
#include <string.h>

#include "reports/glyph.h"

void
text_ink(struct page *pg, const char *code)
{
	if (pg->color && *code != '\0')
		buf_puts(pg->out, code);
}

void
text_ink_off(struct page *pg, const char *code)
{
	if (pg->color && *code != '\0')
		buf_puts(pg->out, "\033[0m");
}

void
text_spaces(struct page *pg, size_t n)
{
	while (n-- > 0)
		buf_putc(pg->out, ' ');
}

void
text_wrap_more(struct page *pg, size_t at, const char *text, const char *code,
    const char *more)
{
	size_t max = pg->width - at - strlen(more), n;
	const char *s = text;

	for (;;) {
		n = glyph_line(s, max);
		text_ink(pg, code);
		buf_add(pg->out, s, n);
		s += n;
		if (*s == ' ' || *s == '\n')
			s++;
		if (*s != '\0')
			buf_puts(pg->out, more);
		text_ink_off(pg, code);
		buf_putc(pg->out, '\n');
		if (*s == '\0')
			return;
		text_spaces(pg, at);
	}
}

void
text_wrap(struct page *pg, size_t at, const char *text, const char *code)
{
	text_wrap_more(pg, at, text, code, "");
}

struct buf *
text_fresh(struct page *pg)
{
	buf_reset(&pg->t);
	return &pg->t;
}

void
text_say(struct page *pg, size_t at, const char *code)
{
	text_wrap(pg, at, buf_str(&pg->t), code);
}

void
text_label(struct page *pg, const char *s)
{
	text_ink(pg, TEXT_BOLD);
	buf_puts(pg->out, s);
	text_ink_off(pg, TEXT_BOLD);
	text_spaces(pg, strlen(s) < TEXT_LABEL ? TEXT_LABEL - strlen(s) : 1);
}

void
text_cell(struct page *pg, const char *s, int columns)
{
	size_t want = (size_t)abs(columns), have = glyph_columns(s);

	if (columns < 0 && have < want)
		text_spaces(pg, want - have);
	buf_puts(pg->out, s);
	if (columns > 0 && have < want)
		text_spaces(pg, want - have);
}

const char *
text_gate_ink(const struct result_gate *g)
{
	switch (g->verdict) {
	case GATE_PASS:
		return TEXT_GREEN;
	case GATE_FAIL:
		return TEXT_RED;
	case GATE_NOT_JUDGED:
		return TEXT_DIM;
	default:
		return TEXT_YELLOW;
	}
}
