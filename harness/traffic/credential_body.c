/*
 * Credentials in bodies: JSON (whole, a line each, or in events) and forms;
 * see credential.h.  What is replaced keeps its length, so that lengths and
 * the marks of chunks stay true.
 */
#include <assert.h>
#include <ctype.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>

#include "harness/traffic/credential.h"
#include "harness/traffic/credential_part.h"

enum { MEMBER_MAX = 40, FORM_NAME_MAX = 256 };

/*
 * Names as they are without case, blanks, hyphens, dots and underscores.
 * Fewer than of headers and parameters: a body's "token", "key" and "session"
 * are words of the answer more often than not.
 */
static const char *const members[] = {
	"password", "passwd", "passwort", "pwd", "pw", "passphrase",
	"passcode", "oldpassword", "newpassword", "userpassword", "dbpassword",
	"secret", "clientsecret", "appsecret", "sharedsecret", "secretkey",
	"secretaccesskey", "awssecretaccesskey", "secretid",
	"apikey", "xapikey", "apitoken", "apisecret", "appkey", "accesskey",
	"accesskeyid", "privatekey", "sshkey", "signingkey", "encryptionkey",
	"masterkey", "accountkey", "sharedaccesskey", "connectionstring",
	"subscriptionkey", "authkey", "authtoken", "accesstoken",
	"refreshtoken", "idtoken", "bearertoken", "securitytoken",
	"sessiontoken", "csrftoken", "xsrftoken", "csrfmiddlewaretoken",
	"authenticitytoken", "requestverificationtoken", "devicetoken",
	"personalaccesstoken", "authorization", "proxyauthorization",
	"xauthtoken", "bearer", "jwt", "assertion", "clientassertion",
	"samlresponse", "samlrequest", "dpop", "credential", "credentials",
	"cookie", "cookies", "setcookie", "phpsessid", "jsessionid", "sessid",
	"otp", "totp", "mfacode", "otpcode", "sastoken", "webhooksecret",
};

/* In what is sent, not in what is answered. */
static const char *const sent[] = {
	"token", "auth", "key", "sig", "signature", "sessionid", "sid",
	"session", "pass", "hmac", "codeverifier", "pin",
};

/* In the address of a passage: what signs it or lets in. */
static const char *const in_address[] = {
	"sig", "signature", "xamzsignature", "xamzcredential",
	"xamzsecuritytoken", "xgoogsignature", "xgoogcredential",
	"awsaccesskeyid", "token", "auth", "hmac", "xmssignature",
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Where a name stands. */
enum place { IN_JSON = 1, IN_FORM = 2, IN_ADDRESS = 4 };

/*
 * The lists by length and first letter, for every name of every answer is
 * looked up: nearly all are told from them by one look.
 */
enum { SAME_MAX = 8, DROPPED = 0, FOREIGN = 1 };
static struct known {
	unsigned n;
	struct {
		const char *name;
		unsigned places;
	} v[SAME_MAX];
} known[MEMBER_MAX][32];
static unsigned char flat_of[256];	/* small letter or digit, or one of
					   the above */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
file_names(const char *const *list, size_t n, unsigned places)
{
	struct known *k;
	size_t i;

	for (i = 0; i < n; i++) {
		k = &known[strlen(list[i])][list[i][0] & 31];
		assert(k->n < SAME_MAX);
		k->v[k->n].name = list[i];
		k->v[k->n++].places = places;
	}
}

static void
file_all(void)
{
	int c;

	for (c = 0; c < 256; c++)
		flat_of[c] = isalnum(c) && c < 128 ?
		    (unsigned char)tolower(c) : FOREIGN;
	for (c = 0; "_-. []"[c] != '\0'; c++)
		flat_of[(unsigned char)"_-. []"[c]] = DROPPED;
	file_names(members, COUNT(members), IN_JSON | IN_FORM | IN_ADDRESS);
	file_names(sent, COUNT(sent), IN_FORM);
	file_names(in_address, COUNT(in_address), IN_ADDRESS);
}

static int
is_member(const char *s, size_t n, enum place place)
{
	unsigned char flat[MEMBER_MAX], c;
	const struct known *at;
	size_t i, k = 0;

	if (n < 2 || n >= MEMBER_MAX)
		return 0;
	for (i = 0; i < n; i++) {
		c = flat_of[(unsigned char)s[i]];
		if (c == FOREIGN)
			return 0;
		flat[k] = c;
		k += c != DROPPED;
	}
	at = &known[k][flat[0] & 31];
	for (i = 0; k > 1 && i < at->n; i++) {
		if ((at->v[i].places & place) != 0 &&
		    memcmp(at->v[i].name, flat, k) == 0)
			return 1;
	}
	return 0;
}

/* ---- the walk ----------------------------------------------------------- */

/* What is found, and where it is overwritten: to is NULL at first. */
struct walk {
	const char *p;
	size_t n;
	char *to;
	size_t found;
};

static void
gone(struct walk *w, size_t from, size_t end, char with)
{
	if (from >= end)
		return;
	w->found++;
	if (w->to != NULL)
		memset(w->to + from, with, end - from);
}

/* The end of a string whose first byte is at i: at its closing quote, or n. */
static size_t
string_end(const struct walk *w, size_t i)
{
	const char *q;
	size_t at, k;

	while (i < w->n && (q = memchr(w->p + i, '"', w->n - i)) != NULL) {
		at = (size_t)(q - w->p);
		for (k = at; k > 0 && w->p[k - 1] == '\\'; k--)
			;
		if ((at - k) % 2 == 0)
			return at;
		i = at + 1;
	}
	return w->n;
}

static size_t
blanks(const struct walk *w, size_t i)
{
	while (i < w->n && (w->p[i] == ' ' || w->p[i] == '\t' ||
	    w->p[i] == '\r' || w->p[i] == '\n'))
		i++;
	return i;
}

/* No word of a language: "Basic subscription" is a plan. */
static int
is_random(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (isdigit((unsigned char)p[i]) || p[i] == '=' ||
		    (i > 0 && isupper((unsigned char)p[i])))
			return 1;
	}
	return 0;
}

/* An address, or what begins like a token: judged as a value. */
static int
worth_a_look(const char *p, size_t n)
{
	if (n < 8)
		return 0;
	switch (p[0]) {
	case 'h':
	case 'H':
		return strncasecmp(p, "http", 4) == 0;
	case '/':
		return memchr(p, '?', n) != NULL;
	case 'e':
		return memcmp(p, "eyJ", 3) == 0;
	case 'B':
	case 'b':
		return (strncasecmp(p, "bearer ", 7) == 0 &&
		    is_random(p + 7, n - 7)) ||
		    (strncasecmp(p, "basic ", 6) == 0 &&
		    is_random(p + 6, n - 6));
	default:
		return 0;
	}
}

/* Whether a value, escapes undone, holds an address or token with one. */
static int
hides_one(const char *p, size_t n)
{
	struct buf b;
	int hides;

	if (memchr(p, '%', n) == NULL && memmem(p, n, "//", 2) == NULL &&
	    memmem(p, n, "eyJ", 3) == NULL && memchr(p, ' ', n) == NULL)
		return 0;
	buf_init(&b, 8 << 20);
	hides = credential_clean(&b, p, n, 1);
	buf_fini(&b);
	return hides;
}

/* A parameter of an address within a string, name and value as they stand. */
static void
address_pairs(struct walk *w, size_t i, size_t end)
{
	size_t k, eq;

	for (; i < end; i = k + 1) {
		for (k = i; k < end && strchr("&;#?/", w->p[k]) == NULL; k++)
			;
		for (eq = i; eq < k && w->p[eq] != '='; eq++)
			;
		if (eq == k || eq + 1 == k)
			continue;
		if (is_member(w->p + i, eq - i, IN_ADDRESS) ||
		    hides_one(w->p + eq + 1, k - eq - 1))
			gone(w, eq + 1, k, '*');
	}
}

static void
address(struct walk *w, size_t i, size_t end)
{
	const char *slashes = memmem(w->p + i, end - i, "//", 2), *at;
	size_t from = slashes == NULL ? i : (size_t)(slashes - w->p) + 2, k;

	if (memchr(w->p + i, '@', end - i) == NULL &&
	    memchr(w->p + i, '=', end - i) == NULL)
		return;
	for (k = from; k < end && strchr("/?#;", w->p[k]) == NULL; k++)
		;
	at = slashes == NULL ? NULL : memrchr(w->p + from, '@', k - from);
	if (at != NULL)
		gone(w, from, (size_t)(at - w->p), '*');
	address_pairs(w, k, end);
}

static void
value(struct walk *w, size_t i, size_t end)
{
	if (!worth_a_look(w->p + i, end - i))
		return;
	if (credential_value(w->p + i, end - i))
		gone(w, i, end, '*');
	else
		address(w, i, end);
}

/* The value of a credential member, from its first byte. returns its end */
static size_t
hide(struct walk *w, size_t i)
{
	size_t end;
	int depth = 0;

	do {
		i = blanks(w, i);
		if (i >= w->n)
			return w->n;
		if (w->p[i] == '"') {
			end = string_end(w, i + 1);
			gone(w, i + 1, end, '*');
			i = end + 1;
		} else if (w->p[i] == '[' || w->p[i] == '{') {
			/* an object's members are judged by their names */
			if (w->p[i] == '{' && depth == 0)
				return i;
			depth++;
			i++;
		} else if (w->p[i] == ']' || w->p[i] == '}') {
			depth--;
			i++;
		} else {
			for (end = i; end < w->n &&
			    isalnum((unsigned char)w->p[end]); end++)
				;
			if (isdigit((unsigned char)w->p[i]))
				gone(w, i, end, '0');
			i = end > i ? end : i + 1;
		}
	} while (depth > 0);
	return i;
}

static void
walk_json(struct walk *w)
{
	const char *q;
	size_t i = 0, end, next;

	while (i < w->n && (q = memchr(w->p + i, '"', w->n - i)) != NULL) {
		i = (size_t)(q - w->p) + 1;
		end = string_end(w, i);
		next = blanks(w, end + 1);
		if (next < w->n && w->p[next] == ':') {
			i = is_member(w->p + i, end - i, IN_JSON) ?
			    hide(w, next + 1) : next + 1;
		} else {
			value(w, i, end);
			i = end + 1;
		}
	}
}

/* ---- forms -------------------------------------------------------------- */

static int
form_looks(const char *p, size_t n)
{
	struct buf b;
	int looks;

	if (memchr(p, '%', n) == NULL)
		return is_member(p, n, IN_FORM);
	buf_init(&b, 4096);
	(void)credential_unescape(p, n, &b);
	looks = is_member(buf_str(&b), b.len, IN_FORM);
	buf_fini(&b);
	return looks;
}

static void
walk_form(struct walk *w)
{
	size_t i, k, eq;

	for (i = 0; i < w->n; i = k + 1) {
		for (k = i; k < w->n && w->p[k] != '&'; k++)
			;
		for (eq = i; eq < k && w->p[eq] != '='; eq++)
			;
		if (eq + 1 >= k)
			continue;
		if (form_looks(w->p + i, eq - i) ||
		    hides_one(w->p + eq + 1, k - eq - 1))
			gone(w, eq + 1, k, '*');
	}
}

/* multipart/form-data: name="password", an empty line, the value. */
static void
walk_multipart(struct walk *w)
{
	static const char name[] = "name=\"", gap[] = "\r\n\r\n";
	const char *at, *line, *stop;
	size_t i = 0, end, from, to;

	while ((at = memmem(w->p + i, w->n - i, name, sizeof(name) - 1)) !=
	    NULL) {
		i = (size_t)(at - w->p) + sizeof(name) - 1;
		end = string_end(w, i);
		line = memmem(w->p + i, w->n - i, gap, sizeof(gap) - 1);
		if (line == NULL)
			return;
		from = (size_t)(line - w->p) + sizeof(gap) - 1;
		stop = memmem(w->p + from, w->n - from, "\r\n--", 4);
		to = stop == NULL ? w->n : (size_t)(stop - w->p);
		if (is_member(w->p + i, end - i, IN_FORM) ||
		    credential_value(w->p + from, to - from))
			gone(w, from, to, '*');
		i = to;
	}
}

/* NAME=VALUE&...: begins with a name. */
static int
is_form(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n && i < FORM_NAME_MAX; i++) {
		if (p[i] == '=')
			return i > 0;
		if (!isalnum((unsigned char)p[i]) &&
		    strchr("_-.%[]+", p[i]) == NULL)
			return 0;
	}
	return 0;
}

size_t
credential_body(const char *p, size_t n, char *to)
{
	struct walk w = { p, n, to, 0 };
	size_t i = n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	i = blanks(&w, i);
	if (i >= n)
		return 0;
	(void)pthread_once(&once, file_all);
	if (memcmp(p + i, "--", n - i < 2 ? 1 : 2) == 0)
		walk_multipart(&w);
	else if (is_form(p + i, n - i))
		walk_form(&w);
	else
		walk_json(&w);
	return w.found;
}
