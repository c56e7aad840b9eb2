/* Shadow: the users' side, and the whole; see shadow.h. */
#include "replay/shadow.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/json.h"
#include "harness/base/mono.h"
#include "harness/traffic/credential.h"
#include "replay/ack.h"
#include "replay/proxy.h"
#include "replay/record_take.h"
#include "replay/shadow_allow.h"
#include "replay/record_sink.h"
#include "replay/shadow_part.h"

enum { MMAP_BYTES = 256 << 10 };

struct shadow {
	struct shadow_opts o;
	struct record_pool pool;
	struct shadow_counts counts;
	struct proxy *proxy;
	struct record_queue q;
	struct record_sink *sink;
	struct shadow_work *work;
	struct ack *ack;		/* behind a mirror's copies, or NULL */
	struct record_share share;	/* the proxy's thread's own */
	const char *pins;		/* a header that is kept, or NULL */
	struct record_keep keep;
	int64_t start_ns;
	struct record_item *taken, **taken_end;	/* pairs of other shadows */
	size_t taken_bytes;
};

static const char *const texts[SHADOW_FATES][2] = {
	[SHADOW_MIRRORED] = { "mirrored", "mirrored" },
	[SHADOW_NOT_SHARE] = { "not in the share", "not_in_share" },
	[SHADOW_NOT_ALLOWED] = { "not allowed", "not_allowed" },
	[SHADOW_NOT_WHERE] = { "not in the suite's where", "not_where" },
	[SHADOW_QUEUE] = { "queue full", "queue_full" },
	[SHADOW_MEMORY] = { "memory full", "memory_full" },
	[SHADOW_WAITED] = { "waited too long", "waited" },
	[SHADOW_RATE] = { "over --max-rps", "over_rate" },
	[SHADOW_REQUESTS] = { "--max-requests used up", "over_requests" },
	[SHADOW_MONEY] = { "--max-money used up", "over_money" },
	[SHADOW_HELD] = { "the candidate is left alone", "held" },
	[SHADOW_LEFT] = { "the user left", "user_left" },
	[SHADOW_LARGE] = { "answer too large", "too_large" },
	[SHADOW_UPGRADED] = { "changed its protocol", "upgraded" },
	[SHADOW_ENDED] = { "shadow ended", "ended" },
	[SHADOW_REFUSED] = { "refused", "refused" },
};

const char *
shadow_fate_text(enum shadow_fate f)
{
	return texts[f][0];
}

const char *
shadow_fate_word(enum shadow_fate f)
{
	return texts[f][1];
}

/* ---- the users' path --------------------------------------------------- */

/* One request being passed on. */
struct hold {
	struct shadow *s;
	struct shadow_pair *pair;	/* NULL: it is not mirrored */
	enum shadow_fate fate;		/* then */
};

static void
give_up(struct hold *h, enum shadow_fate why)
{
	if (h->pair == NULL)
		return;
	shadow_pair_free(h->pair);
	h->pair = NULL;
	h->fate = why;
}

static enum shadow_fate
fate_of(const char *why)
{
	return why == record_memory_full ? SHADOW_MEMORY : SHADOW_LARGE;
}

/* returns NULL when there is no memory */
static struct shadow_pair *
pair_new(struct shadow *s, const struct proxy_request *q)
{
	struct shadow_pair *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->item = record_item_new(&s->pool, s->o.body_max);
	if (p->item == NULL || record_item_request(p->item, q->method,
	    q->target, q->headers, q->n_headers) != RC_OK) {
		shadow_pair_free(p);
		return NULL;
	}
	p->item->has_sent = q->has_body;
	return p;
}

static void *
on_begin(void *ctx, const struct proxy_request *q)
{
	struct shadow *s = ctx;
	struct hold *h = calloc(1, sizeof(*h));
	int in;

	if (h == NULL)
		return NULL;
	h->s = s;
	if (!shadow_allow(s->o.allow, s->o.n_allow, q->method, q->target) ||
	    shadow_allow_hides(q->headers, q->n_headers, q->target.p,
	    q->target.n, NULL, 0)) {
		h->fate = SHADOW_NOT_ALLOWED;
		return h;
	}
	in = record_share_head(&s->share, q->headers, q->n_headers);
	if (in == 0) {
		h->fate = SHADOW_NOT_SHARE;
		return h;
	}
	/* what will find no room is not held meanwhile */
	if (atomic_load_explicit(&s->counts.waiting, memory_order_relaxed) >
	    s->o.waiting) {
		h->fate = SHADOW_QUEUE;
		return h;
	}
	h->pair = pair_new(s, q);
	if (h->pair == NULL)
		h->fate = SHADOW_MEMORY;
	else
		h->pair->ask_body = in < 0;
	return h;
}

static void
on_request_bytes(void *kept, const char *p, size_t n)
{
	struct hold *h = kept;

	if (h->pair != NULL && record_item_add(h->pair->item,
	    &h->pair->item->sent, p, n) != RC_OK)
		give_up(h, SHADOW_MEMORY);
}

/* What is cut off at a target is no comparison for what is whole. */
static size_t
answer_max(const struct shadow *s)
{
	return s->o.answer_max < s->o.body_max ? s->o.answer_max :
	    s->o.body_max;
}

static void
on_answer(void *kept, const struct proxy_answer *a)
{
	struct hold *h = kept;
	const char *why;

	if (h->pair == NULL || h->s->ack != NULL)
		return;		/* a mirror's answer is our own */
	why = record_take_answer(h->pair->item, a, answer_max(h->s));
	if (why != NULL)
		give_up(h, fate_of(why));
}

static void
on_answer_bytes(void *kept, const char *p, size_t n, int64_t at_ns)
{
	struct hold *h = kept;
	const char *why;

	if (h->pair == NULL || h->s->ack != NULL)
		return;
	why = record_take_bytes(h->pair->item, p, n, at_ns,
	    answer_max(h->s));
	if (why != NULL)
		give_up(h, fate_of(why));
}

/* A form's method is known when its body is. */
static int
hides(const struct record_item *it)
{
	return it->has_sent && shadow_allow_hides(it->ex.req_headers,
	    it->ex.n_req_headers, it->ex.target, strlen(it->ex.target),
	    buf_str(&it->sent), it->sent.len);
}

/* Into the queue, or dropped: never a wait. */
static void
hand_over(struct shadow *s, struct hold *h, const struct proxy_end *e)
{
	const char *why = record_take_end(h->pair->item, e, s->start_ns);

	if (why != NULL) {
		give_up(h, fate_of(why));
		return;
	}
	if (hides(h->pair->item)) {
		give_up(h, SHADOW_NOT_ALLOWED);
		return;
	}
	if (atomic_load(&s->counts.waiting) > s->o.waiting) {
		give_up(h, SHADOW_QUEUE);
		return;
	}
	h->pair->at_ns = e->done_ns;
	(void)atomic_fetch_add(&s->counts.waiting, 1);
	shadow_work_put(s->work, h->pair);
	h->pair = NULL;
	h->fate = SHADOW_FATES;		/* not known yet */
}

static void
on_end(void *ctx, void *kept, const struct proxy_end *e)
{
	struct shadow *s = ctx;
	struct hold none = { s, NULL, SHADOW_MEMORY };
	struct hold *h = kept == NULL ? &none : kept;

	shadow_count(&s->counts.seen);
	if (e->how == PROXY_REFUSED) {
		give_up(h, SHADOW_REFUSED);
		h->fate = SHADOW_REFUSED;
	} else if (e->how == PROXY_CUT || e->left) {
		give_up(h, SHADOW_LEFT);
	} else if (e->upgraded) {
		give_up(h, SHADOW_UPGRADED);
	}
	if (h->pair != NULL)
		hand_over(s, h, e);
	if (h->fate != SHADOW_FATES)
		shadow_count(&s->counts.fate[h->fate]);
	free(kept);
}

static void
on_refused(void *ctx, const char *reason)
{
	struct shadow *s = ctx;

	(void)reason;
	shadow_count(&s->counts.seen);
	shadow_count(&s->counts.fate[SHADOW_REFUSED]);
}

/* ---- starting ---------------------------------------------------------- */

/* A user's credential leaves in TLS, or stays on this machine. */
static int
is_private(const char *url)
{
	static const char *const local[] = { "127.", "localhost", "[::1]" };
	size_t i, n;

	if (strncmp(url, "https://", 8) == 0)
		return 1;
	if (strncmp(url, "http://", 7) != 0)
		return 0;
	for (i = 0; i < sizeof(local) / sizeof(local[0]); i++) {
		n = strlen(local[i]);
		if (strncmp(url + 7, local[i], n) == 0 && (i == 0 ?
		    strspn(url + 7, "0123456789.") == strcspn(url + 7,
		    ":/") : url[7 + n] == '\0' || url[7 + n] == ':' ||
		    url[7 + n] == '/'))
			return 1;
	}
	return 0;
}

static int
check(const struct shadow_opts *o, struct err *err)
{
	size_t i;
	int a, rc = RC_OK;

	if (o->n_allow == 0)
		return err_set(err, RC_USAGE, "no route may be mirrored; give "
		    "--allow 'POST /path', or a --suite with a request");
	for (i = 0; i < o->n_allow && rc == RC_OK; i++)
		rc = shadow_allow_check(o->allow[i], err);
	for (a = 0; a < ARM_N && rc == RC_OK && o->forward_auth; a++) {
		if (o->url[a] != NULL && !is_private(o->url[a]))
			rc = err_set(err, RC_USAGE, "--auth forward: %s would "
			    "get users' credentials without TLS; give an "
			    "https:// address", o->url[a]);
	}
	return rc;
}

static struct json *
head_of(const struct shadow *s)
{
	struct json *extra = s->o.head == NULL ? json_new(JSON_OBJECT) :
	    json_copy(s->o.head);
	struct json *red = json_new(JSON_OBJECT);
	struct json *rules = json_new(JSON_ARRAY);
	size_t i;

	for (i = 0; s->o.redact != NULL && i < redact_n(s->o.redact); i++)
		(void)json_push(rules, json_new_str(redact_name(s->o.redact,
		    i)));
	(void)json_set(red, "rules", json_new_str(credential_rules));
	(void)json_set(red, "personal", rules);
	(void)json_set(extra, "redaction", red);
	(void)json_set(extra, "share", json_new_num(s->o.share));
	return extra;
}

/* The trace of the pairs, and the thread that writes it. */
static int
open_sink(struct shadow *s, struct err *err)
{
	const struct suite_target *t = shadow_target_of(&s->o, ARM_CANDIDATE);
	struct trace_parts_opts o = { .out = s->o.out, .kind = "run",
	    .again = s->o.again, .extra = head_of(s), .argc = s->o.argc,
	    .argv = s->o.argv };
	int64_t since_ns = s->o.again ? mono_wall_ns() -
	    s->o.start_wall_ns : 0;
	struct trace_parts *parts;
	int rc;

	s->pins = t == NULL ? NULL : extract_pins_header(t->extract);
	s->keep = (struct record_keep){ &s->pins, s->pins != NULL,
		s->o.redact };
	/* a clock that was set back does not make times negative */
	s->start_ns = mono_now_ns() - (since_ns > 0 ? since_ns : 0);
	rc = trace_parts_new(&o, &parts, err);
	return rc == RC_OK ? record_sink_start(parts, &s->q,
	    &s->keep, &s->sink, err) : rc;
}

static int
open_proxy(struct shadow *s, struct err *err)
{
	struct proxy_opts o = { .listen = s->o.listen,
	    .upstream = s->o.url[ARM_BASELINE], .ca_file = s->o.ca_file,
	    .body_max = s->o.body_max,
	    .connections_max = s->o.connections_max,
	    .tap = { s, on_begin, on_request_bytes, NULL, on_answer,
	    on_answer_bytes, on_end, on_refused } };
	int rc = RC_OK;

	if (s->o.from_mirror) {
		rc = ack_start(NULL, &s->ack, err);
		o.upstream = rc == RC_OK ? ack_url(s->ack) : NULL;
		o.ca_file = NULL;
	}
	return rc == RC_OK ? proxy_open(&o, &s->proxy, err) : rc;
}

static void
shadow_free(struct shadow *s)
{
	struct record_item *it, *next;

	for (it = s->taken; it != NULL; it = next) {
		next = it->next;
		record_item_free(it);
	}
	ack_stop(&s->ack);
	record_share_fini(&s->share);
	record_queue_fini(&s->q);
	record_pool_fini(&s->pool);
	free(s);
}

int
shadow_start(const struct shadow_opts *o, struct shadow **out,
    struct err *err)
{
	struct shadow *s = calloc(1, sizeof(*s));
	struct record_sink_end end = { 1, NULL, NULL };
	struct record_sink_state state;
	struct err late = ERR_INIT;
	int rc;

	*out = NULL;
	if (s == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	/* Large bodies go back to the system when they are freed; no other
	 * thread is there yet. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	(void)mallopt(M_MMAP_THRESHOLD, MMAP_BYTES);
	s->o = *o;
	s->taken_end = &s->taken;
	record_pool_init(&s->pool, o->memory_max);
	record_queue_init(&s->q, o->queue_max);
	rc = check(o, err);
	if (rc == RC_OK)
		rc = record_share_init(&s->share, o->share, o->sticky, err);
	if (rc == RC_OK)
		rc = open_sink(s, err);
	if (rc == RC_OK)
		rc = shadow_work_start(&s->o, &s->pool, &s->counts, &s->q,
		    s->start_ns, &s->work, err);
	if (rc == RC_OK)
		rc = open_proxy(s, err);
	if (rc == RC_OK) {
		*out = s;
		return RC_OK;
	}
	shadow_work_stop(&s->work, 0, NULL);
	if (s->sink != NULL)
		(void)record_sink_stop(&s->sink, &end, &state, &late);
	shadow_free(s);
	return rc;
}

const char *
shadow_url(const struct shadow *s)
{
	return proxy_url(s->proxy);
}

void
shadow_partner(struct shadow *s, const char *key, const struct exchange *ex)
{
	struct shadow_partner *p;

	shadow_count(&s->counts.partners);
	p = shadow_partner_new(&s->pool, s->o.body_max, key, ex);
	if (p != NULL)
		shadow_work_partner(s->work, p);
}

/* ---- several together --------------------------------------------------- */

int64_t
shadow_start_wall_ns(const struct shadow *s)
{
	return mono_wall_ns() - (mono_now_ns() - s->start_ns);
}

void
shadow_set_caps(struct shadow *s, const struct shadow_caps *caps)
{
	shadow_work_caps(s->work, caps);
}

/* Pairs are put one by one: a queue that is full drops some, not all. */
void
shadow_keep_taken(struct shadow *s)
{
	struct record_item *pair = s->taken, *next, **end;
	int arms;

	for (; pair != NULL; pair = next) {
		end = &pair->next;
		for (arms = 1; *end != NULL &&
		    (*end)->ex.key.arm != ARM_BASELINE; arms++)
			end = &(*end)->next;
		next = *end;
		*end = NULL;
		record_queue_put(&s->q, pair);
	}
	s->taken = NULL;
	s->taken_end = &s->taken;
	s->taken_bytes = 0;
}

size_t
shadow_taken_bytes(const struct shadow *s)
{
	return s->taken_bytes;
}

static void
hold(struct shadow *s, struct record_item *pair)
{
	*s->taken_end = pair;
	for (; pair != NULL; pair = pair->next) {
		s->taken_bytes += pair->bytes;
		s->taken_end = &pair->next;
	}
}

void
shadow_take(struct shadow *s, const struct exchange *primary,
    const struct exchange *candidate, const struct exchange *echo)
{
	const struct exchange *ex[3] = { primary, candidate, echo };
	struct record_item *it[3] = { NULL, NULL, NULL };
	int i, bad = 0;

	for (i = 0; i < 3 && !bad; i++) {
		if (ex[i] == NULL)
			continue;
		it[i] = record_item_copy(&s->pool, s->o.body_max, ex[i]);
		bad = it[i] == NULL;
	}
	if (!bad && it[0] != NULL && it[1] != NULL) {
		it[0]->next = it[1];
		it[1]->next = it[2];
		hold(s, it[0]);
		return;
	}
	shadow_count(&s->counts.unkept);
	for (i = 0; i < 3; i++)
		record_item_free(it[i]);
}

/* ---- the account ------------------------------------------------------- */

static void
read_counts(struct shadow *s, struct shadow_stats *out)
{
	struct shadow_counts *c = &s->counts;
	int64_t held;
	int i, k;

	memset(out, 0, sizeof(*out));
	out->seen = atomic_load(&c->seen);
	for (i = 0; i < SHADOW_FATES; i++)
		out->fate[i] = atomic_load(&c->fate[i]);
	out->waiting = atomic_load(&c->waiting);
	out->pairs = atomic_load(&c->pairs);
	out->no_partner = atomic_load(&c->no_partner);
	out->unkept = atomic_load(&c->unkept);
	out->not_echoed = atomic_load(&c->not_echoed);
	out->partners = atomic_load(&c->partners);
	out->joined = atomic_load(&c->joined);
	out->by_status = atomic_load(&c->by_status);
	for (i = 0; i < ARM_N; i++) {
		out->asked[i] = atomic_load(&c->asked[i]);
		for (k = 0; k < OUTCOME_N; k++)
			out->outcome[i][k] = atomic_load(&c->outcome[i][k]);
	}
	held = (int64_t)atomic_load(&c->held_until_ns) - mono_now_ns();
	out->held_ns = held > 0 ? held : 0;
	out->money = (double)atomic_load(&c->nano_money) / 1e9;
	out->dearest = (double)atomic_load(&c->nano_dearest) / 1e9;
}

void
shadow_stats(struct shadow *s, struct shadow_stats *out)
{
	struct record_sink_state state;

	read_counts(s, out);
	record_sink_stats(s->sink, &state);
	out->written = state.acc.written;
	out->lost = state.acc.dropped;
	(void)snprintf(out->trouble, sizeof(out->trouble), "%s",
	    state.trouble);
	out->busy = proxy_busy(s->proxy);
	if (out->trouble[0] == '\0')
		shadow_work_trouble(s->work, out->trouble);
}

int
shadow_stop(struct shadow **sp, int64_t grace_ns,
    const volatile sig_atomic_t *now, struct shadow_stats *out,
    struct err *err)
{
	struct shadow *s = *sp;
	int64_t until = mono_now_ns() + grace_ns;
	struct record_sink_end end = { 0, NULL, NULL };
	struct record_sink_state state;
	int rc;

	*sp = NULL;
	proxy_quiesce(s->proxy);
	while (proxy_busy(s->proxy) > 0 && mono_now_ns() < until &&
	    (now == NULL || *now == 0))
		mono_sleep_until_ns(mono_now_ns() + 20 * MONO_MS);
	proxy_close(&s->proxy);
	shadow_work_stop(&s->work, grace_ns, now);
	rc = record_sink_stop(&s->sink, &end, &state, err);
	read_counts(s, out);
	out->written = state.acc.written;
	out->lost = state.acc.dropped;
	shadow_free(s);
	return rc;
}
