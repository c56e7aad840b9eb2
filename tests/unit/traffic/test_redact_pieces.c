/* Redaction of what a stream cuts anywhere: no part of an address stays,
 * whatever was found before it in the same piece. */
#include "harness/traffic/redact.h"

#include "harness/base/buf.h"
#include "tests/lib/check.h"

#define LEN(a) (sizeof(a) / sizeof *(a))

/* Around a piece of text, as a JSON string's inside. */
static const struct form {
	const char *name, *before, *after;
} forms[] = {
	{ "chat content", "data: {\"choices\":[{\"index\":0,\"delta\":{"
	    "\"content\":\"", "\"}}]}\n\n" },
	{ "chat arguments", "data: {\"choices\":[{\"index\":0,\"delta\":{"
	    "\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"",
	    "\"}}]}}]}\n\n" },
	{ "responses text", "event: response.output_text.delta\n"
	    "data: {\"type\":\"response.output_text.delta\",\"delta\":\"",
	    "\"}\n\n" },
	{ "responses arguments", "data: {\"type\":\"response."
	    "function_call_arguments.delta\",\"delta\":\"", "\"}\n\n" },
	{ "messages text", "data: {\"type\":\"content_block_delta\","
	    "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"",
	    "\"}}\n\n" },
	{ "messages arguments", "data: {\"type\":\"content_block_delta\","
	    "\"index\":1,\"delta\":{\"type\":\"input_json_delta\","
	    "\"partial_json\":\"", "\"}}\n\n" },
};

/* A whole text; what stands for it afterwards; what must not be left; how
 * often a rule hits. */
static const struct text {
	const char *text, *want, *left[4];
	uint64_t hits;
} texts[] = {
	{ "write to ann@mail.example now", "write to [EMAIL] now",
	    { "ann", "mail" }, 1 },
	{ "of bob@post.example and ann@mail.example now",
	    "of [EMAIL] and [EMAIL] now", { "bob", "post", "ann", "mail" }, 2 },
	{ "of bob@post.example and 4111 1111 1111 1111 now",
	    "of [EMAIL] and [CARD] now", { "bob", "post", "4111", "11" }, 2 },
	{ "{\"to\": \"ann@mail.example\"}", "{\"to\": \"[EMAIL]\"}",
	    { "ann", "mail" }, 1 },
	{ "{\"cc\":\"bob@post.example\",\"to\":\"ann@mail.example\"}",
	    "{\"cc\":\"[EMAIL]\",\"to\":\"[EMAIL]\"}",
	    { "bob", "post", "ann", "mail" }, 2 },
	{ "{\"cc\":\"bob@post.example\",\"n\":[\"4111 1111 1111 1111\"]}",
	    "{\"cc\":\"[EMAIL]\",\"n\":[\"[CARD]\"]}",
	    { "bob", "post", "4111", "11" }, 2 },
	{ "{\"cc\":\"bob@post.example\",\"n\":4111111111111111}",
	    "{\"cc\":\"[EMAIL]\",\"n\":\"[CARD]\"}",
	    { "bob", "post", "4111", "11" }, 2 },
	{ "{\"cc\":\"bob@post.example\",\"n\":\"a\\n4111111111111111\"}",
	    "{\"cc\":\"[EMAIL]\",\"n\":\"a\\n[CARD]\"}",
	    { "bob", "post", "4111", "11" }, 2 },
	{ "{\"cc\":\"bob@post.example\",\"n\":\"ann\\u0040mail.example\"}",
	    "{\"cc\":\"[EMAIL]\",\"n\":\"[EMAIL]\"}",
	    { "bob", "post", "ann", "mail" }, 2 },
	{ "I call. {\"cc\":\"bob@post.example\",\"to\":\"ann@mail.example\"}",
	    "I call. {\"cc\":\"[EMAIL]\",\"to\":\"[EMAIL]\"}",
	    { "bob", "post", "ann", "mail" }, 2 },
	{ "{\"a\":\"bob@post.example\"}{\"a\":\"ann@mail.example\"}",
	    "{\"a\":\"[EMAIL]\"}{\"a\":\"[EMAIL]\"}",
	    { "bob", "post", "ann", "mail" }, 2 },
	/* base64 of "to bob@post.example or ann@mail.example" */
	{ "dG8gYm9iQHBvc3QuZXhhbXBsZSBvciBhbm5AbWFpbC5leGFtcGxl",
	    "dG8gW0VNQUlMXSBvciBbRU1BSUxd", { "dG8gYm9i" }, 2 },
};

static void
put_piece(struct buf *out, const struct form *f, const char *p, size_t n)
{
	size_t i;

	buf_puts(out, f->before);
	for (i = 0; i < n; i++) {
		if (p[i] == '"' || p[i] == '\\')
			buf_putc(out, '\\');
		buf_putc(out, p[i]);
	}
	buf_puts(out, f->after);
}

/* The pieces of an answer put together again, as a client does. */
static void
gather(const char *answer, const struct form *f, struct buf *out)
{
	const char *s = answer;

	buf_reset(out);
	while ((s = strstr(s, f->before)) != NULL) {
		s += strlen(f->before);
		for (; *s != '"' && *s != '\0'; s++) {
			if (*s == '\\' && s[1] != '\0')
				s++;
			buf_putc(out, *s);
		}
	}
}

struct stage {
	const struct redact *r;
	struct redact_work *w;
	struct buf in, got;
};

static uint64_t
all_hits(const struct stage *s)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < redact_n(s->r); i++)
		n += redact_hits(s->w, i);
	return n;
}

/* Cut at a and at b; a piece may be empty. */
static void
check_cut(struct stage *s, const struct form *f, const struct text *t,
    size_t a, size_t b)
{
	struct ex_header req[1], res[1];
	struct exchange ex;
	size_t n = strlen(t->text), i;
	uint64_t hits = all_hits(s);

	buf_reset(&s->in);
	put_piece(&s->in, f, t->text, a);
	put_piece(&s->in, f, t->text + a, b - a);
	if (b < n)
		put_piece(&s->in, f, t->text + b, n - b);
	buf_puts(&s->in, "data: [DONE]\n\n");
	exchange_init(&ex);
	ex.target = "/";
	ex.res_body.p = buf_str(&s->in);
	ex.res_body.n = s->in.len;
	assert_int_equal(redact_exchange(s->w, &ex, req, res), RC_OK);
	gather(ex.res_body.p, f, &s->got);
	for (i = 0; i < LEN(t->left) && t->left[i] != NULL; i++) {
		if (strstr(buf_str(&s->got), t->left[i]) != NULL)
			fail_msg("%s cut at %zu and %zu: \"%s\" is left of "
			    "%s: %s", f->name, a, b, t->left[i], t->text,
			    buf_str(&s->got));
	}
	if (strcmp(buf_str(&s->got), t->want) != 0)
		fail_msg("%s cut at %zu and %zu: %s became %s", f->name, a, b,
		    t->text, buf_str(&s->got));
	assert_int_equal(all_hits(s) - hits, t->hits);
}

static void
check_all(int three)
{
	const char *all = "all";
	struct redact *r;
	struct err err = ERR_INIT;
	struct stage s;
	size_t f, t, a, b, n;

	assert_int_equal(redact_new(&all, 1, NULL, &r, &err), RC_OK);
	s.r = r;
	s.w = redact_work_new(r);
	assert_non_null(s.w);
	buf_init(&s.in, 1 << 20);
	buf_init(&s.got, 1 << 20);
	for (f = 0; f < LEN(forms); f++) {
		for (t = 0; t < LEN(texts); t++) {
			n = strlen(texts[t].text);
			for (a = 0; a <= n; a++) {
				for (b = three ? a : n; b <= n; b++)
					check_cut(&s, &forms[f], &texts[t], a,
					    b);
			}
		}
	}
	buf_fini(&s.in);
	buf_fini(&s.got);
	redact_work_free(s.w);
	redact_free(r);
}

static void
test_two(void **state)
{
	(void)state;
	check_all(0);
}

static void
test_three(void **state)
{
	(void)state;
	check_all(1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two),
		cmocka_unit_test(test_three),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
