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
#include "replay/shadow_members.h"

enum { WAITING_MAX = 16 << 20, HEADERS_MAX = 256, URL_BYTES = 1024,
	ANSWER_MAX = 64 << 10, HEAD_MAX = 4096, SESSION_BYTES = HASH_HEX,
	BATCH_BYTES = 256 << 10, SAID_BYTES = 256 };
#define EACH_NS (300 * MONO_MS)
/* To say that it is there, and to say goodbye. */
#define BEAT_NS (5 * MONO_S)
/* For a batch: so long, and a second more for so many bytes. */
#define POST_NS (10 * MONO_S)
enum { POST_BYTES_S = 64 << 10 };
#define END_NS (10 * MONO_S)

/* A thread's own: its connection, and what it said last of a failure. */
struct sender {
	struct fetch *fetch;
	pthread_t thread;
	int started;
	struct buf body;		/* of the request */
	char said[SAID_BYTES];		/* "": it went well */
};

/*
 * Two threads: a batch may take its time on a slow link, and meanwhile the
 * other one says that this shadow is there, and hears its part of the caps.
 */
struct shadow_member {
	struct shadow_member_opts o;
	char base[URL_BYTES], auth[256];
	char session[SESSION_BYTES];	/* of this process */
	struct sender pairs, beat;
	atomic_int ending;		/* of pairs, */
	atomic_int leaving;		/* then of beat */
	/* of pairs: */
	struct buf lines;		/* what left waiting: */
	size_t at, end;			/* the batch that is sent, the same
					   one until it is taken */
	int64_t batch;			/* its number */
	int64_t doubt_ns;		/* it may have been taken, since: */
	/* of beat: */
	int64_t beats;
	int64_t rps, rps_until_ns;	/* that is lent; -1: no cap */
	int said_price;
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

/* With the lock held. */
static void
count_asked(struct shadow_member *m)
{
	struct shadow_stats st;

	if (m->shadow != NULL) {
		shadow_stats(m->shadow, &st);
		m->asked = (int64_t)st.asked[ARM_CANDIDATE];
		m->over_money = (int64_t)st.fate[SHADOW_MONEY];
		m->money = st.money;
		m->dearest = st.dearest;
	}
}

/* What it is and what it has done. With the lock held. */
static void
put_head(struct shadow_member *m, struct json_out *o)
{
	count_asked(m);
	json_out_obj(o);
	json_out_key(o, "member");
	json_out_str(o, m->o.name);
	json_out_key(o, "session");
	json_out_str(o, m->session);
	json_out_key(o, "start_wall_ns");
	json_out_int(o, m->start_wall_ns);
	json_out_key(o, "asked");
	json_out_int(o, m->asked);
	json_out_key(o, "over_money");
	json_out_int(o, m->over_money);
	json_out_key(o, "money");
	json_out_num(o, m->money);
	json_out_key(o, "dearest");
	json_out_num(o, m->dearest);
}

/* What the scorer answers: {"rps": 50, "requests": 1200, "money": 2.5,
 * "dearest": .01}; a member that is not there is no cap. The rate is lent from
 * asked_ns on. Who does not know what it spends may not spend. */
static void
take_caps(struct shadow_member *m, const struct http_call *c,
    int64_t asked_ns)
{
	struct json *j = json_parse(c->res_body, c->res_body_n, NULL);
	struct shadow_caps caps = { json_get_int(j, "rps", -1),
		json_get_int(j, "requests", -1), json_get_num(j, "money", -1),
		json_get_num(j, "dearest", 0), asked_ns + SHADOW_LEASE_NS };

	if (caps.money >= 0 && !m->o.priced) {
		caps.money = 0;
		if (!m->said_price++)
			log_msg(LOG_WARN, "join", "nothing is asked: %s has "
			    "--max-money, and the suite here has no "
			    "targets.candidate.prices", m->o.url);
	}
	if (j != NULL) {
		m->rps = caps.rps;
		m->rps_until_ns = caps.rps_until_ns;
	}
	(void)pthread_mutex_lock(&m->lock);
	if (j != NULL && m->shadow != NULL)
		shadow_set_caps(m->shadow, &caps);
	(void)pthread_mutex_unlock(&m->lock);
	json_free(j);
}

/* Why it was not taken: the first line of what was answered. */
static void
why_not(const struct http_call *c, const struct err *err,
    char out[SAID_BYTES])
{
	const char *text;
	size_t n = 0;

	if (err->code != RC_OK) {
		(void)snprintf(out, SAID_BYTES, "%.*s", SAID_BYTES - 1,
		    err->msg);
		return;
	}
	if (c->status == 401) {
		(void)snprintf(out, SAID_BYTES, "LOCKSTEP_JOIN_TOKEN is "
		    "another one there");
		return;
	}
	text = c->res_body;
	while (n < c->res_body_n && n + 1 < SAID_BYTES &&
	    (unsigned char)text[n] >= ' ' && text[n] != 0x7f)
		n++;
	if (n > 0)
		(void)snprintf(out, SAID_BYTES, "%.*s", (int)n, text);
	else
		(void)snprintf(out, SAID_BYTES, "%s",
		    outcome_name(c->outcome));
}

/* Posts the sender's body; says each failure that is another than the last.
 * returns 0: it was taken; 1: it never will be; 2: it was not taken; -1: who
 * knows */
static int
post(struct shadow_member *m, struct sender *s, int64_t timeout_ns,
    const struct http_call **c)
{
	const struct ex_header h[] = { { "Authorization", m->auth },
		{ "Content-Type", "application/x-ndjson" } };
	const struct fetch_req req = { .method = "POST",
		.target = "/v1/pairs", .headers = h, .n_headers = 2,
		.body = s->body.p, .body_n = s->body.len,
		.timeout_ns = timeout_ns };
	struct err err = ERR_INIT;
	char said[SAID_BYTES];

	*c = NULL;
	if (fetch_ask(s->fetch, &req, c, &err) == RC_OK &&
	    (*c)->status == 200) {
		s->said[0] = '\0';
		return 0;
	}
	why_not(*c, &err, said);
	if (strcmp(said, s->said) != 0)
		log_msg(LOG_WARN, "join", "%s does not take pairs: %s",
		    m->o.url, said);
	(void)snprintf(s->said, sizeof(s->said), "%s", said);
	if (err.code != RC_OK || (*c)->outcome == OUTCOME_UNREACHABLE)
		return 2;
	return (*c)->status == 400 ? 1 : (*c)->status > 400 ? 2 : -1;
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

static void
put_body(struct shadow_member *m)
{
	struct buf *b = &m->pairs.body;
	struct json_out o;

	buf_reset(b);
	json_out_init(&o, b, 0);
	put_head(m, &o);
	json_out_key(&o, "batch");
	json_out_int(&o, m->batch);
	json_out_end(&o, '}');
	buf_putc(b, '\n');
}

/* The time for a batch, which is sent no more when it may be forgotten there
 * that it was taken. */
static int64_t
time_for(const struct shadow_member *m, int64_t until_ns)
{
	const int64_t now = mono_now_ns();
	int64_t time = POST_NS + (int64_t)m->pairs.body.len * MONO_S /
	    POST_BYTES_S;

	if (m->doubt_ns != 0 && m->doubt_ns + SHADOW_DOUBT_NS < until_ns)
		until_ns = m->doubt_ns + SHADOW_DOUBT_NS;
	return until_ns - now < time ? until_ns - now : time;
}

static void
drop_batch(struct shadow_member *m, const char *why)
{
	log_msg(LOG_WARN, "join", "a batch of pairs is dropped: %s %s",
	    m->o.url, why);
	m->at = m->end;
	m->doubt_ns = 0;
}

/* Sends a batch, if there is one. returns 0: it was taken, -1: not yet */
static int
send_next(struct shadow_member *m, int64_t until_ns)
{
	const int64_t begun_ns = mono_now_ns();
	const struct http_call *c;
	int rc;

	(void)pthread_mutex_lock(&m->lock);
	if (m->start_wall_ns != 0 && m->end == m->at)
		begin_batch(m);
	put_body(m);
	(void)pthread_mutex_unlock(&m->lock);
	if (m->end == m->at)
		return 0;
	buf_add(&m->pairs.body, m->lines.p + m->at, m->end - m->at);
	if (m->doubt_ns != 0 && begun_ns - m->doubt_ns >= SHADOW_DOUBT_NS) {
		drop_batch(m, "may have taken it, and does not say so");
		return 0;
	}
	rc = m->pairs.body.bad != RC_OK ? 2 : post(m, &m->pairs,
	    time_for(m, until_ns), &c);
	if (rc == 0) {
		m->at = m->end;
		m->doubt_ns = 0;
	} else if (rc == 1)
		drop_batch(m, "finds it damaged");
	else if (rc == -1 && m->doubt_ns == 0)
		m->doubt_ns = begun_ns;
	return rc == 0 || rc == 1 ? 0 : -1;
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
pairs_main(void *ctx)
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

/* ---- being there --------------------------------------------------------- */

/* That it is there, and how fast it asks; ends: that it is no more. */
static void
send_beat(struct shadow_member *m, int ends)
{
	const int64_t now = mono_now_ns();
	const int64_t left = m->rps_until_ns - now;
	struct sender *s = &m->beat;
	const struct http_call *c;
	struct json_out o;

	buf_reset(&s->body);
	json_out_init(&o, &s->body, 0);
	(void)pthread_mutex_lock(&m->lock);
	put_head(m, &o);
	(void)pthread_mutex_unlock(&m->lock);
	json_out_key(&o, "rps");
	json_out_int(&o, m->rps > 0 && left <= 0 ? 0 : m->rps);
	json_out_key(&o, "beat");
	json_out_int(&o, ++m->beats);
	json_out_key(&o, "ends");
	json_out_bool(&o, ends);
	json_out_end(&o, '}');
	buf_putc(&s->body, '\n');
	if (post(m, s, BEAT_NS, &c) == 0)
		take_caps(m, c, now);
}

static void *
beat_main(void *ctx)
{
	struct shadow_member *m = ctx;
	int there;

	while (!atomic_load(&m->leaving)) {
		(void)pthread_mutex_lock(&m->lock);
		there = m->start_wall_ns != 0;
		(void)pthread_mutex_unlock(&m->lock);
		if (there)
			send_beat(m, 0);
		mono_sleep_until_ns(mono_now_ns() + EACH_NS);
	}
	if (m->rps_until_ns != 0)	/* it was heard */
		send_beat(m, 1);
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
	fetch_close(&m->pairs.fetch);
	fetch_close(&m->beat.fetch);
	clean_fini(&m->clean);
	redact_work_free(m->redact);
	buf_fini(&m->waiting);
	buf_fini(&m->lines);
	buf_fini(&m->pairs.body);
	buf_fini(&m->beat.body);
	(void)pthread_mutex_destroy(&m->lock);
	free(m);
}

static int
open_member(struct shadow_member *m, struct err *err)
{
	const char *host = strstr(m->o.url, "://"), *path;
	struct http_origin_opts o = { .url = m->base };
	int rc;

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
	rc = fetch_open(&o, ANSWER_MAX, &m->pairs.fetch, err);
	return rc != RC_OK ? rc :
	    fetch_open(&o, ANSWER_MAX, &m->beat.fetch, err);
}

static int
start_sender(struct sender *s, void *(*run)(void *), void *ctx,
    struct err *err)
{
	if (pthread_create(&s->thread, NULL, run, ctx) != 0)
		return err_set(err, RC_NOMEM, "cannot start a thread");
	s->started = 1;
	return RC_OK;
}

/* Pairs first: who says goodbye sends nothing more. */
static void
end_senders(struct shadow_member *m)
{
	atomic_store(&m->ending, 1);
	if (m->pairs.started)
		(void)pthread_join(m->pairs.thread, NULL);
	atomic_store(&m->leaving, 1);
	if (m->beat.started)
		(void)pthread_join(m->beat.thread, NULL);
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
	buf_init(&m->pairs.body, WAITING_MAX + HEAD_MAX);
	buf_init(&m->beat.body, HEAD_MAX);
	m->rps = -1;
	hash_random(random, sizeof(random));
	hash_hex(random, sizeof(random), m->session);
	(void)pthread_mutex_init(&m->lock, NULL);
	rc = open_member(m, err);
	if (rc == RC_OK)
		rc = start_sender(&m->beat, beat_main, m, err);
	if (rc == RC_OK)
		rc = start_sender(&m->pairs, pairs_main, m, err);
	if (rc == RC_OK) {
		*out = m;
		return RC_OK;
	}
	end_senders(m);
	member_free(m);
	return rc;
}

void
shadow_member_stop(struct shadow_member **mp)
{
	struct shadow_member *m = *mp;

	*mp = NULL;
	if (m == NULL)
		return;
	end_senders(m);
	member_free(m);
}
