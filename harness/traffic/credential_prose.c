/*
 * Credentials in prose that are told by what stands around them, however
 * short they are: what curl's options carry, lines of cookies, and a user
 * with a password before a host; see credential_shape.h.
 */
#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "harness/traffic/credential_part.h"
#include "harness/traffic/credential_shape.h"

enum {
	COMMAND_MAX = 512,	/* bytes between curl and an option */
	LETTERS_MAX = 8,	/* of options run together: -sSu */
	VALUE_MAX = 4096,
	USER_MAX = 128,		/* of user:password, */
	HOST_MAX = 256,		/* and of the host behind it */
	SECRET_LEAST = 4	/* of a password before a host without a port */
};

/* A vector of the compiler's own: SSE2, NEON, or plain words. */
typedef signed char block __attribute__((vector_size(16)));

/* The next byte that something may be told by. */
static size_t
next_sign(const char *p, size_t n, size_t at)
{
	uint64_t half[2];
	block x, hit;

	for (; at + sizeof(x) <= n; at += sizeof(x)) {
		memcpy(&x, p + at, sizeof(x));
		hit = (x == '@') | (x == '-') | (x == ':');
		memcpy(half, &hit, sizeof(half));
		if ((half[0] | half[1]) != 0)
			break;
	}
	while (at < n && p[at] != '@' && p[at] != '-' && p[at] != ':')
		at++;
	return at;
}

static int
is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' ||
	    c == '.' || c == '%' || c == '+' || c == '~';
}

/* A quote, or in JSON's escapes one behind a backslash, is skipped. */
static size_t
skip_quote(const char *p, size_t n, size_t i, char *quote)
{
	size_t k = i + (i < n && p[i] == '\\');

	*quote = '\0';
	if (k >= n || (p[k] != '"' && p[k] != '\''))
		return i;
	*quote = p[k];
	return k + 1;
}

/* Whether what begins at i follows a letter or digit that is none of an escape
 * of JSON: "\\n" ends a line. */
static int
follows_word(const char *p, size_t i)
{
	return i > 0 && isalnum((unsigned char)p[i - 1]) &&
	    (i < 2 || p[i - 2] != '\\');
}

/* ---- curl -u me:pw ------------------------------------------------------- */

/* Whether a command "curl" began before, not far away. Each byte is looked at
 * once. */
static int
is_curls(struct credential_prose *s, size_t at)
{
	size_t from = at < COMMAND_MAX ? 0 : at - COMMAND_MAX;
	const char *c;

	if (from < s->curl_end)
		from = s->curl_end;
	while (from < at && (c = memmem(s->p + from, at - from, "curl", 4)) !=
	    NULL) {
		s->curl_at = (size_t)(c - s->p) + 1;
		from = s->curl_at + 3;
	}
	s->curl_end = at < 3 ? 0 : at - 3;
	return s->curl_at > 0 && at - s->curl_at < COMMAND_MAX;
}

static int
is_word(const char *p, size_t n, const char *word, size_t *used)
{
	*used = strlen(word);
	return n > *used && memcmp(p, word, *used) == 0 &&
	    (p[*used] == ' ' || p[*used] == '=');
}

/* What an option at p carries. returns the sign that must be in it, or NUL;
 * *used: where the value begins */
static int
option(const char *p, size_t n, size_t *used)
{
	size_t k;

	if (is_word(p, n, "--user", used) ||
	    is_word(p, n, "--proxy-user", used)) {
		(*used)++;
		return ':';
	}
	if (is_word(p, n, "--cookie", used)) {
		(*used)++;
		return '=';
	}
	for (k = 1; k < n && k < LETTERS_MAX && isalpha((unsigned char)p[k]);
	    k++)
		;
	*used = k;
	if (k > 1 && k < n && p[k] == ' ')
		return p[k - 1] == 'u' || p[k - 1] == 'U' ? ':' :
		    p[k - 1] == 'b' ? '=' : '\0';
	*used = 2;
	return n > 2 && p[1] == 'u' ? ':' : '\0';
}

static int
curl_option(struct credential_prose *s, size_t at)
{
	const char *p = s->p;
	size_t i, k, used, n = s->n;
	char quote;
	int sign;

	if (at == 0 || follows_word(p, at) || strchr("-/.=", p[at - 1]) != NULL)
		return 0;
	sign = option(p + at, n - at, &used);
	if (sign == '\0')
		return 0;
	for (i = at + used; i < n && p[i] == ' '; i++)
		;
	i = skip_quote(p, n, i, &quote);
	for (k = i; k < n && k - i < VALUE_MAX && p[k] != '\\' &&
	    (unsigned char)p[k] >= ' ' && (quote != '\0' ? p[k] != quote :
	    strchr(" \"'`<", p[k]) == NULL); k++)
		;
	if (k < i + 2 || memchr(p + i, sign, k - i - 1) == NULL ||
	    !is_curls(s, at))
		return 0;
	s->from = i;
	s->end = k;
	return 1;
}

/* ---- Cookie: a=b --------------------------------------------------------- */

/* NAME=VALUE at i. returns its end, or i */
static size_t
pair_end(const char *p, size_t n, size_t i)
{
	size_t k;

	for (k = i; k < n && k - i < USER_MAX && is_name(p[k]); k++)
		;
	if (k == i || k >= n || p[k] != '=')
		return i;
	while (++k < n && (unsigned char)p[k] > ' ' &&
	    strchr(";\"'`\\<", p[k]) == NULL)
		;
	return k;
}

static int
cookie_line(struct credential_prose *s, size_t at)
{
	const char *p = s->p;
	size_t i, k, end;

	if (at < 6 || strncasecmp(p + at - 6, "cookie", 6) != 0 ||
	    follows_word(p, at - 6))
		return 0;
	for (i = at + 1; i < s->n && p[i] == ' '; i++)
		;
	end = k = pair_end(p, s->n, i);
	while (k > i && k < s->n && p[k] == ';') {
		while (++k < s->n && p[k] == ' ')
			;
		k = pair_end(p, s->n, k);
		if (p[k - 1] == ' ' || p[k - 1] == ';')
			break;
		end = k;
	}
	/* a name alone is none */
	if (end <= i || p[end - 1] == '=')
		return 0;
	s->from = i;
	s->end = end;
	return 1;
}

/* ---- user:password@host -------------------------------------------------- */

/* What stands before a name that is no password: an address of another kind,
 * or a word that says so. */
static int
is_label(const char *p, size_t n)
{
	static const char *const labels[] = {
		"mailto", "mail", "email", "e-mail", "contact", "kontakt",
		"sip", "sips", "xmpp", "acct", "im", "from", "to", "cc",
		"bcc", "reply-to", "sender", "author", "user", "username",
		"login", "address", "by", "npm", "pkg", "git",
	};
	size_t i;

	for (i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		if (strlen(labels[i]) == n &&
		    strncasecmp(labels[i], p, n) == 0)
			return 1;
	}
	return 0;
}

static int
has(const char *p, size_t n, int (*is)(int))
{
	while (n > 0 && !is((unsigned char)*p)) {
		p++;
		n--;
	}
	return n > 0;
}

/* A host at i: 0 none; 1 its name alone; 2 it can be nothing else. */
static int
host_at(const char *p, size_t n, size_t i)
{
	size_t k, len;

	for (k = i; k < n && k - i < HOST_MAX && (isalnum((unsigned char)
	    p[k]) || p[k] == '.' || p[k] == '-'); k++)
		;
	len = k - i;
	if (len == 0 || !has(p + i, len, isalpha) ||
	    (len == 6 && memcmp(p + i, "sha256", 6) == 0) ||
	    (k < n && p[k] == '@'))
		return 0;
	if ((k + 1 < n && p[k] == ':' && isdigit((unsigned char)p[k + 1])) ||
	    (len == 9 && memcmp(p + i, "localhost", 9) == 0) ||
	    (len == 3 && k < n && p[k] == '(' && memcmp(p + i, "tcp", 3) == 0))
		return 2;
	return memchr(p + i, '.', len - 1) != NULL || (k < n && p[k] == '/');
}

static int
is_mark(int c)
{
	return c != '\0' && strchr("!#$%^&*=?~", c) != NULL;
}

/* No word of a language, nor a name. */
static int
is_secret(const char *p, size_t n)
{
	return n >= SECRET_LEAST && (has(p, n, is_mark) ||
	    (has(p, n, isdigit) && has(p, n, isalpha)));
}

static int
user_info(struct credential_prose *s, size_t at)
{
	const char *p = s->p, *colon;
	size_t from, user, least = at < USER_MAX ? 0 : at - USER_MAX;
	int host = host_at(p, s->n, at + 1);

	if (host == 0)
		return 0;
	for (from = at; from > least && (unsigned char)p[from - 1] > ' ' &&
	    strchr("\"'`\\<>(){}", p[from - 1]) == NULL; from--)
		;
	/* the letters of an escape of JSON are none of the user's */
	if (from > 0 && p[from - 1] == '\\')
		from += p[from] == 'u' && at - from > 5 ? 5 : 1;
	colon = from >= at ? NULL : memchr(p + from, ':', at - from);
	if (colon == NULL || colon + 1 >= p + at || colon[1] == '/' ||
	    memchr(colon, '/', (size_t)(p + at - colon)) != NULL)
		return 0;
	for (user = (size_t)(colon - p); user > from && is_name(p[user - 1]);
	    user--)
		;
	from = user;
	user = (size_t)(colon - p) - from;
	if (!has(p + from, user, isalpha) || is_label(p + from, user) ||
	    (host == 1 && !is_secret(colon + 1, (size_t)(p + at - colon) - 1)))
		return 0;
	s->from = from;
	s->end = at;
	return 1;
}

/* ---- all ----------------------------------------------------------------- */

int
credential_prose_next(struct credential_prose *s)
{
	size_t at;
	int found = 0;

	while (!found && (at = next_sign(s->p, s->n, s->at)) < s->n) {
		s->at = at + 1;
		if (s->p[at] == '-')
			found = curl_option(s, at);
		else if (s->p[at] == ':')
			found = cookie_line(s, at);
		else
			found = user_info(s, at);
		if (found && s->end > s->at)
			s->at = s->end;
	}
	return found;
}
