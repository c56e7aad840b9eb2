/*
 * The names of credentials in bodies; see credential_part.h.
 */
#include <assert.h>
#include <ctype.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "harness/traffic/credential_part.h"

enum { MEMBER_MAX = 40, EVERYWHERE = IN_JSON | IN_FORM | IN_ADDRESS |
    IN_PATH };

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
	"subjecttoken", "actortoken", "devicecode", "codeverifier",
	"authorizationcode", "authcode", "authorizationtoken", "oauthtoken",
	"bottoken", "usertoken", "logintoken",
};

/* In what is sent, not in what is answered. */
static const char *const sent[] = {
	"token", "auth", "key", "sig", "signature", "sessionid", "sid",
	"session", "pass", "hmac", "pin",
};

/* In the address of a passage: what signs it or lets in. */
static const char *const in_address[] = {
	"sig", "signature", "xamzsignature", "xamzcredential",
	"xamzsecuritytoken", "xgoogsignature", "xgoogcredential",
	"awsaccesskeyid", "token", "auth", "hmac", "xmssignature",
};

/* In a path, before the segment that is the token. */
static const char *const in_path[] = {
	"token", "resetpassword", "passwordreset", "resetpasswd",
	"forgotpassword", "magiclink", "verifyemail",
};

/* Whatever stands before: OPENAI_API_KEY, dbPassword. */
#define END(s) { s, sizeof(s) - 1 }
static const struct {
	const char *s;
	size_t n;
} ends[] = {
	END("apikey"), END("apitoken"), END("apisecret"), END("password"),
	END("passwd"), END("passphrase"), END("secretkey"), END("accesskey"),
	END("privatekey"), END("signingkey"), END("accesstoken"),
	END("refreshtoken"), END("authtoken"), END("sessiontoken"),
	END("clientsecret"), END("authorizationtoken"), END("oauthtoken"),
	END("bottoken"), END("usertoken"), END("logintoken"),
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

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
/* The last two letters of every name of a place, by their low five bits: most
 * words end otherwise. */
static uint32_t ends_in[IN_PATH + 1][32];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
file_end(const char *name, unsigned places)
{
	size_t n = strlen(name);
	unsigned place;

	for (place = IN_JSON; place <= IN_PATH; place *= 2) {
		if ((places & place) != 0)
			ends_in[place][name[n - 2] & 31] |=
			    (uint32_t)1 << (name[n - 1] & 31);
	}
}

static void
file_names(const char *const *list, size_t n, unsigned places)
{
	struct known *k;
	size_t i;

	for (i = 0; i < n; i++) {
		k = &known[strlen(list[i])][list[i][0] & 31];
		assert(k->n < SAME_MAX);
		file_end(list[i], places);
		k->v[k->n].name = list[i];
		k->v[k->n++].places = places;
	}
}

static void
file_all(void)
{
	size_t i;
	int c;

	for (c = 0; c < 256; c++)
		flat_of[c] = isalnum(c) && c < 128 ?
		    (unsigned char)tolower(c) : FOREIGN;
	for (c = 0; "_-. []"[c] != '\0'; c++)
		flat_of[(unsigned char)"_-. []"[c]] = DROPPED;
	file_names(members, COUNT(members), EVERYWHERE);
	file_names(sent, COUNT(sent), IN_FORM);
	file_names(in_address, COUNT(in_address), IN_ADDRESS);
	file_names(in_path, COUNT(in_path), IN_PATH);
	for (i = 0; i < COUNT(ends); i++)
		file_end(ends[i].s, EVERYWHERE);
}

static int
ends_as_one(const unsigned char *flat, size_t n)
{
	size_t i, k;

	for (i = 0; i < COUNT(ends); i++) {
		k = ends[i].n;
		if (n > k && (char)flat[n - 1] == ends[i].s[k - 1] &&
		    (char)flat[n - 2] == ends[i].s[k - 2] &&
		    memcmp(flat + n - k, ends[i].s, k) == 0)
			return 1;
	}
	return 0;
}

/* What is told by the last two bytes alone. */
static int
may_end(unsigned char a, unsigned char b, enum credential_place place)
{
	/* what is left out, or no letter, is not told by its bits */
	if (flat_of[a] <= FOREIGN || flat_of[b] <= FOREIGN)
		return flat_of[a] != FOREIGN && flat_of[b] != FOREIGN;
	return (ends_in[place][a & 31] & (uint32_t)1 << (b & 31)) != 0;
}

int
credential_member_ends(const char *s, size_t n, enum credential_place place)
{
	(void)pthread_once(&once, file_all);
	return n >= 2 && may_end((unsigned char)s[n - 2],
	    (unsigned char)s[n - 1], place);
}

int
credential_member(const char *s, size_t n, enum credential_place place)
{
	unsigned char flat[MEMBER_MAX], c;
	const struct known *at;
	size_t i, k = 0;

	if (n < 2 || n >= MEMBER_MAX)
		return 0;
	if (!credential_member_ends(s, n, place))
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
	return ends_as_one(flat, k);
}

int
credential_holder(const char *s, size_t n)
{
	static const char *const names[] = {
		"auth", "authentication", "authorization", "credential",
		"credentials",
	};
	size_t i;

	for (i = 0; i < COUNT(names); i++) {
		if (strlen(names[i]) == n && strncasecmp(names[i], s, n) == 0)
			return 1;
	}
	return 0;
}

int
credential_member_json(const char *s, size_t n)
{
	struct buf plain;
	int is;

	if (n >= (size_t)6 * MEMBER_MAX)
		return 0;
	if (memchr(s, '\\', n) == NULL)
		return credential_member(s, n, IN_JSON);
	buf_init(&plain, (size_t)6 * MEMBER_MAX + 1);
	credential_undo(ESCAPE_JSON, s, n, &plain);
	is = credential_member(buf_str(&plain), plain.len, IN_JSON);
	buf_fini(&plain);
	return is;
}
