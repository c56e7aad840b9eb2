/* Recorded text made harmless; see escape.h. */
#include "reports/escape.h"

#include <string.h>

#include "reports/glyph.h"

#define ZERO_WIDTH_SPACE "\xe2\x80\x8b"

void
escape_xml_char(struct buf *out, uint32_t cp)
{
	switch (cp) {
	case '<':
		buf_puts(out, "&lt;");
		break;
	case '>':
		buf_puts(out, "&gt;");
		break;
	case '&':
		buf_puts(out, "&amp;");
		break;
	case '"':
		buf_puts(out, "&quot;");
		break;
	case '\'':
		buf_puts(out, "&#39;");
		break;
	case 0xfffe:
	case 0xffff:	/* characters that XML 1.0 has not */
		glyph_put(out, 0xfffd);
		break;
	default:
		glyph_put(out, cp);
	}
}

/* Bytes at s that are ASCII and nothing to XML. */
static size_t
harmless(const char *s)
{
	size_t n = 0;

	while (s[n] >= ' ' && s[n] < 0x7f && s[n] != '<' && s[n] != '>' &&
	    s[n] != '&' && s[n] != '"' && s[n] != '\'')
		n++;
	return n;
}

static void
escape_clean(struct buf *out, const char *s)
{
	uint32_t cp;
	size_t n;

	for (;;) {
		n = harmless(s);
		buf_add(out, s, n);
		s += n;
		cp = glyph_next(&s);
		if (cp == 0)
			break;
		escape_xml_char(out, cp);
	}
}

void
escape_xml(struct buf *out, const char *s)
{
	struct buf t;

	buf_init(&t, SIZE_MAX / 4);
	glyph_clean_lines(&t, s);
	escape_clean(out, buf_str(&t));
	buf_fini(&t);
}

void
escape_xml_line(struct buf *out, const char *s)
{
	struct buf t;

	buf_init(&t, SIZE_MAX / 4);
	glyph_clean(&t, s);
	escape_clean(out, buf_str(&t));
	buf_fini(&t);
}

static int
is_digit(uint32_t cp)
{
	return cp >= '0' && cp <= '9';
}

static int
is_word(uint32_t cp)
{
	return is_digit(cp) || (cp >= 'A' && cp <= 'Z') ||
	    (cp >= 'a' && cp <= 'z') || cp >= 0x80;
}

/*
 * Whether cp, standing between two others (0: an end), can mean mark-up.
 * number  nothing but digits came before
 */
static int
means_md(uint32_t before, uint32_t cp, uint32_t after, int number)
{
	switch (cp) {
	case '&': case '<': case '>': case '"': case '|': case '`': case '*':
	case '[': case ']': case '~': case '@': case '#': case '\\':
	case '$':
		return 1;
	case '_':
		return !is_word(before) || !is_word(after);
	case ':':	/* of an address or an emoji's name, not of a time */
		return after != 0 && after != ' ' &&
		    !(is_digit(before) && is_digit(after));
	case '!':
		return after == '[';
	case '.':	/* of www. */
		return before == 'w' || before == 'W';
	case '-': case '+': case '=':	/* of a list or a heading's line */
		return before == 0 && after != 0;
	case ')':	/* of a list's number */
		return number;
	default:
		return 0;
	}
}

/*
 * References to characters instead of backslashes: they hold inside tables
 * and HTML blocks too.  Mentions and references are looked for after rendering,
 * so these need a character between mark and name.
 */
static void
escape_md_clean(struct buf *out, const char *s)
{
	const char *ahead = s;
	uint32_t before = 0, cp, after;
	int number = 1;

	for (cp = glyph_next(&ahead); cp != 0; cp = after) {
		after = glyph_next(&ahead);
		if (!means_md(before, cp, after, number && before != 0))
			glyph_put(out, cp);
		else if (cp == '<' || cp == '>' || cp == '&' || cp == '"')
			escape_xml_char(out, cp);
		else
			buf_printf(out, "&#%u;", (unsigned)cp);
		number = number && is_digit(cp);
		if (cp == '@' || cp == '#')
			buf_puts(out, ZERO_WIDTH_SPACE);
		before = cp;
	}
}

void
escape_md(struct buf *out, const char *s, size_t max)
{
	struct buf t, clip;

	buf_init(&t, SIZE_MAX / 4);
	buf_init(&clip, SIZE_MAX / 4);
	glyph_clean(&t, s);
	glyph_clip(&clip, buf_str(&t), 0, max > 0 ? max : SIZE_MAX);
	escape_md_clean(out, buf_str(&clip));
	buf_fini(&clip);
	buf_fini(&t);
}

static int
begins_formula(const char *s)
{
	uint32_t cp = glyph_next(&s);

	return (cp != 0 && cp < 0x80 && strchr("=+-@|%", (int)cp) != NULL) ||
	    cp == 0xff1d || cp == 0xff0b || cp == 0xff0d || cp == 0xff20;
}

void
escape_csv(struct buf *out, const char *s)
{
	struct buf t;
	const char *p;
	size_t n;

	buf_init(&t, SIZE_MAX / 4);
	glyph_clean(&t, s);
	p = buf_str(&t);
	buf_putc(out, '"');
	if (begins_formula(p))
		buf_putc(out, '\'');
	for (;;) {
		n = strcspn(p, "\"");
		buf_add(out, p, n);
		p += n;
		if (*p++ == '\0')
			break;
		buf_puts(out, "\"\"");
	}
	buf_putc(out, '"');
	buf_fini(&t);
}
