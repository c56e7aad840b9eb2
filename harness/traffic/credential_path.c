/* Tokens that are a segment of a path; see credential_part.h. */
#include <ctype.h>
#include <string.h>

#include "harness/traffic/credential_part.h"

enum {
	RANDOM_MIN = 16,	/* bytes of a token */
	WEBHOOK_MIN = 60,	/* of Discord's */
	BOT_MIN = 30,		/* of Telegram's, behind the colon */
	ID_MIN = 6,		/* of the ids before them */
	CODE_MIN = 10		/* of an authorization code */
};

/* How many of n bytes are of a kind. */
static size_t
count(const char *p, size_t n, int (*is)(int))
{
	size_t i, k = 0;

	for (i = 0; i < n; i++)
		k += is((unsigned char)p[i]) != 0;
	return k;
}

static int
is_token_byte(int c)
{
	return isalnum(c) || c == '-' || c == '_' || c == '=' || c == '.' ||
	    c == '~';
}

static int
is_between(int c)
{
	return c == '-' || c == '_' || c == '.';
}

/* No words: digits among letters of both cases, or hex. */
static int
is_random(const char *p, size_t n)
{
	size_t digits = count(p, n, isdigit), upper = count(p, n, isupper);
	size_t lower = count(p, n, islower), gaps = count(p, n, is_between);

	if (n < RANDOM_MIN || count(p, n, is_token_byte) < n || digits < 2 ||
	    (p[0] == '0' && (p[1] == 'x' || p[1] == 'X')))
		return 0;
	if (count(p, n, isxdigit) + gaps == n)
		return upper + lower > 0;
	return upper > 0 && lower > 0 && gaps < 3;
}

int
credential_code(const char *value, size_t n, int state)
{
	return is_random(value, n) || (state && n >= CODE_MIN &&
	    count(value, n, isdigit) > 0 && count(value, n, isalpha) > 0 &&
	    count(value, n, is_token_byte) == n);
}

/* T0123ABCD: an id of Slack's. */
static int
is_slack_id(const char *p, size_t n, char first)
{
	return n > ID_MIN && *p == first && count(p, n, isupper) +
	    count(p, n, isdigit) == n;
}

/* bot123456:AAE... */
static int
is_bot(const char *p, size_t n)
{
	const char *colon = memchr(p, ':', n);
	size_t id = colon == NULL ? 0 : (size_t)(colon - p);

	return id >= 3 + ID_MIN && memcmp(p, "bot", 3) == 0 &&
	    count(p + 3, id - 3, isdigit) == id - 3 && n - id > BOT_MIN;
}

/* The segment that ends at i, before its slash. returns where it begins */
static size_t
segment_before(const char *p, size_t i)
{
	while (i > 0 && p[i - 1] != '/')
		i--;
	return i;
}

int
credential_segment(const char *p, size_t i, size_t end)
{
	size_t n = end - i, at, id;

	if (n < RANDOM_MIN || i < 1 || p[i - 1] != '/')
		return 0;
	if (is_bot(p + i, n))
		return 1;
	at = segment_before(p, i - 1);
	if (at == i - 1)
		return 0;
	if (is_random(p + i, n) && credential_member(p + at, i - 1 - at,
	    IN_PATH))
		return 1;
	if (at == 0)
		return 0;
	id = segment_before(p, at - 1);
	if (is_slack_id(p + at, i - 1 - at, 'B') &&
	    is_slack_id(p + id, at - 1 - id, 'T'))
		return 1;
	return n >= WEBHOOK_MIN && at - 1 - id == 8 &&
	    memcmp(p + id, "webhooks", 8) == 0 &&
	    count(p + at, i - 1 - at, isdigit) == i - 1 - at;
}
