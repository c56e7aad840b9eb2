/* Streamed answers, recorded whole: server-sent events or JSON lines whose
 * pieces make the answer, and in which everything else may come in any
 * event. */
#include <stdlib.h>
#include <string.h>

#include "harness/traffic/extract_part.h"

struct stream {
	const struct extract_spec *spec;
	struct answer *out;
	unsigned got;
	char event[128];	/* name of the event being read */
	size_t events, bad;
	int tokens, ended;
};

static int
has_text(const char *s, const char *word)
{
	return s != NULL && strcasestr(s, word) != NULL;
}

static int
begins_as_sse(const struct ex_bytes *b)
{
	static const char *const starts[] = { "data:", "event:", "id:",
	    "retry:", ":" };
	size_t i;

	for (i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		if (b->n >= strlen(starts[i]) &&
		    memcmp(b->p, starts[i], strlen(starts[i])) == 0)
			return 1;
	}
	return 0;
}

int
extract_stream_kind(const struct extract_spec *spec,
    const struct exchange *ex)
{
	const char *type = exchange_header(ex, "content-type");

	if (ex->res_body.p == NULL || ex->res_body.n == 0)
		return 0;
	if (has_text(type, "event-stream"))
		return 's';
	if (has_text(type, "ndjson") || has_text(type, "jsonl") ||
	    has_text(type, "stream+json") || has_text(type, "jsonlines"))
		return 'n';
	if (spec->stream.format == 0 || has_text(type, "json"))
		return 0;
	if (spec->stream.format == 'n')
		return 'n';
	return begins_as_sse(&ex->res_body) ? 's' : 0;
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

static int
token_from(struct stream *s, const struct json *j)
{
	const struct extract_spec *spec = s->spec;
	const char *text;
	size_t n = 0;

	if (spec->token.n == 0 || (spec->token_event != NULL &&
	    *s->event != '\0' && strcmp(s->event, spec->token_event) != 0))
		return 0;
	text = extract_text(s->out->mem, &spec->token, j, &n);
	if (text == NULL)
		return 0;
	buf_add(&s->out->mem->streamed, text, n);
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
	n = extract_items(&map, j, s->out->mem, 0, &found);
	if (!found)
		return 0;
	s->out->n_retrieved = n;
	s->out->retrieved = s->out->mem->retrieved;
	return GOT_RETRIEVED;
}

static void
take_event(struct stream *s, struct json *j)
{
	struct answer_mem *mem = s->out->mem;
	int token = token_from(s, j);
	unsigned got;

	got = sources_from(s, j);
	got |= extract_from(s->spec, j, s->got | got |
	    (token ? GOT_ANSWER : 0U), s->out);
	s->got |= got;
	if (!token)
		merge_event(s, j);
	if (got != 0 && mem->n_kept < EXTRACT_EVENTS_MAX)
		(void)extract_keep_json(mem, j);
	else
		json_free(j);
}

/* Raw text is a piece where the whole event is one. */
static void
plain_event(struct stream *s, const char *p, size_t n)
{
	const struct ptr_alt *a = &s->spec->token;
	size_t i;

	for (i = 0; i < a->n; i++) {
		if (*json_ptr_text(a->p[i]) == '\0') {
			buf_add(&s->out->mem->streamed, p, n);
			s->tokens = 1;
			return;
		}
	}
	s->bad++;
}

static void
event(struct stream *s, const char *p, size_t n)
{
	const char *end = s->spec->stream.end;
	struct json *j;

	while (n > 0 && (p[n - 1] == '\r' || p[n - 1] == '\n'))
		n--;
	if (n == 0)
		return;
	if (end != NULL && strlen(end) == n && memcmp(p, end, n) == 0) {
		s->ended = 1;
		return;
	}
	if (n == 6 && memcmp(p, "[DONE]", 6) == 0)
		return;
	s->events++;
	j = json_parse(p, n, NULL);
	if (j == NULL)
		plain_event(s, p, n);
	else
		take_event(s, j);
}

/* ---- lines ------------------------------------------------------------- */

static const char *
line_end(const char *p, const char *end)
{
	while (p < end && *p != '\n' && *p != '\r')
		p++;
	return p;
}

static const char *
next_line(const char *p, const char *end)
{
	if (p < end && *p == '\r') {
		p++;
		return p < end && *p == '\n' ? p + 1 : p;
	}
	return p < end ? p + 1 : p;
}

/* The value of a field line when it has that name, else NULL. */
static const char *
field(const char *line, const char *end, const char *name)
{
	size_t n = strlen(name);

	if ((size_t)(end - line) < n || memcmp(line, name, n) != 0)
		return NULL;
	line += n;
	if (line == end)
		return line;
	if (*line != ':')
		return NULL;
	line++;
	return line < end && *line == ' ' ? line + 1 : line;
}

static void
dispatch(struct stream *s)
{
	struct buf *data = &s->out->mem->data;

	event(s, buf_str(data), data->len);
	buf_reset(data);
	s->event[0] = '\0';
}

/* source: HTML Standard, "Server-sent events", 9.2.6 */
static void
read_sse(struct stream *s, const char *p, const char *end)
{
	struct buf *data = &s->out->mem->data;
	const char *eol, *v;
	size_t n;

	buf_reset(data);
	for (; p < end; p = next_line(eol, end)) {
		eol = line_end(p, end);
		if (eol == p) {
			dispatch(s);
		} else if ((v = field(p, eol, "data")) != NULL) {
			if (data->len > 0)
				buf_putc(data, '\n');
			buf_add(data, v, (size_t)(eol - v));
		} else if ((v = field(p, eol, "event")) != NULL) {
			n = (size_t)(eol - v);
			if (n >= sizeof(s->event))
				n = sizeof(s->event) - 1;
			memcpy(s->event, v, n);
			s->event[n] = '\0';
		}
	}
	dispatch(s);
}

static void
read_lines(struct stream *s, const char *p, const char *end)
{
	const char *eol;

	for (; p < end; p = next_line(eol, end)) {
		eol = line_end(p, end);
		event(s, p, (size_t)(eol - p));
	}
}

/* ---- the whole --------------------------------------------------------- */

/* What expectations look at: the answer where a whole one would hold it. */
static void
place_answer(struct stream *s)
{
	const struct extract_spec *spec = s->spec;
	struct answer_mem *mem = s->out->mem;
	const char *ptr;

	if (mem->body == NULL)
		mem->body = json_new(JSON_OBJECT);
	if (spec->answer.n == 0 || s->out->text == NULL)
		return;
	ptr = json_ptr_text(spec->answer.p[0]);
	if (strchr(ptr, '*') == NULL && extract_put(mem->body, ptr,
	    json_new_str(s->out->text)) == RC_NOMEM)
		mem->nomem = 1;
}

static void
finish(struct stream *s)
{
	struct answer *out = s->out;
	struct buf *text = &out->mem->streamed;

	if (text->bad != RC_OK)
		out->mem->nomem = 1;
	if ((s->got & GOT_ANSWER) == 0 && s->tokens) {
		out->text = extract_keep(out->mem, buf_str(text), text->len);
		out->text_n = out->text == NULL ? 0 : strlen(out->text);
		s->got |= GOT_ANSWER;
	}
	place_answer(s);
	out->body = out->mem->body;
	if (out->outcome != OUTCOME_OK)
		return;
	if (s->events == 0 || s->events == s->bad) {
		out->outcome = OUTCOME_BAD_JSON;
		out->why = s->events == 0 ? "a stream without events" :
		    "no event of the stream is JSON";
	} else if (s->spec->stream.end != NULL && !s->ended) {
		out->outcome = OUTCOME_PROTOCOL;
		out->why = "the stream ended without its end mark";
	}
}

unsigned
extract_stream(const struct extract_spec *spec, const struct exchange *ex,
    int kind, struct answer *out)
{
	const char *p = ex->res_body.p, *end = p + ex->res_body.n;
	struct stream s;

	memset(&s, 0, sizeof(s));
	s.spec = spec;
	s.out = out;
	buf_reset(&out->mem->streamed);
	if (end - p >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		p += 3;
	if (kind == 's')
		read_sse(&s, p, end);
	else
		read_lines(&s, p, end);
	finish(&s);
	return s.got;
}

/* ---- putting by pointer ------------------------------------------------ */

static int
is_index(const char *s)
{
	return *s >= '0' && *s <= '9' && strlen(s) < 4;
}

static struct json *
child(struct json *at, const char *name, int list)
{
	struct json *j;
	size_t i;

	if (json_kind(at) == JSON_OBJECT) {
		j = json_get(at, name);
		if (json_kind(j) == (list ? JSON_ARRAY : JSON_OBJECT))
			return j;
		j = json_new(list ? JSON_ARRAY : JSON_OBJECT);
		return json_set(at, name, j) == RC_OK ? j : NULL;
	}
	i = (size_t)strtoul(name, NULL, 10);
	j = json_at(at, i);
	if (j != NULL || json_kind(at) != JSON_ARRAY || i != json_size(at))
		return j;
	j = json_new(list ? JSON_ARRAY : JSON_OBJECT);
	return json_push(at, j) == RC_OK ? j : NULL;
}

int
extract_put(struct json *root, const char *ptr, struct json *v)
{
	char part[256];
	size_t n;

	while (root != NULL && *ptr == '/') {
		n = strcspn(++ptr, "/");
		if (n >= sizeof(part) || memchr(ptr, '~', n) != NULL)
			break;
		memcpy(part, ptr, n);
		part[n] = '\0';
		ptr += n;
		if (*ptr == '\0' && json_kind(root) == JSON_OBJECT)
			return json_set(root, part, v);
		if (*ptr == '/')
			root = child(root, part, is_index(ptr + 1));
	}
	json_free(v);
	return RC_FORMAT;
}
