/* A phase as JSON and back; see steps.h. */
#include "harness/drill/steps.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEPT_MAX = 20000 };

/* A member that is kept: a text, or a whole number of 4 or 8 bytes. */
struct kept {
	const char *name;
	size_t at, size;
	int is_text;
};

#define KEPT(type, name, member, is_text) \
	{ name, offsetof(type, member), sizeof(((type *)0)->member), is_text }

static const struct kept seen_kept[] = {
	KEPT(struct seen, "question", question, 0),
	KEPT(struct seen, "usable", usable, 0),
	KEPT(struct seen, "status", status, 0),
	KEPT(struct seen, "ranking", ranking, 1),
	KEPT(struct seen, "answer", answer, 1),
	KEPT(struct seen, "pins", pins, 1),
	KEPT(struct seen, "index", index, 1),
	KEPT(struct seen, "says", fence.says, 0),
	KEPT(struct seen, "cites", fence.cites, 0),
	KEPT(struct seen, "unknown", fence.unknown, 0),
	KEPT(struct seen, "foreign", fence.foreign, 0),
	KEPT(struct seen, "cited", fence.cited, 1),
	KEPT(struct seen, "sent_ns", sent_ns, 0),
	KEPT(struct seen, "total_ns", total_ns, 0),
	KEPT(struct seen, "why", why, 1),
	{ NULL, 0, 0, 0 }
};

static const struct kept phase_kept[] = {
	KEPT(struct phase, "failed", failed, 0),
	KEPT(struct phase, "expected", expected, 0),
	KEPT(struct phase, "covered", covered, 0),
	KEPT(struct phase, "p50_ns", p50_ns, 0),
	KEPT(struct phase, "p95_ns", p95_ns, 0),
	KEPT(struct phase, "why", why, 1),
	{ NULL, 0, 0, 0 }
};

static void
put(struct json *to, const struct kept *k, const void *of)
{
	const char *p;
	char text[32];
	int64_t v;
	int i;

	for (; k->name != NULL; k++) {
		p = (const char *)of + k->at;
		if (k->is_text) {
			if (*p != '\0')
				(void)json_set(to, k->name, json_new_str(p));
			continue;
		}
		memcpy(k->size == sizeof(i) ? (void *)&i : &v, p, k->size);
		if (k->size == sizeof(i))
			v = i;
		(void)snprintf(text, sizeof(text), "%lld", (long long)v);
		(void)json_set(to, k->name, json_new_digits(text));
	}
}

static void
get(const struct json *from, const struct kept *k, void *to)
{
	const char *s;
	int64_t v;
	char *p;
	int i;

	for (; k->name != NULL; k++) {
		p = (char *)to + k->at;
		if (k->is_text) {
			s = json_get_str(from, k->name);
			(void)snprintf(p, k->size, "%s", s == NULL ? "" : s);
			continue;
		}
		v = json_get_int(from, k->name, 0);
		i = (int)v;
		memcpy(p, k->size == sizeof(i) ? (void *)&i : &v, k->size);
	}
}

void
step_put_phase(struct json *data, const char *key, const struct phase *p)
{
	struct json *j, *v, *seen;
	size_t i;

	if (p->n > KEPT_MAX)
		return;
	j = json_new(JSON_OBJECT);
	v = json_new(JSON_ARRAY);
	for (i = 0; i < p->n; i++) {
		seen = json_new(JSON_OBJECT);
		put(seen, seen_kept, &p->v[i]);
		(void)json_push(v, seen);
	}
	put(j, phase_kept, p);
	(void)json_set(j, "seen", v);
	(void)json_set(data, key, j);
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
		get(m, seen_kept, &p->v[p->n++]);
	get(j, phase_kept, p);
	return RC_OK;
}
