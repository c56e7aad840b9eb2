/* Text for a terminal; see cmd_page.h. */
#include "harness/cmd_page.h"

#include <stdio.h>

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
