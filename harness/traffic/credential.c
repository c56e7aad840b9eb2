/* Credentials in captured traffic; see credential.h. */
#include "harness/traffic/credential.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

const char credential_rules[] =
    "headers Authorization, Proxy-Authorization, Cookie, Set-Cookie, "
    "X-Api-Key, Api-Key and names with a word such as auth, token, secret, "
    "key, password, session, signature are dropped (Idempotency-Key stays); "
    "query parameters named so are replaced by " CREDENTIAL_GONE "; user "
    "information in URLs is dropped";

static const char *const sure[] = {
	"authorization", "proxy-authorization", "cookie", "cookie2",
	"set-cookie", "set-cookie2", "x-api-key", "api-key", "apikey",
	"www-authenticate", "authentication-info",
};

static const char *const words[] = {
	"auth", "authorization", "authentication", "token", "secret", "key",
	"apikey", "password", "passwd", "pwd", "passphrase", "credential",
	"credentials", "session", "sessionid", "sid", "signature", "sig",
	"jwt", "bearer", "cookie", "csrf", "xsrf", "otp", "pin",
};

/* Anywhere in a name that has no word boundaries. */
static const char *const parts[] = {
	"apikey", "accesskey", "secretkey", "privatekey", "authtoken",
	"accesstoken", "idtoken", "refreshtoken", "sessiontoken",
	"securitytoken", "secret", "password", "credential",
};

static const char *const harmless[] = {
	"idempotency-key", "x-idempotency-key", "sec-websocket-key",
	"cache-key", "x-cache-key", "surrogate-key", "keep-alive",
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int
among(const char *const *list, size_t n, const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strlen(list[i]) == len &&
		    strncasecmp(list[i], s, len) == 0)
			return 1;
	}
	return 0;
}

/* Whether a word begins at s[i]: behind a separator or at a capital that
 * follows a small letter. */
static int
word_begins(const char *s, size_t i)
{
	if (i == 0 || !isalnum((unsigned char)s[i - 1]))
		return 1;
	return isupper((unsigned char)s[i]) &&
	    islower((unsigned char)s[i - 1]);
}

static int
has_word(const char *s, size_t n)
{
	size_t i, end;

	for (i = 0; i < n; i++) {
		if (!isalnum((unsigned char)s[i]) || !word_begins(s, i))
			continue;
		for (end = i + 1; end < n && isalnum((unsigned char)s[end]) &&
		    !word_begins(s, end); end++)
			continue;
		if (among(words, COUNT(words), s + i, end - i))
			return 1;
	}
	return 0;
}

static int
has_part(const char *s, size_t n)
{
	char flat[256];
	size_t i, len = 0;

	for (i = 0; i < n && len < sizeof(flat) - 1; i++) {
		if (isalnum((unsigned char)s[i]))
			flat[len++] = (char)tolower((unsigned char)s[i]);
	}
	flat[len] = '\0';
	for (i = 0; i < COUNT(parts); i++) {
		if (strstr(flat, parts[i]) != NULL)
			return 1;
	}
	return 0;
}

static int
looks(const char *s, size_t n)
{
	return has_word(s, n) || has_part(s, n);
}

enum credential
credential_header(const char *name)
{
	size_t n = strlen(name);

	if (among(sure, COUNT(sure), name, n))
		return CREDENTIAL_SURE;
	if (among(harmless, COUNT(harmless), name, n))
		return CREDENTIAL_NO;
	return looks(name, n) ? CREDENTIAL_LIKELY : CREDENTIAL_NO;
}

int
credential_is_url(const char *name)
{
	static const char *const urls[] = {
		"referer", "location", "content-location", "origin", "link",
	};

	return among(urls, COUNT(urls), name, strlen(name));
}

/* A parameter's name as it is meant, percent-escapes undone. */
static int
parameter_looks(const char *s, size_t n)
{
	char name[128];
	size_t i, len = 0;
	unsigned v;
	int hi, lo;

	for (i = 0; i < n && len < sizeof(name) - 1; i++) {
		if (s[i] == '%' && i + 2 < n &&
		    isxdigit((unsigned char)s[i + 1]) &&
		    isxdigit((unsigned char)s[i + 2])) {
			hi = tolower((unsigned char)s[i + 1]);
			lo = tolower((unsigned char)s[i + 2]);
			v = (unsigned)(hi <= '9' ? hi - '0' : hi - 'a' + 10);
			v = v * 16 +
			    (unsigned)(lo <= '9' ? lo - '0' : lo - 'a' + 10);
			name[len++] = (char)(v == 0 ? '_' : v);
			i += 2;
		} else {
			name[len++] = s[i];
		}
	}
	/* What is too long to be judged is not trusted. */
	return i < n || looks(name, len);
}

static void
put_query(struct buf *out, const char *q)
{
	size_t name, value;

	while (*q != '\0' && *q != '#') {
		name = strcspn(q, "=&;#");
		buf_add(out, q, name);
		if (q[name] == '=') {
			value = strcspn(q + name + 1, "&;#");
			if (value > 0 && parameter_looks(q, name))
				buf_puts(out, "=" CREDENTIAL_GONE);
			else
				buf_add(out, q + name, value + 1);
			name += value + 1;
		}
		q += name;
		if (*q == '&' || *q == ';')
			buf_putc(out, *q++);
	}
	/* Fragments carry tokens of the implicit flow as a query does. */
	if (*q == '#') {
		buf_putc(out, '#');
		put_query(out, q + 1);
	}
}

void
credential_target(struct buf *out, const char *target)
{
	const char *slashes = strstr(target, "://");
	const char *authority, *at, *end;
	size_t query = strcspn(target, "?#");

	if (slashes != NULL && slashes < target + query) {
		authority = slashes + 3;
		end = authority + strcspn(authority, "/?#");
		at = memrchr(authority, '@', (size_t)(end - authority));
		buf_add(out, target, (size_t)(authority - target));
		if (at != NULL)
			authority = at + 1;
		query = (size_t)(authority - target) +
		    strcspn(authority, "?#");
		buf_add(out, authority, query -
		    (size_t)(authority - target));
	} else {
		buf_add(out, target, query);
	}
	if (target[query] == '\0')
		return;
	buf_putc(out, target[query]);
	put_query(out, target + query + 1);
}
