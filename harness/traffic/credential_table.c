/*
 * Tables in text: comma-separated values under a line of names, of which one
 * may be a credential's; see credential_walk_part.h.
 */
#include <ctype.h>
#include <string.h>

#include "harness/traffic/credential_walk_part.h"

enum {
	HEAD_MAX = 4096,	/* bytes of the line of names, */
	COLUMNS_MAX = 256,	/* of names in it, */
	NAME_MAX = 64		/* and of each */
};

struct columns {
	char separator;
	size_t n;
	unsigned char secret[COLUMNS_MAX];
	int any;		/* one is */
};

/*
 * The end of the value at i: at the separator, the line's end, or end. What
 * is in quotes may hold both.
 */
static size_t
value_end(const char *p, size_t i, size_t end, char separator)
{
	int quoted = 0;

	for (; i < end; i++) {
		if (p[i] == '"')
			quoted = !quoted;
		else if (!quoted && (p[i] == separator || p[i] == '\n'))
			break;
	}
	return i;
}

/* Without quotes, blanks and a CR around it. */
static void
trim(const char *p, size_t *i, size_t *end)
{
	while (*i < *end && strchr(" \t\"\r", p[*i]) != NULL)
		(*i)++;
	while (*end > *i && strchr(" \t\"\r", p[*end - 1]) != NULL)
		(*end)--;
}

static int
is_name(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!isalnum((unsigned char)p[i]) && ((unsigned char)p[i] <
		    0x80) && strchr(" _-.#/", p[i]) == NULL)
			return 0;
	}
	return n > 0 && n < NAME_MAX;
}

/* The line of names at *i. returns whether it is one; *i is behind it */
static int
read_head(struct columns *c, const char *p, size_t *i, size_t end)
{
	size_t at = *i, k = at, from, to;

	for (c->n = 0; c->n < COLUMNS_MAX; at = k + 1) {
		k = value_end(p, at, end, c->separator);
		from = at;
		to = k;
		trim(p, &from, &to);
		if (k == end || !is_name(p + from, to - from))
			return 0;
		c->secret[c->n] = (unsigned char)credential_member(p + from,
		    to - from, IN_JSON);
		c->any |= c->secret[c->n++];
		if (p[k] == '\n')
			break;
	}
	*i = k + 1;
	return c->n > 1 && c->n < COLUMNS_MAX && c->any;
}

/* Whether a line has as many values as there are names. */
static int
is_row(const struct columns *c, const char *p, size_t i, size_t end)
{
	size_t n = 0, k;

	for (k = i; k <= end && n <= c->n; n++) {
		k = value_end(p, k, end, c->separator);
		if (k == end || p[k] == '\n') {
			n++;
			break;
		}
		k++;
	}
	return n == c->n;
}

static size_t
clean_row(struct walk *w, const struct columns *c, size_t i, size_t end)
{
	size_t n, k, from, to;

	for (n = 0;; n++, i = k + 1) {
		k = value_end(w->p, i, end, c->separator);
		from = i;
		to = k;
		trim(w->p, &from, &to);
		if (n < c->n && c->secret[n])
			walk_gone(w, from, to, '*');
		if (k == end || w->p[k] == '\n')
			return k + 1;
	}
}

void
walk_table(struct walk *w, size_t i, size_t end)
{
	size_t most = end - i < HEAD_MAX ? end - i : (size_t)HEAD_MAX;
	const char *lf = memchr(w->p + i, '\n', most);
	static const char separators[] = ",;\t|";
	struct columns c;
	size_t k;

	for (k = 0; lf != NULL && separators[k] != '\0'; k++) {
		memset(&c, 0, sizeof(c));
		c.separator = separators[k];
		if (memchr(w->p + i, c.separator, (size_t)(lf - w->p) - i) ==
		    NULL)
			continue;
		if (!read_head(&c, w->p, &i, (size_t)(lf - w->p) + 1) ||
		    !is_row(&c, w->p, i, end))
			return;
		while (i < end)
			i = clean_row(w, &c, i, end);
		return;
	}
}
