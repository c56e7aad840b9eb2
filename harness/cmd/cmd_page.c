/* Text for a terminal; see cmd_page.h. */
#include "harness/cmd/cmd_page.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "reports/format.h"
#include "reports/glyph.h"

enum { COLUMNS = 80 };

void
cmd_wrap(size_t at, const char *text)
{
	struct buf clean;
	const char *s;
	size_t n;

	buf_init(&clean, (size_t)1 << 30);
	glyph_clean(&clean, text);
	for (s = buf_str(&clean);; (void)printf("%*s", (int)at, "")) {
		n = glyph_line(s, COLUMNS - at);
		(void)printf("%.*s\n", (int)n, s);
		s += n;
		s += *s == ' ';
		if (*s == '\0')
			break;
	}
	buf_fini(&clean);
}

void
cmd_wrap_reason(size_t at, const struct result_reason *why)
{
	struct buf line;

	buf_init(&line, (size_t)1 << 30);
	cmd_wrap(at, result_reason_line(why, &line));
	buf_fini(&line);
}

void
cmd_wrapf(size_t at, const char *fmt, ...)
{
	char *text;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	cmd_wrap(at, text);
	free(text);
}

const char *
cmd_many(uint64_t n, const char *noun, char out[64])
{
	(void)snprintf(out, 64, "%llu %.40s%s", (unsigned long long)n, noun,
	    n == 1 ? "" : "s");
	return out;
}

void
cmd_clip(size_t at, const char *text)
{
	struct buf clean, line;

	buf_init(&clean, (size_t)1 << 30);
	buf_init(&line, (size_t)1 << 30);
	glyph_clean(&clean, text);
	glyph_clip(&line, buf_str(&clean), 0, COLUMNS - at);
	(void)printf("%s\n", buf_str(&line));
	buf_fini(&clean);
	buf_fini(&line);
}

size_t
cmd_put(int width, const char *text)
{
	struct buf clean;
	size_t n, pad;

	buf_init(&clean, (size_t)1 << 30);
	glyph_clean(&clean, text);
	n = glyph_columns(buf_str(&clean));
	pad = (size_t)(width < 0 ? -width : width);
	pad = pad > n ? pad - n : 0;
	(void)printf("%*s%s%*s", width > 0 ? (int)pad : 0, "",
	    buf_str(&clean), width < 0 ? (int)pad : 0, "");
	buf_fini(&clean);
	return n + pad;
}

static const char *
take_text(struct buf *b, char out[CMD_NUM])
{
	(void)snprintf(out, CMD_NUM, "%s", buf_str(b));
	buf_fini(b);
	return out;
}

const char *
cmd_unit(const char *unit, double v, char out[CMD_NUM])
{
	struct buf b;

	buf_init(&b, 1 << 16);
	format_value(&b, unit, v);
	return take_text(&b, out);
}

const char *
cmd_value(const struct result_gate *g, double v, char out[CMD_NUM])
{
	return cmd_unit(g->unit, v, out);
}

const char *
cmd_level(const struct result_gate *g, double v, char out[CMD_NUM])
{
	struct buf b;

	buf_init(&b, 1 << 16);
	format_level(&b, g, v);
	return take_text(&b, out);
}
