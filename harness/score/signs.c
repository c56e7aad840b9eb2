/* The signs around words; see signs.h. */
#include "harness/score/signs.h"

#include <string.h>

#include "harness/base/text.h"

enum {
	NO_BREAK = 0xA0, THIN = 0x2009, NARROW = 0x202F, MINUS = 0x2212,
	PLUS_ABOVE = 0x207A, MINUS_ABOVE = 0x207B, MINUS_SMALL = 0xFE63,
	EN_DASH = 0x2013, FRACTION = 0x2044
};

/* ---- characters -------------------------------------------------------- */

/* Full width signs are what they are in ASCII. */
static int32_t
plain(int32_t cp)
{
	if (cp >= 0xFF01 && cp <= 0xFF5E)
		return cp - 0xFEE0;
	return cp == PLUS_ABOVE ? '+' : cp;
}

/* The character after *at, which moves past it; 0 at the end. */
static int32_t
forth(const struct signs_text *t, size_t *at)
{
	const char *p = t->s + *at;
	int32_t cp;

	if (*at >= t->n)
		return 0;
	cp = text_next(&p, t->s + t->n);
	*at = (size_t)(p - t->s);
	return plain(cp);
}

/* The character before *at, which moves to its begin; 0 at the start. */
static int32_t
back(const struct signs_text *t, size_t *at)
{
	size_t from = *at, end = *at;
	const char *p;
	int32_t cp;

	if (end == 0)
		return 0;
	do
		from--;
	while (from > 0 && end - from < 4 &&
	    ((unsigned char)t->s[from] & 0xC0) == 0x80);
	p = t->s + from;
	cp = text_next(&p, t->s + end);
	if (p != t->s + end) {	/* no UTF-8: one byte */
		cp = -1;
		from = end - 1;
	}
	*at = from;
	return plain(cp);
}

static int
is_dash(int32_t c)
{
	return c == '-' || (c >= 0x2010 && c <= 0x2015) || c == MINUS ||
	    c == MINUS_SMALL;
}

/* A dash that may stand for a minus: no long one. */
static int
is_minus(int32_t c)
{
	return is_dash(c) && (c <= EN_DASH || c >= MINUS);
}

static int
is_money(int32_t c)
{
	return c == '$' || (c >= 0xA2 && c <= 0xA5) ||
	    (c >= 0x20A0 && c <= 0x20CF);
}

/* Quotes and Markdown's marks: around a number they change nothing. */
static int
is_mark(int32_t c)
{
	return c == '"' || c == '\'' || c == '*' || c == '_' || c == '`' ||
	    c == 0xAB || c == 0xBB || (c >= 0x2018 && c <= 0x201F);
}

static int
is_open(int32_t c)
{
	return c == '(' || c == '[' || c == '{';
}

/* Within one number, also in other countries' ways of writing it. */
static int
is_point(int32_t c)
{
	return c == '.' || c == ',' || c == '\'' || c == 0x2019 ||
	    c == '_' || c == 0xB7 || c == 0x66B || c == 0x66C;
}

static int
is_slash(int32_t c)
{
	return c == '/' || c == FRACTION || c == 0x2215;
}

static int
is_group_blank(int32_t c)
{
	return c == NO_BREAK || c == THIN || c == NARROW;
}

static int
is_space(int32_t c)
{
	return c == 0 || text_is_space(c);
}

static unsigned
percent_of(int32_t c)
{
	return c == '%' || c == 0x66A ? PERCENT : c == 0x2030 ? PERMILLE : 0;
}

/* ---- before a word ----------------------------------------------------- */

/* Whether a minus may be a sign after what is before at: after a word or a
 * closing bracket it is a hyphen or a range. */
static int
leads(const struct signs_text *t, size_t at)
{
	int32_t c = back(t, &at);

	while (is_mark(c) && at > 0)
		c = back(t, &at);
	return is_space(c) || is_mark(c) || is_open(c) || is_money(c) ||
	    (c > 0 && c < 0x80 && strchr(":,=<>~|^", c) != NULL) ||
	    (c >= 0x2248 && c <= 0x2267);
}

/* The relation that ends with c, which begins at at. */
static enum signs_relation
relation_of(const struct signs_text *t, int32_t c, size_t at)
{
	int32_t d = back(t, &at);

	switch (c) {
	case '<':
		return REL_LT;
	case '>':
		return d == '-' || d == '=' ? REL_NONE :	/* an arrow */
		    d == '<' ? REL_NE : REL_GT;
	case '=':
		return d == '<' ? REL_LE : d == '>' ? REL_GE :
		    d == '!' ? REL_NE : REL_EQ;
	case 0x2264: case 0x2266: case 0x2A7D:
		return REL_LE;
	case 0x2265: case 0x2267: case 0x2A7E:
		return REL_GE;
	case 0x2260:
		return REL_NE;
	case 0xB1:
		return REL_PM;
	default:
		return REL_NONE;
	}
}

/* "+-5" and "+/-5": the dash begins at at. */
static int
plus_minus(const struct signs_text *t, size_t at)
{
	int32_t c = back(t, &at);

	return c == '+' || (c == '/' && back(t, &at) == '+');
}

/* Also of -$5, whose currency is a word before. */
static void
minus_before(const struct signs_text *t, size_t lo, size_t at,
    struct signs *out)
{
	int32_t c = back(t, &at);
	int apart = 0;

	if (is_money(c)) {
		lo = 0;
		c = back(t, &at);
	}
	while (at > lo && is_space(c)) {
		apart = 1;
		c = back(t, &at);
	}
	if (at >= lo && is_minus(c) && leads(t, at))
		out->minus = apart ? MINUS_APART : MINUS_GLUED;
}

static void
signs_before(const struct signs_text *t, size_t lo, size_t from,
    struct signs *out)
{
	size_t at = from, before = from;
	int32_t c;

	if (lo > from)
		return;
	c = back(t, &at);
	if (out->number && c == '.') {
		out->point = 1;
		before = at;
	} else if (out->number)
		out->percent |= percent_of(c);
	if (out->number)
		minus_before(t, lo, before, out);
	for (at = before; at > lo;) {
		c = back(t, &at);
		if (is_minus(c) && plus_minus(t, at)) {
			out->relation = REL_PM;
			return;
		}
		if (is_space(c) || is_mark(c) || is_open(c) || is_minus(c) ||
		    c == '+')
			continue;
		out->relation = relation_of(t, c, at);
		return;
	}
}

/* ---- after a word ------------------------------------------------------ */

static void
signs_after(const struct signs_text *t, size_t to, size_t hi,
    struct signs *out)
{
	size_t at = to, next;
	int32_t c = 0;
	int within;

	while (at < hi) {
		c = forth(t, &at);
		if (c == '\\')	/* Markdown's C\# */
			continue;
		if (c != '+')
			break;
		out->plus++;
	}
	next = at;
	within = text_is_letter(forth(t, &next));
	if (c == '+' && out->plus == 1 && within)
		out->plus = 0;	/* a+b */
	if (out->plus == 0 && !within) {
		out->sharp = c == '#' || c == 0x266F;
		out->dash = is_minus(c);
	}
	for (at = to; at < hi;) {
		c = forth(t, &at);
		if (c == '+' || c == '(' || c == ')' || is_mark(c) ||
		    is_space(c))
			continue;
		out->percent |= percent_of(c);
		return;
	}
}

/* 10 with a raised 5 and 105 are one word of the same characters. */
static unsigned
raised_in(const struct signs_text *t, size_t from, size_t to)
{
	unsigned n = 0;
	int32_t c;

	while (from < to) {
		c = forth(t, &from);
		n += c == 0xB2 || c == 0xB3 || c == 0xB9 || c == 0x2070 ||
		    (c >= 0x2074 && c <= 0x2079);
	}
	return n;
}

struct signs
signs_of(const struct signs_text *t, size_t lo, size_t from, size_t to,
    size_t hi)
{
	struct signs out = { 0 };
	size_t at = from, end = to;
	int32_t first = forth(t, &at);

	out.number = text_is_digit(first);
	out.money = is_money(first);
	out.digit_end = text_is_digit(back(t, &end));
	if (out.number)
		out.raised = raised_in(t, from, to);
	signs_before(t, lo, from, &out);
	signs_after(t, to, hi, &out);
	return out;
}

/* ---- numbers ----------------------------------------------------------- */

enum signs_join
signs_join(const struct signs_text *t, size_t from, size_t to)
{
	size_t at;
	int blank = 0, points = 0, others = 0;
	int32_t c;

	if (from >= to)
		return JOIN_SLASH;
	for (at = from; at < to;) {
		c = forth(t, &at);
		if (is_dash(c))
			return JOIN_DASH;
		if (c == ':')
			return JOIN_COLON;
		if (is_slash(c))
			return JOIN_SLASH;
		if (c == '^' || c == MINUS_ABOVE || c == 0xD7)
			return JOIN_POWER;
		blank += is_space(c);
		points += is_point(c);
		others += c == ';' || c == '&';
	}
	if (points == 1 && blank + others == 0)
		return JOIN_POINT;
	return points + others > 0 ? JOIN_LIST : JOIN_BLANK;
}

unsigned
signs_digits_before(const struct signs_text *t, size_t at)
{
	unsigned n = 0;

	while (n < 5 && text_is_digit(back(t, &at)))
		n++;
	return n;
}

/* The same of those that begin at *at, which moves past them. */
static unsigned
digits_after(const struct signs_text *t, size_t *at)
{
	size_t next = *at;
	unsigned n = 0;

	while (n < 5 && text_is_digit(forth(t, &next))) {
		*at = next;
		n++;
	}
	return n;
}

/* Whether a year that begins at at is the last part of a date: 5/2019,
 * 1/5/2019, 1.5.2019. */
static int
year_last(const struct signs_text *t, size_t at)
{
	int32_t sep, before;
	unsigned n, parts;
	size_t end = at;

	if (digits_after(t, &end) != 4)
		return 0;
	sep = back(t, &at);
	if (sep != '/' && sep != '.')
		return 0;
	for (parts = 1;; parts++) {
		n = signs_digits_before(t, at);
		if (n == 0 || n > 2)
			return 0;
		while (n-- > 0)
			(void)back(t, &at);
		before = back(t, &at);
		if (before != sep || parts == 2)
			return !is_point(before) && !is_slash(before) &&
			    (parts == 2 || sep == '/');
	}
}

/* Whether a year that ends at at is the first part of a date or of a season:
 * 2019/05/01, 2019.05.01, 2019/20. */
static int
year_first(const struct signs_text *t, size_t at)
{
	int32_t sep;
	unsigned n;

	if (signs_digits_before(t, at) != 4)
		return 0;
	sep = forth(t, &at);
	if (sep == ':')		/* and a page: (Rhoda 1994:148) */
		return 1;
	n = digits_after(t, &at);
	if (n == 0 || n > 2)
		return sep == '/' && n == 4;
	if (sep == '/')
		return 1;
	if (sep != '.' || forth(t, &at) != sep)
		return 0;
	n = digits_after(t, &at);
	return n == 1 || n == 2;
}

/* Whether the n digits that begin at at, after a point or a colon, say
 * nothing: 20.0, 20.00, 12:00; but 10.000 may be ten thousand. */
static int
only_zeros(const struct signs_text *t, size_t at, unsigned n)
{
	int32_t c;

	if (n > 2 || memcmp(t->s + at, "00", n) != 0)
		return 0;
	at += n;
	c = forth(t, &at);
	return !(is_point(c) || is_slash(c) || c == ':' || c == '^') ||
	    !text_is_digit(forth(t, &at));
}

int
signs_joined_before(const struct signs_text *t, size_t at)
{
	size_t place = at, end = at;
	int32_t c = back(t, &place), d;

	if (text_is_digit(c) || c == '^' || c == MINUS_ABOVE)
		return 1;
	d = back(t, &place);
	if (c == '.' && (is_space(d) || is_open(d) || is_money(d) ||
	    is_minus(d)))
		return 1;	/* .5 */
	if (!text_is_digit(d))
		return 0;
	if (is_group_blank(c))
		return digits_after(t, &end) == 3;
	return (is_point(c) || is_slash(c) || c == ':') && !year_last(t, at);
}

int
signs_joined_point(const struct signs_text *t, size_t at)
{
	int32_t c = back(t, &at), d = back(t, &at);

	return c != '.' || (text_is_digit(d) &&
	    (d != '0' || text_is_digit(back(t, &at))));
}

int
signs_joined_after(const struct signs_text *t, size_t at)
{
	size_t place = at, digits;
	int32_t c = forth(t, &place);
	unsigned n;

	if (text_is_digit(c) || c == '^' || c == MINUS_ABOVE)
		return 1;
	digits = place;
	n = digits_after(t, &digits);
	if (n == 0)
		return 0;
	if (is_group_blank(c))
		return n == 3;
	if (c == ' ')	/* 10 000, but not "in 2019 500 people" */
		return n == 3 && memcmp(t->s + place, "000", 3) == 0;
	if ((is_point(c) || c == ':') && only_zeros(t, place, n))
		return 0;
	return (is_point(c) || is_slash(c) || c == ':') && !year_first(t, at);
}
