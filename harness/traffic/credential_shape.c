/* Secrets by their shape; see credential_shape.h. */
#include "harness/traffic/credential_shape.h"

#include <ctype.h>
#include <endian.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "harness/base/hash.h"
#include "harness/traffic/credential_part.h"

enum {
	RUN_MIN = 8,		/* bytes without a blank that may be one */
	NAME_MAX = 40,
	BASIC_MAX = 512,
	QUOTED_MIN = 6,		/* of a value in quotes behind its name */
	TAG_MAX = 256,		/* of an element of XML, */
	VALUE_MAX = 4096	/* and of what is in it */
};

/* What a byte can start, and what ends at it; every byte of every text is
 * checked. */
enum { WORD = 1, FIRST = 2, SIGN = 4, BLANK = 8, QUOTE = 16, AROUND = 32,
	STOP = 64, BEYOND = 128 };
static unsigned char kind_of[256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
file_kind(const char *of, int kind)
{
	while (*of != '\0')
		kind_of[(unsigned char)*of++] |= (unsigned char)kind;
}

static void
file_kinds(void)
{
	int c;

	for (c = 0; c < 256; c++)
		kind_of[c] = c <= ' ' ? BLANK | STOP | BEYOND :
		    c < 128 && isalnum(c) ? WORD : 0;
	file_kind("AyesrpgxhnSdw", FIRST);
	file_kind(":=->", SIGN);
	file_kind("\"'`", QUOTE);
	file_kind("\"'`*\\", AROUND);
	file_kind("\"'`\\<>,;&)}]", STOP);
	file_kind("\"'`\\<>", BEYOND);
}

static int
is_kind(char c, int kind)
{
	return kind_of[(unsigned char)c] & kind;
}

static int
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z');
}

static int
is_b64url(char c)
{
	return is_alnum(c) || c == '-' || c == '_';
}

static size_t
run_of(const char *p, size_t n, size_t at, const char *more)
{
	while (at < n && (is_alnum(p[at]) || (p[at] != '\0' &&
	    strchr(more, p[at]) != NULL)))
		at++;
	return at;
}

static int
has_digit(const char *p, size_t n)
{
	while (n-- > 0) {
		if (isdigit((unsigned char)*p++))
			return 1;
	}
	return 0;
}

static int
has_letter(const char *p, size_t n)
{
	while (n-- > 0) {
		if (isalpha((unsigned char)*p++))
			return 1;
	}
	return 0;
}

/* ---- keys --------------------------------------------------------------- */

#define KEY(prefix, least, random, more) \
	{ prefix, sizeof(prefix) - 1, least, random, more }

/*
 * How keys of clouds and vendors begin, and how long they are at least: that
 * long whatever they hold, and so long when there is a digit among it.
 */
static const struct key {
	const char *prefix;
	size_t n, least, random;	/* bytes behind the prefix */
	const char *more;	/* beside letters and digits */
} keys[] = {
	KEY("AKIA", 16, 16, ""), KEY("ASIA", 16, 16, ""),
	KEY("AIza", 35, 30, "-_"), KEY("ya29.", 20, 16, "-_"),
	KEY("sk-", 20, 12, "-_"), KEY("sk_live_", 16, 10, ""),
	KEY("rk_live_", 16, 10, ""), KEY("sk_test_", 16, 10, ""),
	KEY("pk_live_", 16, 10, ""), KEY("whsec_", 20, 16, "+/="),
	KEY("ghp_", 36, 20, ""), KEY("gho_", 36, 20, ""),
	KEY("ghu_", 36, 20, ""), KEY("ghs_", 36, 20, ""),
	KEY("ghr_", 36, 20, ""), KEY("github_pat_", 22, 20, "_"),
	KEY("glpat-", 20, 16, "-_"), KEY("xoxb-", 10, 10, "-"),
	KEY("xoxp-", 10, 10, "-"), KEY("xoxa-", 10, 10, "-"),
	KEY("xoxr-", 10, 10, "-"), KEY("xoxs-", 10, 10, "-"),
	KEY("hf_", 30, 20, ""), KEY("npm_", 36, 30, ""),
	KEY("SG.", 30, 30, "-_."), KEY("pypi-", 40, 30, "-_"),
	KEY("gsk_", 40, 20, ""), KEY("pcsk_", 40, 30, "_"),
	KEY("xai-", 40, 20, ""), KEY("pplx-", 40, 20, ""),
	KEY("nvapi-", 40, 20, "-_"), KEY("r8_", 30, 20, ""),
	KEY("dop_v1_", 60, 60, ""), KEY("AccountKey=", 40, 40, "+/="),
};

/* The first two letters of each: most words differ from all. */
static int
may_be_key(char a, char b)
{
	switch (a) {
	case 'A':
		return b == 'K' || b == 'S' || b == 'I' || b == 'c';
	case 's':
		return b == 'k';
	case 'r':
		return b == 'k' || b == '8';
	case 'p':
		return b == 'k' || b == 'y' || b == 'c' || b == 'p';
	case 'g':
		return b == 'h' || b == 'i' || b == 'l' || b == 's';
	case 'n':
		return b == 'p' || b == 'v';
	case 'x':
		return b == 'o' || b == 'a';
	case 'y':
		return b == 'a';
	case 'h':
		return b == 'f';
	case 'S':
		return b == 'G';
	case 'd':
		return b == 'o';
	case 'w':
		return b == 'h';
	default:
		return 0;
	}
}

/* A private key: its base64 with line breaks, as far as it goes, and the end
 * mark. */
static int
pem_at(const char *p, size_t n, size_t at, size_t *to)
{
	static const char begin[] = "-----BEGIN ", mark[] = "PRIVATE KEY-----";
	const char *kind;

	if (n - at < 30 || memcmp(p + at, begin, sizeof(begin) - 1) != 0)
		return 0;
	kind = memmem(p + at, n - at < 60 ? n - at : 60, mark,
	    sizeof(mark) - 1);
	if (kind == NULL)
		return 0;
	*to = run_of(p, n, (size_t)(kind - p) + sizeof(mark) - 1,
	    "+/=\r\n\t :,");
	if (n - *to > 5 && memcmp(p + *to, "-----", 5) == 0)
		*to = run_of(p, n, *to, "- ");
	return 1;
}

int
credential_key_at(const char *p, size_t n, size_t at, size_t *end)
{
	const struct key *k;
	size_t i, to, have;

	if (p[at] == '-')
		return pem_at(p, n, at, end);
	if (at + 1 >= n || !may_be_key(p[at], p[at + 1]))
		return 0;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		k = &keys[i];
		if (k->prefix[1] != p[at + 1] || k->prefix[0] != p[at] ||
		    k->n + k->random > n - at ||
		    memcmp(p + at, k->prefix, k->n) != 0)
			continue;
		to = run_of(p, n, at + k->n, k->more);
		have = to - at - k->n;
		if (have < k->least && (have < k->random ||
		    !has_digit(p + at + k->n, have)))
			continue;
		*end = to;
		return 1;
	}
	return 0;
}

size_t
credential_jwt(const char *p, size_t n)
{
	size_t i = 0, from = 0, parts = 0;

	if (n < 20 || memcmp(p, "eyJ", 3) != 0)
		return 0;
	for (; i < n; i++) {
		if (p[i] == '.') {
			if (i - from < 4 && parts < 1)
				return 0;
			parts++;
			from = i + 1;
		} else if (!is_b64url(p[i]) && !(p[i] == '=' && i + 1 < n &&
		    (p[i + 1] == '.' || p[i + 1] == '='))) {
			break;
		}
	}
	return parts >= 1 && i >= 20 ? i : 0;
}

/* ---- what stands before a value ------------------------------------------ */

/* "user:password" in base64. */
static int
is_basic(const char *p, size_t n)
{
	char plain[BASIC_MAX];
	size_t got = 0;

	if (n < 8 || n % 4 != 0 || n > BASIC_MAX ||
	    hash_unb64(p, n, plain, sizeof(plain), &got) != 0)
		return 0;
	return memchr(plain, ':', got) != NULL;
}

/* Bearer or Basic, and what it carries at i. returns its end, or 0 */
static size_t
scheme_end(const char *p, size_t n, size_t i)
{
	size_t to, k = i;

	while (k > 0 && p[k - 1] == ' ')
		k--;
	if (k == i || k < 5)
		return 0;
	if (k > 5 && (p[k - 6] | 0x20) == 'b' &&
	    strncasecmp(p + k - 6, "bearer", 6) == 0) {
		to = run_of(p, n, i, "-_.~+/=");
		for (k -= 6; k > 0 && p[k - 1] == ' '; k--)
			;
		/* "Authorization: Bearer abc" is no news of its bearer */
		return to - i >= 16 || (to - i >= RUN_MIN &&
		    has_digit(p + i, to - i)) || (to - i >= QUOTED_MIN &&
		    k > 0 && p[k - 1] == ':') ? to : 0;
	}
	if ((p[k - 5] | 0x20) == 'b' &&
	    strncasecmp(p + k - 5, "basic", 5) == 0) {
		to = run_of(p, n, i, "-_.~+/=");
		return is_basic(p + i, to - i) ? to : 0;
	}
	return 0;
}

/* The name of a credential ends at p[i], in quotes or not. */
static int
name_before(const char *p, size_t i)
{
	size_t k;

	while (i > 0 && p[i - 1] == ' ')
		i--;
	for (k = 0; k < 3 && i > 0 && is_kind(p[i - 1], AROUND); k++)
		i--;
	if (!credential_member_ends(p, i, IN_JSON))
		return 0;
	for (k = i; k > 0 && i - k < NAME_MAX && (is_alnum(p[k - 1]) ||
	    p[k - 1] == '_' || p[k - 1] == '-'); k--)
		;
	/* the letters of an escape of JSON are none of the name */
	if (k > 0 && p[k - 1] == '\\')
		k += p[k] == 'u' ? 5 : 1;
	return k < i && credential_member(p + k, i - k, IN_JSON);
}

/* "api_key: abc123def" and "PASSWORD=abc123def": a value that is not a word,
 * so that prose about passwords stays. at: the sign between. */
static int
named_value(struct credential_scan *s, size_t at)
{
	const char *p = s->p;
	size_t i = at + 1, k, least = RUN_MIN;

	while (i < s->n && i - at < 4 && (p[i] == ' ' || p[i] == '*' ||
	    p[i] == '\\'))
		i++;
	if (i < s->n && is_kind(p[i], QUOTE)) {
		least = QUOTED_MIN;
		i++;
	}
	if (i >= s->n || i < s->dull_end || !is_alnum(p[i]) ||
	    !name_before(p, at))
		return 0;
	for (k = i; k < s->n && !is_kind(p[k], STOP); k++)
		;
	while (k > i && strchr(".:!?", p[k - 1]) != NULL)
		k--;
	if (!has_digit(p + i, k - i) || !has_letter(p + i, k - i)) {
		s->dull_end = k;
		return 0;
	}
	s->from = i;
	s->end = k;
	return k - i >= least;
}

/* <NAME ...>value</NAME>, as in XML; at: the '>'. */
static int
element_value(struct credential_scan *s, size_t at)
{
	const char *p = s->p, *open, *stop, *colon;
	size_t back = at < TAG_MAX ? at : (size_t)TAG_MAX, n, i = at + 1;

	open = memrchr(p + at - back, '<', back);
	if (open == NULL || *++open == '/')
		return 0;
	for (n = 0; open + n < p + at && (unsigned char)open[n] > ' '; n++)
		;
	colon = memchr(open, ':', n);
	if (colon != NULL) {
		n -= (size_t)(colon + 1 - open);
		open = colon + 1;
	}
	stop = memchr(p + i, '<', s->n - i < VALUE_MAX ? s->n - i :
	    (size_t)VALUE_MAX);
	if (stop == NULL || stop == p + i ||
	    !credential_member(open, n, IN_JSON))
		return 0;
	s->from = i;
	s->end = (size_t)(stop - p);
	return 1;
}

/* ---- texts -------------------------------------------------------------- */

/* SCHEME://...; at: the colon. */
static int
address_at(struct credential_scan *s, size_t at)
{
	const char *p = s->p;
	size_t i = at, k;

	if (at < s->address_end || s->n - at < 4 || p[at + 1] != '/' ||
	    p[at + 2] != '/')
		return 0;
	while (i > 0 && at - i < NAME_MAX && (is_alnum(p[i - 1]) ||
	    p[i - 1] == '+' || p[i - 1] == '-' || p[i - 1] == '.'))
		i--;
	if (i == at)
		return 0;
	for (k = at + 3; k < s->n && !is_kind(p[k], BEYOND); k++)
		;
	s->from = i;
	s->end = s->address_end = k;
	return 1;
}

/* What can start at a byte that is not a letter or digit. */
static enum credential_shape
sign(struct credential_scan *s, size_t at)
{
	switch (s->p[at]) {
	case ':':
		if (address_at(s, at))
			return SHAPE_ADDRESS;
		/* fall through */
	case '=':
		return named_value(s, at) ? SHAPE_SECRET : SHAPE_NONE;
	case '>':
		return element_value(s, at) ? SHAPE_SECRET : SHAPE_NONE;
	case '-':
		s->from = at;
		return pem_at(s->p, s->n, at, &s->end) ? SHAPE_SECRET :
		    SHAPE_NONE;
	default:
		return SHAPE_NONE;
	}
}

/* What may begin at the first letter or digit of a word.
 * fresh  whatever stands before it */
static int
word(struct credential_scan *s, size_t at, int fresh)
{
	size_t len;

	s->from = at;
	if (credential_key_at(s->p, s->n, at, &s->end))
		return 1;
	if (s->p[at] != 'e' || (at > 0 && !fresh &&
	    is_b64url(s->p[at - 1])))
		return 0;
	len = credential_jwt(s->p + at, s->n - at);
	s->end = at + len;
	return len > 0;
}

/* What a word or a sign before a run of bytes says of it. */
static int
said_before(struct credential_scan *s)
{
	size_t at = s->at, end;

	if (at < 2 || s->p[at - 1] != ' ')
		return 0;
	end = scheme_end(s->p, s->n, at);
	if (end > 0) {
		s->from = at;
		s->end = end;
		return 1;
	}
	while (at > 0 && s->p[at - 1] == ' ' && s->at - at < 3)
		at--;
	return at > 0 && (s->p[at - 1] == ':' || s->p[at - 1] == '=') &&
	    named_value(s, at - 1);
}

/* The high bit of each of eight bytes that is a letter or digit. */
static uint64_t
words_of(const char *p)
{
	const uint64_t ones = 0x0101010101010101, high = ones * 0x80;
	uint64_t x, low, letter, digit;

	memcpy(&x, p, sizeof(x));
	/* each sum carries into its byte's high bit from a bound on */
	low = (x | ones * 0x20) & ~high;
	letter = (low + ones * (0x80 - 'a')) & ~(low + ones * (0x7f - 'z'));
	low = x & ~high;
	digit = (low + ones * (0x80 - '0')) & ~(low + ones * (0x7f - '9'));
	return (letter | digit) & ~x & high;
}

/* Eight bytes at a time: base64 and hashes are long. */
static size_t
skip_word(const char *p, size_t n, size_t at)
{
	const uint64_t all = 0x8080808080808080;
	uint64_t others;

	for (; at + 8 <= n; at += 8) {
		others = words_of(p + at) ^ all;
		if (others != 0)
			return at + (size_t)__builtin_ctzll(le64toh(others)) /
			    8;
	}
	while (at < n && is_kind(p[at], WORD))
		at++;
	return at;
}

/* From a byte of a run on to where it ends, at a blank. */
static enum credential_shape
in_run(struct credential_scan *s)
{
	const char *p = s->p;
	enum credential_shape shape;
	size_t at = s->at, sign_at;
	int fresh = 0;

	if (at > 0 && is_kind(p[at - 1], WORD))
		at = skip_word(p, s->n, at);
	while (at < s->n && !is_kind(p[at], BLANK)) {
		if (p[at] == '\\') {
			/* of JSON: what follows begins anew */
			at += at + 1 < s->n && p[at + 1] == 'u' ? 6 : 2;
			at = at < s->n ? at : s->n;
			fresh = 1;
			continue;
		}
		if (is_kind(p[at], FIRST) && word(s, at, fresh)) {
			s->at = s->end;
			return SHAPE_SECRET;
		}
		fresh = 0;
		if (is_kind(p[at], WORD)) {
			at = skip_word(p, s->n, at);
			if (at == s->n)
				break;
		}
		if (!is_kind(p[at], SIGN)) {
			at += !is_kind(p[at], BLANK) && p[at] != '\\';
			continue;
		}
		sign_at = at++;
		shape = sign(s, sign_at);
		if (shape != SHAPE_NONE) {
			s->at = shape == SHAPE_ADDRESS ? sign_at + 3 : s->end;
			return shape;
		}
	}
	s->at = at;
	s->running = 0;
	return SHAPE_NONE;
}

/* How many of RUN_MIN bytes end with the last blank among them. */
static size_t
to_last_blank(const char *p)
{
	const uint64_t low = 0x7f7f7f7f7f7f7f7f, high = ~low;
	uint64_t x, blanks;

	memcpy(&x, p, RUN_MIN);
	/* the high bit of each byte beyond ' ' */
	blanks = ~(((x & low) + 0x5f5f5f5f5f5f5f5f) | x) & high;
	return blanks == 0 ? 0 : RUN_MIN -
	    (size_t)__builtin_clzll(le64toh(blanks)) / 8;
}

/* The next bytes without a blank that are enough for a secret: words of a
 * language are shorter, and passed over by their blanks. */
static int
next_run(struct credential_scan *s)
{
	size_t i = s->at, n;

	for (; i + RUN_MIN <= s->n; i += n) {
		n = to_last_blank(s->p + i);
		if (n == 0) {
			s->at = i;
			s->running = 1;
			return 1;
		}
	}
	return 0;
}

void
credential_scan(struct credential_scan *s, const char *p, size_t from,
    size_t n)
{
	(void)pthread_once(&once, file_kinds);
	memset(s, 0, sizeof(*s));
	s->p = s->prose.p = p;
	s->n = s->prose.n = n;
	s->at = s->prose.at = from;
}

static enum credential_shape
next_of_runs(struct credential_scan *s)
{
	enum credential_shape shape;

	for (;;) {
		shape = s->running ? in_run(s) : SHAPE_NONE;
		if (shape != SHAPE_NONE)
			return shape;
		if (!next_run(s))
			return SHAPE_NONE;
		if (said_before(s)) {
			s->at = s->end;
			return SHAPE_SECRET;
		}
	}
}

/* What both are at; what overlaps a secret that was given is none, or what is
 * left of it. */
static void
look_ahead(struct credential_scan *s)
{
	while (s->ahead[0] == 0 || (s->shape == SHAPE_SECRET &&
	    s->run_end <= s->done)) {
		s->shape = next_of_runs(s);
		s->run_from = s->from;
		s->run_end = s->end;
		s->ahead[0] = 1;
	}
	if (s->shape == SHAPE_SECRET && s->run_from < s->done)
		s->run_from = s->done;
	while (s->ahead[1] == 0 || (s->ahead[1] > 0 &&
	    s->prose.end <= s->done))
		s->ahead[1] = credential_prose_next(&s->prose) ? 1 : -1;
	if (s->prose.from < s->done)
		s->prose.from = s->done;
}

enum credential_shape
credential_next(struct credential_scan *s)
{
	look_ahead(s);
	if (s->ahead[1] > 0 && (s->shape == SHAPE_NONE ||
	    s->prose.from <= s->run_from)) {
		s->ahead[1] = 0;
		s->from = s->prose.from;
		s->done = s->end = s->prose.end;
		return SHAPE_SECRET;
	}
	if (s->shape == SHAPE_NONE)
		return SHAPE_NONE;
	s->ahead[0] = 0;
	s->from = s->run_from;
	s->end = s->run_end;
	if (s->shape == SHAPE_SECRET)
		s->done = s->end;
	return s->shape;
}

int
credential_shaped(const char *p, size_t n)
{
	struct credential_scan s;
	enum credential_shape shape;

	credential_scan(&s, p, 0, n);
	while ((shape = credential_next(&s)) == SHAPE_ADDRESS)
		;
	return shape == SHAPE_SECRET;
}
