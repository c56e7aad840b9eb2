/* The suite's questions as requests of a drill; see questions.h. */
#include "harness/drill/questions.h"

#include <stdio.h>
#include <string.h>

#include "harness/suite/sent.h"
#include "harness/traffic/extract.h"

enum { BODY_MAX = 16 << 20 };

static const char own_question[] = "What can be asked here?";

static int
open_arm(struct questions *q, enum arm arm, struct err *err)
{
	const struct suite *s = q->d->suite;
	const struct suite_target *t = &s->target[arm];
	const struct json *body = t->body != NULL ? t->body : s->body;
	const char *path = t->path != NULL ? t->path : s->request_path;

	if (q->d->stack[arm].url == NULL)
		return RC_OK;
	q->method[arm] = t->method != NULL ? t->method : s->method;
	q->path[arm] = template_new_text(path, TEMPLATE_PATH, err);
	if (q->path[arm] == NULL)
		return err->code;
	if (body == NULL)
		return RC_OK;
	q->body[arm] = template_new(body, err);
	return q->body[arm] == NULL ? (int)err->code : RC_OK;
}

int
questions_init(struct questions *q, struct drill *d, size_t max,
    struct err *err)
{
	const struct suite *s = d->suite;
	int rc = RC_OK;

	memset(q, 0, sizeof(*q));
	q->d = d;
	q->n = 1;
	gold_init(&q->gold);
	if (s->cases_file != NULL || s->cases_trace != NULL ||
	    s->cases_inline != NULL)
		rc = caseset_open(s, NULL, &q->cases, err);
	if (q->cases != NULL)
		q->n = caseset_n(q->cases) < max ? caseset_n(q->cases) : max;
	if (rc == RC_OK)
		rc = open_arm(q, ARM_BASELINE, err);
	if (rc == RC_OK)
		rc = open_arm(q, ARM_CANDIDATE, err);
	return rc;
}

void
questions_fini(struct questions *q)
{
	size_t i;

	for (i = 0; i < ARM_N; i++) {
		template_free(q->path[i]);
		template_free(q->body[i]);
	}
	caseset_close(&q->cases);
	gold_fini(&q->gold);
}

static int
render(struct questions *q, enum arm arm, size_t i, struct buf *path,
    struct buf *body, struct err *err)
{
	struct template_vars v = { .question = own_question,
		.question_n = sizeof(own_question) - 1,
		.seed = q->d->suite->seeds[0], .run = q->d->id,
		.arm = arm_name(arm) };
	struct sent_request was;
	struct buf bytes;
	int rc = RC_OK;

	buf_init(&bytes, BODY_MAX);
	memset(&was, 0, sizeof(was));
	if (q->cases != NULL) {
		rc = caseset_get(q->cases, i, &q->gold, err);
		if (rc == RC_OK)
			rc = sent_of(&q->gold, &bytes, &was, err);
		v.question = q->gold.question;
		v.question_n = q->gold.question_n;
		v.doc = q->gold.doc;
		v.request = q->gold.request;
		v.was = &was;
	}
	if (rc == RC_OK)
		rc = template_render(q->path[arm], &v, path, err);
	if (rc == RC_OK && q->body[arm] != NULL)
		rc = template_render(q->body[arm], &v, body, err);
	buf_fini(&bytes);
	return rc;
}

struct ask *
questions_add(struct questions *q, struct wave *w, enum arm arm, size_t i,
    struct err *err)
{
	struct ask *a = NULL;
	struct buf path, body;
	size_t k;

	buf_init(&path, BODY_MAX);
	buf_init(&body, BODY_MAX);
	if (render(q, arm, i, &path, &body, err) == RC_OK) {
		a = wave_add(q->d, w, arm, q->method[arm], buf_str(&path),
		    q->body[arm] == NULL ? NULL : &body);
		if (a == NULL)
			(void)err_set(err, RC_NOMEM, "out of memory");
		else
			a->tag = (uint32_t)i;
		for (k = 0; a != NULL && k < q->n_extra; k++)
			ask_header(w, a, q->extra[k].name,
			    q->extra[k].value);
	}
	buf_fini(&path);
	buf_fini(&body);
	return a;
}

/* ---- answers ------------------------------------------------------------ */

static void
as_exchange(const struct ask *a, struct exchange *ex)
{
	exchange_init(ex);
	ex->id = "drill";
	ex->method = a->method;
	ex->target = a->target;
	ex->status = a->status;
	ex->outcome = a->outcome;
	ex->why = a->why;
	ex->res_headers = a->rh;
	ex->n_res_headers = a->n_rh;
	ex->res_body.p = a->res;
	ex->res_body.n = a->res_n;
}

static void
hash_ranking(const struct answer *w, char out[HASH_HEX])
{
	const struct snippet *s;
	struct buf b;
	size_t i;

	buf_init(&b, BODY_MAX);
	for (i = 0; i < w->n_retrieved; i++) {
		s = &w->retrieved[i];
		buf_printf(&b, "%s|%s|", s->snippet_id == NULL ? "" :
		    s->snippet_id, s->section_id == NULL ? "" :
		    s->section_id);
		buf_add(&b, s->text, s->text == NULL ? 0 : s->text_n);
		buf_putc(&b, '\0');
	}
	hash_hex(buf_str(&b), b.len, out);
	buf_fini(&b);
}

static int
holds_section(const struct answer *w, const char *section)
{
	size_t i;

	for (i = 0; i < w->n_retrieved; i++) {
		if (w->retrieved[i].section_id != NULL &&
		    strcmp(w->retrieved[i].section_id, section) == 0)
			return 1;
	}
	return 0;
}

static int
cover(struct questions *q, size_t i, const struct answer *w,
    struct reading *r, struct err *err)
{
	size_t k;
	int rc;

	if (q->cases == NULL)
		return RC_OK;
	rc = caseset_get(q->cases, i, &q->gold, err);
	for (k = 0; rc == RC_OK && k < q->gold.section_ids.n; k++) {
		r->expected++;
		r->covered += holds_section(w, q->gold.section_ids.v[k]);
	}
	return rc;
}

/* Which versions answered, for whoever looks at the outcome later. */
static void
note_build(struct drill *d, const struct json *pins)
{
	const char *model = json_get_str(pins, "MODEL_VER");
	const char *index = json_get_str(pins, "INDEX_HASH");
	char text[160];

	if ((model == NULL && index == NULL) ||
	    json_get(d->out, "build") != NULL)
		return;
	(void)snprintf(text, sizeof(text), "%s%.60s%s%s%.12s",
	    model == NULL ? "" : "MODEL_VER ", model == NULL ? "" : model,
	    model == NULL || index == NULL ? "" : ", ",
	    index == NULL ? "" : "INDEX_HASH ", index == NULL ? "" : index);
	(void)json_set(d->out, "build", json_new_str(text));
	(void)json_set(d->out, "pins", json_copy(pins));
}

static void
hash_pins(struct reading *r)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	json_write(&b, r->pins);
	hash_hex(buf_str(&b), b.len, r->pins_hash);
	buf_fini(&b);
}

int
reading_of(struct questions *q, const struct ask *a, struct reading *r,
    struct err *err)
{
	const struct suite_target *t = q->d->stack[a->arm].t;
	struct exchange ex;
	struct answer w;
	size_t i;
	int rc;

	memset(r, 0, sizeof(*r));
	answer_init(&w);
	as_exchange(a, &ex);
	rc = extract_answer(t->extract, &ex, &w, err);
	if (rc == RC_OK)
		rc = cover(q, a->tag, &w, r, err);
	r->usable = a->status >= 200 && a->status < 300 &&
	    !outcome_is_error(w.outcome);
	if (!r->usable && a->status >= 200 && a->status < 300)
		(void)snprintf(r->why, sizeof(r->why), "%.140s", w.why != NULL ?
		    w.why : outcome_name(w.outcome));
	else if (!r->usable)
		(void)ask_say(a, r->why);
	hash_ranking(&w, r->ranking);
	hash_hex(w.text == NULL ? "" : w.text, w.text == NULL ? 0 : w.text_n,
	    r->answer);
	r->pins = json_new(JSON_OBJECT);
	for (i = 0; i < w.n_pins && rc == RC_OK; i++)
		rc = json_set(r->pins, w.pins[i].name,
		    json_new_str(w.pins[i].value));
	hash_pins(r);
	fence_of(&w, &r->fence);
	scores_of(&w, &r->scores);
	note_build(q->d, r->pins);
	answer_fini(&w);
	return rc;
}

void
reading_fini(struct reading *r)
{
	json_free(r->pins);
	r->pins = NULL;
}

const char *
reading_pin(const struct reading *r, const char *name)
{
	const char *v = json_get_str(r->pins, name);

	return v == NULL ? "" : v;
}
