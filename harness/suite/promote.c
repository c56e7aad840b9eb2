/* Promotion of failing cases into a suite; see promote.h. */
#include "harness/suite/promote.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/json.h"
#include "harness/suite/promote_gold.h"
#include "harness/suite/promote_part.h"
#include "harness/suite/sections.h"
#include "harness/suite/sent.h"
#include "harness/traffic/extract.h"
#include "harness/traffic/trace.h"

enum { FILE_MAX_BYTES = 1 << 28 };

/* Expectations taken from the baseline, for cases that had none. */
struct derived {
	char *section;		/* or NULL */
	int declined;		/* the recorded answer, rightly */
	int answered;		/* the baseline, with a text */
	int failed;		/* the recorded request */
	int expects;		/* of an exchange: somebody says what is
				   right */
	int left;		/* declined, and nobody says that it is right:
				   no case */
};

/* A kept exchange, by its id. */
struct by_id {
	char *id;
	size_t k;
};

struct work {
	const struct promote_job *job;
	struct promote_out *out;
	struct derived *derived;	/* one a kept case */
	struct sections *sections;	/* of the suite, or NULL */
	struct by_id *ids;	/* sorted; of exchanges */
	struct promote_gold *gold;	/* of exchanges, or NULL */
	int sliced;		/* the slice's file was made */
};

static int
check_name(const char *name, struct err *err)
{
	const char *c;

	for (c = name; *c != '\0'; c++) {
		if (!isalnum((unsigned char)*c) && strchr(".-_", *c) == NULL)
			break;
	}
	if (*name == '\0' || *name == '.' || *c != '\0' || c - name > 100)
		return err_set(err, RC_USAGE, "--incident: \"%s\" cannot name "
		    "files; use letters, digits, dot, dash, underscore",
		    name);
	return RC_OK;
}

/* ---- the trace slice -------------------------------------------------- */

static long
kept(const struct promote_job *job, const char *case_id)
{
	uint64_t i = caseset_find(job->cases, case_id);
	size_t k;

	for (k = 0; i != UINT64_MAX && k < job->n; k++) {
		if (job->index[k] == i)
			return (long)k;
	}
	return -1;
}

static int
compare_ids(const void *a, const void *b)
{
	const struct by_id *x = a, *y = b;

	return strcmp(x->id, y->id);
}

/* Whether the command line, the case or the suite says what is right. */
static int
is_decided(struct work *w, const struct gold *g)
{
	const struct promote_expect *x = w->job->expect;

	return x->n_sections > 0 || x->answer != NULL || gold_expects(g) ||
	    (w->gold != NULL && promote_gold_knows(w->gold, g->question));
}

static int
index_ids(struct work *w, struct err *err)
{
	const struct promote_job *job = w->job;
	struct gold g;
	size_t k;
	int rc = RC_OK;

	w->ids = calloc(job->n + 1, sizeof(*w->ids));
	if (w->ids == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	gold_init(&g);
	for (k = 0; k < job->n && rc == RC_OK; k++) {
		rc = caseset_get(job->cases, job->index[k], &g, err);
		if (rc != RC_OK)
			break;
		w->ids[k] = (struct by_id){ strdup(g.recorded == NULL ? "" :
		    g.recorded), k };
		if (w->ids[k].id == NULL)
			rc = err_set(err, RC_NOMEM, "out of memory");
		w->derived[k].expects = is_decided(w, &g);
	}
	gold_fini(&g);
	if (rc == RC_OK)
		qsort(w->ids, job->n, sizeof(*w->ids), compare_ids);
	return rc;
}

static long
kept_id(const struct work *w, const char *id)
{
	struct by_id want = { (char *)(uintptr_t)id, 0 }, *at;

	at = id == NULL ? NULL : bsearch(&want, w->ids, w->job->n,
	    sizeof(*w->ids), compare_ids);
	return at == NULL ? -1 : (long)at->k;
}

/* Keeps what the baseline retrieved first (or cited) for a kept case. */
static int
derive(struct work *w, size_t k, struct exchange_rec *rec,
    const struct trace_rec *line, struct err *err)
{
	struct answer a;
	struct exchange ex;
	const char *id = NULL;
	int rc;

	if (w->derived[k].section != NULL)
		return RC_OK;
	rc = exchange_parse(rec, line->line, line->n, &ex, err);
	if (rc != 1)
		return rc < 0 ? rc : RC_OK;
	answer_init(&a);
	rc = extract_answer(w->job->suite->extract, &ex, &a, err);
	/* who declined and is right could not be answered */
	w->derived[k].declined = rc == RC_OK && w->job->expect != NULL &&
	    a.outcome == OUTCOME_REFUSED;
	w->derived[k].answered = rc == RC_OK && w->job->expect == NULL &&
	    a.outcome == OUTCOME_OK && a.text_n > 0;
	if (rc == RC_OK && a.n_cited > 0)
		id = a.cited[0].section_id;
	if (rc == RC_OK && id == NULL && a.n_retrieved > 0)
		id = a.retrieved[0].section_id;
	if (id != NULL)
		w->derived[k].section = strdup(id);
	answer_fini(&a);
	return rc;
}

/* An exchange that was chosen itself, and what was recorded of it. */
static int
slice_exchange(struct work *w, struct trace_writer *to,
    struct exchange_rec *rec, const struct trace_rec *line, struct err *err)
{
	const struct promote_expect *x = w->job->expect;
	struct exchange ex;
	struct derived *d;
	long k;
	int rc = line->is_exchange ?
	    exchange_peek(rec, line->line, line->n, &ex, err) : 0;

	if (rc <= 0 || ex.key.round != ROUND_PLAN)
		return rc < 0 ? rc : RC_OK;
	k = kept_id(w, ex.id);
	if (k < 0)
		return RC_OK;
	d = &w->derived[k];
	d->failed = ex.outcome != OUTCOME_OK && ex.outcome != OUTCOME_REFUSED;
	w->out->n_failed += (size_t)d->failed;
	rc = x->as_recorded && !d->expects ?
	    derive(w, (size_t)k, rec, line, err) : RC_OK;
	/* a service that declines everything would pass it */
	d->left = d->declined && !x->declined;
	if (rc != RC_OK || d->left)
		return rc;
	w->out->n_records++;
	return trace_write(to, line->line, line->n, err);
}

/* Counts those that make no case; without any other there is no suite. */
static int
count_left(struct work *w, struct err *err)
{
	size_t k, n = 0;

	for (k = 0; k < w->job->n; k++)
		n += (size_t)w->derived[k].left;
	w->out->n_left_declined = n;
	return n == 0 || n < w->job->n ? RC_OK :
	    err_set(err, RC_USAGE, "every chosen exchange was declined: if "
		"that is right, add --declined; if not, say what is right "
		"with --section or --answer instead of --as-recorded");
}

static int
slice_line(struct work *w, struct trace_writer *to, struct exchange_rec *rec,
    const struct trace_rec *line, struct buf *scratch, struct err *err)
{
	struct ex_key key = { 0 };
	long k;
	int rc = exchange_peek_key(line->line, line->n, scratch, &key, err);

	if (rc <= 0 || key.case_id == NULL || key.round != ROUND_PLAN)
		return rc < 0 ? rc : RC_OK;
	k = kept(w->job, key.case_id);
	if (k < 0)
		return RC_OK;
	w->out->n_records++;
	rc = trace_write(to, line->line, line->n, err);
	if (rc == RC_OK && key.arm == ARM_BASELINE && key.p == 0 &&
	    key.s == 0 && key.r == 0)
		rc = derive(w, (size_t)k, rec, line, err);
	return rc;
}

static int
write_slice(struct work *w, struct err *err)
{
	struct trace_opts o = { .kind = "slice", .argc = w->job->argc,
	    .argv = w->job->argv };
	struct exchange_rec *rec = exchange_rec_new();
	struct trace_reader *from = NULL;
	struct trace_writer *to = NULL;
	struct trace_rec line;
	struct buf scratch;
	int rc, more = 1;

	buf_init(&scratch, 1 << 20);
	rc = rec == NULL ? err_set(err, RC_NOMEM, "out of memory") :
	    trace_reader_open(w->job->trace_path, 0, &from, err);
	if (rc == RC_OK)
		rc = trace_writer_open(w->out->trace, &o, w->job->replace,
		    &to, err);
	w->sliced = to != NULL;
	if (rc == RC_OK && w->job->expect != NULL)
		rc = index_ids(w, err);
	while (rc == RC_OK && (more = trace_next(from, &line, err)) == 1)
		rc = w->job->expect != NULL ?
		    slice_exchange(w, to, rec, &line, err) :
		    slice_line(w, to, rec, &line, &scratch, err);
	if (rc == RC_OK && more < 0)
		rc = more;
	if (rc == RC_OK)
		rc = count_left(w, err);
	if (to != NULL && rc == RC_OK)
		rc = trace_writer_close(&to, err);
	trace_writer_abandon(&to);
	trace_reader_close(&from);
	exchange_rec_free(rec);
	buf_fini(&scratch);
	return rc;
}

/* ---- the sections ----------------------------------------------------- */

/* The sections written so far: each goes in once. */
struct written {
	const struct section **v;
	size_t n, cap;
};

static int
write_section(struct work *w, const char *id, struct written *done,
    struct buf *b)
{
	const struct section *s = w->sections == NULL || id == NULL ? NULL :
	    sections_find(w->sections, id);
	struct json_out o;
	size_t i;

	if (s == NULL)
		return RC_OK;
	for (i = 0; i < done->n; i++) {
		if (done->v[i] == s)
			return RC_OK;
	}
	if (done->n == done->cap) {
		const struct section **v;

		done->cap = done->cap == 0 ? 64 : done->cap * 2;
		v = realloc(done->v, done->cap * sizeof(*v));
		if (v == NULL)
			return RC_NOMEM;
		done->v = v;
	}
	done->v[done->n++] = s;
	json_out_init(&o, b, 0);
	json_out_obj(&o);
	json_put_str(&o, "section_id", s->id);
	json_put_str(&o, "doc_id", s->doc_id);
	json_put_str(&o, "title", s->title);
	json_put_str(&o, "source_url", s->source_url);
	json_out_key(&o, "text");
	json_out_strn(&o, s->text, s->text_n);
	json_out_end(&o, '}');
	buf_putc(b, '\n');
	w->out->n_sections++;
	return RC_OK;
}

/* The section of an id, which may be a number. */
static int
write_named(struct work *w, const struct json *id, struct written *done,
    struct buf *b)
{
	struct buf word;
	int rc;

	buf_init(&word, FILE_MAX_BYTES);
	rc = write_section(w, json_kind(id) == JSON_BOOL ? NULL :
	    json_word(id, &word), done, b);
	buf_fini(&word);
	return rc;
}

static int
write_listed(struct work *w, const struct json *list, struct written *done,
    struct buf *b)
{
	const struct json *j;
	int rc = RC_OK;

	for (j = json_first(list); j != NULL && rc == RC_OK;
	    j = json_next(j))
		rc = write_named(w, j, done, b);
	return rc;
}

/* What one case expects, and what must not be mistaken for it. */
static int
write_case_sections(struct work *w, const struct json *doc,
    struct written *done, struct buf *b)
{
	int rc = write_listed(w, json_get(doc, "section_ids"), done, b);

	if (rc == RC_OK)
		rc = write_named(w, json_get(doc, "section_id"), done, b);
	return rc == RC_OK ?
	    write_listed(w, json_get(doc, "decoy_ids"), done, b) : rc;
}

/* ---- the cases -------------------------------------------------------- */

static int
put_list(struct json *doc, const char *key, const char *const *v, size_t n)
{
	struct json *list = json_new(JSON_ARRAY);
	size_t i;
	int rc = list == NULL ? RC_NOMEM : RC_OK;

	for (i = 0; i < n && rc == RC_OK; i++)
		rc = json_push(list, json_new_str(v[i]));
	if (rc == RC_OK)
		return json_set(doc, key, list);
	json_free(list);
	return rc;
}

/* What an exchange expects that no gold knows. */
static int
expect_said(struct work *w, struct json *doc)
{
	const struct promote_expect *x = w->job->expect;
	int rc = RC_OK;

	if (x->n_sections > 0)
		rc = put_list(doc, "section_ids", x->sections, x->n_sections);
	if (rc == RC_OK && x->answer != NULL)
		rc = put_list(doc, "answers", &x->answer, 1);
	return rc;
}

static int
expect_derived(struct work *w, size_t k, struct json *doc)
{
	const char *id = w->derived[k].section;

	if (w->derived[k].declined) {
		w->out->n_declined++;
		return json_set(doc, "unanswerable", json_new_bool(1));
	}
	w->out->n_derived++;
	return put_list(doc, "section_ids", &id, 1);
}

/* Both files, as they grow. */
struct pages {
	struct buf cases, sections;
	struct written done;
};

/* The case in a line, its body as it was written. */
static void
put_case(struct buf *b, const struct gold *g, struct json *doc)
{
	size_t n = 0;
	const char *body = sent_line_body(g, &n);

	if (body != NULL)
		json_free(json_take(doc, "body"));
	json_write(b, doc);
	if (body != NULL && b->bad == RC_OK) {
		b->len--;	/* the object's end */
		buf_puts(b, ",\"body\":");
		buf_add(b, body, n);
		buf_putc(b, '}');
	}
	buf_putc(b, '\n');
}

static int
write_case(struct work *w, size_t k, const struct gold *g, struct pages *to)
{
	const struct promote_expect *x = w->job->expect;
	struct json *doc = json_copy(g->doc);
	int expects = gold_expects(g), rc = RC_OK;

	if (json_get(doc, "id") == NULL)
		rc = json_set(doc, "id", json_new_str(g->id));
	if (rc == RC_OK && json_get(doc, "question") == NULL &&
	    g->question != NULL)
		rc = json_set(doc, "question", json_new_str(g->question));
	if (rc == RC_OK)
		rc = json_set(doc, "critical", json_new_bool(1));
	if (rc == RC_OK && w->job->why != NULL && w->job->why[k] != NULL)
		rc = json_set(doc, "why", json_new_str(w->job->why[k]));
	/* what is said wins */
	if (rc == RC_OK && x != NULL &&
	    (x->n_sections > 0 || x->answer != NULL)) {
		rc = expect_said(w, doc);
		expects = 1;
	}
	if (rc == RC_OK && w->gold != NULL && !expects)
		rc = promote_gold_take(w->gold, g->question, doc, &expects,
		    &w->out->n_gold);
	if (rc == RC_OK && !expects && (w->derived[k].declined ||
	    w->derived[k].section != NULL)) {
		rc = expect_derived(w, k, doc);
		expects = 1;
	} else if (rc == RC_OK && !expects && w->derived[k].answered) {
		/* or who declines it would pass */
		rc = json_set(doc, "unanswerable", json_new_bool(0));
		w->out->n_answered++;
		expects = 1;
	}
	w->out->n_bare += !expects && !w->derived[k].failed;
	if (rc == RC_OK) {
		put_case(&to->cases, g, doc);
		rc = write_case_sections(w, doc, &to->done, &to->sections);
	}
	json_free(doc);
	return rc;
}

static int
write_cases(struct work *w, struct err *err)
{
	struct pages to = { .done = { NULL, 0, 0 } };
	struct gold g;
	size_t k;
	int rc = RC_OK;

	buf_init(&to.cases, FILE_MAX_BYTES);
	buf_init(&to.sections, FILE_MAX_BYTES);
	gold_init(&g);
	for (k = 0; k < w->job->n && rc == RC_OK; k++) {
		if (w->derived[k].left)
			continue;
		rc = caseset_get(w->job->cases, w->job->index[k], &g, err);
		if (rc == RC_OK && write_case(w, k, &g, &to) != RC_OK)
			rc = err_set(err, RC_NOMEM, "out of memory");
	}
	w->out->n_cases = w->job->n - w->out->n_left_declined;
	if (rc == RC_OK)
		rc = promote_file(w->out->cases, &to.cases, err);
	if (rc == RC_OK && w->out->n_sections > 0)
		rc = promote_file(w->out->sections, &to.sections, err);
	gold_fini(&g);
	buf_fini(&to.cases);
	buf_fini(&to.sections);
	free(to.done.v);
	return rc;
}

/* ---- all together ----------------------------------------------------- */

static int
name_files(const struct promote_job *job, struct promote_out *out,
    struct err *err)
{
	const char *d = job->dir, *i = job->incident;
	struct stat st;

	memset(out, 0, sizeof(*out));
	(void)snprintf(out->suite, sizeof(out->suite), "%.800s/%s.yml", d, i);
	(void)snprintf(out->cases, sizeof(out->cases),
	    "%.800s/%s.cases.jsonl", d, i);
	(void)snprintf(out->sections, sizeof(out->sections),
	    "%.800s/%s.sections.jsonl", d, i);
	(void)snprintf(out->trace, sizeof(out->trace),
	    "%.800s/%s.trace.jsonl.zst", d, i);
	(void)snprintf(out->setup, sizeof(out->setup),
	    "%.800s/%s.setup.jsonl.zst", d, i);
	(void)snprintf(out->ca, sizeof(out->ca), "%.800s/%s.ca.pem", d, i);
	(void)snprintf(out->cert, sizeof(out->cert), "%.800s/%s.cert.pem", d,
	    i);
	if (mkdir(d, 0777) != 0 && errno != EEXIST)
		return err_errno(err, RC_IO, "%s: cannot make the folder", d);
	if (!job->replace && stat(out->suite, &st) == 0)
		return err_set(err, RC_USAGE, "%s exists; use --replace to "
		    "overwrite it", out->suite);
	return RC_OK;
}

/* The sections that were named, in the suite's. */
static int
check_sections(const struct work *w, struct err *err)
{
	const struct promote_expect *x = w->job->expect;
	size_t i;

	for (i = 0; i < x->n_sections; i++) {
		if (sections_find(w->sections, x->sections[i]) == NULL)
			return err_set(err, RC_USAGE, "--section: %s has no "
			    "section \"%s\"", x->suite->sections_file,
			    x->sections[i]);
	}
	return RC_OK;
}

int
promote_write(const struct promote_job *job, struct promote_out *out,
    struct err *err)
{
	struct work w = { .job = job, .out = out };
	const struct suite *from;
	char *path;
	size_t k;
	int rc;

	assert(job->suite != NULL && job->cases != NULL);
	rc = check_name(job->incident, err);
	if (rc == RC_OK)
		rc = name_files(job, out, err);
	if (rc != RC_OK)
		return rc;
	w.derived = calloc(job->n + 1, sizeof(*w.derived));
	if (w.derived == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	from = job->expect != NULL && job->expect->suite == NULL ? NULL :
	    job->suite;
	if (from != NULL && from->sections_file != NULL) {
		path = suite_resolve(from, from->sections_file);
		rc = path == NULL ? err_set(err, RC_NOMEM, "out of memory") :
		    sections_open(path, &w.sections, err);
		free(path);
	}
	if (rc == RC_OK && w.sections != NULL && job->expect != NULL)
		rc = check_sections(&w, err);
	if (rc == RC_OK && job->expect != NULL && job->expect->gold != NULL)
		rc = promote_gold_open(job->expect->gold, &w.gold, err);
	if (rc == RC_OK)
		rc = write_slice(&w, err);
	if (rc == RC_OK)
		rc = write_cases(&w, err);
	if (rc == RC_OK)
		rc = promote_setup(job, out, err);
	if (rc == RC_OK)
		rc = promote_files(job, out, err);
	if (rc == RC_OK)
		rc = promote_scorers(job, out, err);
	if (rc == RC_OK)
		rc = promote_manifest(job, out, err);
	if (rc == RC_OK)
		rc = promote_check(out, err);
	/* the next try needs the name */
	if (rc != RC_OK && w.sliced)
		(void)unlink(out->trace);
	for (k = 0; k < job->n; k++) {
		free(w.derived[k].section);
		if (w.ids != NULL)
			free(w.ids[k].id);
	}
	free(w.derived);
	free(w.ids);
	promote_gold_close(w.gold);
	sections_close(&w.sections);
	return rc;
}
