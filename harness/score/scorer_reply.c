/*
 * A line that came back from a scorer; see SCORERS.md for its form.
 *
 * The line comes from a foreign program: every member is checked, and a wrong
 * one makes a value missing, never 0.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/score/scorer_part.h"

#define ID_MAX 9007199254740992.0	/* 2^53: exact in a double */

int
scorer_reply_id(const struct json *j, uint64_t *id)
{
	const struct json *v = json_get(j, "id");
	const char *s = json_str(v);
	double d = json_num(v, -1);
	char *end;

	if (s == NULL) {
		*id = d >= 0 && d <= ID_MAX ? (uint64_t)d : 0;
		return d >= 0 && d <= ID_MAX && d == floor(d) ? 0 : -1;
	}
	if (*s < '0' || *s > '9' || strlen(s) > 19)
		return -1;
	*id = strtoull(s, &end, 10);
	return *end == '\0' ? 0 : -1;
}

/* C0, DEL, and C1 as UTF-8 has it: what a terminal would obey. */
static int
is_control(const unsigned char *s, size_t n)
{
	if (*s < ' ' || *s == 0x7F)
		return 1;
	return *s == 0xC2 && n > 1 && s[1] >= 0x80 && s[1] < 0xA0;
}

void
scorer_clean(const char *s, size_t n, char *out, size_t cap)
{
	size_t i, len = n < cap - 1 ? n : cap - 1;

	while (len < n && len > 0 && ((unsigned char)s[len] & 0xC0) == 0x80)
		len--;
	for (i = 0; i < len; i++) {
		if (!is_control((const unsigned char *)s + i, len - i)) {
			out[i] = s[i];
			continue;
		}
		out[i] = ' ';
		if ((unsigned char)s[i] == 0xC2)
			out[++i] = ' ';
	}
	out[len] = '\0';
}

static void
miss(struct scorer_value *v, enum scorer_missing missing, const char *why)
{
	v->v = NAN;
	v->missing = missing;
	scorer_clean(why, strlen(why), v->why, sizeof(v->why));
}

void
scorer_missing_all(struct scorer_value *out, size_t n,
    enum scorer_missing missing, const char *why)
{
	size_t i;

	for (i = 0; i < n; i++)
		miss(&out[i], missing, why);
}

/* {"why": "of all"} or {"why": {"tone": "of one"}} */
static const char *
why_of(const struct json *j, const char *name)
{
	const struct json *why = json_get(j, "why");
	const char *s = json_str(json_kind(why) == JSON_OBJECT ?
	    json_get(why, name) : why);

	return s != NULL && *s != '\0' ? s : "it gave no value and no reason";
}

static void
read_one(const struct json *j, const struct json *metrics, const char *name,
    struct scorer_value *out)
{
	const struct json *v = json_get(metrics, name);
	double d = json_num(v, NAN);

	switch (json_kind(v)) {
	case JSON_NONE:
		miss(out, SCORER_LEFT_OUT, "its answer lacks it");
		return;
	case JSON_NULL:
		miss(out, SCORER_DECLINED, why_of(j, name));
		return;
	case JSON_BOOL:
		d = json_bool(v, 0);
		break;
	case JSON_NUMBER:
		break;
	default:
		miss(out, SCORER_BAD_VALUE, "its answer is not a number");
		return;
	}
	if (!(fabs(d) <= SCORER_VALUE_MAX)) {
		miss(out, SCORER_BAD_VALUE, "its answer is beyond ±1e9");
		return;
	}
	out->v = d;
	out->missing = SCORER_HERE;
	out->why[0] = '\0';
}

static int
is_declared(const struct scorer_names *names, const char *name)
{
	size_t i;

	for (i = 0; i < names->n; i++) {
		if (strcmp(names->m[i].name, name) == 0)
			return 1;
	}
	return 0;
}

static void
count_undeclared(const struct json *metrics, const struct scorer_names *names,
    struct scorer_stats *st)
{
	const struct json *m;

	for (m = json_first(metrics); m != NULL; m = json_next(m)) {
		if (json_key(m) == NULL || is_declared(names, json_key(m)))
			continue;
		if (st->undeclared++ == 0)
			scorer_clean(json_key(m), strlen(json_key(m)),
			    st->undeclared_name,
			    sizeof(st->undeclared_name));
	}
}

void
scorer_reply_read(const struct json *j, const struct scorer_names *names,
    struct scorer_value *out, struct scorer_stats *undeclared)
{
	const struct json *metrics = json_get(j, "metrics");
	const char *error = json_str(json_get(j, "error"));
	size_t i;

	if (json_kind(metrics) != JSON_OBJECT) {
		scorer_missing_all(out, names->n, SCORER_NO_ANSWER,
		    error != NULL && *error != '\0' ? error :
		    "its answer has no \"metrics\"");
		return;
	}
	for (i = 0; i < names->n; i++)
		read_one(j, metrics, names->m[i].name, &out[i]);
	if (undeclared != NULL)
		count_undeclared(metrics, names, undeclared);
}

void
scorer_reply_write(const struct scorer_names *names,
    const struct scorer_value *v, struct buf *out)
{
	struct json_out o;
	size_t i;

	json_out_init(&o, out, 0);
	json_out_obj(&o);
	json_out_key(&o, "metrics");
	json_out_obj(&o);
	for (i = 0; i < names->n; i++) {
		if (v[i].missing == SCORER_LEFT_OUT)
			continue;
		json_put_num(&o, names->m[i].name, v[i].v);
	}
	json_out_end(&o, '}');
	json_out_key(&o, "why");
	json_out_obj(&o);
	for (i = 0; i < names->n; i++) {
		if (v[i].missing != SCORER_DECLINED)
			continue;
		json_put_str(&o, names->m[i].name, v[i].why);
	}
	json_out_end(&o, '}');
	json_out_end(&o, '}');
}
