/* A drill as Markdown for a pull request; see drill_report.h. */
#include "reports/drill_report.h"
#include "reports/drill_words.h"
#include "reports/escape.h"

/* Bytes, which are never fewer than characters: GitHub takes 65,536. */
enum { ALL_END = 60000, CELL_COLUMNS = 240 };

static void
put_check(const struct json *c, struct buf *out)
{
	buf_printf(out, "| %s | ", symbol_of(c));
	escape_md(out, word_of(c, "name"), CELL_COLUMNS);
	buf_puts(out, " | ");
	escape_md(out, word_of(c, "says"), CELL_COLUMNS);
	buf_puts(out, " |\n");
}

static void
put_scenario(const struct json *s, struct buf *out)
{
	const struct json *c = json_first(json_get(s, "checks"));

	buf_printf(out, "\n### %s ", symbol_of(s));
	if (json_get_int(s, "guardrail", 0) > 0)
		buf_printf(out, "%d ", (int)json_get_int(s, "guardrail", 0));
	escape_md(out, word_of(s, "name"), CELL_COLUMNS);
	buf_puts(out, ": ");
	escape_md(out, word_of(s, "headline"), CELL_COLUMNS);
	buf_puts(out, "\n");
	if (*word_of(s, "cause") != '\0') {
		buf_puts(out, "\nLikely cause: ");
		escape_md(out, word_of(s, "cause"), CELL_COLUMNS);
		buf_puts(out, "; guardrail ");
		escape_md(out, word_of(s, "prevented_by"), CELL_COLUMNS);
		buf_puts(out, " prevents it.\n");
	}
	if (c != NULL)
		buf_puts(out, "\n| | check | what was seen |\n|---|---|---|\n");
	for (; c != NULL; c = json_next(c))
		put_check(c, out);
}

void
drill_md(const struct json *doc, struct buf *out)
{
	const struct json *list = json_get(doc, "scenarios"), *s;
	size_t begin = out->len, left = 0;

	buf_printf(out, "## %s ", symbol_of(doc));
	escape_md(out, word_of(doc, "verdict"), CELL_COLUMNS);
	buf_puts(out, ": ");
	drill_sentence(doc, out);
	buf_putc(out, '\n');
	if (*word_of(doc, "decision") != '\0') {
		buf_puts(out, "\nDecision: ");
		escape_md(out, word_of(doc, "decision"), CELL_COLUMNS);
		buf_puts(out, "\n");
	}
	for (s = json_first(list); s != NULL; s = json_next(s)) {
		if (out->len - begin < ALL_END)
			put_scenario(s, out);
		else
			left++;
	}
	if (left > 0)
		buf_printf(out, "\n…and %zu more: see report.html or "
		    "report.json.\n", left);
}
