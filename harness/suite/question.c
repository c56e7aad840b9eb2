/* The question of a recorded request; see question.h. */
#include "harness/suite/question.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "harness/traffic/coding.h"

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static const char *const names[] = { "question", "query", "q", "prompt",
	"text" };
enum { N_NAMES = sizeof(names) / sizeof(names[0]) };

/* The value of a parameter that is named like a question: of a query or form,
 * which begins at its question mark. */
static int
question_of_form(const char *p, struct buf *out)
{
	unsigned char byte;
	size_t i;

	while (p != NULL) {
		p++;
		for (i = 0; i < N_NAMES; i++) {
			if (strncmp(p, names[i], strlen(names[i])) == 0 &&
			    p[strlen(names[i])] == '=')
				break;
		}
		if (i < N_NAMES)
			break;
		p = strchr(p, '&');
	}
	if (p == NULL)
		return 0;
	for (p = strchr(p, '=') + 1; *p != '\0' && *p != '&' && *p != '#';
	    p++) {
		if (*p == '%' && hex(p[1]) >= 0 && hex(p[2]) >= 0) {
			byte = (unsigned char)(hex(p[1]) * 16 + hex(p[2]));
			buf_add(out, &byte, 1);
			p += 2;
		} else {
			buf_putc(out, (char)(*p == '+' ? ' ' : *p));
		}
	}
	return out->len > 0;
}

/* The same of the parts of a multipart form. */
static int
question_of_parts(const char *p, size_t n, struct buf *out)
{
	const char *at, *from, *to, *end = p + n;
	char field[32];
	size_t i;

	for (i = 0; i < N_NAMES; i++) {
		(void)snprintf(field, sizeof(field), " name=\"%s\"", names[i]);
		at = memmem(p, n, field, strlen(field));
		from = at == NULL ? NULL :
		    memmem(at, (size_t)(end - at), "\r\n\r\n", 4);
		to = from == NULL ? NULL :
		    memmem(from + 4, (size_t)(end - from) - 4, "\r\n--", 4);
		if (to == NULL)
			continue;
		buf_add(out, from + 4, (size_t)(to - from) - 4);
		return out->len > 0;
	}
	return 0;
}

/* Whether the request's Content-Type begins so. */
static int
is_type(const struct exchange *ex, const char *type)
{
	size_t i;

	for (i = 0; i < ex->n_req_headers; i++) {
		if (strcasecmp(ex->req_headers[i].name, "content-type") == 0)
			return strncasecmp(ex->req_headers[i].value, type,
			    strlen(type)) == 0;
	}
	return 0;
}

/* The request's body as JSON, its codings undone; else its text. */
static struct json *
read_body(struct question_reader *t, const struct exchange *ex)
{
	char list[128];
	const char *codings = coding_of(ex->req_headers, ex->n_req_headers,
	    list);

	t->text = ex->req_body.p;
	t->text_n = ex->req_body.p == NULL ? 0 : ex->req_body.n;
	if (t->text_n == 0)
		return NULL;
	if (codings != NULL) {
		buf_reset(&t->plain);
		if (coding_undo(codings, t->text, t->text_n, CODING_TEXT_MAX,
		    &t->plain, NULL) != RC_OK) {
			t->text_n = 0;
			return NULL;
		}
		t->text = buf_str(&t->plain);
		t->text_n = t->plain.len;
	}
	return json_parse(t->text, t->text_n, NULL);
}

/* In the target, else in a form. */
static int
elsewhere(struct question_reader *t, const struct exchange *ex)
{
	if (question_of_form(strchr(ex->target, '?'), &t->question))
		return 1;
	if (t->text_n > 0 && is_type(ex, "multipart/form-data"))
		return question_of_parts(t->text, t->text_n, &t->question);
	if (t->text_n == 0 || memchr(t->text, '\0', t->text_n) != NULL ||
	    !is_type(ex, "application/x-www-form-urlencoded"))
		return 0;
	buf_reset(&t->form);
	buf_putc(&t->form, '?');
	buf_add(&t->form, t->text, t->text_n);
	return question_of_form(buf_str(&t->form), &t->question);
}

/* In the body's JSON, else in the target, else in a form. */
static const char *
find(struct question_reader *t, const struct extract_spec *spec,
    const struct exchange *ex, const struct json *body, size_t *n)
{
	const char *question = body == NULL ? NULL :
	    extract_question(spec, body, n);

	if (question != NULL)
		return question;
	if (!elsewhere(t, ex))
		return NULL;
	*n = t->question.len;
	return buf_str(&t->question);
}

void
question_reader_init(struct question_reader *r)
{
	memset(r, 0, sizeof(*r));
	buf_init(&r->question, 1 << 20);
	buf_init(&r->plain, CODING_TEXT_MAX);
	buf_init(&r->form, CODING_TEXT_MAX + 1);
}

void
question_reader_fini(struct question_reader *r)
{
	buf_fini(&r->question);
	buf_fini(&r->plain);
	buf_fini(&r->form);
}

const char *
question_of(struct question_reader *r, const struct extract_spec *spec,
    const struct exchange *ex, struct json **body, size_t *n)
{
	const char *question;

	*n = 0;
	buf_reset(&r->question);
	*body = read_body(r, ex);
	question = find(r, spec, ex, *body, n);
	return *n == 0 ? NULL : question;
}
