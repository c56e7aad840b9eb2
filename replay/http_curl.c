/* libcurl's resends and its codes; see http_curl.h. */
#include "replay/http_curl.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mono.h"

/* Connections are told apart by their local port: an open one has it alone
 * among those to one host, and for others the latest use is the safe guess. */
struct http_kept {
	int64_t used_ns[1 << 16];
};

struct http_kept *
http_kept_new(void)
{
	return calloc(1, sizeof(struct http_kept));
}

void
http_kept_free(struct http_kept *k)
{
	free(k);
}

static int64_t *
used_at(struct http_kept *k, long port)
{
	return &k->used_ns[port > 0 && port < 1 << 16 ? port : 0];
}

/* ---- resends ------------------------------------------------------------ */

/*
 * CURLOPT_PREREQFUNCTION: a connection is there, nothing is written to it
 * yet. The second time libcurl has lost the first connection.
 */
static int
/* libcurl's type. NOLINTNEXTLINE(readability-non-const-parameter) */
on_connection(void *ctx, char *ip, char *local_ip, int port, int local_port)
{
	struct http_call_mem *m = ctx;
	int64_t used = *used_at(m->kept, local_port);

	(void)ip;
	(void)local_ip;
	(void)port;
	if (m->tries++ == 0) {
		m->idle_ns = used == 0 ? 0 : mono_now_ns() - used;
		return CURL_PREREQFUNC_OK;
	}
	if (!m->resent && (m->refused || m->idle_ns > HTTP_STALE_NS)) {
		m->resent = 1;
		m->call.stale++;
		return CURL_PREREQFUNC_OK;
	}
	http_call_fail(m, OUTCOME_RESET, "the connection was closed before a "
	    "byte of the answer came");
	return CURL_PREREQFUNC_ABORT;
}

/* An HTTP/2 server says by itself that it did not look at a request (RFC
 * 9113, 8.7), as when it ends a connection in good order. */
static int
on_text(CURL *e, curl_infotype type, char *text, size_t n, void *ctx)
{
	static const char refused[] = "REFUSED_STREAM, retrying";
	struct http_call_mem *m = ctx;

	(void)e;
	if (type == CURLINFO_TEXT && n >= sizeof(refused) - 1 &&
	    memcmp(text, refused, sizeof(refused) - 1) == 0)
		m->refused = 1;
	return 0;
}

void
http_curl_watch(struct http_call_mem *m, struct http_kept *k)
{
	CURL *e = m->easy;

	m->kept = k;
	(void)curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, on_connection);
	(void)curl_easy_setopt(e, CURLOPT_PREREQDATA, m);
	if (!m->to->tls || !m->to->http2)
		return;
	(void)curl_easy_setopt(e, CURLOPT_DEBUGFUNCTION, on_text);
	(void)curl_easy_setopt(e, CURLOPT_DEBUGDATA, m);
	(void)curl_easy_setopt(e, CURLOPT_VERBOSE, 1L);
}

/* ---- codes -------------------------------------------------------------- */

/* Words in libcurl's message that say more than its code. */
static int
says(const char *text, const char *word)
{
	return strstr(text, word) != NULL;
}

static enum outcome
outcome_of_text(CURLcode code, const char *text)
{
	/* libcurl has a limit of its own on one header line */
	if (says(text, "header") && (says(text, "large") ||
	    says(text, "Too")))
		return OUTCOME_TOO_LARGE;
	if (code == CURLE_RECV_ERROR && (says(text, "chunk") ||
	    says(text, "hexa")))
		return OUTCOME_PROTOCOL;
	if (code == CURLE_HTTP2_STREAM && says(text, "PROTOCOL_ERROR"))
		return OUTCOME_PROTOCOL;
	return OUTCOME_N;
}

static const struct code {
	CURLcode code;
	enum outcome outcome;
	const char *why;	/* instead of libcurl's words, or NULL */
} codes[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, OUTCOME_UNREACHABLE, NULL },
	{ CURLE_COULDNT_RESOLVE_PROXY, OUTCOME_UNREACHABLE, NULL },
	{ CURLE_COULDNT_CONNECT, OUTCOME_UNREACHABLE, NULL },
	{ CURLE_INTERFACE_FAILED, OUTCOME_UNREACHABLE, NULL },
	{ CURLE_OPERATION_TIMEDOUT, OUTCOME_TIMEOUT, NULL },
	{ CURLE_GOT_NOTHING, OUTCOME_RESET,
	    "closed before the end of the answer's headers" },
	{ CURLE_PARTIAL_FILE, OUTCOME_RESET, NULL },
	{ CURLE_SEND_ERROR, OUTCOME_RESET, NULL },
	{ CURLE_RECV_ERROR, OUTCOME_RESET, NULL },
	{ CURLE_HTTP2_STREAM, OUTCOME_RESET, NULL },
	{ CURLE_SSL_CONNECT_ERROR, OUTCOME_TLS, NULL },
	{ CURLE_PEER_FAILED_VERIFICATION, OUTCOME_TLS, NULL },
	{ CURLE_SSL_CERTPROBLEM, OUTCOME_TLS, NULL },
	{ CURLE_SSL_CIPHER, OUTCOME_TLS, NULL },
	{ CURLE_SSL_CACERT_BADFILE, OUTCOME_TLS, NULL },
	{ CURLE_SSL_CRL_BADFILE, OUTCOME_TLS, NULL },
	{ CURLE_SSL_ISSUER_ERROR, OUTCOME_TLS, NULL },
	{ CURLE_SSL_ENGINE_NOTFOUND, OUTCOME_TLS, NULL },
	{ CURLE_SSL_ENGINE_SETFAILED, OUTCOME_TLS, NULL },
	{ CURLE_SSL_ENGINE_INITFAILED, OUTCOME_TLS, NULL },
	{ CURLE_SSL_CLIENTCERT, OUTCOME_TLS, NULL },
	{ CURLE_SSL_SHUTDOWN_FAILED, OUTCOME_TLS, NULL },
	{ CURLE_SSL_PINNEDPUBKEYNOTMATCH, OUTCOME_TLS, NULL },
	{ CURLE_SSL_INVALIDCERTSTATUS, OUTCOME_TLS, NULL },
	{ CURLE_USE_SSL_FAILED, OUTCOME_TLS, NULL },
	{ CURLE_UNSUPPORTED_PROTOCOL, OUTCOME_PROTOCOL,
	    "not an HTTP/1.1 answer: it has no status line" },
	{ CURLE_WEIRD_SERVER_REPLY, OUTCOME_PROTOCOL, NULL },
	{ CURLE_HTTP2, OUTCOME_PROTOCOL, NULL },
	{ CURLE_BAD_CONTENT_ENCODING, OUTCOME_PROTOCOL, NULL },
	{ CURLE_FILESIZE_EXCEEDED, OUTCOME_TOO_LARGE, NULL },
	{ CURLE_OUT_OF_MEMORY, OUTCOME_TOO_LARGE,
	    "no memory for the answer" },
};

/* Names the code where libcurl adds no words of its own. */
static void
fail(struct http_call_mem *m, CURLcode code)
{
	const char *text = *m->errbuf != '\0' ? m->errbuf :
	    curl_easy_strerror(code);
	enum outcome o = outcome_of_text(code, text);
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (codes[i].code == code)
			break;
	}
	if (o != OUTCOME_N)
		http_call_fail(m, o, "%s", text);
	else if (code == CURLE_BAD_FUNCTION_ARGUMENT && m->call.status > 0)
		http_call_fail(m, OUTCOME_PROTOCOL, "a folded header line "
		    "without a header, or none that can be read");
	else if (i == sizeof(codes) / sizeof(codes[0]))
		http_call_fail(m, OUTCOME_SHED, "libcurl could not send it: "
		    "%s (%d)", text, (int)code);
	else
		http_call_fail(m, codes[i].outcome, "%s", codes[i].why !=
		    NULL ? codes[i].why : text);
}

void
http_curl_ended(struct http_call_mem *m, int code)
{
	long port = 0;

	(void)curl_easy_getinfo(m->easy, CURLINFO_LOCAL_PORT, &port);
	*used_at(m->kept, port) = mono_now_ns();
	if (code != CURLE_OK)
		fail(m, (CURLcode)code);
}
