/* A phase as JSON and back; see steps.h. */
#include "harness/drill/steps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEPT_MAX = 20000 };

static void
put_num(struct json *to, const char *key, int64_t v)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%lld", (long long)v);
	(void)json_set(to, key, json_new_digits(text));
}

static void
put_text(struct json *to, const char *key, const char *v)
{
	if (*v != '\0')
		(void)json_set(to, key, json_new_str(v));
}

static struct json *
seen_as_json(const struct seen *s)
{
	struct json *j = json_new(JSON_OBJECT);

	put_num(j, "question", (int64_t)s->question);
	put_num(j, "usable", s->usable);
	put_num(j, "status", s->status);
	put_text(j, "ranking", s->ranking);
	put_text(j, "answer", s->answer);
	put_text(j, "pins", s->pins);
	put_text(j, "index", s->index);
	put_num(j, "says", s->fence.says);
	put_num(j, "cites", s->fence.cites);
	put_num(j, "unknown", s->fence.unknown);
	put_num(j, "foreign", s->fence.foreign);
	put_text(j, "cited", s->fence.cited);
	put_num(j, "sent_ns", s->sent_ns);
	put_num(j, "total_ns", s->total_ns);
	put_text(j, "why", s->why);
	return j;
}

void
step_put_phase(struct json *data, const char *key, const struct phase *p)
{
	struct json *j, *v;
	size_t i;

	if (p->n > KEPT_MAX)
		return;
	j = json_new(JSON_OBJECT);
	v = json_new(JSON_ARRAY);
	for (i = 0; i < p->n; i++)
		(void)json_push(v, seen_as_json(&p->v[i]));
	put_num(j, "failed", (int64_t)p->failed);
	put_num(j, "expected", p->expected);
	put_num(j, "covered", p->covered);
	put_num(j, "p50_ns", p->p50_ns);
	put_num(j, "p95_ns", p->p95_ns);
	put_text(j, "why", p->why);
	(void)json_set(j, "seen", v);
	(void)json_set(data, key, j);
}

static void
get_text(const struct json *j, const char *key, char *out, size_t max)
{
	const char *s = json_get_str(j, key);

	(void)snprintf(out, max, "%s", s == NULL ? "" : s);
}

static void
seen_of_json(const struct json *j, struct seen *s)
{
	s->question = (size_t)json_get_int(j, "question", 0);
	s->usable = (int)json_get_int(j, "usable", 0);
	s->status = (int)json_get_int(j, "status", 0);
	get_text(j, "ranking", s->ranking, sizeof(s->ranking));
	get_text(j, "answer", s->answer, sizeof(s->answer));
	get_text(j, "pins", s->pins, sizeof(s->pins));
	get_text(j, "index", s->index, sizeof(s->index));
	s->fence.says = (int)json_get_int(j, "says", 0);
	s->fence.cites = (int)json_get_int(j, "cites", 0);
	s->fence.unknown = (int)json_get_int(j, "unknown", 0);
	s->fence.foreign = (int)json_get_int(j, "foreign", 0);
	get_text(j, "cited", s->fence.cited, sizeof(s->fence.cited));
	s->sent_ns = json_get_int(j, "sent_ns", 0);
	s->total_ns = json_get_int(j, "total_ns", 0);
	get_text(j, "why", s->why, sizeof(s->why));
}

int
step_get_phase(const struct json *data, const char *key, struct phase *p,
    struct err *err)
{
	const struct json *j = json_get(data, key);
	const struct json *v = json_get(j, "seen"), *m;

	memset(p, 0, sizeof(*p));
	if (json_kind(v) != JSON_ARRAY)
		return err_set(err, RC_FORMAT, "%s was not kept", key);
	p->v = calloc(json_size(v) + 1, sizeof(*p->v));
	if (p->v == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	for (m = json_first(v); m != NULL; m = json_next(m))
		seen_of_json(m, &p->v[p->n++]);
	p->failed = (size_t)json_get_int(j, "failed", 0);
	p->expected = (int)json_get_int(j, "expected", 0);
	p->covered = (int)json_get_int(j, "covered", 0);
	p->p50_ns = json_get_int(j, "p50_ns", 0);
	p->p95_ns = json_get_int(j, "p95_ns", 0);
	get_text(j, "why", p->why, sizeof(p->why));
	return RC_OK;
}
