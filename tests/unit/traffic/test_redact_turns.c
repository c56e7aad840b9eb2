/* Redaction of several answers that come in turns in one stream: each is a
 * text of its own, wherever it is cut. */
#include "harness/traffic/redact.h"

#include "harness/base/buf.h"
#include "tests/lib/check.h"

#define LEN(a) (sizeof(a) / sizeof *(a))

/* Around a piece of answer 0 and of answer 1: what stands behind "|" tells
 * whose it is; "#" counts the events, "~" is the answer's number; a text
 * without turns comes whole, one answer after the other. */
static const struct form {
	const char *name, *before[2], *after;
	int no_turns;
} forms[] = {
	{ "chat, n = 2", { "data: {\"id\":\"c\",\"choices\":[{|\"index\":0,"
	    "\"delta\":{\"content\":\"", "data: {\"id\":\"c\",\"choices\":[{|"
	    "\"index\":1,\"delta\":{\"content\":\"" }, "\"}}]}\n\n", 0 },
	{ "chat, the index behind", { "data: {\"choices\":[{\"delta\":{|"
	    "\"a\":0,\"content\":\"", "data: {\"choices\":[{\"delta\":{|"
	    "\"b\":0,\"content\":\"" }, "\"},\"index\":~}]}\n\n", 0 },
	{ "chat, two in an event", { "data: {\"choices\":[{|\"index\":0,"
	    "\"delta\":{\"content\":\"", "data: {\"choices\":[{\"index\":0,"
	    "\"delta\":{\"content\":\"\"}},{|\"index\":1,\"delta\":{"
	    "\"content\":\"" }, "\"}}]}\n\n", 0 },
	{ "chat, an id for each event", { "data: {\"id\":\"e#\",\"choices\":["
	    "{|\"index\":0,\"text\":\"", "data: {\"id\":\"e#\",\"choices\":["
	    "{|\"index\":1,\"text\":\"" }, "\"}]}\n\n", 0 },
	{ "tool calls at once", { "data: {\"choices\":[{\"index\":0,\"delta\":"
	    "{\"tool_calls\":[{|\"index\":0,\"function\":{\"arguments\":\"",
	    "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{|"
	    "\"index\":1,\"function\":{\"arguments\":\"" },
	    "\"}}]}}]}\n\n", 0 },
	{ "responses", { "event: response.output_text.delta\ndata: {\"type\":"
	    "\"response.output_text.delta\",\"sequence_number\":#,|"
	    "\"output_index\":0,\"content_index\":1,\"delta\":\"",
	    "event: response.output_text.delta\ndata: {\"type\":"
	    "\"response.output_text.delta\",\"sequence_number\":#,|"
	    "\"output_index\":1,\"content_index\":0,\"delta\":\"" },
	    "\",\"item_id\":\"msg_#\"}\n\n", 0 },
	{ "messages", { "event: content_block_delta\ndata: {|\"index\":0,"
	    "\"delta\":{\"text\":\"", "event: content_block_delta\ndata: {|"
	    "\"index\":1,\"delta\":{\"text\":\"" }, "\"}}\n\n", 0 },
	{ "messages over lines", { "data: {\ndata:  |\"index\": 0,\n"
	    "data:  \"delta\": {\"text\": \"", "data: {\n"
	    "data:  |\"index\": 1,\n"
	    "data:  \"delta\": {\"text\": \"" }, "\"}\ndata: }\n\n", 0 },
	{ "ids", { "data: {|\"type\":\"text-delta\",\"id\":\"a\",\"delta\":\"",
	    "data: {|\"type\":\"text-delta\",\"id\":\"b\",\"delta\":\"" },
	    "\"}\n\n", 0 },
	{ "message ids", { "data: {|\"messageId\":\"m1\",\"delta\":\"",
	    "data: {|\"messageId\":\"m2\",\"delta\":\"" }, "\"}\n\n", 0 },
	{ "indices of several runs", { "data: {|\"run_id\":\"a\",\"choices\":["
	    "{\"index\":0,\"text\":\"", "data: {|\"run_id\":\"b\",\"choices\":"
	    "[{\"index\":0,\"text\":\"" }, "\"}]}\n\n", 0 },
	{ "places in an array", { "data: {|\"o\":[{\"t\":\"",
	    "data: {|\"o\":[{\"t\":\"\"},{\"t\":\"" }, "\"}]}\n\n", 0 },
	{ "lines of JSON", { "{|\"index\":0,\"text\":\"",
	    "{|\"index\":1,\"text\":\"" }, "\"}\n", 0 },
	{ "a counter of tokens", { "data: {\"index\":#,\"token\":{|\"text\":\"",
	    "data: {\"index\":#,\"token\":{|\"text\":\"" },
	    "\"}}\n\n", 1 },
	{ "an id for each token", { "data: {\"id\":\"t#\",|\"text\":\"",
	    "data: {\"id\":\"t#\",|\"text\":\"" }, "\"}\n\n", 1 },
};

static const struct text {
	const char *text, *want;
} texts[] = {
	{ "write to ann@mail.example now", "write to [EMAIL] now" },
	{ "pay 4111 1111 1111 1111 now", "pay [CARD] now" },
	{ "{\"cc\":\"bob@post.example\",\"n\":\"a\\n4111111111111111\"} ",
	    "{\"cc\":\"[EMAIL]\",\"n\":\"a\\n[CARD]\"} " },
	{ "so {\"n\":\"a\\n4111111111111111\"} ",
	    "so {\"n\":\"a\\n[CARD]\"} " },
};

struct stage {
	struct redact_work *w;
	struct buf in, got[2];
	int events;
};

static void
put(struct stage *s, const struct form *f, int k, const char *p, size_t n)
{
	const char *c;

	for (c = f->before[k]; *c != '\0'; c++) {
		if (*c == '#')
			buf_printf(&s->in, "%d", s->events);
		else if (*c != '|')
			buf_putc(&s->in, *c);
	}
	for (; n-- > 0; p++) {
		if (*p == '"' || *p == '\\')
			buf_putc(&s->in, '\\');
		buf_putc(&s->in, *p);
	}
	for (c = f->after; *c != '\0'; c++) {
		if (*c == '#' || *c == '~')
			buf_printf(&s->in, "%d", *c == '#' ? s->events : k);
		else
			buf_putc(&s->in, *c);
	}
	s->events++;
}

/* An answer put together again, as a client does. */
static void
gather(const char *stream, const char *before, struct buf *out)
{
	const char *s = stream, *mark = strchr(before, '|') + 1;

	buf_reset(out);
	while ((s = strstr(s, mark)) != NULL) {
		s += strlen(mark);
		for (; *s != '"' && *s != '\0'; s++) {
			if (*s == '\\' && s[1] != '\0')
				s++;
			buf_putc(out, *s);
		}
	}
}

/* One text in two pieces, between those of another that is cut elsewhere. */
static void
check_cut(struct stage *s, const struct form *f, const struct text *const t[2],
    size_t a, size_t b)
{
	struct ex_header req[1], res[1];
	struct exchange ex;
	char want[200];
	int k;

	buf_reset(&s->in);
	s->events = 0;
	put(s, f, 0, t[0]->text, a);
	if (f->no_turns)
		put(s, f, 0, t[0]->text + a, strlen(t[0]->text) - a);
	put(s, f, 1, t[1]->text, b);
	if (!f->no_turns)
		put(s, f, 0, t[0]->text + a, strlen(t[0]->text) - a);
	put(s, f, 1, t[1]->text + b, strlen(t[1]->text) - b);
	exchange_init(&ex);
	ex.target = "/";
	ex.res_body.p = buf_str(&s->in);
	ex.res_body.n = s->in.len;
	assert_int_equal(redact_exchange(s->w, &ex, req, res), RC_OK);
	for (k = 0; k < 2; k++) {
		gather(ex.res_body.p, f->before[k], &s->got[k]);
		(void)snprintf(want, sizeof(want), "%s%s", t[f->no_turns ? 0 :
		    k]->want, f->no_turns ? t[1]->want : "");
		if (strcmp(buf_str(&s->got[k]), want) != 0)
			fail_msg("%s: %s cut at %zu, %s at %zu: %s", f->name,
			    t[0]->text, a, t[1]->text, b,
			    buf_str(&s->got[k]));
	}
}

static void
check_pair(struct stage *s, const struct form *f, const struct text *x,
    const struct text *y)
{
	const struct text *const t[2] = { x, y };
	size_t a, n = strlen(x->text), m = strlen(y->text);

	for (a = 1; a < n; a++)
		check_cut(s, f, t, a, 1 + a * 7 % (m - 1));
}

static void
test_turns(void **state)
{
	const char *all = "all";
	struct redact *r;
	struct err err = ERR_INIT;
	struct stage s;
	size_t f, i, k;

	(void)state;
	assert_int_equal(redact_new(&all, 1, NULL, &r, &err), RC_OK);
	s.w = redact_work_new(r);
	assert_non_null(s.w);
	buf_init(&s.in, 1 << 20);
	buf_init(&s.got[0], 1 << 20);
	buf_init(&s.got[1], 1 << 20);
	for (f = 0; f < LEN(forms); f++) {
		for (i = 0; i < LEN(texts); i++) {
			for (k = 0; k < LEN(texts); k++)
				check_pair(&s, &forms[f], &texts[i],
				    &texts[k]);
		}
	}
	buf_fini(&s.in);
	buf_fini(&s.got[0]);
	buf_fini(&s.got[1]);
	redact_work_free(s.w);
	redact_free(r);
}

/* Texts of one document are no pieces of one text. */
static void
test_apart(void **state)
{
	static const char text[] = "{\"d\":[{\"t\":\"in 4111 1111\"},"
	    "{\"t\":\"1111 1111 x\"}],\"e\":[{\"index\":0,\"t\":\"ann@\"},"
	    "{\"index\":0,\"n\":\"mail.example\"}]}";
	const char *all = "all";
	struct redact *r;
	struct redact_work *w;
	struct ex_header req[1], res[1];
	struct exchange ex;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(redact_new(&all, 1, NULL, &r, &err), RC_OK);
	w = redact_work_new(r);
	exchange_init(&ex);
	ex.target = "/";
	ex.res_body.p = text;
	ex.res_body.n = sizeof(text) - 1;
	assert_int_equal(redact_exchange(w, &ex, req, res), RC_OK);
	assert_string_equal(ex.res_body.p, text);
	redact_work_free(w);
	redact_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_turns),
		cmocka_unit_test(test_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
