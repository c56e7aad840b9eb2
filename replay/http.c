/*
 * The client's loop, and the transport by libcurl: TLS, HTTP/2, compressed
 * answers, hosts with several addresses.  See http.h.
 */
#include "replay/http.h"

#include <assert.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "harness/base/mono.h"
#include "replay/http1.h"
#include "replay/http_call.h"
#include "replay/http_curl.h"

struct http_client {
	struct http_origin *const *origins;
	int n_origins;
	size_t body_max, head_max;
	CURLM *multi;
	int curl_running;
	int epfd, timerfd;
	struct http1 *fast;
	struct http_call_mem **idle;	/* by origin: lists of free calls */
	struct http_call_mem *done, **done_tail;
	struct http_call_mem **busy;	/* under way by libcurl */
	size_t n_busy, cap_busy;
	struct http_kept *kept;		/* libcurl's connections */
};

enum verb { VERB_UNSET, VERB_GET, VERB_HEAD, VERB_BODY };

static pthread_once_t global_once = PTHREAD_ONCE_INIT;
static CURLcode global_rc;

static void
global_init(void)
{
	global_rc = curl_global_init(CURL_GLOBAL_DEFAULT);
}

int
http_global_init(struct err *err)
{
	(void)pthread_once(&global_once, global_init);
	if (global_rc != CURLE_OK)
		return err_set(err, RC_NET, "libcurl: %s",
		    curl_easy_strerror(global_rc));
	return RC_OK;
}

/* ---- libcurl's callbacks ------------------------------------------------ */

static size_t
on_header(char *p, size_t size, size_t n, void *ctx)
{
	struct http_call_mem *m = ctx;
	int bad;

	(void)size;
	if (m->call.ttfb_ns < 0)
		m->call.ttfb_ns = mono_now_ns() - m->call.sent_ns;
	if (n >= 5 && memcmp(p, "HTTP/", 5) == 0)
		bad = http_call_status(m, p, n);
	else if (n <= 2 && (p[0] == '\r' || p[0] == '\n'))
		bad = http_call_head_end(m);
	else
		bad = http_call_header(m, p, n);
	return bad ? 0 : n;
}

static size_t
on_body(char *p, size_t size, size_t n, void *ctx)
{
	struct http_call_mem *m = ctx;

	(void)size;
	return http_call_body(m, p, n, mono_now_ns()) != 0 ? 0 : n;
}

/* ---- one call ----------------------------------------------------------- */

static void
set_tls(CURL *e, const struct http_origin *o)
{
	(void)curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L);
	(void)curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L);
	if (o->ca_file != NULL)
		(void)curl_easy_setopt(e, CURLOPT_CAINFO, o->ca_file);
	if (o->cert_file != NULL)
		(void)curl_easy_setopt(e, CURLOPT_SSLCERT, o->cert_file);
	if (o->key_file != NULL)
		(void)curl_easy_setopt(e, CURLOPT_SSLKEY, o->key_file);
	if (o->tls && o->http2) {
		(void)curl_easy_setopt(e, CURLOPT_HTTP_VERSION,
		    (long)CURL_HTTP_VERSION_2TLS);
		/* wait for the connection that is being made, then share it */
		(void)curl_easy_setopt(e, CURLOPT_PIPEWAIT, 1L);
	} else {
		(void)curl_easy_setopt(e, CURLOPT_HTTP_VERSION,
		    (long)CURL_HTTP_VERSION_1_1);
	}
}

/* What stays the same for every request of a call. */
static int
easy_new(struct http_call_mem *m, struct http_kept *kept)
{
	const struct http_origin *o = m->to;
	CURL *e = curl_easy_init();
	CURLU *u = curl_url();

	m->easy = e;
	m->curlu = u;
	m->errbuf = calloc(1, CURL_ERROR_SIZE);
	if (e == NULL || u == NULL || m->errbuf == NULL ||
	    curl_url_set(u, CURLUPART_URL, o->url, 0) != CURLUE_OK)
		return -1;
	(void)curl_easy_setopt(e, CURLOPT_PRIVATE, m);
	(void)curl_easy_setopt(e, CURLOPT_CURLU, u);
	(void)curl_easy_setopt(e, CURLOPT_ERRORBUFFER, m->errbuf);
	(void)curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	(void)curl_easy_setopt(e, CURLOPT_HEADERDATA, m);
	(void)curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	(void)curl_easy_setopt(e, CURLOPT_WRITEDATA, m);
	(void)curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(e, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(e, CURLOPT_NOPROXY, "*");
	(void)curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	(void)curl_easy_setopt(e, CURLOPT_HTTP09_ALLOWED, 0L);
	(void)curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(e, CURLOPT_DNS_CACHE_TIMEOUT, -1L);
	(void)curl_easy_setopt(e, CURLOPT_NOPROGRESS, 1L);
	http_curl_watch(m, kept);
	if (o->accept_encoding != NULL)
		(void)curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING,
		    o->accept_encoding);
	else
		(void)curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING,
		    "identity");
	/* kept as it came; whoever reads the answer undoes its coding */
	(void)curl_easy_setopt(e, CURLOPT_HTTP_CONTENT_DECODING, 0L);
	if (o->unix_socket != NULL)
		(void)curl_easy_setopt(e, CURLOPT_UNIX_SOCKET_PATH,
		    o->unix_socket);
	set_tls(e, o);
	return 0;
}

static void
easy_drop(struct http_call_mem *m)
{
	if (m->easy != NULL)
		curl_easy_cleanup(m->easy);
	curl_url_cleanup(m->curlu);
	free(m->errbuf);
	m->easy = NULL;
	m->curlu = NULL;
	m->errbuf = NULL;
	buf_reset(&m->last_target);
}

/*
 * libcurl before 8.3.0 follows a pointer of the request before if the first
 * header of an answer is a folded line, and a service can make it crash so
 * (curl's issue 11620). A fresh handle has none; connections are kept beside
 * it.
 */
static void
easy_renew(struct http_call_mem *m)
{
	enum { MENDED = 0x080300 };

	if (m->easy != NULL && curl_version_info(CURLVERSION_NOW)->version_num <
	    MENDED)
		easy_drop(m);
}

static int
set_target(struct http_call_mem *m, struct err *err)
{
	const char *target = m->call.target;
	const char *query = strchr(target, '?');
	CURLUcode uc;
	char *path;

	if (m->last_target.len > 0 &&
	    strcmp(buf_str(&m->last_target), target) == 0)
		return RC_OK;
	buf_reset(&m->last_target);
	buf_puts(&m->last_target, m->to->prefix);
	buf_add(&m->last_target, target, query == NULL ? strlen(target) :
	    (size_t)(query - target));
	if (m->last_target.bad != RC_OK)
		return err_set(err, RC_NOMEM, "out of memory");
	path = m->last_target.p;
	uc = curl_url_set(m->curlu, CURLUPART_PATH, path, 0);
	if (uc == CURLUE_OK)
		uc = curl_url_set(m->curlu, CURLUPART_QUERY,
		    query == NULL ? NULL : query + 1, 0);
	buf_reset(&m->last_target);
	if (uc != CURLUE_OK) {
		http_call_fail(m, OUTCOME_PROTOCOL, "cannot send to %.150s",
		    target);
		return RC_OK;
	}
	buf_puts(&m->last_target, target);
	(void)curl_easy_setopt(m->easy, CURLOPT_CURLU, m->curlu);
	return RC_OK;
}

static void
set_method(struct http_call_mem *m)
{
	const struct http_call *c = &m->call;
	CURL *e = m->easy;
	enum verb verb;

	if (c->body != NULL)
		verb = VERB_BODY;
	else
		verb = strcmp(c->method, "HEAD") == 0 ? VERB_HEAD : VERB_GET;
	if (verb == VERB_BODY) {
		(void)curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)c->body_n);
		(void)curl_easy_setopt(e, CURLOPT_POSTFIELDS, c->body);
	}
	if ((int)verb != m->verb) {
		(void)curl_easy_setopt(e, CURLOPT_NOBODY,
		    verb == VERB_HEAD ? 1L : 0L);
		if (verb == VERB_BODY)
			(void)curl_easy_setopt(e, CURLOPT_POST, 1L);
		else if (verb == VERB_GET)
			(void)curl_easy_setopt(e, CURLOPT_HTTPGET, 1L);
		m->verb = verb;
	}
	(void)curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST,
	    (verb == VERB_BODY && strcmp(c->method, "POST") == 0) ||
	    (verb == VERB_GET && strcmp(c->method, "GET") == 0) ||
	    verb == VERB_HEAD ? NULL : c->method);
}

/*
 * The header list, in nodes of our own: libcurl only reads them, and a list
 * made by its functions would cost two allocations a header.
 */
static int
set_headers(struct http_call_mem *m, struct err *err)
{
	static char no_accept[] = "Accept:", no_expect[] = "Expect:";
	const struct http_call *c = &m->call;
	size_t n = c->n_headers + 2, i, at, n_gone = 0;
	struct curl_slist *list = m->slist;

	if (n > m->cap_slist) {
		list = realloc(m->slist, n * sizeof(*list));
		if (list == NULL)
			return err_set(err, RC_NOMEM, "out of memory");
		m->slist = list;
		m->cap_slist = n;
	}
	buf_reset(&m->lines);
	for (i = 0; i < c->n_headers; i++) {
		buf_puts(&m->lines, c->headers[i].name);
		/* "Name;" is how libcurl is told of an empty value */
		buf_puts(&m->lines, *c->headers[i].value != '\0' ? ": " : ";");
		buf_puts(&m->lines, c->headers[i].value);
		buf_putc(&m->lines, '\0');
	}
	if (m->lines.bad != RC_OK)
		return err_set(err, RC_NOMEM, "out of memory");
	for (i = 0, at = 0; i < c->n_headers; i++) {
		list[i].data = m->lines.p + at;
		list[i].next = &list[i + 1];
		at += strlen(list[i].data) + 1;
		n_gone |= strcasecmp(c->headers[i].name, "accept") == 0;
	}
	/* the suite's own Accept stays, libcurl's goes */
	list[i].data = no_expect;
	list[i].next = n_gone ? NULL : &list[i + 1];
	if (!n_gone) {
		list[i + 1].data = no_accept;
		list[i + 1].next = NULL;
	}
	(void)curl_easy_setopt(m->easy, CURLOPT_HTTPHEADER, list);
	return RC_OK;
}

/* ---- ends --------------------------------------------------------------- */

static void
push_done(struct http_client *c, struct http_call_mem *m)
{
	m->next = NULL;
	*c->done_tail = m;
	c->done_tail = &m->next;
}

static void
harvest(struct http_client *c)
{
	struct http_call_mem *m;
	CURLMsg *msg;
	CURLcode code;
	CURL *e;
	size_t i;
	int left;

	while ((msg = curl_multi_info_read(c->multi, &left)) != NULL) {
		if (msg->msg != CURLMSG_DONE)
			continue;
		e = msg->easy_handle;
		code = msg->data.result;
		(void)curl_easy_getinfo(e, CURLINFO_PRIVATE, (char **)&m);
		assert(m->easy == e);
		(void)curl_multi_remove_handle(c->multi, e);
		for (i = 0; c->busy[i] != m; i++)
			assert(i + 1 < c->n_busy);
		c->busy[i] = c->busy[--c->n_busy];
		http_curl_ended(m, (int)code);
		http_call_finish(m, mono_now_ns());
		push_done(c, m);
	}
}

/* ---- the client --------------------------------------------------------- */

static int
open_fds(struct http_client *c, struct err *err)
{
	/* on its edge: an expiry that nobody waited for must not stay ready */
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET };

	c->epfd = epoll_create1(EPOLL_CLOEXEC);
	c->timerfd = timerfd_create(CLOCK_MONOTONIC,
	    TFD_NONBLOCK | TFD_CLOEXEC);
	if (c->epfd < 0 || c->timerfd < 0)
		return err_errno(err, RC_NET, "epoll or timerfd");
	ev.data.ptr = NULL;	/* NULL: the timer */
	if (epoll_ctl(c->epfd, EPOLL_CTL_ADD, c->timerfd, &ev) != 0)
		return err_errno(err, RC_NET, "epoll_ctl");
	return RC_OK;
}

int
http_client_new(const struct http_client_opts *o, struct http_client **out,
    struct err *err)
{
	struct http_client *c = calloc(1, sizeof(*c));

	*out = NULL;
	if (c == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	c->epfd = c->timerfd = -1;
	c->origins = o->origins;
	c->n_origins = o->n_origins;
	c->body_max = o->body_max;
	c->head_max = o->head_max == 0 ? HTTP_HEAD_MAX : o->head_max;
	c->done_tail = &c->done;
	c->idle = calloc((size_t)o->n_origins + 1,
	    sizeof(struct http_call_mem *));
	c->multi = curl_multi_init();
	c->kept = http_kept_new();
	if (c->idle == NULL || c->multi == NULL || c->kept == NULL) {
		(void)err_set(err, RC_NOMEM, "out of memory");
		goto fail;
	}
	(void)curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS,
	    (long)o->connections);
	if (open_fds(c, err) != RC_OK ||
	    http1_new(c->epfd, o->n_origins, &c->fast, err) != RC_OK)
		goto fail;
	*out = c;
	return RC_OK;
fail:
	http_client_free(c);
	return err != NULL ? (int)err->code : RC_NOMEM;
}

static void
call_free(struct http_call_mem *m)
{
	easy_drop(m);
	http_call_fini(m);
	free(m);
}

static void
list_free(struct http_call_mem *m)
{
	struct http_call_mem *next;

	for (; m != NULL; m = next) {
		next = m->next;
		call_free(m);
	}
}

void
http_client_free(struct http_client *c)
{
	int i;

	if (c == NULL)
		return;
	if (c->fast != NULL || c->n_busy > 0)
		http_abandon(c);
	list_free(c->done);
	for (i = 0; c->idle != NULL && i < c->n_origins; i++)
		list_free(c->idle[i]);
	http1_free(c->fast);
	if (c->multi != NULL)
		(void)curl_multi_cleanup(c->multi);
	if (c->epfd >= 0)
		(void)close(c->epfd);
	if (c->timerfd >= 0)
		(void)close(c->timerfd);
	free(c->idle);
	free(c->busy);
	http_kept_free(c->kept);
	free(c);
}

struct http_call *
http_get(struct http_client *c, int origin)
{
	struct http_call_mem *m = c->idle[origin];

	assert(origin >= 0 && origin < c->n_origins);
	if (m != NULL) {
		c->idle[origin] = m->next;
		return &m->call;
	}
	m = calloc(1, sizeof(*m));
	if (m == NULL)
		return NULL;
	(void)http_call_init(m, c->origins[origin], c->body_max, c->head_max);
	m->call.origin = origin;
	return &m->call;
}

void
http_put(struct http_client *c, struct http_call *call)
{
	struct http_call_mem *m = call->mem;

	http_call_reset(m);
	m->next = c->idle[call->origin];
	c->idle[call->origin] = m;
}

static int
start_curl(struct http_client *c, struct http_call_mem *m, struct err *err)
{
	struct http_call_mem **busy;
	int64_t left_ms;
	size_t cap;
	CURLMcode mc;

	if (c->n_busy == c->cap_busy) {
		cap = c->cap_busy == 0 ? 64 : c->cap_busy * 2;
		busy = realloc(c->busy, cap * sizeof(struct http_call_mem *));
		if (busy == NULL)
			return err_set(err, RC_NOMEM, "out of memory");
		c->busy = busy;
		c->cap_busy = cap;
	}
	easy_renew(m);
	if (m->easy == NULL && easy_new(m, c->kept) != 0)
		return err_set(err, RC_NOMEM, "libcurl: out of memory");
	if (set_target(m, err) != RC_OK || set_headers(m, err) != RC_OK)
		return err != NULL ? (int)err->code : RC_NOMEM;
	set_method(m);
	left_ms = (m->call.deadline_ns - m->call.sent_ns + MONO_MS - 1) /
	    MONO_MS;
	if (left_ms <= 0)
		http_call_fail(m, OUTCOME_TIMEOUT, "no time was left");
	if (m->failed) {
		http_call_finish(m, mono_now_ns());
		push_done(c, m);
		return RC_OK;
	}
	(void)curl_easy_setopt(m->easy, CURLOPT_TIMEOUT_MS, (long)left_ms);
	m->errbuf[0] = '\0';
	mc = curl_multi_add_handle(c->multi, m->easy);
	if (mc != CURLM_OK)
		return err_set(err, RC_NET, "libcurl: %s",
		    curl_multi_strerror(mc));
	c->busy[c->n_busy++] = m;
	return RC_OK;
}

int
http_start(struct http_client *c, struct http_call *call, struct err *err)
{
	struct http_call_mem *m = call->mem;

	call->sent_ns = mono_now_ns();
	call->bytes_out = call->body_n;
	if (m->to->fast)
		return http1_start(c->fast, m, err);
	return start_curl(c, m, err);
}

static int
curl_step(struct http_client *c, struct err *err)
{
	CURLMcode mc = curl_multi_perform(c->multi, &c->curl_running);

	if (mc != CURLM_OK)
		return err_set(err, RC_NET, "libcurl: %s",
		    curl_multi_strerror(mc));
	harvest(c);
	return RC_OK;
}

/* Arms the timer for a wake-up that poll's milliseconds are too coarse for. */
static void
arm_timer(struct http_client *c, int64_t until_ns)
{
	struct itimerspec its;

	memset(&its, 0, sizeof(its));
	its.it_value.tv_sec = (time_t)(until_ns / MONO_S);
	its.it_value.tv_nsec = (long)(until_ns % MONO_S);
	(void)timerfd_settime(c->timerfd, TFD_TIMER_ABSTIME, &its, NULL);
}

static int
poll_curl(struct http_client *c, int64_t until_ns, struct err *err)
{
	enum { COARSE_MS = 20, LONGEST_MS = 1000 };
	struct curl_waitfd extra = { .fd = c->epfd,
		.events = CURL_WAIT_POLLIN };
	int64_t left_ms = (until_ns - mono_now_ns()) / MONO_MS;
	CURLMcode mc;

	if (left_ms > LONGEST_MS)
		left_ms = LONGEST_MS;
	if (left_ms < COARSE_MS) {
		arm_timer(c, until_ns);
		left_ms = COARSE_MS;
	}
	mc = curl_multi_poll(c->multi, &extra, 1, (int)left_ms, NULL);
	if (mc != CURLM_OK)
		return err_set(err, RC_NET, "libcurl: %s",
		    curl_multi_strerror(mc));
	return RC_OK;
}

/* Calls that the fast transport is through with. */
static void
take_fast(struct http_client *c)
{
	struct http_call_mem *m;

	while ((m = http1_done(c->fast)) != NULL)
		push_done(c, m);
}

int
http_wait(struct http_client *c, int64_t until_ns, struct err *err)
{
	int64_t now;

	do {
		take_fast(c);
		if (c->n_busy > 0 && curl_step(c, err) != RC_OK)
			return err->code;
		if (c->done != NULL)
			break;
		now = mono_now_ns();
		if (c->n_busy > 0 && now < until_ns &&
		    poll_curl(c, http1_until(c->fast, until_ns), err) !=
		    RC_OK)
			return err->code;
		/* while libcurl waits, epoll is only looked at */
		if (http1_step(c->fast, c->n_busy > 0 ? 0 : until_ns,
		    err) != RC_OK)
			return err->code;
		take_fast(c);
		if (c->n_busy > 0 && curl_step(c, err) != RC_OK)
			return err->code;
	} while (c->done == NULL && mono_now_ns() < until_ns);
	return RC_OK;
}

struct http_call *
http_done(struct http_client *c)
{
	struct http_call_mem *m = c->done;

	if (m == NULL)
		return NULL;
	c->done = m->next;
	if (c->done == NULL)
		c->done_tail = &c->done;
	m->next = NULL;
	return &m->call;
}

void
http_abandon(struct http_client *c)
{
	struct http_call_mem *m;

	while (c->n_busy > 0) {
		m = c->busy[--c->n_busy];
		(void)curl_multi_remove_handle(c->multi, m->easy);
		http_call_fail(m, OUTCOME_TIMEOUT, "given up");
		http_call_finish(m, mono_now_ns());
		push_done(c, m);
	}
	if (c->fast != NULL) {
		http1_abandon(c->fast);
		while ((m = http1_done(c->fast)) != NULL)
			push_done(c, m);
	}
}
