/* The scorers of a suite; see scorer.h. */
#include "harness/score/scorer.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "harness/score/scorer_part.h"

enum { COMMAND_MAX = 64 << 10 };

struct one {
	struct scorer_proc *proc;
	struct scorer_names names;
	char hash[HASH_HEX];
};

struct scorer_set {
	const struct suite *suite;
	struct embed_store keep;
	int has_keep;
	struct one v[SUITE_SCORERS_MAX];
	size_t n;
};

/* ---- identity ------------------------------------------------------- */

/* A file that the command names: another script is another judge. */
static int
add_file(struct buf *b, const char *path, struct err *err)
{
	char hash[HASH_HEX];
	struct stat st;

	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return RC_OK;
	if (hash_file(path, hash, err) != RC_OK)
		return RC_IO;
	buf_printf(b, "\n%s", hash);
	return RC_OK;
}

/*
 * The next word of a command, without its quotes and with the suite's folder
 * in place, as far as files go.
 * *written   it stands behind a '>'
 */
static const char *
next_word(const char *p, const char *dir, struct buf *word, int *written)
{
	static const char *const ours[] = { "${LOCKSTEP_SUITE_DIR}",
		"$LOCKSTEP_SUITE_DIR" };
	size_t i, n;

	*written = 0;
	for (; *p != '\0' && strchr(" \t\n;|&()<>", *p) != NULL; p++) {
		if (*p != ' ')
			*written = *p == '>';
	}
	while (*p != '\0' && strchr(" \t\n;|&()<>", *p) == NULL) {
		for (i = 0; i < 2; i++) {
			n = strlen(ours[i]);
			if (strncmp(p, ours[i], n) == 0)
				break;
		}
		if (i < 2)
			buf_puts(word, dir);
		else if (*p != '"' && *p != '\'')
			buf_putc(word, *p);
		p += i < 2 ? n : 1;
	}
	return p;
}

static int
add_files(struct buf *b, const struct suite_scorer *s, const char *dir,
    struct err *err)
{
	const char *p = s->exec;
	struct buf word;
	int rc = RC_OK, written;

	buf_init(&word, COMMAND_MAX);
	while (*p != '\0' && rc == RC_OK) {
		buf_reset(&word);
		p = next_word(p, dir, &word, &written);
		if (word.len > 0 && !written)
			rc = add_file(b, buf_str(&word), err);
	}
	buf_fini(&word);
	return rc;
}

static int
identify(const struct suite *suite, size_t k, struct one *one,
    struct err *err)
{
	const struct suite_scorer *s = &suite->scorer[k];
	struct buf b;
	size_t i;
	int rc;

	buf_init(&b, (size_t)4 * COMMAND_MAX);
	buf_printf(&b, "scorer 1\n%s\n%s", s->exec, s->version);
	for (i = 0; i < one->names.n; i++)
		buf_printf(&b, "\n%s", one->names.m[i].name);
	rc = add_files(&b, s, suite->dir, err);
	if (rc == RC_OK)
		rc = buf_check(&b, "a scorer's command", err);
	if (rc == RC_OK)
		hash_hex(b.p, b.len, one->hash);
	buf_fini(&b);
	return rc;
}

/* ---- open and close ------------------------------------------------- */

int
scorer_set_open(const struct suite *suite, const struct embed_store *keep,
    struct scorer_set **out, struct err *err)
{
	struct scorer_set *set;
	int rc = RC_OK;
	size_t i;

	*out = NULL;
	if (suite->n_scorers == 0)
		return RC_OK;
	set = calloc(1, sizeof(*set));
	if (set == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	set->suite = suite;
	set->has_keep = keep != NULL;
	if (keep != NULL)
		set->keep = *keep;
	for (i = 0; i < suite->n_scorers && rc == RC_OK; i++) {
		set->v[i].names = (struct scorer_names){
			suite->scored + suite->scorer[i].first,
			suite->scorer[i].n };
		rc = identify(suite, i, &set->v[i], err);
		if (rc == RC_OK)
			rc = scorer_proc_new(&suite->scorer[i], suite->dir,
			    &set->v[i].names, &set->v[i].proc, err);
		set->n++;
	}
	if (rc != RC_OK)
		scorer_set_close(&set);
	*out = set;
	return rc;
}

void
scorer_set_close(struct scorer_set **set)
{
	size_t i;

	if (*set == NULL)
		return;
	for (i = 0; i < (*set)->n; i++)
		scorer_proc_free((*set)->v[i].proc);
	free(*set);
	*set = NULL;
}

const char *
scorer_set_hash(const struct scorer_set *set, size_t i)
{
	return set->v[i].hash;
}

struct scorer_stats
scorer_set_stats(const struct scorer_set *set, size_t i)
{
	return *scorer_proc_stats(set->v[i].proc);
}

/* ---- a batch -------------------------------------------------------- */

/* A line among those equal to it. */
struct place {
	char hash[HASH_HEX];
	const struct scorer_ask *ask;
};

struct batch {
	struct place *at;	/* sorted: equal lines are neighbours */
	size_t n;
	struct scorer_call *calls;	/* in the order of the lines */
	size_t n_calls;
};

static int
by_hash(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	int c = strcmp(x->hash, y->hash);

	/* the first asked leads, so that lines go out in their order */
	return c != 0 ? c : (x->ask > y->ask) - (x->ask < y->ask);
}

static int
by_ask(const void *a, const void *b)
{
	const struct scorer_call *x = a, *y = b;

	return (x->out > y->out) - (x->out < y->out);
}

static int
leads(const struct batch *b, size_t i)
{
	return i == 0 || strcmp(b->at[i].hash, b->at[i - 1].hash) != 0;
}

/* An answer from an earlier run. returns 1 when there is one */
static int
find_kept(struct scorer_set *set, const struct one *one, struct place *at,
    struct err *err)
{
	void *blob = NULL;
	struct json *j;
	size_t n = 0;
	int found = 0;

	if (!set->has_keep)
		return 0;
	if (set->keep.get(set->keep.ctx, one->hash, at->hash, &blob, &n,
	    err) != RC_OK)
		return RC_DB;
	j = blob == NULL ? NULL : json_parse(blob, n, NULL);
	if (j != NULL) {
		scorer_reply_read(j, &one->names, at->ask->out, NULL);
		found = 1;
	}
	json_free(j);
	free(blob);
	return found;
}

static int
prepare(struct scorer_set *set, struct one *one, struct batch *b,
    const struct scorer_ask *asks, struct err *err)
{
	struct scorer_stats *st = scorer_proc_stats(one->proc);
	size_t i;
	int found;

	b->at = calloc(b->n + 1, sizeof(*b->at));
	b->calls = calloc(b->n + 1, sizeof(*b->calls));
	if (b->at == NULL || b->calls == NULL)
		return err_set(err, RC_NOMEM, "out of memory for scorers");
	for (i = 0; i < b->n; i++) {
		hash_hex(asks[i].p, asks[i].n, b->at[i].hash);
		b->at[i].ask = &asks[i];
	}
	qsort(b->at, b->n, sizeof(*b->at), by_hash);
	for (i = 0; i < b->n; i++) {
		if (!leads(b, i)) {
			st->same++;
			continue;
		}
		found = find_kept(set, one, &b->at[i], err);
		if (found < 0)
			return found;
		st->kept += (uint64_t)found;
		if (!found)
			b->calls[b->n_calls++] = (struct scorer_call){
				b->at[i].ask->p, b->at[i].ask->n,
				b->at[i].ask->out, 0, 0 };
	}
	qsort(b->calls, b->n_calls, sizeof(*b->calls), by_ask);
	scorer_proc_load(one->proc, b->calls, b->n_calls);
	return RC_OK;
}

/* What failed is asked again another time. */
static int
worth_keeping(const struct one *one, const struct scorer_value *v)
{
	size_t i;

	for (i = 0; i < one->names.n; i++) {
		if (v[i].missing != SCORER_HERE &&
		    v[i].missing != SCORER_DECLINED &&
		    v[i].missing != SCORER_LEFT_OUT)
			return 0;
	}
	return 1;
}

static int
was_called(const struct batch *b, struct scorer_value *out)
{
	const struct scorer_call key = { .out = out };

	return bsearch(&key, b->calls, b->n_calls, sizeof(*b->calls),
	    by_ask) != NULL;
}

static int
keep_new(struct scorer_set *set, const struct one *one,
    const struct batch *b, struct err *err)
{
	struct buf text;
	size_t i;
	int rc = RC_OK;

	buf_init(&text, COMMAND_MAX);
	for (i = 0; i < b->n && rc == RC_OK; i++) {
		const struct place *at = &b->at[i];

		if (!leads(b, i) || !was_called(b, at->ask->out) ||
		    !worth_keeping(one, at->ask->out))
			continue;
		buf_reset(&text);
		scorer_reply_write(&one->names, at->ask->out, &text);
		if (buf_check(&text, "an answer", err) != RC_OK)
			rc = RC_NOMEM;
		else
			rc = set->keep.put(set->keep.ctx, one->hash,
			    at->hash, text.p, text.len, err);
	}
	buf_fini(&text);
	return rc;
}

/* Around look-ups and puts: one transaction each, none while we wait. */
static int
keep_begin(struct scorer_set *set, struct err *err)
{
	return set->has_keep && set->keep.begin != NULL ?
	    set->keep.begin(set->keep.ctx, err) : RC_OK;
}

static int
keep_end(struct scorer_set *set, int rc, struct err *err)
{
	int end = set->has_keep && set->keep.end != NULL ?
	    set->keep.end(set->keep.ctx, err) : RC_OK;

	return rc != RC_OK ? rc : end;
}

static int
keep_all(struct scorer_set *set, const struct batch *b, struct err *err)
{
	size_t i, calls = 0;
	int rc;

	for (i = 0; i < set->n; i++)
		calls += b[i].n_calls;
	if (!set->has_keep || calls == 0)
		return RC_OK;
	rc = keep_begin(set, err);
	if (rc != RC_OK)
		return rc;
	for (i = 0; i < set->n && rc == RC_OK; i++)
		rc = keep_new(set, &set->v[i], &b[i], err);
	return keep_end(set, rc, err);
}

static int
prepare_all(struct scorer_set *set, struct scorer_ask *const *asks,
    const size_t *n, struct batch *b, struct err *err)
{
	size_t i;
	int rc = keep_begin(set, err);

	if (rc != RC_OK)
		return rc;
	for (i = 0; i < set->n && rc == RC_OK; i++) {
		b[i].n = n[i];
		rc = prepare(set, &set->v[i], &b[i], asks[i], err);
	}
	return keep_end(set, rc, err);
}

static void
share(const struct one *one, const struct batch *b)
{
	const struct scorer_value *from;
	size_t i;

	if (b->n == 0)
		return;
	assert(b->at[0].ask != NULL);
	from = b->at[0].ask->out;
	for (i = 1; i < b->n; i++) {
		if (leads(b, i))
			from = b->at[i].ask->out;
		else
			memcpy(b->at[i].ask->out, from,
			    one->names.n * sizeof(*from));
	}
}

/* A scorer that has ended must not end us: SIGPIPE is held back meanwhile,
 * whatever the program does with it. */
static int
run_all(struct scorer_set *set, struct err *err)
{
	const struct timespec now = { 0, 0 };
	struct scorer_proc *p[SUITE_SCORERS_MAX];
	sigset_t pipe, before, pending;
	size_t i;
	int rc, was;

	for (i = 0; i < set->n; i++)
		p[i] = set->v[i].proc;
	(void)sigemptyset(&pipe);
	(void)sigaddset(&pipe, SIGPIPE);
	(void)sigpending(&pending);
	was = sigismember(&pending, SIGPIPE);
	(void)pthread_sigmask(SIG_BLOCK, &pipe, &before);
	rc = scorer_procs_run(p, set->n, err);
	if (!was)
		(void)sigtimedwait(&pipe, NULL, &now);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

int
scorer_set_ask(struct scorer_set *set, struct scorer_ask *const *asks,
    const size_t *n, struct err *err)
{
	struct batch b[SUITE_SCORERS_MAX] = { { 0 } };
	int rc = prepare_all(set, asks, n, b, err);
	size_t i;

	if (rc == RC_OK)
		rc = run_all(set, err);
	if (rc == RC_OK)
		rc = keep_all(set, b, err);
	for (i = 0; i < set->n; i++) {
		if (rc == RC_OK)
			share(&set->v[i], &b[i]);
		scorer_proc_load(set->v[i].proc, NULL, 0);
		free(b[i].at);
		free(b[i].calls);
	}
	return rc;
}

int
scorers_try(const struct suite *suite, struct err *err)
{
	struct scorer_set *set;
	int rc = scorer_set_open(suite, NULL, &set, err);
	size_t i;

	for (i = 0; set != NULL && i < set->n && rc == RC_OK; i++)
		rc = scorer_proc_try(set->v[i].proc, err);
	scorer_set_close(&set);
	return rc;
}
