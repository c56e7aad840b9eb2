/* Writes with an idempotency key; see writes.h. */
#include "harness/drill/writes.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/mono.h"
#include "harness/base/retry.h"

enum { SETTLE_MAX = 6, BODY_MAX = 1 << 20 };
#define SETTLE_NS (100 * MONO_MS)
#define SETTLE_CAP_NS (2 * MONO_S)

static const char *
text_or(const struct json *j, const char *dflt)
{
	return json_str(j) != NULL ? json_str(j) : dflt;
}

int
writes_init(struct writes *w, struct drill *d, int concurrency,
    struct err *err)
{
	memset(w, 0, sizeof(*w));
	wave_init(&w->wave, concurrency);
	w->d = d;
	w->path = json_str(drill_word(d, "write.path"));
	w->method = text_or(drill_word(d, "write.method"), "POST");
	w->key_header = text_or(drill_word(d, "write.key_header"),
	    "Idempotency-Key");
	w->body = drill_word(d, "write.body");
	if (w->path == NULL)
		return err_set(err, RC_USAGE, "needs a request that has an "
		    "effect: --set write.path=/PATH (and write.body, "
		    "write.effect_id, audit: see GUARDRAILS.md)");
	w->effect_id = json_ptr_new(text_or(drill_word(d,
	    "write.effect_id"), "/effect_id"), err);
	w->diff = json_ptr_new(text_or(drill_word(d, "write.diff"), "/diff"),
	    err);
	return w->effect_id == NULL || w->diff == NULL ? (int)err->code :
	    RC_OK;
}

void
writes_fini(struct writes *w)
{
	json_ptr_free(w->effect_id);
	json_ptr_free(w->diff);
	wave_fini(&w->wave);
	free(w->v);
	memset(w, 0, sizeof(*w));
}

int
writes_keys(struct writes *w, size_t n, struct err *err)
{
	size_t i;

	free(w->v);
	w->v = calloc(n + 1, sizeof(*w->v));
	w->n = w->v == NULL ? 0 : n;
	for (i = 0; i < w->n; i++) {
		w->v[i].n = ++w->d->n;
		(void)snprintf(w->v[i].key, WRITE_KEY, "%s-%" PRIu64,
		    w->d->id, w->v[i].n);
	}
	return w->v == NULL ? err_set(err, RC_NOMEM, "out of memory") :
	    RC_OK;
}

/* text with every {{n}} and {{key}} replaced */
static void
put_body(const struct writes *w, const struct write_key *k, int other,
    struct buf *out)
{
	struct buf text;
	const char *p;

	buf_init(&text, BODY_MAX);
	if (w->body == NULL)
		buf_puts(&text, "{\"lockstep_drill\":\"{{n}}\"}");
	else if (json_str(w->body) != NULL)
		buf_puts(&text, json_str(w->body));
	else
		json_write(&text, w->body);
	for (p = buf_str(&text); *p != '\0'; p++) {
		if (strncmp(p, "{{n}}", 5) == 0) {
			buf_printf(out, "%" PRIu64, k->n +
			    (other ? 500000000 : 0));
			p += 4;
		} else if (strncmp(p, "{{key}}", 7) == 0) {
			buf_puts(out, k->key);
			p += 6;
		} else {
			buf_putc(out, *p);
		}
	}
	buf_fini(&text);
}

struct ask *
writes_add(struct writes *w, size_t i, int other, struct err *err)
{
	struct buf body;
	struct ask *a;

	buf_init(&body, BODY_MAX);
	put_body(w, &w->v[i], other, &body);
	a = wave_add(w->d, &w->wave, drill_arm(w->d), w->method, w->path,
	    &body);
	buf_fini(&body);
	if (a == NULL) {
		(void)err_set(err, RC_NOMEM, "out of memory");
		return NULL;
	}
	ask_headers(&w->wave, a, drill_word(w->d, "write.headers"));
	ask_header(&w->wave, a, w->key_header, w->v[i].key);
	a->tag = (uint32_t)i;
	return a;
}

/* What an answer calls its effect; else the answer itself stands for it. */
static void
effect_of(const struct writes *w, const struct ask *a, char out[WRITE_ID])
{
	struct json *j = ask_json(a);
	const char *word;
	struct buf b;

	buf_init(&b, 1 << 16);
	word = json_word(json_ptr_find(w->effect_id, j), &b);
	if (word != NULL && *word != '\0')
		(void)snprintf(out, WRITE_ID, "%s", word);
	else
		hash_hex(a->res, a->res_n, out);
	buf_fini(&b);
	json_free(j);
}

void
writes_take(struct writes *w, const struct ask *a)
{
	struct write_key *k = &w->v[a->tag];
	char effect[WRITE_ID], say[160];

	if (a->status < 200 || a->status >= 300) {
		if (a->cut == ASK_WHOLE)
			(void)snprintf(k->refused, sizeof(k->refused), "%s",
			    ask_say(a, say));
		k->never = a->status != 409 && a->status != 425 &&
		    !retry_worth(a->status);
		return;
	}
	effect_of(w, a, effect);
	k->answered++;
	if (k->effect[0] == '\0')
		(void)snprintf(k->effect, WRITE_ID, "%s", effect);
	else if (strcmp(k->effect, effect) != 0)
		(void)snprintf(k->other, WRITE_ID, "%s", effect);
}

int
writes_send(struct writes *w, struct err *err)
{
	int rc = wave_send(w->d, &w->wave, err);
	size_t i;

	for (i = 0; i < w->wave.n && rc == RC_OK; i++)
		writes_take(w, w->wave.v[i]);
	wave_reset(&w->wave);
	return rc;
}

/* ---- beside a lever ----------------------------------------------------- */

struct sender {
	struct writes *w;
	atomic_int over;
	struct err err;
	int rc;
};

static void *
send_main(void *ctx)
{
	struct sender *s = ctx;

	s->rc = wave_send(s->w->d, &s->w->wave, &s->err);
	atomic_store(&s->over, 1);
	return NULL;
}

int
writes_send_beside(struct writes *w, const char *lever, struct err *err)
{
	struct sender s = { .w = w, .err = ERR_INIT };
	uint64_t from = w->d->requests;
	pthread_t thread;
	size_t i;
	int rc;

	if (pthread_create(&thread, NULL, send_main, &s) != 0)
		return err_set(err, RC_NOMEM, "cannot start a thread");
	while (!atomic_load(&s.over) &&
	    w->d->requests - from < w->wave.n / 5)
		mono_sleep_until_ns(mono_now_ns() + MONO_MS / 5);
	rc = lever_pull(w->d, lever, err);
	(void)pthread_join(thread, NULL);
	if (rc == RC_OK && s.rc != RC_OK)
		rc = err_set(err, s.err.code, "%s", s.err.msg);
	for (i = 0; i < w->wave.n && rc == RC_OK; i++)
		writes_take(w, w->wave.v[i]);
	wave_reset(&w->wave);
	return rc;
}

int
writes_settle(struct writes *w, struct err *err)
{
	int64_t pause = SETTLE_NS;
	size_t i;
	int turn, rc = RC_OK;

	for (turn = 0; turn < SETTLE_MAX && rc == RC_OK; turn++) {
		for (i = 0; i < w->n && rc == RC_OK; i++) {
			if (w->v[i].answered == 0 && !w->v[i].never &&
			    writes_add(w, i, 0, err) == NULL)
				rc = err->code;
		}
		if (rc != RC_OK || w->wave.n == 0)
			break;
		if (turn > 0)
			mono_sleep_until_ns(mono_now_ns() + pause);
		pause = pause * 2 > SETTLE_CAP_NS ? SETTLE_CAP_NS : pause * 2;
		rc = writes_send(w, err);
	}
	return rc;
}

size_t
writes_twice(const struct writes *w, const struct write_key **first)
{
	size_t i, n = 0;

	for (i = 0; i < w->n; i++) {
		if (w->v[i].other[0] != '\0' && n++ == 0)
			*first = &w->v[i];
	}
	return n;
}

size_t
writes_lost(const struct writes *w, const struct write_key **first)
{
	size_t i, n = 0;

	for (i = 0; i < w->n; i++) {
		if (w->v[i].answered == 0 && n++ == 0)
			*first = &w->v[i];
	}
	return n;
}
