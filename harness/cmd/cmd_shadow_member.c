/* A shadow that joins another one; see cmd_shadow_member.h. */
#include "harness/cmd/cmd_shadow_member.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/log.h"
#include "harness/base/mono.h"
#include "harness/traffic/clean.h"
#include "replay/fetch.h"

enum { WAITING_MAX = 16 << 20, HEADERS_MAX = 256, URL_BYTES = 1024,
	ANSWER_MAX = 64 << 10, HEAD_MAX = 4096, SESSION_BYTES = HASH_HEX,
	BATCH_BYTES = 256 << 10 };
#define EACH_NS (300 * MONO_MS)
/* For a batch: so long, and a second more for so many bytes. */
#define POST_NS (10 * MONO_S)
enum { POST_BYTES_S = 64 << 10 };
#define END_NS (10 * MONO_S)

struct shadow_member {
	struct shadow_member_opts o;
	char base[URL_BYTES], auth[256];
	struct fetch *fetch;		/* the thread's */
	pthread_t thread;
	char session[SESSION_BYTES];	/* of this process */
	struct buf lines;		/* pairs that left waiting: */
	size_t at, end;			/* the batch that is sent, the same
					   one until it is taken */
	int64_t batch;			/* its number */
	struct buf body;		/* of the request */
	atomic_int ending;
	pthread_mutex_t lock;		/* of what follows */
	struct shadow *shadow;		/* whose caps are set, or NULL */
	int64_t start_wall_ns;		/* 0: it has not started */
	int64_t asked, over_money;
	double money, dearest;
	struct buf waiting;		/* pairs as lines, for lines */
	uint64_t dropped;
	struct clean clean;
	struct redact_work *redact;
	struct ex_header req[HEADERS_MAX], res[HEADERS_MAX];
};

/* ---- pairs --------------------------------------------------------------- */

static size_t
copy_headers(struct ex_header *to, const struct ex_header *from, size_t n)
{
	n = n < HEADERS_MAX ? n : (size_t)HEADERS_MAX;
	if (n > 0)
		memcpy(to, from, n * sizeof(*to));
	return n;
}

/* One line without credentials and what is redacted. returns 0, or -1 */
static int
put_exchange(struct shadow_member *m, const struct exchange *from)
{
	struct exchange ex = *from;

	ex.n_req_headers = copy_headers(m->req, ex.req_headers,
	    ex.n_req_headers);
	ex.n_res_headers = copy_headers(m->res, ex.res_headers,
	    ex.n_res_headers);
	ex.req_headers = m->req;
	ex.res_headers = m->res;
	if (clean_exchange(&m->clean, NULL, 0, &ex, m->req, m->res) !=
	    RC_OK || (m->redact != NULL && redact_exchange(m->redact, &ex,
	    m->req, m->res) != RC_OK))
		return -1;
	exchange_write(&m->waiting, &ex);
	buf_putc(&m->waiting, '\n');
	return m->waiting.bad == RC_OK ? 0 : -1;
}

void
shadow_member_pair(struct shadow_member *m, const struct exchange *primary,
    const struct exchange *candidate, const struct exchange *echo)
{
	size_t before;
	int bad = 0;

	if (m == NULL)
		return;
	(void)pthread_mutex_lock(&m->lock);
	before = m->waiting.len;
	buf_printf(&m->waiting, "{\"pair\":[%d,1,%d],\"apart\":%s}\n",
	    primary != NULL, echo != NULL, echo != NULL &&
	    echo->key.n > 0 ? "true" : "false");
	if (primary != NULL)
		bad |= put_exchange(m, primary);
	bad |= put_exchange(m, candidate);
	if (echo != NULL)
		bad |= put_exchange(m, echo);
	if (bad || m->waiting.bad != RC_OK) {	/* all of it, or nothing */
		m->waiting.bad = RC_OK;
		m->waiting.len = before;
		if (m->dropped++ == 0)
			log_msg(LOG_WARN, "join", "pairs are dropped: %s does "
			    "not take them fast enough", m->o.url);
	}
	(void)pthread_mutex_unlock(&m->lock);
}

/* ---- sending ------------------------------------------------------------- */

static void
put_head(struct shadow_member *m, struct buf *b)
{
	struct shadow_stats st;
	struct json_out o;

	if (m->shadow != NULL) {
		shadow_stats(m->shadow, &st);
		m->asked = (int64_t)st.asked[ARM_CANDIDATE];
		m->over_money = (int64_t)st.fate[SHADOW_MONEY];
		m->money = st.money;
		m->dearest = st.dearest;
	}
	json_out_init(&o, b, 0);
	json_out_obj(&o);
	json_out_key(&o, "member");
	json_out_str(&o, m->o.name);
	json_out_key(&o, "start_wall_ns");
	json_out_int(&o, m->start_wall_ns);
	json_out_key(&o, "asked");
	json_out_int(&o, m->asked);
	json_out_key(&o, "over_money");
	json_out_int(&o, m->over_money);
	json_out_key(&o, "money");
	json_out_num(&o, m->money);
	json_out_key(&o, "dearest");
	json_out_num(&o, m->dearest);
	if (m->end > m->at) {
		json_out_key(&o, "session");
		json_out_str(&o, m->session);
		json_out_key(&o, "batch");
		json_out_int(&o, m->batch);
	}
	json_out_end(&o, '}');
	buf_putc(b, '\n');
}

/* What the scorer answers: {"rps": 50, "requests": 1200, "money": 2.5,
 * "dearest": .01}; a member that is not there is no cap. Who does not know what
 * it spends may not spend. */
static void
take_caps(struct shadow_member *m, const struct http_call *c)
{
	struct json *j = json_parse(c->res_body, c->res_body_n, NULL);
	struct shadow_caps caps = { json_get_int(j, "rps", -1),
		json_get_int(j, "requests", -1), json_get_num(j, "money", -1),
		json_get_num(j, "dearest", 0) };
	static int said;

	if (caps.money >= 0 && !m->o.priced) {
		caps.money = 0;
		if (!said++)
			log_msg(LOG_WARN, "join", "nothing is asked: %s has "
			    "--max-money, and the suite here has no "
			    "targets.candidate.prices", m->o.url);
	}
	(void)pthread_mutex_lock(&m->lock);
	if (j != NULL && m->shadow != NULL)
		shadow_set_caps(m->shadow, &caps);
	(void)pthread_mutex_unlock(&m->lock);
	json_free(j);
}

/* returns 0: it was taken, -1: not, 1: it never will be */
static int
send_body(struct shadow_member *m, int64_t until_ns)
{
	const struct ex_header h[] = { { "Authorization", m->auth },
		{ "Content-Type", "application/x-ndjson" } };
	const int64_t time = POST_NS + (int64_t)m->body.len * MONO_S /
	    POST_BYTES_S, left = until_ns - mono_now_ns();
	const struct fetch_req req = { .method = "POST",
		.target = "/v1/pairs", .headers = h, .n_headers = 2,
		.body = m->body.p, .body_n = m->body.len,
		.timeout_ns = left < time ? left : time };
	const struct http_call *c;
	struct err err = ERR_INIT;
	static int said;

	if (fetch_ask(m->fetch, &req, &c, &err) == RC_OK &&
	    c->status == 200) {
		take_caps(m, c);
		said = 0;
		return 0;
	}
	if (!said++)
		log_msg(LOG_WARN, "join", "%s does not take pairs: %s",
		    m->o.url, err.code != RC_OK ? err.msg : c->status == 401 ?
		    "LOCKSTEP_JOIN_TOKEN is another one there" :
		    outcome_name(c->outcome));
	return err.code == RC_OK && c->status == 400 ? 1 : -1;
}

/* Where the batch ends that begins at m->at: with a whole pair, and small
 * unless one pair is not. */
static size_t
cut(const struct shadow_member *m)
{
	static const char mark[] = "\n{\"pair\":[";
	const struct buf *b = &m->lines;
	size_t end = m->at, next;
	const char *p;

	for (;; end = next) {
		p = memmem(b->p + end, b->len - end, mark, sizeof(mark) - 1);
		next = p == NULL ? b->len : (size_t)(p - b->p) + 1;
		if (end > m->at && next - m->at > BATCH_BYTES)
			return end;
		if (next == b->len)
			return next;
	}
}

/* The next batch, if there is one. With the lock held. */
static void
begin_batch(struct shadow_member *m)
{
	struct buf empty = m->lines;

	if (m->at == m->lines.len) {
		m->lines = m->waiting;
		buf_reset(&empty);
		m->waiting = empty;
		m->at = 0;
	}
	m->end = m->at;
	if (m->at == m->lines.len)
		return;
	m->end = cut(m);
	m->batch++;
}

/* Sends a batch, or without one says that it is there.
 * returns 0: it was taken, -1: not yet */
static int
send_next(struct shadow_member *m, int64_t until_ns)
{
	int rc;

	(void)pthread_mutex_lock(&m->lock);
	if (m->start_wall_ns == 0) {
		(void)pthread_mutex_unlock(&m->lock);
		return 0;
	}
	if (m->end == m->at)
		begin_batch(m);
	buf_reset(&m->body);
	put_head(m, &m->body);
	(void)pthread_mutex_unlock(&m->lock);
	if (m->end > m->at)
		buf_add(&m->body, m->lines.p + m->at, m->end - m->at);
	rc = m->body.bad != RC_OK ? -1 : send_body(m, until_ns);
	if (rc == 1 && m->end > m->at)
		log_msg(LOG_WARN, "join", "%s finds a batch of pairs damaged: "
		    "they are dropped", m->o.url);
	if (rc >= 0)
		m->at = m->end;
	return rc < 0 ? -1 : 0;
}

static int
has_more(struct shadow_member *m)
{
	int more;

	(void)pthread_mutex_lock(&m->lock);
	more = m->start_wall_ns != 0 && (m->at < m->lines.len ||
	    m->waiting.len > 0);
	(void)pthread_mutex_unlock(&m->lock);
	return more;
}

static void *
member_main(void *ctx)
{
	struct shadow_member *m = ctx;
	int64_t until;
	int rc;

	while (!atomic_load(&m->ending)) {
		if (send_next(m, INT64_MAX) != 0 || m->at == m->lines.len)
			mono_sleep_until_ns(mono_now_ns() + EACH_NS);
	}
	until = mono_now_ns() + END_NS;
	do {
		rc = send_next(m, until);
		if (rc != 0)
			mono_sleep_until_ns(mono_now_ns() + EACH_NS);
	} while ((rc != 0 || has_more(m)) && mono_now_ns() < until);
	if (has_more(m))
		log_msg(LOG_WARN, "join", "%s did not take all pairs: the "
		    "last ones are not in its verdict", m->o.url);
	return NULL;
}

/* ---- from outside -------------------------------------------------------- */

void
shadow_member_of(struct shadow_member *m, struct shadow *s)
{
	if (m == NULL)
		return;
	(void)pthread_mutex_lock(&m->lock);
	m->shadow = s;
	if (s != NULL)
		m->start_wall_ns = shadow_start_wall_ns(s);
	(void)pthread_mutex_unlock(&m->lock);
}

static void
member_free(struct shadow_member *m)
{
	fetch_close(&m->fetch);
	clean_fini(&m->clean);
	redact_work_free(m->redact);
	buf_fini(&m->waiting);
	buf_fini(&m->lines);
	buf_fini(&m->body);
	(void)pthread_mutex_destroy(&m->lock);
	free(m);
}

static int
open_member(struct shadow_member *m, struct err *err)
{
	const char *host = strstr(m->o.url, "://"), *path;
	struct http_origin_opts o = { .url = m->base };

	if (host == NULL)
		return err_set(err, RC_USAGE, "--join \"%s\" is no URL, as "
		    "http://scorer:9109 is", m->o.url);
	path = strchr(host + 3, '/');
	(void)snprintf(m->base, sizeof(m->base), "%.*s", path == NULL ?
	    (int)strlen(m->o.url) : (int)(path - m->o.url), m->o.url);
	(void)snprintf(m->auth, sizeof(m->auth), "Bearer %.200s",
	    m->o.token == NULL ? "" : m->o.token);
	if (m->o.redact != NULL)
		m->redact = redact_work_new(m->o.redact);
	return fetch_open(&o, ANSWER_MAX, &m->fetch, err);
}

int
shadow_member_start(const struct shadow_member_opts *o,
    struct shadow_member **out, struct err *err)
{
	struct shadow_member *m;
	unsigned char random[16];
	int rc;

	*out = NULL;
	if (o->url == NULL)
		return RC_OK;
	if (o->token == NULL || *o->token == '\0')
		return err_set(err, RC_USAGE, "--join needs "
		    "LOCKSTEP_JOIN_TOKEN in the environment, the same one "
		    "here and there");
	m = calloc(1, sizeof(*m));
	if (m == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	m->o = *o;
	clean_init(&m->clean);
	buf_init(&m->waiting, WAITING_MAX);
	buf_init(&m->lines, WAITING_MAX);
	buf_init(&m->body, WAITING_MAX + HEAD_MAX);
	hash_random(random, sizeof(random));
	hash_hex(random, sizeof(random), m->session);
	(void)pthread_mutex_init(&m->lock, NULL);
	rc = open_member(m, err);
	if (rc == RC_OK && pthread_create(&m->thread, NULL, member_main,
	    m) != 0)
		rc = err_set(err, RC_NOMEM, "cannot start a thread");
	if (rc != RC_OK)
		member_free(m);
	else
		*out = m;
	return rc;
}

void
shadow_member_stop(struct shadow_member **mp)
{
	struct shadow_member *m = *mp;

	*mp = NULL;
	if (m == NULL)
		return;
	atomic_store(&m->ending, 1);
	(void)pthread_join(m->thread, NULL);
	member_free(m);
}
