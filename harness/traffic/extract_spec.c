/* Extraction specs: a preset's row, a manifest's pointers, or both; see
 * extract.h. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/opt.h"
#include "harness/traffic/extract_part.h"

static const char *const item_names[ITEM_N] = {
	[ITEM_SNIPPET_ID] = "snippet_id", [ITEM_SECTION_ID] = "section_id",
	[ITEM_SOURCE_URL] = "source_url", [ITEM_TEXT] = "text",
	[ITEM_FROM] = "from", [ITEM_TO] = "to", [ITEM_TOKENS] = "tokens",
	[ITEM_SCORE] = "score"
};

static const unsigned item_bits[ITEM_N] = {
	[ITEM_SNIPPET_ID] = FIELD_SNIPPET_ID,
	[ITEM_SECTION_ID] = FIELD_SECTION_ID,
	[ITEM_SOURCE_URL] = FIELD_SOURCE_URL, [ITEM_TEXT] = FIELD_TEXT,
	[ITEM_FROM] = FIELD_OFFSETS, [ITEM_TO] = FIELD_OFFSETS,
	[ITEM_TOKENS] = FIELD_TOKENS, [ITEM_SCORE] = FIELD_SCORE
};

/* ---- pointers ---------------------------------------------------------- */

static int
alt_add(struct ptr_alt *a, const struct json *j, const char *key,
    struct err *err)
{
	if (json_str(j) == NULL)
		return err_set(err, RC_FORMAT, "extract: \"%s\" must be a "
		    "JSON Pointer or a list of them", key);
	if (a->n == EXTRACT_ALTS_MAX)
		return err_set(err, RC_FORMAT,
		    "extract: \"%s\" has more than %d pointers", key,
		    EXTRACT_ALTS_MAX);
	a->p[a->n] = json_ptr_new(json_str(j), err);
	if (a->p[a->n] == NULL)
		return err != NULL ? err->code : RC_FORMAT;
	a->n++;
	return RC_OK;
}

/* obj may be absent; key is a member of it. */
static int
alt_new(struct ptr_alt *a, const struct json *obj, const char *key,
    struct err *err)
{
	const struct json *j = json_get(obj, key);
	int rc = RC_OK;

	if (j == NULL || json_kind(j) == JSON_NULL)
		return RC_OK;
	if (json_kind(j) != JSON_ARRAY)
		return alt_add(a, j, key, err);
	for (j = json_first(j); j != NULL && rc == RC_OK; j = json_next(j))
		rc = alt_add(a, j, key, err);
	return rc;
}

static void
alt_free(struct ptr_alt *a)
{
	while (a->n > 0)
		json_ptr_free(a->p[--a->n]);
}

/* "/metadatas/0/<any>/id": the list, and what is within one element. */
static int
column_new(struct ptr_column *c, const struct ptr_alt *a, struct err *err)
{
	const char *text, *star;
	char *list;

	if (a->n == 0)
		return RC_OK;
	text = json_ptr_text(a->p[0]);
	star = strstr(text, "/*");
	while (star != NULL && star[2] != '/' && star[2] != '\0')
		star = strstr(star + 1, "/*");
	list = star == NULL ? strdup(text) :
	    strndup(text, (size_t)(star - text));
	if (list == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	c->list = json_ptr_new(list, err);
	free(list);
	c->rest = json_ptr_new(star == NULL ? "" : star + 2, err);
	return c->list != NULL && c->rest != NULL ? RC_OK : RC_FORMAT;
}

static int
map_new(struct items_map *m, const struct json *conf, const char *key,
    struct err *err)
{
	const struct json *j = json_get(conf, key);
	int rc = RC_OK, i;

	if (j == NULL || json_kind(j) == JSON_NULL)
		return RC_OK;
	m->present = 1;
	if (json_kind(j) != JSON_OBJECT)
		return alt_new(&m->items, conf, key, err);
	rc = alt_new(&m->items, j, "items", err);
	m->columns = json_get_bool(j, "columns", 0);
	m->marker = json_get_str(j, "marker");
	for (i = 0; i < ITEM_N && rc == RC_OK; i++) {
		rc = alt_new(&m->field[i], j, item_names[i], err);
		if (m->field[i].n > 0)
			m->mapped |= item_bits[i];
		if (rc == RC_OK && m->columns)
			rc = column_new(&m->column[i], &m->field[i], err);
	}
	if (rc == RC_OK && m->items.n == 0 && !m->columns)
		rc = err_set(err, RC_FORMAT,
		    "extract: \"%s\" needs \"items\", the list", key);
	return rc;
}

static void
map_free(struct items_map *m)
{
	int i;

	alt_free(&m->items);
	for (i = 0; i < ITEM_N; i++) {
		alt_free(&m->field[i]);
		json_ptr_free(m->column[i].list);
		json_ptr_free(m->column[i].rest);
	}
}

/* ---- presets ----------------------------------------------------------- */

static const struct preset *
preset_find(const char *name)
{
	const struct preset *p;

	for (p = presets; p->name != NULL; p++) {
		if (strcmp(p->name, name) != 0)
			continue;
		/* another name for a row */
		return p->request == NULL ? preset_find(p->extract) : p;
	}
	return NULL;
}

static int
unknown_preset(const char *name, struct err *err)
{
	const char *near;
	char known[400];
	size_t n = 0, len = 0;

	for (; extract_presets[n] != NULL; n++)
		len += (size_t)snprintf(known + len, sizeof(known) - len,
		    "%s%s", n > 0 ? ", " : "", extract_presets[n]);
	near = opt_nearest(name, extract_presets, n);
	return err_set(err, RC_FORMAT, "extract: no preset \"%.60s\"%s%s%s",
	    name, near != NULL ? "; did you mean \"" : "; presets are ",
	    near != NULL ? near : known, near != NULL ? "\"?" : "");
}

/* A pointer in place of an object of pointers replaces it as a whole. */
static int
merge(struct json *conf, const struct json *own)
{
	static const char *const maps[] = { "retrieved", "citations",
	    "tool_calls" };
	const struct json *j;
	size_t i;

	for (i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		j = json_get(own, maps[i]);
		if (json_kind(j) != JSON_STRING && json_kind(j) != JSON_ARRAY)
			continue;
		if (json_kind(json_get(conf, maps[i])) == JSON_OBJECT &&
		    json_set(json_get(conf, maps[i]), "items",
		    json_copy(j)) != RC_OK)
			return RC_NOMEM;
	}
	for (j = json_first(own); j != NULL; j = json_next(j)) {
		struct json *mine = json_get(conf, json_key(j));

		if (json_kind(mine) == JSON_OBJECT &&
		    json_kind(j) == JSON_OBJECT) {
			if (json_merge(mine, j) != RC_OK)
				return RC_NOMEM;
		} else if (json_kind(mine) != JSON_OBJECT ||
		    json_kind(j) == JSON_NULL) {
			if (json_set(conf, json_key(j), json_copy(j)) !=
			    RC_OK)
				return RC_NOMEM;
		}
	}
	return RC_OK;
}

/* The preset's row with the manifest's own pointers over it. */
static int
configure(struct extract_spec *s, const struct json *j, struct err *err)
{
	const char *name = json_kind(j) == JSON_OBJECT ?
	    json_get_str(j, "preset") : json_str(j);
	const struct preset *p;

	if (j == NULL || json_kind(j) == JSON_NULL)
		name = "generic";
	if (name == NULL) {
		s->conf = json_new(JSON_OBJECT);
	} else {
		p = preset_find(name);
		if (p == NULL)
			return unknown_preset(name, err);
		s->conf = json_parse(p->extract, strlen(p->extract), err);
		s->usual = json_parse(p->request, strlen(p->request), err);
		if (s->usual == NULL)
			return RC_NOMEM;
	}
	if (s->conf == NULL || (json_kind(j) == JSON_OBJECT &&
	    merge(s->conf, j) != RC_OK))
		return err_set(err, RC_NOMEM, "out of memory");
	return RC_OK;
}

/* ---- compiling --------------------------------------------------------- */

static int
compile_answer(struct extract_spec *s, struct err *err)
{
	const struct json *a = json_get(s->conf, "answer");

	if (json_kind(a) != JSON_OBJECT)
		return alt_new(&s->answer, s->conf, "answer", err);
	if (json_get_str(a, "body") == NULL ||
	    strcmp(json_get_str(a, "body"), "text") != 0)
		return err_set(err, RC_FORMAT, "extract: \"answer\" must be a "
		    "pointer or {body: text}");
	s->body_text = 1;
	return RC_OK;
}

/* A mark may be a member of the last event: "done":true. */
static int
end_new(struct extract_spec *s, const struct json *j, struct err *err)
{
	struct end_mark *m = &s->ends[s->n_ends];
	const char *text = json_str(j);
	struct buf b;

	if (text == NULL || s->n_ends == EXTRACT_ENDS_MAX)
		return err_set(err, RC_FORMAT, "extract: \"end\" must be a "
		    "mark or a list of at most %d", EXTRACT_ENDS_MAX);
	m->text = text;
	s->n_ends++;
	if (*text != '"')
		return RC_OK;
	buf_init(&b, 4096);
	buf_printf(&b, "{%s}", text);
	m->member = json_parse(buf_str(&b), b.len, NULL);
	buf_fini(&b);
	return RC_OK;
}

static int
compile_ends(struct extract_spec *s, const struct json *j, struct err *err)
{
	int rc = RC_OK;

	if (j == NULL || json_kind(j) == JSON_NULL)
		return RC_OK;
	if (json_kind(j) != JSON_ARRAY)
		return end_new(s, j, err);
	for (j = json_first(j); j != NULL && rc == RC_OK; j = json_next(j))
		rc = end_new(s, j, err);
	return rc;
}

static int
tools_new(struct tools_map *t, const struct json *conf, const char *key,
    struct err *err)
{
	const struct json *j = json_get(conf, key);
	int rc;

	if (json_kind(j) != JSON_OBJECT)
		return alt_new(&t->items, conf, key, err);
	rc = alt_new(&t->items, j, "items", err);
	if (rc == RC_OK)
		rc = alt_new(&t->name, j, "name", err);
	if (rc == RC_OK)
		rc = alt_new(&t->arguments, j, "arguments", err);
	if (rc == RC_OK)
		rc = alt_new(&t->index, j, "index", err);
	return rc;
}

static void
tools_free(struct tools_map *t)
{
	alt_free(&t->items);
	alt_free(&t->name);
	alt_free(&t->arguments);
	alt_free(&t->index);
}

static int
compile_stream(struct extract_spec *s, struct err *err)
{
	const struct json *st = json_get(s->conf, "stream");
	const char *format = json_get_str(st, "format");
	int rc = alt_new(&s->token, st, "token", err);

	if (rc == RC_OK)
		rc = alt_new(&s->sources, st, "sources", err);
	if (rc == RC_OK)
		rc = alt_new(&s->cited_piece, st, "citations", err);
	if (rc == RC_OK)
		rc = tools_new(&s->tool_piece, st, "tool_calls", err);
	if (rc == RC_OK)
		rc = compile_ends(s, json_get(st, "end"), err);
	s->format = format == NULL ? SSE_NONE : format[0] == 'n' ?
	    SSE_LINES : SSE_EVENTS;
	s->token_event = json_get_str(st, "event");
	return rc;
}

/* Errors are looked for where most services say them, unless the suite has
 * its own mind. */
static int
compile_error(struct extract_spec *s, struct err *err)
{
	static const char *const usual[] = { "/error", "/response/error" };
	int rc = RC_OK;
	size_t i;

	if (json_get(s->conf, "error") != NULL)
		return alt_new(&s->error, s->conf, "error", err);
	for (i = 0; i < sizeof(usual) / sizeof(usual[0]) && rc == RC_OK;
	    i++) {
		s->error.p[i] = json_ptr_new(usual[i], err);
		rc = s->error.p[i] == NULL ? RC_NOMEM : RC_OK;
		s->error.n += rc == RC_OK;
	}
	return rc;
}

/* Whether text may stand under `choices` only. */
static int
all_choices(const struct ptr_alt *a)
{
	static const char under[] = "/choices/";
	size_t i;

	for (i = 0; i < a->n; i++) {
		if (strncmp(json_ptr_text(a->p[i]), under,
		    sizeof(under) - 1) != 0)
			return 0;
	}
	return 1;
}

/* All that is a pointer, or several, and no more. */
static int
compile_pointers(struct extract_spec *s, struct err *err)
{
	const struct json *usage = json_get(s->conf, "usage");
	const struct json *pins = json_get(s->conf, "pins");
	struct {
		struct ptr_alt *alt;
		const struct json *obj;
		const char *key;
	} rows[] = {
		{ &s->tokens_in, usage, "tokens_in" },
		{ &s->tokens_out, usage, "tokens_out" },
		{ &s->cost, usage, "cost" },
		{ &s->effect_id, s->conf, "effect_id" },
		{ &s->refusal, s->conf, "refusal" },
		{ &s->finish, s->conf, "finish" },
		{ &s->filtered, s->conf, "filtered" },
		{ &s->question, s->conf, "question" },
		{ &s->pins, json_kind(pins) == JSON_OBJECT ? NULL : s->conf,
		    "pins" },
	};
	size_t i;
	int rc = RC_OK;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]) && rc == RC_OK; i++)
		rc = alt_new(rows[i].alt, rows[i].obj, rows[i].key, err);
	s->pins_header = json_get_str(pins, "header");
	/* Stacks that say their pins in a header all use one name. */
	if (s->pins_header == NULL)
		s->pins_header = "X-Pins";
	return rc;
}

static int
compile(struct extract_spec *s, struct err *err)
{
	int rc = map_new(&s->retrieved, s->conf, "retrieved", err);

	if (rc == RC_OK)
		rc = map_new(&s->cited, s->conf, "citations", err);
	if (rc == RC_OK)
		rc = compile_answer(s, err);
	if (rc == RC_OK)
		rc = tools_new(&s->tools, s->conf, "tool_calls", err);
	if (rc == RC_OK)
		rc = compile_stream(s, err);
	s->chat = s->token.n > 0 && all_choices(&s->token) &&
	    all_choices(&s->answer);
	if (rc == RC_OK)
		rc = compile_error(s, err);
	return rc == RC_OK ? compile_pointers(s, err) : rc;
}

struct extract_spec *
extract_new(const struct json *j, struct err *err)
{
	struct extract_spec *s = calloc(1, sizeof(*s));
	struct err local = ERR_INIT;

	if (err == NULL)
		err = &local;
	if (s == NULL) {
		(void)err_set(err, RC_NOMEM, "out of memory");
		return NULL;
	}
	if (configure(s, j, err) == RC_OK && compile(s, err) == RC_OK)
		return s;
	extract_free(s);
	return NULL;
}

void
extract_free(struct extract_spec *s)
{
	if (s == NULL)
		return;
	map_free(&s->retrieved);
	map_free(&s->cited);
	alt_free(&s->answer);
	alt_free(&s->pins);
	alt_free(&s->tokens_in);
	alt_free(&s->tokens_out);
	alt_free(&s->cost);
	alt_free(&s->effect_id);
	alt_free(&s->refusal);
	alt_free(&s->question);
	alt_free(&s->token);
	alt_free(&s->sources);
	alt_free(&s->cited_piece);
	alt_free(&s->finish);
	alt_free(&s->error);
	alt_free(&s->filtered);
	tools_free(&s->tools);
	tools_free(&s->tool_piece);
	while (s->n_ends > 0)
		json_free(s->ends[--s->n_ends].member);
	json_free(s->conf);
	json_free(s->usual);
	free(s);
}

/* ---- what is mapped ---------------------------------------------------- */

const struct json *
extract_request(const struct extract_spec *s)
{
	return s->usual;
}

unsigned
extract_cited_fields(const struct extract_spec *s)
{
	return s->cited.mapped & (unsigned)~(FIELD_TEXT | FIELD_SCORE);
}

unsigned
extract_retrieved_fields(const struct extract_spec *s)
{
	return s->retrieved.mapped;
}

int
extract_maps_answer(const struct extract_spec *s)
{
	return s->body_text || s->answer.n > 0 || s->token.n > 0 ||
	    s->tools.items.n > 0;
}

int
extract_maps_citations(const struct extract_spec *s)
{
	return s->cited.present;
}

int
extract_maps_retrieved(const struct extract_spec *s)
{
	return s->retrieved.present;
}

int
extract_maps_usage(const struct extract_spec *s)
{
	return s->tokens_in.n > 0 || s->tokens_out.n > 0 || s->cost.n > 0;
}

const char *
extract_pins_header(const struct extract_spec *s)
{
	return s->pins_header;
}

int
extract_maps_pins(const struct extract_spec *s)
{
	return s->pins.n > 0 || json_get(s->conf, "pins") != NULL;
}

int
extract_maps_finish(const struct extract_spec *s)
{
	return s->finish.n > 0;
}

int
extract_stream_format(const struct extract_spec *s)
{
	return (int)s->format;
}

const char *
extract_stream_end(const struct extract_spec *s)
{
	return s->n_ends == 0 ? NULL : s->ends[0].text;
}

static struct extract_spec *any_spec, *generic_spec;

static void
make_generic(void)
{
	generic_spec = extract_new(NULL, NULL);
}

const struct extract_spec *
extract_generic(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, make_generic);
	return generic_spec;
}

static void
make_any(void)
{
	struct json *j = json_parse(preset_any, strlen(preset_any), NULL);

	any_spec = j == NULL ? NULL : extract_new(j, NULL);
	json_free(j);
}

const struct extract_spec *
extract_any(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, make_any);
	return any_spec;
}
