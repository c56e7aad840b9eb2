/*
 * The set of a run: every distinct text embedded once.
 *
 * A table from text hash to entry, a list in order of use, and a fetch
 * number that pins what the current fetches have handed out.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/table.h"
#include "harness/meaning/embed_part.h"
#include "harness/meaning/window.h"

struct entry {
	struct embed_doc doc;
	uint32_t at;			/* its number in the table */
	struct entry *newer, *older;	/* of the list in order of use */
	unsigned char hash[HASH_TABLE_BYTES];
	unsigned parts;			/* what is there or was tried */
	int pinned;
	size_t bytes;
};

struct embed_set {
	struct embedder *e;
	struct embed_store persist;
	int has_persist;
	struct table table;		/* of v, by the text's hash */
	struct entry **v;
	size_t cap, max_bytes;
	struct entry *newest, *oldest;
	struct entry **pins;
	size_t n_pins, cap_pins;
	struct embed_stats stats;
};

/* One text to be embedded, and where its vector goes. */
struct embed_work {
	struct entry *entry;
	struct embed_str text;
	size_t slot;			/* SLOT_WHOLE, or a window */
	struct embed_vec *vec;
	enum embed_missing why;
	int stored;			/* came from the store */
	char hash[HASH_HEX];		/* with a store only */
};
#define SLOT_WHOLE SIZE_MAX

struct jobs {
	struct embed_work *v;
	size_t n, cap;
};

int
embed_set_open(struct embedder *e, size_t max_bytes,
    const struct embed_store *persist, struct embed_set **out,
    struct err *err)
{
	struct embed_set *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (s == NULL)
		return err_set(err, RC_NOMEM, "set of vectors");
	s->e = e;
	s->max_bytes = max_bytes;
	if (persist != NULL) {
		s->persist = *persist;
		s->has_persist = 1;
	}
	*out = s;
	return RC_OK;
}

static void
doc_clear(struct embed_doc *d)
{
	size_t i;

	for (i = 0; i < d->n_win; i++) {
		if (d->win[i] != d->whole)
			free(d->win[i]);
	}
	free(d->win);
	free(d->whole);
	memset(d, 0, sizeof(*d));
}

static void
entry_free(struct entry *t)
{
	doc_clear(&t->doc);
	free(t);
}

void
embed_set_close(struct embed_set **set)
{
	struct embed_set *s = *set;
	struct entry *t;

	if (s == NULL)
		return;
	while ((t = s->newest) != NULL) {
		s->newest = t->older;
		entry_free(t);
	}
	table_fini(&s->table);
	free(s->v);
	free(s->pins);
	free(s);
	*set = NULL;
}

struct embed_stats
embed_set_stats(const struct embed_set *set)
{
	return set->stats;
}

/* ---- table and list ---------------------------------------------------- */

static uint64_t
short_of(const unsigned char *hash)
{
	uint64_t h;

	memcpy(&h, hash, sizeof(h));
	return h;
}

static int
same_text(const void *ctx, const void *key, uint32_t at)
{
	struct entry *const *v = ctx;

	return memcmp(v[at]->hash, key, HASH_TABLE_BYTES) == 0;
}

static void
list_remove(struct embed_set *s, struct entry *t)
{
	if (t->newer != NULL)
		t->newer->older = t->older;
	else
		s->newest = t->older;
	if (t->older != NULL)
		t->older->newer = t->newer;
	else
		s->oldest = t->newer;
}

static void
list_add(struct embed_set *s, struct entry *t)
{
	t->newer = NULL;
	t->older = s->newest;
	if (s->newest != NULL)
		s->newest->newer = t;
	else
		s->oldest = t;
	s->newest = t;
}

static int
room(struct embed_set *s)
{
	struct entry **v;

	if (s->table.n < s->cap)
		return RC_OK;
	v = table_grow(&s->table, (void *)s->v, &s->cap,
	    sizeof(struct entry *));
	if (v == NULL)
		return RC_NOMEM;
	s->v = v;
	return RC_OK;
}

/* The entry of a text, made when there is none; NULL: memory is out. */
static struct entry *
entry_get(struct embed_set *s, struct embed_str text)
{
	unsigned char hash[HASH_TABLE_BYTES];
	struct entry *t;
	uint32_t at;

	hash_table128(text.s, text.n, hash);
	at = table_find(&s->table, short_of(hash), same_text, s->v, hash);
	if (at != TABLE_NONE) {
		t = s->v[at];
		list_remove(s, t);
		list_add(s, t);
		return t;
	}
	if (room(s) != RC_OK)
		return NULL;
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return NULL;
	memcpy(t->hash, hash, sizeof(hash));
	t->bytes = sizeof(*t);
	t->at = s->table.n;
	s->v[t->at] = t;
	table_put(&s->table, short_of(hash), t->at);
	list_add(s, t);
	s->stats.bytes += t->bytes;
	return t;
}

/* The last one takes its number. */
static void
entry_drop(struct embed_set *s, struct entry *t)
{
	struct entry *last = s->v[s->table.n - 1];

	(void)table_del(&s->table, short_of(t->hash), t->at);
	if (last != t) {
		(void)table_del(&s->table, short_of(last->hash), last->at);
		last->at = t->at;
		s->v[last->at] = last;
		table_put(&s->table, short_of(last->hash), last->at);
	}
	list_remove(s, t);
	s->stats.bytes -= t->bytes;
	entry_free(t);
}

static void
evict(struct embed_set *s)
{
	struct entry *t = s->oldest, *next;

	while (t != NULL && s->stats.bytes > s->max_bytes) {
		next = t->newer;
		if (!t->pinned) {
			entry_drop(s, t);
			s->stats.evicted++;
		}
		t = next;
	}
}

static int
pin(struct embed_set *s, struct entry *t)
{
	struct entry **p;
	size_t cap;

	if (t->pinned)
		return RC_OK;
	if (s->n_pins == s->cap_pins) {
		cap = s->cap_pins ? s->cap_pins * 2 : 256;
		p = realloc(s->pins, cap * sizeof(struct entry *));
		if (p == NULL)
			return RC_NOMEM;
		s->pins = p;
		s->cap_pins = cap;
	}
	s->pins[s->n_pins++] = t;
	t->pinned = 1;
	return RC_OK;
}

void
embed_set_release(struct embed_set *s)
{
	struct entry *t;
	size_t i;

	for (i = 0; i < s->n_pins; i++) {
		t = s->pins[i];
		t->pinned = 0;
		if (t->doc.why == EMBED_FAILED)
			entry_drop(s, t);
	}
	s->n_pins = 0;
	evict(s);
}

/* ---- jobs -------------------------------------------------------------- */

static int
job_add(struct jobs *j, struct entry *t, struct embed_str text, size_t slot)
{
	struct embed_work *v;
	size_t cap;

	if (j->n == j->cap) {
		cap = j->cap ? j->cap * 2 : 256;
		v = realloc(j->v, cap * sizeof(*v));
		if (v == NULL)
			return RC_NOMEM;
		j->v = v;
		j->cap = cap;
	}
	j->v[j->n++] = (struct embed_work){ .entry = t, .text = text,
		.slot = slot };
	return RC_OK;
}

/* One job a window; a text of a single window shares its whole vector. */
static int
jobs_windows(struct jobs *j, struct entry *t, struct embed_str text)
{
	struct window_iter it;
	struct embed_str w;
	size_t n = 0;

	if (text.n > EMBED_TEXT_MAX)
		return RC_OK;		/* the whole's job tells why */
	window_init(&it, text.s, text.n);
	while (window_next(&it, &w))
		n++;
	if (n == 0)
		return RC_OK;
	t->doc.win = calloc(n, sizeof(struct embed_vec *));
	if (t->doc.win == NULL)
		return RC_NOMEM;
	t->doc.n_win = n;
	t->bytes += n * sizeof(struct embed_vec *);
	if (n == 1) {		/* the whole's job fills it, if still to come */
		t->doc.win[0] = t->doc.whole;
		return RC_OK;
	}
	window_init(&it, text.s, text.n);
	for (n = 0; window_next(&it, &w); n++) {
		if (job_add(j, t, w, n) != RC_OK)
			return RC_NOMEM;
	}
	return RC_OK;
}

/* Closes the gaps that windows without a word left. */
static void
doc_finish(struct embed_doc *d)
{
	size_t i, n = 0;

	for (i = 0; i < d->n_win; i++) {
		if (d->win[i] != NULL)
			d->win[n++] = d->win[i];
	}
	if (d->n_win > 0 && n == 0 && d->why == EMBED_OK)
		d->why = EMBED_EMPTY;
	d->n_win = n;
}

static int
jobs_for(struct embed_set *s, struct jobs *j, struct entry *t,
    const struct embed_want *want)
{
	unsigned parts = want->parts & ~t->parts;
	size_t bytes = t->bytes;
	int rc = RC_OK;

	assert(want->parts != 0);
	if (parts == 0) {
		s->stats.hits++;
		return RC_OK;
	}
	if (parts & EMBED_WINDOWS)
		rc = jobs_windows(j, t, want->text);
	if (t->doc.n_win < 2)
		parts |= EMBED_WHOLE & ~t->parts;
	if (rc == RC_OK && (parts & EMBED_WHOLE))
		rc = job_add(j, t, want->text, SLOT_WHOLE);
	else if (t->doc.n_win == 1)
		doc_finish(&t->doc);
	t->parts |= parts | want->parts;
	s->stats.bytes += t->bytes - bytes;
	return rc;
}

/* Takes what the store has; the others keep vec NULL. */
static int
jobs_load(struct embed_set *s, struct jobs *j, struct err *err)
{
	const char *weights = s->e->info.weights_hash;
	size_t i, n;
	void *blob;
	int rc;

	for (i = 0; s->has_persist && i < j->n; i++) {
		struct embed_work *b = &j->v[i];

		hash_hex(b->text.s, b->text.n, b->hash);
		blob = NULL;
		rc = s->persist.get(s->persist.ctx, weights, b->hash, &blob,
		    &n, err);
		if (rc != RC_OK)
			return rc;
		if (blob != NULL)
			b->vec = embed_vec_load(blob, n);
		free(blob);
		b->stored = b->vec != NULL;
		s->stats.stored += b->vec != NULL;
	}
	return RC_OK;
}

/* Gives the store the vectors that it lacked. */
static int
jobs_save(struct embed_set *s, const struct jobs *j, struct err *err)
{
	const struct embed_store *p = &s->persist;
	int rc = RC_OK, end;
	size_t i;

	if (!s->has_persist)
		return RC_OK;
	if (p->begin != NULL)
		rc = p->begin(p->ctx, err);
	if (rc != RC_OK)
		return rc;
	for (i = 0; i < j->n && rc == RC_OK; i++) {
		const struct embed_work *b = &j->v[i];

		if (b->vec != NULL && !b->stored)
			rc = p->put(p->ctx, s->e->info.weights_hash, b->hash,
			    b->vec, b->vec->bytes, err);
	}
	end = p->end != NULL ? p->end(p->ctx, err) : RC_OK;
	return rc != RC_OK ? rc : end;
}

/* Embeds the jobs without a vector. */
static int
jobs_run(struct embed_set *s, struct jobs *j, struct err *err)
{
	struct embed_str *text = calloc(j->n + 1, sizeof(*text));
	struct embed_vec **vec = calloc(j->n + 1,
	    sizeof(struct embed_vec *));
	enum embed_missing *why = calloc(j->n + 1, sizeof(*why));
	size_t i, n = 0;
	int rc;

	if (text == NULL || vec == NULL || why == NULL) {
		rc = err_set(err, RC_NOMEM, "vectors");
		goto done;
	}
	for (i = 0; i < j->n; i++) {
		if (j->v[i].vec == NULL)
			text[n++] = j->v[i].text;
	}
	rc = embedder_embed(s->e, text, n, vec, why, err);
	if (rc != RC_OK)
		goto done;
	s->stats.embedded += n;
	for (i = 0, n = 0; i < j->n; i++) {
		struct embed_work *b = &j->v[i];

		if (b->vec != NULL)
			continue;
		b->vec = vec[n];
		b->why = why[n++];
	}
	if (n > 0)
		rc = jobs_save(s, j, err);
done:
	free(text);
	free(vec);
	free(why);
	return rc;
}

/* Puts a vector where it belongs. A window of no word is not missed. */
static void
job_deliver(struct embed_set *s, struct embed_work *b)
{
	struct embed_doc *d = &b->entry->doc;
	size_t bytes = b->vec != NULL ? b->vec->bytes : 0;

	if (b->slot == SLOT_WHOLE) {
		d->whole = b->vec;
		if (d->why == EMBED_OK)
			d->why = b->why;
		if (d->n_win == 1)
			d->win[0] = d->whole;
	} else {
		d->win[b->slot] = b->vec;
		if (d->why == EMBED_OK && b->why != EMBED_EMPTY)
			d->why = b->why;
	}
	b->vec = NULL;
	b->entry->bytes += bytes;
	s->stats.bytes += bytes;
}

int
embed_set_fetch(struct embed_set *s, const struct embed_want *wants,
    size_t n, const struct embed_doc **out, struct err *err)
{
	struct jobs jobs = { NULL, 0, 0 };
	struct entry *t;
	size_t i;
	int rc = RC_OK;

	for (i = 0; i < n && rc == RC_OK; i++) {
		t = entry_get(s, wants[i].text);
		if (t == NULL || pin(s, t) != RC_OK ||
		    jobs_for(s, &jobs, t, &wants[i]) != RC_OK)
			rc = err_set(err, RC_NOMEM, "set of vectors");
		else
			out[i] = &t->doc;
		s->stats.asked++;
	}
	if (rc == RC_OK)
		rc = jobs_load(s, &jobs, err);
	if (rc == RC_OK)
		rc = jobs_run(s, &jobs, err);
	for (i = 0; i < jobs.n; i++) {
		if (rc != RC_OK)	/* to be tried again by the next */
			jobs.v[i].entry->doc.why = EMBED_FAILED;
		job_deliver(s, &jobs.v[i]);
	}
	for (i = 0; i < jobs.n; i++)
		doc_finish(&jobs.v[i].entry->doc);
	free(jobs.v);
	if (rc == RC_OK)
		evict(s);
	return rc;
}
