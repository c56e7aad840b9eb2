/* Recognises names of credentials; see credential.h. */
#include "harness/traffic/credential.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "harness/traffic/credential_part.h"

const char credential_rules[] =
    "headers Authorization, Proxy-Authorization, Cookie, Set-Cookie, "
    "X-Api-Key, Api-Key, names with a word such as auth, token, secret, key, "
    "password, session, signature, identity headers of load balancers, and "
    "values that look like a bearer, basic or JSON web token are dropped "
    "(Idempotency-Key stays, and names that count or page tokens); "
    "parameters named so, in the address and in every value that is one, are "
    "replaced by " CREDENTIAL_GONE "; user information in URLs is dropped; "
    "credential members of JSON and form bodies become asterisks, and so "
    "does, in any text and over the pieces of a stream, what has the shape of "
    "a secret: keys by their vendor's prefix, tokens, private keys, cookies, "
    "user:password before a host; columns of CSV with such names, and tokens "
    "in paths, too";

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const sure[] = {
	"authorization", "proxy-authorization", "cookie", "cookie2",
	"set-cookie", "set-cookie2", "x-api-key", "api-key", "apikey",
	"www-authenticate", "proxy-authenticate", "authentication-info",
	"proxy-authentication-info", "dpop",
};

/* Who a load balancer or a proxy in front says that the caller is: the name
 * begins so. */
static const char *const identity[] = {
	"x-amzn-oidc-", "x-goog-iap-", "x-goog-authenticated-user-",
	"x-ms-client-principal", "x-ms-token-", "cf-access-",
	"x-auth-request-", "x-forwarded-user", "x-forwarded-email",
	"x-forwarded-groups", "x-forwarded-preferred-username",
	"x-forwarded-access-token", "x-forwarded-client-cert",
	"x-remote-user", "x-remote-group", "x-remote-extra-", "remote-user",
	"remote-email", "remote-groups", "remote-name", "x-ssl-", "ssl-client",
	"x-client-cert", "x-client-dn", "client-cert", "x-pomerium-",
	"x-vouch-", "tailscale-user", "x-webauth-", "x-authentik-",
	"x-endpoint-api-userinfo", "x-apigateway-api-userinfo",
	"x-consumer-username", "x-consumer-custom-id", "x-credential-",
	"x-userinfo", "x-id-token", "x-access-token",
};

static const char *const harmless[] = {
	"idempotency-key", "x-idempotency-key", "sec-websocket-key",
	"sec-websocket-accept", "cache-key", "x-cache-key", "surrogate-key",
	"keep-alive",
};

/* A word of a name that makes it one. */
static const char *const words[] = {
	"auth", "token", "secret", "key", "apikey", "password", "passwd",
	"passwort", "pwd", "pw", "pass", "passphrase", "passcode",
	"credential", "credentials", "cred", "creds", "session", "sess",
	"sessionid", "sessid", "sid", "signature", "sig", "hmac", "jwt", "jws",
	"jwe", "bearer", "cookie", "cookies", "csrf", "xsrf", "otp", "totp",
	"mfa", "pin", "assertion", "saml", "dpop", "oauth", "oauth2", "oidc",
};

/* What a word begins or ends with that runs others into one. */
static const char *const begins[] = {
	"csrf", "xsrf", "oauth", "apikey", "apitoken", "sessid", "aspsession",
	"passw", "passphrase", "credential", "jwt", "saml", "authn", "authz",
	"authoriz", "authoris", "authent", "authkey", "authtoken",
	"authcode", "authcookie", "authuser", "authsess", "secretkey",
	"secretaccess",
};
static const char *const ends[] = {
	"token", "secret", "password", "passwd", "apikey", "authkey",
	"accesskey", "secretkey", "privatekey", "sharedkey", "masterkey",
	"signingkey", "appkey", "clientkey", "subscriptionkey", "licensekey",
	"functionskey", "sessid", "sessionid", "sessionkey", "assertion",
	"signature", "credential", "credentials", "cookie", "userpwd",
};

/* Beside one of these a token is counted or pages, and a key sorts. */
static const char *const beside_token[] = {
	"page", "pages", "paging", "next", "prev", "previous", "continuation",
	"cursor", "count", "counts", "limit", "limits", "ratelimit",
	"remaining", "usage", "used", "type", "max", "min", "maximum",
	"minimum", "per", "budget", "total", "prompt", "completion", "input",
	"output", "eos", "bos", "pad", "stop", "num", "number", "size",
	"length", "rate", "cost", "price", "index", "position", "offset",
	"first", "latency", "time",
};
static const char *const beside_key[] = {
	"cache", "surrogate", "idempotency", "sort", "partition", "primary",
	"foreign", "public", "routing", "group", "row", "range", "shard",
	"hash", "order", "index",
};
static const char *const beside_pass[] = {
	"through", "rate", "fail", "count", "by", "number",
};

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

static int
starts(const char *const *list, size_t n, const char *s, size_t len)
{
	size_t i, k;

	for (i = 0; i < n; i++) {
		k = strlen(list[i]);
		if (k <= len && strncasecmp(list[i], s, k) == 0)
			return 1;
	}
	return 0;
}

static int
finishes(const char *const *list, size_t n, const char *s, size_t len)
{
	size_t i, k;

	for (i = 0; i < n; i++) {
		k = strlen(list[i]);
		if (k <= len && strncasecmp(list[i], s + len - k, k) == 0)
			return 1;
	}
	return 0;
}

/* ---- words --------------------------------------------------------------- */

struct word {
	const char *s;
	size_t n;
};

enum { WORDS_MAX = 24 };

/* Whether a word begins at s[i]: behind what is neither letter nor digit, or
 * (capitals) at a capital that begins a word of small letters. */
static int
word_begins(const char *s, size_t n, size_t i, int capitals)
{
	if (i == 0 || !isalnum((unsigned char)s[i - 1]))
		return 1;
	if (!capitals || !isupper((unsigned char)s[i]))
		return 0;
	return islower((unsigned char)s[i - 1]) ||
	    isdigit((unsigned char)s[i - 1]) ||
	    (i + 1 < n && islower((unsigned char)s[i + 1]));
}

static size_t
split(const char *s, size_t n, int capitals, struct word *out)
{
	size_t i, k = 0;

	for (i = 0; i < n && k < WORDS_MAX; i++) {
		if (!isalnum((unsigned char)s[i]))
			continue;
		if (word_begins(s, n, i, capitals))
			out[k++] = (struct word){ s + i, 0 };
		if (k > 0)
			out[k - 1].n++;
	}
	return k;
}

/* Whether another word of the name is in a list. */
static int
beside(const struct word *w, size_t n, size_t but, const char *const *list,
    size_t n_list)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (i != but && among(list, n_list, w[i].s, w[i].n))
			return 1;
	}
	return 0;
}

static int
is(const struct word *w, const char *s)
{
	return strlen(s) == w->n && strncasecmp(s, w->s, w->n) == 0;
}

/* "nexttoken": the part before is what makes it harmless */
static int
pages(const struct word *w)
{
	static const char token[] = "token";
	size_t n = sizeof(token) - 1, i;

	if (w->n <= n || strncasecmp(w->s + w->n - n, token, n) != 0)
		return 0;
	for (i = 0; i < COUNT(beside_token); i++) {
		if (strlen(beside_token[i]) <= w->n - n &&
		    finishes(&beside_token[i], 1, w->s, w->n - n))
			return 1;
	}
	return 0;
}

static int
word_looks(const struct word *w, size_t n, size_t i)
{
	int whole = among(words, COUNT(words), w[i].s, w[i].n);

	if (is(&w[i], "token") || finishes(ends, 1, w[i].s, w[i].n))
		return !beside(w, n, i, beside_token, COUNT(beside_token)) &&
		    !pages(&w[i]);
	if (is(&w[i], "key"))
		return !beside(w, n, i, beside_key, COUNT(beside_key));
	if (is(&w[i], "pass"))
		return !beside(w, n, i, beside_pass, COUNT(beside_pass));
	return whole || starts(begins, COUNT(begins), w[i].s, w[i].n) ||
	    finishes(ends, COUNT(ends), w[i].s, w[i].n);
}

int
credential_looks(const char *s, size_t n)
{
	struct word w[WORDS_MAX];
	size_t k, i;
	int capitals;

	if (n >= CREDENTIAL_NAME_MAX)
		return 1;
	/* by capitals and without: names come in any case */
	for (capitals = 0; capitals < 2; capitals++) {
		k = split(s, n, capitals, w);
		for (i = 0; i < k; i++) {
			if (word_looks(w, k, i))
				return 1;
		}
	}
	return 0;
}

enum credential
credential_header(const char *name)
{
	size_t n = strlen(name);

	if (among(sure, COUNT(sure), name, n))
		return CREDENTIAL_SURE;
	if (among(harmless, COUNT(harmless), name, n))
		return CREDENTIAL_NO;
	if (starts(identity, COUNT(identity), name, n))
		return CREDENTIAL_LIKELY;
	return credential_looks(name, n) ? CREDENTIAL_LIKELY : CREDENTIAL_NO;
}

int
credential_subprotocol(const char *name, const char *value)
{
	return strcasecmp(name, "Sec-WebSocket-Protocol") == 0 &&
	    value != NULL && credential_looks(value, strlen(value));
}
