/* The cases of a shadow's report; see cmd_shadow_gold.h. */
#include "harness/cmd/cmd_shadow_gold.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/hash.h"
#include "harness/base/replace.h"
#include "harness/base/text.h"
#include "harness/suite/caseset.h"

enum { QUESTION_MAX = 1 << 20, LINE_MAX_BYTES = 64 << 20,
	FLUSH_BYTES = 1 << 20 };

struct wording {
	uint64_t hash, case_index;
};

struct join {
	struct caseset *traffic, *gold;
	struct gold one, right;		/* of each */
	struct wording *v;		/* by hash, then case */
	size_t n, cap;
	struct buf norm, out;
	int fd;
};

/* ---- questions --------------------------------------------------------- */

/* returns 0, or -1: it is no text */
static int
hash_of(struct join *j, const char *s, size_t n, uint64_t *out)
{
	for (; n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\n'); n--)
		continue;
	for (; n > 0 && (*s == ' ' || *s == '\n'); n--)
		s++;
	buf_reset(&j->norm);
	if (n == 0 || text_normalise(s, n, TEXT_NFKC_FOLD, &j->norm, NULL) !=
	    RC_OK)
		return -1;
	*out = hash_u64(buf_str(&j->norm), j->norm.len);
	return 0;
}

static int
add(struct join *j, const char *s, size_t n, uint64_t case_index)
{
	struct wording *grown;
	size_t cap;

	if (j->n == j->cap) {
		cap = j->cap == 0 ? 256 : j->cap * 2;
		grown = realloc(j->v, cap * sizeof(*grown));
		if (grown == NULL)
			return RC_NOMEM;
		j->v = grown;
		j->cap = cap;
	}
	j->v[j->n].case_index = case_index;
	j->n += s != NULL && hash_of(j, s, n, &j->v[j->n].hash) == 0;
	return RC_OK;
}

static int
by_hash(const void *a, const void *b)
{
	const struct wording *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->case_index < y->case_index ? -1 :
	    x->case_index > y->case_index;
}

static int
read_gold(struct join *j, struct err *err)
{
	const struct gold *g = &j->right;
	uint64_t i;
	size_t k;
	int rc = RC_OK;

	for (i = 0; i < caseset_n(j->gold) && rc == RC_OK; i++) {
		rc = caseset_get(j->gold, i, &j->right, err);
		if (rc == RC_OK)
			rc = add(j, g->question, g->question_n, i);
		for (k = 0; k < g->paraphrases.n && rc == RC_OK; k++)
			rc = add(j, g->paraphrases.v[k],
			    g->paraphrases.len[k], i);
	}
	if (rc == RC_OK && j->n > 0)
		qsort(j->v, j->n, sizeof(*j->v), by_hash);
	return rc;
}

/* The first case that asks it. returns it, or UINT64_MAX */
static uint64_t
find(struct join *j, const struct gold *g)
{
	size_t from = 0, to = j->n, at;
	uint64_t hash;

	if (g->no_question || hash_of(j, g->question, g->question_n, &hash) !=
	    0)
		return UINT64_MAX;
	while (from < to) {
		at = (from + to) / 2;
		if (j->v[at].hash < hash)
			from = at + 1;
		else
			to = at;
	}
	return from < j->n && j->v[from].hash == hash ?
	    j->v[from].case_index : UINT64_MAX;
}

/* ---- lines ------------------------------------------------------------- */

/* What gold says of an answer; the rest is of its own request. */
static int
is_expectation(const char *key)
{
	static const char *const others[] = { "id", "question", "paraphrases",
		"no_question", "recorded", "session", "body", "target", "sent",
		"request" };
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (strcmp(key, others[i]) == 0)
			return 0;
	}
	return 1;
}

static void
put_line(struct join *j, const struct json *right)
{
	const struct json *m;
	struct json_out o;

	json_out_init(&o, &j->out, 0);
	json_out_obj(&o);
	for (m = json_first(j->one.doc); m != NULL; m = json_next(m)) {
		json_out_key(&o, json_key(m));
		json_out_json(&o, m);
	}
	for (m = json_first(right); m != NULL; m = json_next(m)) {
		if (!is_expectation(json_key(m)) ||
		    json_get(j->one.doc, json_key(m)) != NULL)
			continue;
		json_out_key(&o, json_key(m));
		json_out_json(&o, m);
	}
	json_out_end(&o, '}');
	buf_putc(&j->out, '\n');
}

static int
flush(struct join *j, size_t from, struct err *err)
{
	size_t at = 0;
	ssize_t n;

	if (buf_check(&j->out, "the run's cases", err) != RC_OK)
		return err->code;
	if (j->out.len < from)
		return RC_OK;
	for (; at < j->out.len; at += (size_t)n) {
		n = write(j->fd, j->out.p + at, j->out.len - at);
		if (n < 0)
			return err_errno(err, RC_IO, "the run's cases");
	}
	buf_reset(&j->out);
	return RC_OK;
}

static int
write_all(struct join *j, uint64_t *known, struct err *err)
{
	uint64_t i, at;
	int rc = RC_OK;

	*known = 0;
	for (i = 0; i < caseset_n(j->traffic) && rc == RC_OK; i++) {
		rc = caseset_get(j->traffic, i, &j->one, err);
		if (rc != RC_OK)
			break;
		at = find(j, &j->one);
		if (at != UINT64_MAX)
			rc = caseset_get(j->gold, at, &j->right, err);
		if (rc != RC_OK)
			break;
		*known += at != UINT64_MAX;
		put_line(j, at == UINT64_MAX ? NULL : j->right.doc);
		rc = flush(j, FLUSH_BYTES, err);
	}
	return rc == RC_OK ? flush(j, 1, err) : rc;
}

int
shadow_gold_write(const struct suite *of_trace, const struct suite *gold,
    const char *path, uint64_t *known, struct err *err)
{
	const struct caseset_filter all = { 0 };
	struct join j = { .fd = -1 };
	struct replace file;
	int rc;

	gold_init(&j.one);
	gold_init(&j.right);
	buf_init(&j.norm, QUESTION_MAX);
	buf_init(&j.out, LINE_MAX_BYTES);
	rc = caseset_open(of_trace, &all, &j.traffic, err);
	if (rc == RC_OK)
		rc = caseset_open(gold, &all, &j.gold, err);
	if (rc == RC_OK)
		rc = read_gold(&j, err);
	if (rc == RC_NOMEM)
		rc = err_set(err, RC_NOMEM, "out of memory");
	if (rc == RC_OK)
		rc = replace_open(&file, path, REPLACE_OWN, err);
	if (rc == RC_OK) {
		j.fd = file.fd;
		rc = replace_close(&file, write_all(&j, known, err), err);
	}
	gold_fini(&j.one);
	gold_fini(&j.right);
	caseset_close(&j.traffic);
	caseset_close(&j.gold);
	buf_fini(&j.norm);
	buf_fini(&j.out);
	free(j.v);
	return rc;
}
