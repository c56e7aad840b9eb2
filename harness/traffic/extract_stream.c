/* Streamed answers, recorded whole: events whose pieces make the answer, and
 * in which everything else may come in any event. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/text.h"
#include "harness/base/utf8.h"
#include "harness/traffic/extract_part.h"

struct stream {
	const struct extract_spec *spec;
	struct answer *out;
	unsigned got;
	size_t events, bad;
	int tokens;
	enum json_kind odd;	/* of the whole answer */
};

/* Values a line, under a type that names one value: the first line is one,
 * and not all. */
static int
several_lines(const struct ex_bytes *body)
{
	const char *lf = memchr(body->p, '\n', body->n), *end;
	struct json *first;

	end = body->p + body->n;
	while (end > body->p && strchr(" \t\r\n", end[-1]) != NULL &&
	    end[-1] != '\0')
		end--;
	if (lf == NULL || lf >= end)
		return 0;
	first = json_parse(body->p, (size_t)(lf - body->p), NULL);
	json_free(first);
	return first != NULL;
}

enum sse_format
extract_stream_kind(const struct extract_spec *spec,
    const struct exchange *ex, const struct ex_bytes *body)
{
	const char *type = exchange_header(ex, "content-type");
	enum sse_format named = sse_of_type(type);

	if (body->p == NULL || body->n == 0)
		return SSE_NONE;
	if (named != SSE_NONE)
		return named;
	if (spec->format == SSE_NONE)
		return SSE_NONE;
	if (spec->format == SSE_LINES)
		return type == NULL || strcasestr(type, "json") == NULL ||
		    several_lines(body) ? SSE_LINES : SSE_NONE;
	return sse_begins(body->p, body->n) ? SSE_EVENTS : SSE_NONE;
}

/* ---- one event --------------------------------------------------------- */

static void
merge_event(struct stream *s, const struct json *j)
{
	struct answer_mem *mem = s->out->mem;

	if (json_kind(j) != JSON_OBJECT)
		return;
	if (mem->body == NULL)
		mem->body = json_new(JSON_OBJECT);
	if (mem->body == NULL || json_merge(mem->body, j) != RC_OK)
		mem->nomem = 1;
}

/*
 * Whether an event is about another answer than the first: several that were
 * asked for come in turns, each event naming its own ({"choices": [{"index":
 * 1, ...}]}).
 */
static int
of_another(const struct ptr_alt *token, const struct json *j)
{
	const char *ptr, *at;
	char list[64];
	size_t n;

	if (token->n == 0)
		return 0;
	ptr = json_ptr_text(token->p[0]);
	at = strstr(ptr, "/0/");
	n = at == NULL ? 0 : (size_t)(at - ptr);
	if (n < 2 || n >= sizeof(list) || memchr(ptr + 1, '/', n - 1) != NULL)
		return 0;
	memcpy(list, ptr + 1, n - 1);
	list[n - 1] = '\0';
	return json_get_int(json_first(json_get(j, list)), "index", 0) > 0;
}

static int
token_from(struct stream *s, const char *name, const struct json *j)
{
	const struct extract_spec *spec = s->spec;
	const char *text;
	size_t n = 0;

	if (spec->token.n == 0 || !extract_event_counts(spec, name))
		return 0;
	text = extract_text(s->out->mem, &spec->token, j, &n, NULL);
	if (text == NULL)
		return 0;
	/* Dify's moderation: the text stands for all that came before it */
	if (strcmp(name, "message_replace") == 0)
		buf_reset(&s->out->mem->streamed);
	utf8_append(&s->out->mem->streamed, text, n);
	s->tokens = 1;
	return 1;
}

static unsigned
sources_from(struct stream *s, const struct json *j)
{
	struct items_map map = s->spec->retrieved;
	int found = 0;
	size_t n;

	if (s->spec->sources.n == 0 || (s->got & GOT_RETRIEVED) != 0)
		return 0;
	map.items = s->spec->sources;
	n = extract_items(&map, j, s->out->mem, 0, 0, &found);
	if (!found)
		return 0;
	s->out->n_retrieved = n;
	s->out->retrieved = s->out->mem->retrieved;
	return GOT_RETRIEVED;
}

/* Citations that come one by one; a list of all of them stands for them. */
static unsigned
cited_from(struct stream *s, const struct json *j)
{
	struct items_map map = s->spec->cited;
	struct answer *out = s->out;
	int found = 0;

	if (s->spec->cited_piece.n == 0 || (s->got & GOT_CITED) != 0)
		return 0;
	map.items = s->spec->cited_piece;
	out->n_cited = extract_items(&map, j, out->mem, 1, out->n_cited,
	    &found);
	out->cited = out->mem->cited;
	return found ? GOT_OTHER : 0;
}

/* How much of the answer points into events. Each is found once, and items
 * are bounded: so are the events that are kept for them. */
static size_t
pointing(const struct answer *a)
{
	return a->n_retrieved + a->n_cited + a->n_pins +
	    (a->effect_id != NULL);
}

static void
take_error(struct stream *s, const char *name, const struct json *j)
{
	struct buf words;

	buf_init(&words, 1024);
	if (extract_error(s->spec, name, j, &words))
		extract_fail(s->out, OUTCOME_SERVICE_ERROR,
		    "the service says: %s", buf_str(&words));
	buf_fini(&words);
}

/* What need not be looked for. A later whole answer may count, and a list in
 * which there was nothing may be filled later. */
static unsigned
known(const struct stream *s, int token)
{
	unsigned have = s->got & ~(unsigned)GOT_ANSWER;

	if (s->out->n_retrieved == 0)
		have &= ~(unsigned)GOT_RETRIEVED;
	if (s->out->n_cited == 0)
		have &= ~(unsigned)GOT_CITED;
	return have | (token ? GOT_ANSWER : 0U);
}

/* A whole answer that begins with the one before stands for it; other texts
 * are pieces under its name. */
static void
take_whole(struct stream *s)
{
	struct answer *out = s->out;
	struct buf *whole = &out->mem->whole;

	if (out->odd != JSON_NONE || (out->text_n >= whole->len &&
	    memcmp(out->text, buf_str(whole), whole->len) == 0))
		buf_reset(whole);
	buf_add(whole, out->text, out->text_n);
	s->odd = out->odd;
	out->text = NULL;
}

static void
read_event(struct stream *s, const struct sse_event *e, struct json *j)
{
	const char *name = extract_event_name(e, j);
	struct answer *out = s->out;
	int token = token_from(s, name, j);
	size_t before = pointing(out);
	unsigned got;

	s->got |= extract_tool_piece(s->spec, j, out->mem);
	got = sources_from(s, j) | cited_from(s, j);
	s->got |= got & GOT_RETRIEVED;
	got = extract_from(s->spec, j, known(s, token), out);
	if ((got & GOT_ANSWER) != 0)
		take_whole(s);
	s->got |= got & ~(unsigned)GOT_OTHER;
	take_error(s, name, j);
	if (!token)
		merge_event(s, j);
	if ((got & GOT_CITED) != 0 || pointing(out) != before)
		(void)extract_keep_json(out->mem, j);
	else
		json_free(j);
}

static void
take_event(struct stream *s, const struct sse_event *e, struct json *j)
{
	if (of_another(&s->spec->token, j)) {
		json_free(j);
		return;
	}
	read_event(s, e, j);
}

/* Raw text is a piece where the whole event is one. */
static void
plain_event(struct stream *s, const struct sse_event *e)
{
	const struct ptr_alt *a = &s->spec->token;
	size_t i, n = e->n < 200 ? e->n : 200;

	/* an error need not be JSON */
	if (strcmp(e->name, "error") == 0 && s->spec->error.n > 0) {
		extract_fail(s->out, OUTCOME_SERVICE_ERROR,
		    "the service says: %.*s", (int)n, e->data);
		return;
	}
	for (i = 0; i < a->n && !e->cut; i++) {
		if (*json_ptr_text(a->p[i]) == '\0') {
			buf_add(&s->out->mem->streamed, e->data, e->n);
			s->tokens = 1;
			return;
		}
	}
	s->bad++;
}

static int
event(void *ctx, const struct sse_event *e)
{
	struct stream *s = ctx;
	struct json *j;

	if (e->n == 0 && *e->name == '\0')
		return 0;
	j = json_parse(e->data, e->n, NULL);
	if (s->out->mem->ended) {
		/* too late for an answer, not for an error */
		if (j != NULL)
			take_error(s, extract_event_name(e, j), j);
		json_free(j);
		return 0;
	}
	s->out->mem->ended = extract_event_ends(s->spec, e, j);
	if (j == NULL && (s->out->mem->ended || !e->has_data || e->n == 0))
		return 0;
	/* the mark of one service is no piece of another's answer */
	if (j == NULL && e->n >= 6 && memcmp(e->data, "[DONE]", 6) == 0)
		return 0;
	s->events++;
	if (j == NULL)
		plain_event(s, e);
	else
		take_event(s, e, j);
	return s->out->mem->nomem ? RC_NOMEM : 0;
}

/* ---- the whole --------------------------------------------------------- */

static void
put(struct stream *s, const struct ptr_alt *at, const char *text, size_t n)
{
	if (at->n > 0 && text != NULL && extract_put(s->out->mem->body,
	    json_ptr_text(at->p[0]), json_new_strn(text, n)) == RC_NOMEM)
		s->out->mem->nomem = 1;
}

/* One tool call where a whole answer would hold it. */
static void
place_tool(struct stream *s, size_t i, size_t at)
{
	const struct tools_map *map = &s->spec->tools;
	const struct tool_call *t = &s->out->mem->tools[i];
	const char *list = json_ptr_text(map->items.p[0]);
	const struct ptr_alt *field[2] = { &map->name, &map->arguments };
	const struct buf *text[2] = { &t->name, &t->arguments };
	int k, n = (int)strcspn(list, "*");
	char ptr[400];

	n -= list[n] == '*';	/* and the slash before it */
	for (k = 0; k < 2; k++) {
		if (field[k]->n == 0 || snprintf(ptr, sizeof(ptr),
		    "%.*s/%zu%s", n, list, at,
		    json_ptr_text(field[k]->p[0])) >= (int)sizeof(ptr))
			continue;
		if (extract_put(s->out->mem->body, ptr,
		    json_new_strn(text[k]->len > 0 ? text[k]->p : "",
		    text[k]->len)) == RC_NOMEM)
			s->out->mem->nomem = 1;
	}
}

/* What expectations look at: the answer where a whole one would hold it. */
static void
place_answer(struct stream *s)
{
	struct answer_mem *mem = s->out->mem;
	const char *list;
	size_t i, text;

	if (mem->body == NULL)
		mem->body = json_new(JSON_OBJECT);
	put(s, &s->spec->answer, s->out->text, s->out->text_n);
	put(s, &s->spec->finish, mem->finish, mem->finish == NULL ? 0 :
	    strlen(mem->finish));
	if (s->spec->tools.items.n == 0 || mem->n_tools == 0 ||
	    s->spec->tool_piece.items.n == 0)
		return;
	/* a list of parts, of which the text is the first */
	list = json_ptr_text(s->spec->tools.items.p[0]);
	text = strchr(list, '*') != NULL && s->out->text != NULL;
	for (i = 0; i < mem->n_tools; i++)
		place_tool(s, i, i + text);
}

static void
finish(struct stream *s)
{
	struct answer *out = s->out;
	struct buf *text = &out->mem->streamed, *whole = &out->mem->whole;

	if (text->bad != RC_OK || whole->bad != RC_OK)
		out->mem->nomem = 1;
	if (s->tokens && ((s->got & GOT_ANSWER) == 0 ||
	    text_is_blank(buf_str(whole), whole->len))) {
		s->odd = JSON_NONE;
		s->got |= GOT_ANSWER;
		whole = text;
	}
	if ((s->got & GOT_ANSWER) != 0) {
		out->text = extract_keep(out->mem, buf_str(whole),
		    whole->len);
		out->text_n = out->text == NULL ? 0 : whole->len;
		out->odd = s->odd;
	}
	place_answer(s);
	out->body = out->mem->body;
	if (s->events == 0 || s->events == s->bad)
		extract_fail(out, OUTCOME_BAD_JSON, "%s", s->events == 0 ?
		    "a stream without events" :
		    "no event of the stream is JSON");
	else if (s->spec->n_ends > 0 && !s->out->mem->ended)
		extract_fail(out, OUTCOME_PROTOCOL,
		    "the stream ended without its end mark");
	else if (out->mem->sse.too_large > 0)
		extract_fail(out, OUTCOME_TOO_LARGE,
		    "an event of more than %zu bytes", out->mem->sse.event_max);
}

static void
begin(struct stream *s, const struct extract_spec *spec, enum sse_format kind,
    struct answer *out)
{
	memset(s, 0, sizeof(*s));
	s->spec = spec;
	s->out = out;
	buf_reset(&out->mem->streamed);
	buf_reset(&out->mem->whole);
	sse_reset(&out->mem->sse, kind);
}

unsigned
extract_stream(const struct extract_spec *spec, const struct ex_bytes *body,
    enum sse_format kind, struct answer *out)
{
	struct answer_mem *mem = out->mem;
	struct stream s;
	int rc;

	begin(&s, spec, kind, out);
	rc = sse_feed(&mem->sse, body->p, body->n, event, &s);
	if (rc == 0)
		rc = sse_end(&mem->sse, event, &s);
	if (rc != 0)
		mem->nomem = 1;
	finish(&s);
	return s.got;
}

int
extract_is_listed(const struct extract_spec *spec, const struct json *body)
{
	const struct json *e;
	size_t i;

	if (json_kind(body) != JSON_ARRAY || spec->token.n == 0)
		return 0;
	for (e = json_first(body); e != NULL; e = json_next(e)) {
		if (json_kind(e) != JSON_OBJECT)
			return 0;
	}
	for (i = 0; i < spec->answer.n; i++) {
		if (strncmp(json_ptr_text(spec->answer.p[i]), "/*/", 3) == 0)
			return json_first(body) != NULL;
	}
	return 0;
}

unsigned
extract_listed(const struct extract_spec *spec, const struct json *body,
    struct answer *out)
{
	const struct json *e;
	struct sse_event one = { .name = "", .has_data = 1 };
	struct stream s;
	struct buf text;
	int rc = 0;

	begin(&s, spec, SSE_EVENTS, out);
	buf_init(&text, SIZE_MAX / 2);
	for (e = json_first(body); e != NULL && rc == 0; e = json_next(e)) {
		buf_reset(&text);
		json_write(&text, e);
		one.data = buf_str(&text);
		one.n = text.len;
		rc = text.bad != RC_OK ? RC_NOMEM : event(&s, &one);
	}
	if (rc != 0)
		out->mem->nomem = 1;
	buf_fini(&text);
	finish(&s);
	return s.got;
}
