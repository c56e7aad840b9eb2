/* The built-in kinds: what personal data and secrets look like. */
#include <string.h>

#include "harness/traffic/credential_shape.h"
#include "harness/traffic/redact_part.h"

static int
is_alnum(char c)
{
	return redact_is_digit(c) || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z');
}

static int
is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* ---- e-mail ---------------------------------------------------------- */

/* Addresses have letters of any language. */
static int
is_letter(char c)
{
	return redact_is_word(c) || (unsigned char)c >= 0x80;
}

/* One label of a domain from i on; returns where it ends. */
static size_t
label(const char *p, size_t n, size_t i)
{
	while (i < n && (is_alnum(p[i]) || p[i] == '-' ||
	    (unsigned char)p[i] >= 0x80))
		i++;
	return i;
}

/* Where a local part begins that ends at `at`. What parts members of a query
 * may stand in one, too, but hardly ever does; "=" does so behind a plus
 * ("bounce+ann=mail.example@list.example"). */
static size_t
local_part(const char *p, size_t at)
{
	size_t a = at, equal = 0;

	while (a > 0 && (is_letter(p[a - 1]) ||
	    is_one_of(p[a - 1], ".%+-'!#$*=^`~"))) {
		a--;
		if (p[a] == '=' && equal == 0)
			equal = a + 1;
		else if (p[a] == '+')
			equal = 0;
	}
	if (equal > 0)
		a = equal;
	while (a < at && !is_letter(p[a]))
		a++;
	return a;
}

/* RFC 5322's usual part: a local part without quotes, a domain of labels
 * that ends with one of two letters or more. */
static int
find_email(const char *p, size_t n, size_t at, size_t *from, size_t *to)
{
	size_t a = local_part(p, at), b = at + 1, e, last = 0;

	if (a == at)
		return 0;
	for (;;) {
		e = label(p, n, b);
		if (e == b)
			break;
		last = e;
		if (e >= n || p[e] != '.')
			break;
		b = e + 1;
	}
	if (last == 0 || last <= at + 3)
		return 0;
	for (b = last; b > at + 1 && p[b - 1] != '.'; b--)
		;
	if (b <= at + 2 || last - b < 2 || redact_is_digit(p[b]))
		return 0;
	*from = a;
	*to = last;
	return 1;
}

/* ---- numbers --------------------------------------------------------- */

/* Digits with at most one of `gaps` between two; returns their number. */
static size_t
digits(const char *p, size_t n, size_t at, const char *gaps, char *out,
    size_t most, size_t *end)
{
	size_t k = 0, i = at;

	*end = at;
	while (i < n && k < most) {
		if (redact_is_digit(p[i])) {
			out[k++] = p[i++];
			*end = i;
		} else if (is_one_of(p[i], gaps) && i + 1 < n &&
		    redact_is_digit(p[i + 1])) {
			i++;
		} else {
			break;
		}
	}
	return k;
}

/* Whether a number begins here, and not within another. */
static int
starts(const char *p, size_t at)
{
	return at == 0 || (!redact_is_word(p[at - 1]) &&
	    !(at > 1 && is_one_of(p[at - 1], ".-/") &&
	    redact_is_digit(p[at - 2])));
}

static int
ends(const char *p, size_t n, size_t to)
{
	return to >= n || (!redact_is_word(p[to]) &&
	    !(to + 1 < n && is_one_of(p[to], ".-/:") &&
	    redact_is_digit(p[to + 1])));
}

/* Lengths and first digits of the large networks (ISO/IEC 7812). */
static int
is_card(const char *d, size_t n)
{
	int two = (d[0] - '0') * 10 + d[1] - '0';
	int four = two * 100 + (d[2] - '0') * 10 + d[3] - '0';

	if (d[0] == '4')
		return n == 13 || n == 16 || n == 19;
	if ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720))
		return n == 16;
	if (two == 34 || two == 37)
		return n == 15;
	if (two == 36 || two == 38 || four / 10 == 300 || four / 10 == 305)
		return n == 14;
	if (four == 6011 || two == 65 || two == 35)
		return n == 16;
	return two == 62 && n >= 16 && n <= 19;
}

static int
find_card(const char *p, size_t n, size_t at, size_t *from, size_t *to)
{
	char d[20];
	size_t k, end;

	if (!starts(p, at))
		return 0;
	k = digits(p, n, at, " -", d, sizeof(d), &end);
	if (k < 13 || k > 19 || !ends(p, n, end) || !is_card(d, k) ||
	    !redact_luhn(d, k))
		return 0;
	*from = at;
	*to = end;
	return 1;
}

/* Digits of the parts between separators: "3 3 4" of "(555) 123-4567". */
static size_t
groups(const char *p, size_t from, size_t to, int *len, size_t most)
{
	size_t i, k = 0;

	for (i = from; i < to && k < most;) {
		if (!redact_is_digit(p[i])) {
			i++;
			continue;
		}
		len[k] = 0;
		for (; i < to && redact_is_digit(p[i]); i++)
			len[k]++;
		k++;
	}
	return k;
}

/* International numbers with their plus, and North American ones in groups
 * of 3, 3 and 4. Bare digits are no phone number. */
static int
find_phone(const char *p, size_t n, size_t at, size_t *from, size_t *to)
{
	char d[17];
	int len[8];
	size_t k, end, i = at, g;

	if (p[at] == '+') {
		if (at > 0 && redact_is_word(p[at - 1]))
			return 0;
		i++;
	} else if (p[at] != '(' && !starts(p, at)) {
		return 0;
	}
	if (p[at] == '(')
		i++;
	/* separators may stand two in a row: ") " */
	for (k = 0, end = i; i < n && k < sizeof(d); i++) {
		if (redact_is_digit(p[i])) {
			d[k++] = p[i];
			end = i + 1;
		} else if (!is_one_of(p[i], " -.()/") || i > end + 1) {
			break;
		}
	}
	if (k < 7 || k > 15 || (end < n && redact_is_word(p[end])))
		return 0;
	if (p[at] != '+') {
		g = groups(p, at, end, len, 8);
		if (g != 3 || len[0] != 3 || len[1] != 3 || len[2] != 4)
			return 0;
	}
	*from = at;
	*to = end;
	return 1;
}

static int
find_ip4(const char *p, size_t n, size_t at, size_t *from, size_t *to)
{
	size_t i = at, k;
	int part, v, first = 0;

	if (at > 0 && (redact_is_word(p[at - 1]) || p[at - 1] == '.'))
		return 0;
	for (part = 0; part < 4; part++) {
		for (v = 0, k = 0; i < n && redact_is_digit(p[i]) && k < 4;
		    i++, k++)
			v = v * 10 + (p[i] - '0');
		if (k == 0 || k > 3 || v > 255)
			return 0;
		if (part == 0)
			first = v;
		if (part < 3 && (i >= n || p[i++] != '.'))
			return 0;
	}
	if ((i < n && redact_is_word(p[i])) || (i + 1 < n && p[i] == '.' &&
	    redact_is_digit(p[i + 1])))
		return 0;
	if (first == 127 || first == 0)
		return 0;	/* this machine: nobody's address */
	*from = at;
	*to = i;
	return 1;
}

/* Eight groups, or fewer around one "::" (RFC 4291). */
static int
find_ip6(const char *p, size_t n, size_t at, size_t *from, size_t *to)
{
	size_t a = at, i, k, group = 0;
	int gap = 0;

	while (a > 0 && (is_one_of(p[a - 1], "0123456789abcdefABCDEF:")))
		a--;
	if (a > 0 && redact_is_word(p[a - 1]))
		return 0;
	for (i = a; i < n && group <= 8;) {
		for (k = 0; i < n && k < 5 && is_one_of(p[i],
		    "0123456789abcdefABCDEF"); k++)
			i++;
		if (k > 4)
			return 0;
		group += k > 0;
		if (i + 1 >= n || p[i] != ':' || !is_one_of(p[i + 1],
		    "0123456789abcdefABCDEF:"))
			break;
		i++;
		if (p[i] == ':') {
			if (gap)
				return 0;
			gap = 1;
			i++;
		}
	}
	if ((i < n && redact_is_word(p[i])) || group < 3 ||
	    (gap ? group > 7 : group != 8))
		return 0;
	*from = a;
	*to = i;
	return i > at;
}

static int
find_ip(const char *p, size_t n, size_t at, size_t *from, size_t *to)
{
	return p[at] == ':' ? find_ip6(p, n, at, from, to) :
	    find_ip4(p, n, at, from, to);
}

/* ---- IBAN ------------------------------------------------------------ */

/* Country and length, of the registry (ISO 13616). */
static const char iban_lengths[] =
    "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BR29CH21CR22CY28CZ24DE22DK18DO28"
    "EE20EG29ES24FI18FO18FR27GB22GE22GI23GL18GR27GT28HR21HU28IE22IL23IS26"
    "IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21MC27MD24ME22MK19MR27MT31MU30"
    "NL18NO15PK24PL28PS29PT25QA29RO24RS22SA24SE24SI19SK24SM27TN24TR26UA29"
    "VA22VG24XK20";

static int
iban_length(const char *p)
{
	const char *s;

	for (s = iban_lengths; *s != '\0'; s += 4) {
		if (s[0] == p[0] && s[1] == p[1])
			return (s[2] - '0') * 10 + s[3] - '0';
	}
	return 0;
}

static int
mod97(const char *s, int n)
{
	int i, m = 0, c;

	for (i = 0; i < n; i++) {
		/* the first four go last */
		c = (unsigned char)s[(i + 4) % n];
		c = redact_is_digit((char)c) ? c - '0' : c - 'A' + 10;
		m = (m * (c > 9 ? 100 : 10) + c) % 97;
	}
	return m;
}

static int
find_iban(const char *p, size_t n, size_t at, size_t *from, size_t *to)
{
	char s[36];
	int want, k = 0;
	size_t i;

	if (at > 0 && redact_is_word(p[at - 1]))
		return 0;
	if (at + 15 > n || !redact_is_digit(p[at + 2]) ||
	    !redact_is_digit(p[at + 3]))
		return 0;
	want = iban_length(p + at);
	for (i = at; i < n && k < want; i++) {
		if (is_alnum(p[i]) && (p[i] < 'a'))
			s[k++] = p[i];
		else if (p[i] != ' ' || i == at || p[i - 1] == ' ')
			break;
	}
	if (want == 0 || k < want || (i < n && redact_is_word(p[i])) ||
	    mod97(s, k) != 1)
		return 0;
	*from = at;
	*to = i;
	return 1;
}

/* ---- tokens and keys ------------------------------------------------- */

static size_t
run_of(const char *p, size_t n, size_t at, const char *more)
{
	while (at < n && (is_alnum(p[at]) || is_one_of(p[at], more)))
		at++;
	return at;
}

/* header.payload.signature, each base64url; the first two are JSON. */
static int
find_jwt(const char *p, size_t n, size_t at, size_t *from, size_t *to)
{
	size_t a, b;

	if (at + 20 > n || memcmp(p + at, "eyJ", 3) != 0 ||
	    (at > 0 && is_alnum(p[at - 1])))
		return 0;
	a = run_of(p, n, at, "-_");
	if (a + 4 >= n || p[a] != '.' || memcmp(p + a + 1, "eyJ", 3) != 0)
		return 0;
	b = run_of(p, n, a + 1, "-_");
	if (b < n && p[b] == '.')
		b = run_of(p, n, b + 1, "-_");
	*from = at;
	*to = b;
	return 1;
}

static int
find_key(const char *p, size_t n, size_t at, size_t *from, size_t *to)
{
	static const char bearer[] = "Bearer ";

	*from = at;
	if (p[at] != '-' && at > 0 && is_alnum(p[at - 1]))
		return 0;
	if (n - at > sizeof(bearer) + 16 && memcmp(p + at, bearer,
	    sizeof(bearer) - 1) == 0) {
		*to = run_of(p, n, at + sizeof(bearer) - 1, "-_.~+/=");
		return *to - at >= sizeof(bearer) - 1 + 16;
	}
	return credential_key_at(p, n, at, to);
}

const struct redact_kind redact_kinds[] = {
	{ "email", "EMAIL", "@", find_email },
	{ "iban", "IBAN", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", find_iban },
	{ "card", "CARD", "0", find_card },
	{ "national_id", "ID", "0ABCDEFGHIJKLMNOPQRSTUVWXYZ",
	    redact_find_national },
	{ "phone", "PHONE", "+(0", find_phone },
	{ "ip", "IP", ":0", find_ip },
	{ "jwt", "JWT", "e", find_jwt },
	{ "key", "KEY", "-ABSaghkrsdnpwxy", find_key },
	{ NULL, NULL, NULL, NULL }
};
