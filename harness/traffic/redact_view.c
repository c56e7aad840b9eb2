/*
 * A text as its reader means it: escapes of JSON, percent signs, HTML's
 * entities, the wide and the many-byte forms of ASCII, blanks and dashes of
 * print, and base64 are undone, what nobody sees is left out. It is searched
 * beside the text itself; what is found in it hides the bytes that stand for
 * it.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/base/utf8.h"
#include "harness/traffic/redact_part.h"

const unsigned char redact_view_at[256] = {
	['0' ... '9'] = REDACT_ALNUM, ['A' ... 'Z'] = REDACT_ALNUM,
	['a' ... 'z'] = REDACT_ALNUM,
	['+'] = REDACT_SIGN, ['/'] = REDACT_SIGN, ['-'] = REDACT_SIGN,
	['_'] = REDACT_SIGN,
	['\\'] = REDACT_UNDO, ['%'] = REDACT_UNDO, ['&'] = REDACT_UNDO,
	[0xc2] = REDACT_UNDO, [0xd9] = REDACT_UNDO, [0xdb] = REDACT_UNDO,
	[0xe2] = REDACT_UNDO, [0xe3] = REDACT_UNDO, [0xef] = REDACT_UNDO,
};

static int
is_alnum(char c)
{
	return redact_view_at[(unsigned char)c] & REDACT_ALNUM;
}

/* ---- one sign ----------------------------------------------------------- */

/* "%40", also where the percent sign is itself written so: "%2540". */
static size_t
percent(const char *p, size_t n, char out[4])
{
	size_t i = 1;
	int c;

	while (i + 2 <= n && p[i] == '2' && p[i + 1] == '5')
		i += 2;
	c = redact_hex(p + i, n - i, 2);
	if (c < 0 && i > 1) {	/* "%25" and no number */
		i -= 2;
		c = '%';
	}
	if (c < 0)
		return 0;
	out[0] = (char)c;
	return i + 2;
}

/* "&#64;", "&#x40;" and the names of what addresses and numbers have. */
static size_t
entity(const char *p, size_t n, char out[4], size_t *len)
{
	static const struct {
		const char *name, *text;
	} names[] = {
		{ "amp;", "&" }, { "commat;", "@" }, { "period;", "." },
		{ "nbsp;", " " }, { "plus;", "+" }, { "hyphen;", "-" },
		{ "dash;", "-" }, { "lowbar;", "_" }, { "colon;", ":" },
		{ "shy;", "" }, { "zwnj;", "" }, { "zwj;", "" },
		{ "quot;", "\"" }, { "apos;", "'" }, { "lt;", "<" },
		{ "gt;", ">" },
	};
	size_t i = 2, k;
	unsigned u = 0;
	int hex, c;

	for (k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
		*len = strlen(names[k].name);
		if (n > *len && memcmp(p + 1, names[k].name, *len) == 0) {
			i = 1 + *len;
			*len = strlen(names[k].text);
			memcpy(out, names[k].text, *len);
			return i;
		}
	}
	if (n < 4 || p[1] != '#')
		return 0;
	hex = p[2] == 'x' || p[2] == 'X';
	i += (size_t)hex;
	for (k = i; i < n && i < k + 8 && p[i] != ';'; i++) {
		c = redact_hex(p + i, 1, 1);
		if (c < 0 || (c > 9 && !hex))
			return 0;
		u = u * (hex ? 16 : 10) + (unsigned)c;
	}
	if (i == k || i == n || p[i] != ';' || u > 0x10ffff)
		return 0;
	*len = redact_point(u, out);
	return i + 1;
}

/* A code point of two or three bytes, 0: it is cut off. */
static unsigned
point_at(const unsigned char *p, size_t n, size_t *used)
{
	*used = p[0] < 0xe0 ? 2 : 3;
	if (n < *used)
		return 0;
	if (*used == 2)
		return (p[0] & 0x1fU) << 6 | (p[1] & 0x3fU);
	return (p[0] & 0xfU) << 12 | (p[1] & 0x3fU) << 6 | (p[2] & 0x3fU);
}

static int
is_unseen(unsigned u)
{
	return u == 0xad || (u >= 0x200b && u <= 0x200f) ||
	    (u >= 0x202a && u <= 0x202e) || (u >= 0x2060 && u <= 0x206f) ||
	    u == 0xfeff;
}

static int
is_blank(unsigned u)
{
	return u == 0xa0 || (u >= 0x2000 && u <= 0x200a) || u == 0x202f ||
	    u == 0x205f || u == 0x3000;
}

/* What stands for a sign of ASCII, or for nothing: 0; -1: for itself. */
static int
ascii_of(unsigned u)
{
	if (is_unseen(u))
		return 0;
	if (is_blank(u))
		return ' ';
	if ((u >= 0x2010 && u <= 0x2013) || u == 0x2212)
		return '-';
	if (u >= 0xff01 && u <= 0xff5e)
		return (int)(u - 0xff01) + '!';
	if (u >= 0x660 && u <= 0x669)
		return (int)(u - 0x660) + '0';
	if (u >= 0x6f0 && u <= 0x6f9)
		return (int)(u - 0x6f0) + '0';
	return -1;
}

/* A blank or a dash matters beside digits alone: prose has many. */
static size_t
wide(const char *p, size_t n, size_t at, char out[4], size_t *len)
{
	const unsigned char *u = (const unsigned char *)p + at;
	size_t used, end;
	int c = ascii_of(point_at(u, n - at, &used));

	end = at + used;
	if (c < 0 || n - at < used)
		return 0;
	if (c > 0 && !is_alnum((char)c) && c != '@' &&
	    !(at > 0 && is_alnum(p[at - 1]) && end < n &&
	    is_alnum(p[end])) && !(u[0] == 0xef && end < n &&
	    (is_alnum(p[end]) || (unsigned char)p[end] == 0xef)))
		return 0;
	if ((c == ' ' || c == '-') && !(at > 0 && end < n &&
	    (redact_is_digit(p[at - 1]) || redact_is_digit(p[end]) ||
	    u[0] == 0xef)))
		return 0;
	out[0] = (char)c;
	*len = c > 0;
	return used;
}

/* ---- base64 ------------------------------------------------------------- */

static int
b64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (redact_is_digit(c))
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

static int
is_control(int c)
{
	return c < ' ' && c != '\n' && c != '\r' && c != '\t';
}

/* Whether the first signs of base64 hold what text begins with: most words
 * end at the first byte or two. */
static int
b64_begins(const char *p)
{
	unsigned bits = 0;
	int i, c, rest = 0;	/* of a sign of several bytes */

	for (i = 0; i < REDACT_B64_MIN; i++) {
		bits = bits << 6 | (unsigned)b64_value(p[i]);
		if (i % 4 == 0)
			continue;
		c = (int)(bits >> (6 - 2 * (i % 4)) & 0xff);
		if ((rest > 0) != (c >= 0x80 && c < 0xc0) || is_control(c) ||
		    c == 0xc0 || c == 0xc1 || c > 0xf4)
			return 0;
		rest = rest > 0 ? rest - 1 : (c >= 0xc0) + (c >= 0xe0) +
		    (c >= 0xf0);
	}
	return 1;
}

/* The end of a line within base64: how many bytes, 0: it ends here. Lines of
 * mail and of PEM are 76 and 64 long; a header has blanks between them. */
static size_t
b64_break(const char *p, size_t n, size_t i, size_t line)
{
	size_t k = i;

	if (i - line < 60)
		return 0;
	k += k < n && p[k] == '\r';
	k += k < n && p[k] == '\n';
	while (k < n && (p[k] == ' ' || p[k] == '\t'))
		k++;
	return k < n && redact_is_b64(p[k]) ? k - i : 0;
}

/* Appends the text that base64 at `at` holds as far as it is text.
 * returns how many bytes of base64 that takes, with its padding */
static size_t
b64_text(const char *p, size_t n, size_t at, struct buf *out)
{
	size_t i = at, line = at, from = out->len, skip, seen = 0, k;
	unsigned bits = 0;
	int have = 0, v;

	for (;;) {
		if (i < n && (v = b64_value(p[i])) >= 0) {
			bits = bits << 6 | (unsigned)v;
			have += 6;
			i++;
		} else if ((skip = b64_break(p, n, i, line)) > 0) {
			i += skip;
			line = i;
			continue;
		} else {
			break;
		}
		if (have < 8)
			continue;
		have -= 8;
		v = (int)(bits >> have & 0xff);
		if (is_control(v))
			break;
		buf_putc(out, (char)v);
		/* whole signs only: what is no UTF-8 is no text */
		while (out->len - from > seen && (k = utf8_len(out->p + from +
		    seen, out->len - from - seen)) > 0)
			seen += k;
		if (out->len - from - seen >= 4)
			break;
	}
	out->len = from + seen;
	while (i < n && p[i] == '=')
		i++;
	return seen < REDACT_B64_MIN / 4 * 3 ? 0 : i - at;
}

/* The next word of a run, [at,end), at which base64 may begin, or end: "/" and
 * "-" are also what parts words. */
static size_t
b64_next(const char *p, size_t at, size_t end)
{
	while (at + REDACT_B64_MIN <= end) {
		if (is_alnum(p[at]) && b64_begins(p + at))
			return at;
		while (at < end && is_alnum(p[at]))
			at++;
		at++;
	}
	return end;
}

/*
 * Base64 in a run of its signs, [*at,end).
 * *at  where it begins
 * returns its length, 0: there is none
 */
static size_t
b64_run(const char *p, size_t n, size_t *at, size_t end, struct buf *out)
{
	size_t i = b64_next(p, *at, end), used;
	int tries = 8;

	for (; i < end && tries-- > 0; i = b64_next(p, i, end)) {
		buf_reset(out);
		used = b64_text(p, n, i, out);
		if (used > 0) {
			*at = i;
			return used;
		}
		while (i < end && is_alnum(p[i]))
			i++;
	}
	return 0;
}

/* ---- the view ----------------------------------------------------------- */

static void
add_seq(struct redact_view *w, const struct redact_seq *s)
{
	struct redact_seq *v;
	size_t cap;

	if (w->n == w->cap) {
		cap = w->cap == 0 ? 16 : 2 * w->cap;
		v = realloc(w->v, cap * sizeof(*v));
		if (v == NULL) {
			w->bad = 1;
			return;
		}
		w->v = v;
		w->cap = cap;
	}
	w->v[w->n++] = *s;
}

/* returns how many bytes at p[at] stand for out[0..*len), 0: they are what
 * they are */
static size_t
undo(const char *p, size_t n, size_t at, char out[4], size_t *len)
{
	*len = 1;
	switch (p[at]) {
	case '\\':
		return redact_escape(p + at, n - at, out, len);
	case '%':
		return percent(p + at, n - at, out);
	case '&':
		return entity(p + at, n - at, out, len);
	default:
		return wide(p, n, at, out, len);
	}
}

/* What stands at p[i] or begins within its run becomes *s, with its text in
 * view->sign. returns where to look on */
static size_t
look(const char *p, size_t n, size_t i, struct redact_view *view,
    struct redact_seq *s)
{
	char c[4];
	size_t end = i + 1;

	s->raw = i;
	if (redact_view_at[(unsigned char)p[i]] == REDACT_UNDO) {
		s->n_raw = undo(p, n, i, c, &s->n);
		buf_reset(&view->sign);
		buf_add(&view->sign, c, s->n_raw > 0 ? s->n : 0);
	} else {
		while (end < n && redact_is_b64(p[end]))
			end++;
		s->n_raw = b64_run(p, n, &s->raw, end, &view->sign);
		s->n = view->sign.len;
	}
	return s->n_raw > 0 ? s->raw + s->n_raw : end;
}

/* Undoes what begins at bytes of one sort. */
static void
undo_all(const char *p, size_t n, int at, struct redact_view *view)
{
	struct redact_seq s;
	size_t i = 0, copied = 0;

	while (i < n) {
		if (!(redact_view_at[(unsigned char)p[i]] & at)) {
			i++;
			continue;
		}
		i = look(p, n, i, view, &s);
		if (s.n_raw == 0)
			continue;
		buf_add(&view->text, p + copied, s.raw - copied);
		s.at = view->text.len;
		buf_add(&view->text, view->sign.p, s.n);
		add_seq(view, &s);
		copied = i;
	}
	if (view->n > 0)
		buf_add(&view->text, p + copied, n - copied);
}

int
redact_may_undo(const char *p, size_t n, size_t from, size_t to)
{
	size_t len;
	char c[4];

	return redact_view_at[(unsigned char)p[from]] == REDACT_UNDO ?
	    undo(p, n, from, c, &len) > 0 : b64_next(p, from, to) < to;
}

/* First signs, then base64, of which a token has parts that must be seen as
 * they are. */
int
redact_view_of(const char *p, size_t n, struct redact_view *view)
{
	buf_reset(&view->text);
	view->n = 0;
	view->bad = 0;
	undo_all(p, n, REDACT_UNDO, view);
	if (view->n == 0)
		undo_all(p, n, REDACT_ALNUM, view);
	view->bad |= view->text.bad != RC_OK || view->sign.bad != RC_OK;
	return view->n > 0 && !view->bad;
}

void
redact_view_init(struct redact_view *view)
{
	memset(view, 0, sizeof(*view));
	buf_init(&view->text, (size_t)256 << 20);
	buf_init(&view->sign, (size_t)256 << 20);
}

void
redact_view_fini(struct redact_view *view)
{
	buf_fini(&view->text);
	buf_fini(&view->sign);
	free(view->v);
}

/* The last that begins at or before a byte of the view, NULL: none. */
static const struct redact_seq *
seq_at(const struct redact_view *view, size_t at)
{
	size_t low = 0, high = view->n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (view->v[mid].at <= at)
			low = mid + 1;
		else
			high = mid;
	}
	return low > 0 ? &view->v[low - 1] : NULL;
}

void
redact_view_back(const struct redact_view *view, size_t *from, size_t *to)
{
	const struct redact_seq *s = seq_at(view, *from);

	if (s != NULL)
		*from = *from < s->at + s->n ? s->raw :
		    s->raw + s->n_raw + (*from - s->at - s->n);
	s = seq_at(view, *to - 1);
	if (s != NULL)
		*to = *to <= s->at + s->n ? s->raw + s->n_raw :
		    s->raw + s->n_raw + (*to - s->at - s->n);
}
