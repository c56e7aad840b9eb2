/* Open traces and what is known about them; see spans_part.h. */
#include "harness/import/spans_part.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/table.h"

enum { SPANS_DOCS_MAX = 256 };

struct span_doc {
	uint32_t id, text, source;	/* places in the trace's texts */
	double score;
};

struct spans_trace {
	char id[72];
	struct buf text;	/* each text with its NUL; place 0: none */
	uint32_t question, answer, error, word[SPANS_WORDS];
	enum spans_rank question_rank, answer_rank;
	int answer_cut;
	struct span_doc *docs;
	size_t n_docs, cap_docs;
	int has_docs, stage;
	int64_t start_ns, end_ns;
	double tokens_in, tokens_out;
};

struct spans {
	struct import *im;
	const struct import_src *src;
	struct spans_trace *v;		/* a ring */
	size_t first, n, bytes;
	struct table table;		/* of v, by id */
};

int
spans_new(struct import *im, const struct import_src *src,
    struct spans **out, struct err *err)
{
	struct spans *s = calloc(1, sizeof(*s));

	*out = s;
	if (s == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	s->im = im;
	s->src = src;
	s->v = calloc(SPANS_OPEN_MAX, sizeof(*s->v));
	if (s->v == NULL || table_room(&s->table, SPANS_OPEN_MAX) != 0)
		return err_set(err, RC_NOMEM, "out of memory");
	return RC_OK;
}

static int
same_id(const void *ctx, const void *key, uint32_t at)
{
	const struct spans_trace *v = ctx;

	return strcmp(v[at].id, key) == 0;
}

static void
forget(struct spans *s, struct spans_trace *t)
{
	(void)table_del(&s->table, hash_table(t->id, strlen(t->id)),
	    (uint32_t)(t - s->v));
	s->bytes -= t->text.cap < s->bytes ? t->text.cap : s->bytes;
	buf_fini(&t->text);
	free(t->docs);
	memset(t, 0, sizeof(*t));
}

void
spans_free(struct spans *s)
{
	if (s == NULL)
		return;
	for (; s->n > 0; s->n--) {
		forget(s, &s->v[s->first]);
		s->first = (s->first + 1) % SPANS_OPEN_MAX;
	}
	table_fini(&s->table);
	free(s->v);
	free(s);
}

static const char *
text_at(const struct spans_trace *t, uint32_t at)
{
	return at == 0 ? NULL : t->text.p + at;
}

static int
write_trace(struct spans *s, const struct spans_trace *t, struct err *err)
{
	struct import_doc docs[SPANS_DOCS_MAX];
	struct import_item it;
	const char *tags = text_at(t, t->word[SPANS_TAGS]);
	const char *tools = text_at(t, t->word[SPANS_TOOLS]);
	struct json *j_tags, *j_tools;
	size_t i;
	int rc;

	import_item_init(&it);
	it.id = t->id;
	it.at_ns = t->start_ns;
	it.total_ns = t->start_ns >= 0 && t->end_ns >= t->start_ns ?
	    t->end_ns - t->start_ns : -1;
	it.question = text_at(t, t->question);
	it.answer = text_at(t, t->answer);
	it.answer_cut = t->answer_cut;
	it.error = t->answer == 0 ? text_at(t, t->error) : NULL;
	it.model = text_at(t, t->word[SPANS_MODEL_NAME]);
	it.session = text_at(t, t->word[SPANS_SESSION]);
	it.user = text_at(t, t->word[SPANS_USER]);
	it.tenant = text_at(t, t->word[SPANS_TENANT]);
	it.tags = j_tags = tags == NULL ? NULL :
	    json_parse(tags, strlen(tags), NULL);
	it.tool_calls = j_tools = tools == NULL ? NULL :
	    json_parse(tools, strlen(tools), NULL);
	it.tokens_in = t->tokens_in;
	it.tokens_out = t->tokens_out;
	it.has_docs = t->has_docs;
	for (i = 0; i < t->n_docs && i < SPANS_DOCS_MAX; i++)
		docs[i] = (struct import_doc){ text_at(t, t->docs[i].id),
		    text_at(t, t->docs[i].text),
		    text_at(t, t->docs[i].source), t->docs[i].score };
	it.docs = docs;
	it.n_docs = i;
	rc = t->text.bad != RC_OK ? RC_OK :
	    import_item(s->im, s->src, &it, err);
	if (t->text.bad != RC_OK)
		import_unusable(s->im, s->src, "a trace of more than 64 MB "
		    "of text");
	json_free(j_tags);
	json_free(j_tools);
	return rc;
}

static int
end_first(struct spans *s, struct err *err)
{
	struct spans_trace *t = &s->v[s->first];
	int rc = write_trace(s, t, err);

	forget(s, t);
	s->first = (s->first + 1) % SPANS_OPEN_MAX;
	s->n--;
	return rc;
}

int
spans_end(struct spans *s, struct err *err)
{
	int rc = RC_OK;

	while (rc == RC_OK && s->n > 0)
		rc = end_first(s, err);
	return rc;
}

struct spans_trace *
spans_of(struct spans *s, const char *trace_id, struct err *err)
{
	struct spans_trace *t;
	char id[sizeof(t->id)];
	uint64_t hash;
	uint32_t at;

	(void)snprintf(id, sizeof(id), "%s", trace_id);
	hash = hash_table(id, strlen(id));
	at = table_find(&s->table, hash, same_id, s->v, id);
	if (at != TABLE_NONE)
		return &s->v[at];
	while (s->n > 0 && (s->n == SPANS_OPEN_MAX ||
	    s->bytes > SPANS_BYTES_MAX)) {
		if (end_first(s, err) != RC_OK)
			return NULL;
	}
	t = &s->v[(s->first + s->n++) % SPANS_OPEN_MAX];
	memset(t, 0, sizeof(*t));
	(void)snprintf(t->id, sizeof(t->id), "%s", id);
	buf_init(&t->text, IMPORT_VALUE_MAX);
	t->start_ns = t->end_ns = -1;
	t->tokens_in = t->tokens_out = NAN;
	table_put(&s->table, hash, (uint32_t)(t - s->v));
	return t;
}

/* ---- what spans say ---------------------------------------------------- */

static uint32_t
keep(struct spans_trace *t, const char *text)
{
	size_t at;

	if (text == NULL || *text == '\0')
		return 0;
	if (t->text.len == 0)
		buf_putc(&t->text, '\0');
	at = t->text.len;
	buf_add(&t->text, text, strlen(text) + 1);
	return (uint32_t)at;
}

void
spans_question(struct spans_trace *t, enum spans_rank rank, const char *text)
{
	uint32_t at = t->question_rank >= rank ? 0 : keep(t, text);

	if (at == 0)
		return;
	t->question = at;
	t->question_rank = rank;
}

void
spans_answer(struct spans_trace *t, enum spans_rank rank, const char *text,
    int cut)
{
	/* a chain of models: the last one answers */
	uint32_t at = t->answer_rank > rank ||
	    (t->answer_rank == rank && rank != SPANS_MODEL) ? 0 :
	    keep(t, text);

	if (at == 0)
		return;
	t->answer = at;
	t->answer_rank = rank;
	t->answer_cut = cut;
}

void
spans_docs_begin(struct spans_trace *t, int stage)
{
	if (stage > t->stage)
		t->n_docs = 0;
	if (stage >= t->stage)
		t->stage = stage;
	t->has_docs = 1;
}

void
spans_doc(struct spans_trace *t, int stage, const struct import_doc *d)
{
	struct span_doc *v;
	size_t cap;

	if (stage < t->stage || t->n_docs == SPANS_DOCS_MAX)
		return;
	if (t->n_docs == t->cap_docs) {
		cap = t->cap_docs == 0 ? 8 : 2 * t->cap_docs;
		v = realloc(t->docs, cap * sizeof(*v));
		if (v == NULL) {
			buf_fail(&t->text, RC_NOMEM);
			return;
		}
		t->docs = v;
		t->cap_docs = cap;
	}
	t->docs[t->n_docs++] = (struct span_doc){ keep(t, d->id),
	    keep(t, d->text), keep(t, d->source), d->score };
}

void
spans_time(struct spans_trace *t, int64_t start_ns, int64_t end_ns)
{
	if (start_ns > 0 && (t->start_ns < 0 || start_ns < t->start_ns))
		t->start_ns = start_ns;
	if (end_ns > t->end_ns)
		t->end_ns = end_ns;
}

static void
add(double *sum, double v)
{
	if (isfinite(v))
		*sum = isfinite(*sum) ? *sum + v : v;
}

void
spans_tokens(struct spans_trace *t, double in, double out)
{
	add(&t->tokens_in, in);
	add(&t->tokens_out, out);
}

void
spans_error(struct spans_trace *t, const char *text)
{
	if (t->error == 0)
		t->error = keep(t, text);
}

void
spans_word(struct spans_trace *t, enum spans_word w, const char *text)
{
	if (t->word[w] == 0)
		t->word[w] = keep(t, text);
}
