/* The questions of a trace, with their answers; see cmd_cases_part.h. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/hash.h"
#include "harness/base/text.h"
#include "harness/cmd/cmd_cases_part.h"
#include "harness/suite/question.h"
#include "harness/suite/sent.h"
#include "harness/traffic/extract.h"
#include "harness/traffic/trace.h"

struct reading {
	const struct init *in;
	struct asked_set *set;
	struct question_reader reader;
	struct extract_spec *spec;
	struct answer answer;
};

struct key {
	const char *text;
	size_t n;
};

static int
same(const void *ctx, const void *key, uint32_t at)
{
	const struct asked *a = &((const struct asked_set *)ctx)->v[at];
	const struct key *k = key;

	return a->n == k->n && memcmp(a->text, k->text, k->n) == 0;
}

/* The question's entry; NULL: there is no more room, or memory. */
static struct asked *
entry(struct asked_set *s, const char *text, size_t n)
{
	struct key k = { text, n };
	uint64_t h = hash_table(text, n);
	uint32_t at = table_find(&s->table, h, same, s, &k);
	struct asked *v;

	if (at != TABLE_NONE)
		return &s->v[at];
	if (s->n == ASKED_MAX) {
		s->beyond++;
		return NULL;
	}
	if (s->n == s->cap) {
		s->cap = s->cap == 0 ? 256 : s->cap * 2;
		v = realloc(s->v, s->cap * sizeof(*v));
		if (v == NULL) {
			s->cap = s->n;
			return NULL;
		}
		s->v = v;
	}
	v = &s->v[s->n];
	memset(v, 0, sizeof(*v));
	v->text = buf_dup(text, n);
	v->n = n;
	if (v->text == NULL || table_room(&s->table, s->n + 1) != 0) {
		free(v->text);
		return NULL;
	}
	table_put(&s->table, h, (uint32_t)s->n++);
	return v;
}

/* What a right answer shows: what it cites, else what it found first. */
static void
vote(struct asked *a, const struct answer *said)
{
	const char *id = NULL;
	size_t i;

	if (said->n_cited > 0)
		id = said->cited[0].section_id;
	if (id == NULL && said->n_retrieved > 0)
		id = said->retrieved[0].section_id;
	for (i = 0; id != NULL && i < VOTES_MAX; i++) {
		if (a->vote[i].id == NULL)
			a->vote[i].id = strdup(id);
		if (a->vote[i].id != NULL && strcmp(a->vote[i].id, id) == 0) {
			a->vote[i].n++;
			break;
		}
	}
}

static int
look(struct reading *r, struct asked *a, const struct exchange *ex,
    struct err *err)
{
	const struct answer *said = &r->answer;
	int rc = extract_answer(r->spec, ex, &r->answer, err);

	if (rc != RC_OK)
		return rc;
	a->declined += said->outcome == OUTCOME_REFUSED;
	if (said->outcome != OUTCOME_OK)
		return RC_OK;
	a->answered++;
	vote(a, said);
	/* what was cut at some limit is no expectation */
	if (a->answer == NULL && said->text_n > 0 &&
	    said->text_n <= ANSWER_KEPT && said->odd == JSON_NONE) {
		a->answer = buf_dup(said->text, said->text_n);
		a->answer_n = said->text_n;
	}
	return RC_OK;
}

/* The members that send a recorded request again. */
static char *
members(const struct exchange *ex, const struct json *body)
{
	struct json_out o;
	struct buf b;
	char *out;

	buf_init(&b, 8 << 20);
	json_out_init(&o, &b, 0);
	json_out_obj(&o);
	sent_write(&o, ex, body);
	json_out_end(&o, '}');
	if (b.bad == RC_OK && b.len > 2) {
		b.p[0] = ',';
		b.p[--b.len] = '\0';
	}
	out = b.len > 2 ? buf_steal(&b) : NULL;
	buf_fini(&b);
	return out;
}

static int
add(struct reading *r, const struct exchange *ex, struct err *err)
{
	char path[1024];
	const char *q;
	struct json *body;
	struct asked *a;
	size_t n;
	int rc = RC_OK;

	routes_path(ex->target, path, sizeof(path));
	if (strcmp(path, r->in->route->path) != 0 ||
	    strcmp(ex->method, r->in->route->method) != 0)
		return RC_OK;
	r->set->exchanges++;
	q = question_of(&r->reader, r->spec, ex, &body, &n);
	r->set->without += q == NULL || text_is_blank(q, n);
	a = q == NULL || text_is_blank(q, n) ? NULL : entry(r->set, q, n);
	if (a != NULL && a->count++ == 0) {
		a->id = strdup(ex->id);
		if (r->in->guess.body == NULL)
			a->members = members(ex, body);
	}
	if (a != NULL)
		rc = look(r, a, ex, err);
	json_free(body);
	return rc;
}

static int
by_count(const void *a, const void *b)
{
	const struct asked *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return strcmp(x->text, y->text);
}

static int
read_all(struct reading *r, const char *path, struct err *err)
{
	struct exchange_rec *rec = exchange_rec_new();
	struct trace_reader *t = NULL;
	struct trace_rec line;
	struct exchange ex;
	int rc = rec == NULL ? err_set(err, RC_NOMEM, "out of memory") :
	    trace_reader_open(path, 1, &t, err);

	if (rc == RC_OK)
		rc = 1;
	while (rc == 1 && (rc = trace_next(t, &line, err)) == 1) {
		rc = exchange_parse(rec, line.line, line.n, &ex, err);
		if (rc == 1)
			rc = add(r, &ex, err);
		rc = rc < 0 ? rc : 1;
	}
	trace_reader_close(&t);
	exchange_rec_free(rec);
	return rc;
}

int
cases_read(const struct init *in, const char *trace, struct asked_set *set,
    struct err *err)
{
	struct reading r = { .in = in, .set = set };
	int rc;

	memset(set, 0, sizeof(*set));
	table_init(&set->table);
	question_reader_init(&r.reader);
	answer_init(&r.answer);
	r.spec = extract_new(in->guess.extract, err);
	rc = r.spec == NULL ? (int)err->code : read_all(&r, trace, err);
	if (rc == RC_OK && set->n == 0)
		rc = err_set(err, RC_FORMAT, "%s: no %s %s has a question; "
		    "the suite of `lockstep init --trace` sends such requests "
		    "as they were recorded", trace, in->route->method,
		    in->route->path);
	if (rc == RC_OK)
		qsort(set->v, set->n, sizeof(*set->v), by_count);
	answer_fini(&r.answer);
	extract_free(r.spec);
	question_reader_fini(&r.reader);
	return rc;
}

void
cases_fini(struct asked_set *set)
{
	size_t i, k;

	for (i = 0; i < set->n; i++) {
		free(set->v[i].text);
		free(set->v[i].id);
		free(set->v[i].members);
		free(set->v[i].answer);
		for (k = 0; k < VOTES_MAX; k++)
			free(set->v[i].vote[k].id);
		if (set->vec != NULL)
			free(set->vec[i]);
	}
	free(set->vec);
	free(set->v);
	table_fini(&set->table);
}
