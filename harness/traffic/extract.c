/* What the metrics need, out of one exchange; see extract.h. */
#include "harness/traffic/extract.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/traffic/extract_part.h"

enum { ARENA_CHUNK = 8192, TEXT_MAX = 64 << 20 };

/* ---- memory ------------------------------------------------------------ */

struct arena_chunk {
	struct arena_chunk *next;
	size_t used, cap;
	char bytes[];
};

const char *
extract_keep(struct answer_mem *mem, const char *s, size_t n)
{
	struct arena_chunk *c = mem->arena.now;
	size_t cap = n + 1 > ARENA_CHUNK ? n + 1 : ARENA_CHUNK;
	char *to;

	if (c == NULL || c->cap - c->used < n + 1) {
		c = malloc(sizeof(*c) + cap);
		if (c == NULL) {
			mem->nomem = 1;
			return NULL;
		}
		c->next = NULL;
		c->used = 0;
		c->cap = cap;
		if (mem->arena.now != NULL)
			mem->arena.now->next = c;
		else
			mem->arena.first = c;
		mem->arena.now = c;
	}
	to = c->bytes + c->used;
	if (n > 0)
		memcpy(to, s, n);
	to[n] = '\0';
	c->used += n + 1;
	return to;
}

/* Keeps one ordinary chunk for the next answer. */
static void
arena_reset(struct arena *a, int all)
{
	struct arena_chunk *c = a->first, *next;
	int keep = !all && c != NULL && c->cap == ARENA_CHUNK;

	for (c = keep ? c->next : c; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
	if (!keep)
		a->first = NULL;
	a->now = a->first;
	if (a->first != NULL) {
		a->first->next = NULL;
		a->first->used = 0;
	}
}

static void
mem_reset(struct answer_mem *m, int all)
{
	size_t i;

	json_doc_reset(m->doc);
	json_free(m->body);
	m->body = NULL;
	for (i = 0; i < m->n_kept; i++)
		json_free(m->kept[i]);
	m->n_kept = 0;
	arena_reset(&m->arena, all);
	m->nomem = 0;
}

static void
answer_clear(struct answer *a)
{
	struct answer_mem *mem = a->mem;

	memset(a, 0, sizeof(*a));
	a->mem = mem;
	a->tokens_in = NAN;
	a->tokens_out = NAN;
	a->cost = NAN;
	a->itl_ns = -1;
}

void
answer_init(struct answer *a)
{
	a->mem = NULL;
	answer_clear(a);
}

void
answer_fini(struct answer *a)
{
	struct answer_mem *m = a->mem;

	if (m != NULL) {
		mem_reset(m, 1);
		json_doc_free(m->doc);
		free(m->kept);
		free(m->retrieved);
		free(m->cited);
		buf_fini(&m->text);
		buf_fini(&m->data);
		buf_fini(&m->streamed);
		free(m);
	}
	answer_init(a);
}

static int
answer_begin(struct answer *a)
{
	if (a->mem == NULL) {
		a->mem = calloc(1, sizeof(*a->mem));
		if (a->mem == NULL)
			return RC_NOMEM;
		a->mem->doc = json_doc_new();
		if (a->mem->doc == NULL) {
			free(a->mem);
			a->mem = NULL;
			return RC_NOMEM;
		}
		buf_init(&a->mem->text, TEXT_MAX);
		buf_init(&a->mem->data, TEXT_MAX);
		buf_init(&a->mem->streamed, TEXT_MAX);
	}
	mem_reset(a->mem, 0);
	answer_clear(a);
	return RC_OK;
}

/* ---- pins and numbers -------------------------------------------------- */

static int
pin_order(const void *a, const void *b)
{
	const struct answer_pin *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void
pins_from(const struct json *j, struct answer *out)
{
	struct answer_mem *mem = out->mem;
	const struct json *m;
	struct buf b;

	if (json_kind(j) != JSON_OBJECT)
		return;
	for (m = json_first(j); m != NULL &&
	    out->n_pins < EXTRACT_PINS_MAX; m = json_next(m)) {
		struct answer_pin *pin = &mem->pins[out->n_pins++];

		pin->name = json_key(m);
		pin->value = json_str(m);
		if (pin->value != NULL)
			continue;
		buf_init(&b, 1 << 20);
		json_write(&b, m);
		pin->value = extract_keep(mem, buf_str(&b), b.len);
		buf_fini(&b);
		if (pin->value == NULL)
			pin->value = "";
	}
	out->pins = mem->pins;
	qsort(out->pins, out->n_pins, sizeof(*out->pins), pin_order);
}

/* "MODEL_VER=m-1; INDEX_HASH=ab" */
static void
pins_pairs(const char *s, struct answer *out)
{
	struct answer_mem *mem = out->mem;
	size_t n, eq;

	while (*s != '\0' && out->n_pins < EXTRACT_PINS_MAX) {
		s += strspn(s, " \t;,");
		n = strcspn(s, ";,");
		eq = strcspn(s, "=");
		if (eq > 0 && eq < n) {
			struct answer_pin *pin = &mem->pins[out->n_pins];

			pin->name = extract_keep(mem, s, eq);
			pin->value = extract_keep(mem, s + eq + 1,
			    n - eq - 1);
			if (mem->nomem)
				return;
			out->n_pins++;
		}
		s += n;
	}
	out->pins = mem->pins;
	qsort(out->pins, out->n_pins, sizeof(*out->pins), pin_order);
}

int
extract_keep_json(struct answer_mem *mem, struct json *j)
{
	size_t cap = mem->cap_kept == 0 ? 8 : mem->cap_kept * 2;
	struct json **kept;

	if (mem->n_kept == mem->cap_kept) {
		kept = realloc(mem->kept, cap * sizeof(struct json *));
		if (kept == NULL) {
			json_free(j);
			mem->nomem = 1;
			return RC_NOMEM;
		}
		mem->kept = kept;
		mem->cap_kept = cap;
	}
	mem->kept[mem->n_kept++] = j;
	return RC_OK;
}

static void
pins_header(const struct extract_spec *spec, const struct exchange *ex,
    struct answer *out)
{
	const char *s = exchange_header(ex, spec->pins_header);
	struct json *j;

	if (s == NULL || out->n_pins > 0)
		return;
	s += strspn(s, " \t");
	j = *s == '{' ? json_parse(s, strlen(s), NULL) : NULL;
	if (j == NULL)
		pins_pairs(s, out);
	else if (extract_keep_json(out->mem, j) == RC_OK)
		pins_from(j, out);
}

static double
number_at(const struct ptr_alt *a, const struct json *j, double now)
{
	const struct json *v;
	const char *s;
	char *end;
	double x;

	if (!isnan(now) || a->n == 0)
		return now;
	v = alt_find(a, j);
	s = json_str(v);
	if (s == NULL)
		return json_num(v, NAN);
	x = strtod(s, &end);
	return end == s || *end != '\0' || !isfinite(x) ? NAN : x;
}

/* ---- from one JSON value ----------------------------------------------- */

static unsigned
get_rest(const struct extract_spec *spec, const struct json *j,
    struct answer *out)
{
	unsigned got = 0;
	double before = out->tokens_in;
	const struct json *v;

	if (out->n_pins == 0 && spec->pins.n > 0) {
		pins_from(alt_find(&spec->pins, j), out);
		got |= out->n_pins > 0 ? GOT_OTHER : 0;
	}
	out->tokens_in = number_at(&spec->tokens_in, j, out->tokens_in);
	out->tokens_out = number_at(&spec->tokens_out, j, out->tokens_out);
	out->cost = number_at(&spec->cost, j, out->cost);
	if (isnan(before) && !isnan(out->tokens_in))
		got |= GOT_OTHER;
	v = out->effect_id == NULL ? alt_find(&spec->effect_id, j) : NULL;
	if (json_str(v) != NULL || json_kind(v) == JSON_NUMBER) {
		struct buf b;

		buf_init(&b, 4096);
		if (json_str(v) != NULL)
			buf_puts(&b, json_str(v));
		else
			json_write(&b, v);
		out->effect_id = extract_keep(out->mem, buf_str(&b), b.len);
		buf_fini(&b);
	}
	v = alt_find(&spec->refusal, j);
	if (json_bool(v, 0) || (json_str(v) != NULL && *json_str(v) != '\0'))
		out->outcome = OUTCOME_REFUSED;
	return got;
}

unsigned
extract_from(const struct extract_spec *spec, const struct json *j,
    unsigned have, struct answer *out)
{
	struct answer_mem *mem = out->mem;
	unsigned got = get_rest(spec, j, out);
	int found = 0;

	if ((have & GOT_ANSWER) == 0 && spec->answer.n > 0) {
		out->text = extract_text(mem, &spec->answer, j,
		    &out->text_n);
		got |= out->text != NULL ? GOT_ANSWER : 0;
	}
	if ((have & GOT_RETRIEVED) == 0 && spec->retrieved.present) {
		out->n_retrieved = extract_items(&spec->retrieved, j, mem, 0,
		    &found);
		out->retrieved = mem->retrieved;
		got |= found ? GOT_RETRIEVED : 0;
	}
	if ((have & GOT_CITED) == 0 && spec->cited.present) {
		out->n_cited = extract_items(&spec->cited, j, mem, 1, &found);
		out->cited = mem->cited;
		got |= found ? GOT_CITED : 0;
	}
	return got;
}

/* ---- one exchange ------------------------------------------------------ */

/* Why an answer holds nothing: what the service itself says, if anything. */
static void
failed(struct answer *out, const struct json *j)
{
	const struct json *e = json_get(j, "error");
	const char *s = json_str(e) != NULL ? json_str(e) :
	    json_get_str(e, "message");
	struct buf b;

	out->outcome = OUTCOME_EXTRACT_FAILED;
	if (s == NULL)
		s = json_get_str(j, "message");
	if (s == NULL)
		s = json_get_str(j, "detail");
	if (s == NULL) {
		out->why = "nothing where the suite's pointers say";
		return;
	}
	buf_init(&b, 512);
	buf_printf(&b, "the answer says: %.300s", s);
	out->why = extract_keep(out->mem, buf_str(&b), b.len);
	buf_fini(&b);
}

static void
judge(const struct extract_spec *spec, unsigned got, struct answer *out)
{
	unsigned primary = (spec->answer.n > 0 || spec->token.n > 0 ?
	    GOT_ANSWER : 0U) | (spec->retrieved.present ? GOT_RETRIEVED : 0U);

	if (primary != 0 && (got & primary) == 0 &&
	    out->outcome == OUTCOME_OK)
		failed(out, out->body);
	if (out->outcome == OUTCOME_OK && out->text != NULL &&
	    extract_is_refusal(out->text, out->text_n))
		out->outcome = OUTCOME_REFUSED;
	out->n_cited = extract_marked(&spec->cited, out->cited, out->n_cited,
	    out->text, out->text_n);
}

static void
from_text(const struct exchange *ex, struct answer *out)
{
	out->text = ex->res_body.p == NULL ? "" : ex->res_body.p;
	out->text_n = ex->res_body.n;
	if (out->text_n > 0)
		out->text = extract_keep(out->mem, out->text, out->text_n);
	if (out->text != NULL && extract_is_refusal(out->text, out->text_n))
		out->outcome = OUTCOME_REFUSED;
}

static void
from_json(const struct extract_spec *spec, const struct exchange *ex,
    struct answer *out)
{
	struct err e = ERR_INIT;
	struct buf b;

	out->body = ex->res_body.p == NULL ? NULL :
	    json_doc_parse(out->mem->doc, ex->res_body.p, ex->res_body.n,
	    &e);
	if (out->body != NULL) {
		judge(spec, extract_from(spec, out->body, 0, out), out);
		return;
	}
	out->outcome = OUTCOME_BAD_JSON;
	if (ex->res_body.p == NULL || ex->res_body.n == 0) {
		out->why = ex->res_body.spill != NULL ?
		    "a body beside the trace that was not read" :
		    "an empty body";
		return;
	}
	buf_init(&b, 600);
	buf_printf(&b, "%s", e.msg);
	out->why = extract_keep(out->mem, buf_str(&b), b.len);
	buf_fini(&b);
}

/* The mean time between the pieces of a stream. */
static void
token_gap(const struct exchange *ex, struct answer *out)
{
	size_t n = ex->n_chunks;

	if (n >= 2)
		out->itl_ns = (ex->chunks[n - 1].at_ns -
		    ex->chunks[0].at_ns) / (int64_t)(n - 1);
}

/* An answer that failed may still hold what an `expect` looks at. */
static void
from_failure(const struct exchange *ex, struct answer *out)
{
	out->outcome = ex->outcome;
	out->why = ex->why;
	if (ex->status > 0 && ex->res_body.p != NULL &&
	    (ex->outcome == OUTCOME_HTTP_4XX ||
	    ex->outcome == OUTCOME_HTTP_429 ||
	    ex->outcome == OUTCOME_HTTP_5XX))
		out->body = json_doc_parse(out->mem->doc, ex->res_body.p,
		    ex->res_body.n, NULL);
}

int
extract_answer(const struct extract_spec *spec, const struct exchange *ex,
    struct answer *out, struct err *err)
{
	int kind;

	if (answer_begin(out) != RC_OK)
		return err_set(err, RC_NOMEM, "out of memory");
	if (ex->outcome != OUTCOME_OK && ex->outcome != OUTCOME_REFUSED) {
		from_failure(ex, out);
		pins_header(spec, ex, out);
		return RC_OK;
	}
	kind = extract_stream_kind(spec, ex);
	if (kind != 0) {
		judge(spec, extract_stream(spec, ex, kind, out), out);
		token_gap(ex, out);
	} else if (spec->body_text) {
		from_text(ex, out);
	} else {
		from_json(spec, ex, out);
	}
	pins_header(spec, ex, out);
	if (out->mem->nomem)
		return err_set(err, RC_NOMEM, "out of memory");
	return RC_OK;
}

/* ---- questions of recorded requests ------------------------------------ */

/* The last message of a user, else the last. */
static const char *
last_message(const struct json *messages)
{
	const char *text = NULL, *s, *role;
	const struct json *m, *part;
	int user = 0;

	for (m = json_first(messages); m != NULL; m = json_next(m)) {
		s = json_get_str(m, "content");
		for (part = json_first(json_get(m, "content")); s == NULL &&
		    part != NULL; part = json_next(part))
			s = json_get_str(part, "text");
		role = json_get_str(m, "role");
		if (s == NULL || (user && (role == NULL ||
		    strcmp(role, "user") != 0)))
			continue;
		user |= role != NULL && strcmp(role, "user") == 0;
		text = s;
	}
	return text;
}

const char *
extract_question(const struct extract_spec *spec, const struct json *body)
{
	static const char *const names[] = {
		"question", "query", "prompt", "input", "q", "text"
	};
	const struct json *j = alt_find(&spec->question, body);
	const char *s = json_str(j);
	size_t i;

	if (s != NULL || spec->question.n > 0)
		return s;
	s = last_message(json_get(body, "messages"));
	for (i = 0; s == NULL && i < sizeof(names) / sizeof(names[0]); i++) {
		j = json_get(body, names[i]);
		s = json_str(j);
		if (s == NULL && json_kind(j) == JSON_ARRAY)
			s = last_message(j);
		if (s == NULL && json_kind(j) == JSON_OBJECT)
			s = json_get_str(j, "question");
	}
	return s;
}
