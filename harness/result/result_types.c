/* The types that one member of a result alone has; see field_part.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/result/field_part.h"

/* Writing pins back looks for each name among those before it. */
enum { PIN_ROWS_MAX = 10000 };

/* ---- the version of this format ------------------------------------------ */

static void
write_version(const struct field_out *w, const struct field *f,
    const char *base)
{
	(void)f;
	(void)base;
	json_out_int(w->o, RESULT_SCHEMA);
}

static void
schema_version(struct json_out *o, const struct field *f)
{
	(void)f;
	json_put_int(o, "const", RESULT_SCHEMA);
}

const struct field_type field_version = {
	.write = write_version, .schema = schema_version
};

/* ---- 64 bits as text: readers of JSON round integers past 2^53 ----------- */

static void
write_seed(const struct field_out *w, const struct field *f, const char *base)
{
	char text[24];
	uint64_t v;

	memcpy(&v, base + f->at, sizeof(v));
	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)v);
	json_out_str(w->o, text);
}

static void
read_seed(struct field_in *in, const struct field *f, const struct json *v,
    char *base)
{
	uint64_t seed = json_str(v) == NULL ? 0 :
	    strtoull(json_str(v), NULL, 10);

	(void)in;
	memcpy(base + f->at, &seed, sizeof(seed));
}

static void
schema_seed(struct json_out *o, const struct field *f)
{
	(void)f;
	json_put_str(o, "pattern", "^[0-9]+$");
}

const struct field_type field_seed = {
	.write = write_seed, .read = read_seed, .kind = "string",
	.schema = schema_seed
};

/* ---- requests by outcome ------------------------------------------------- */

static void
write_outcomes(const struct field_out *w, const struct field *f,
    const char *base)
{
	const struct result_arm *a = (const void *)base;
	int i;

	(void)f;
	json_out_obj(w->o);
	for (i = 0; i < OUTCOME_N; i++) {
		if (a->outcomes[i] == 0)
			continue;
		json_out_key(w->o, outcome_name((enum outcome)i));
		field_put_count(w->o, a->outcomes[i]);
	}
	json_out_end(w->o, '}');
}

static void
read_outcomes(struct field_in *in, const struct field *f,
    const struct json *v, char *base)
{
	struct result_arm *a = (void *)base;
	enum outcome o;

	v = json_first(field_of_kind(in, f->name, v, JSON_OBJECT));
	for (; v != NULL; v = json_next(v)) {
		o = outcome_of(json_key(v));
		if (o != OUTCOME_N)
			a->outcomes[o] = field_count_of(v, INT64_MAX);
	}
}

static void
schema_outcomes(struct json_out *o, const struct field *f)
{
	int i;

	(void)f;
	json_out_key(o, "properties");
	json_out_obj(o);
	for (i = 0; i < OUTCOME_N; i++) {
		json_out_key(o, outcome_name((enum outcome)i));
		field_schema_value(o, &field_count);
	}
	json_out_end(o, '}');
}

const struct field_type field_outcomes = {
	.write = write_outcomes, .read = read_outcomes, .kind = "object",
	.schema = schema_outcomes
};

/* ---- pins: {NAME: {VALUE: answers}}; one that varied has several values -- */

static int
pin_seen(const struct result_arm *a, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++) {
		if (strcmp(a->pins[k].name, a->pins[i].name) == 0)
			return 1;
	}
	return 0;
}

static void
write_pins(const struct field_out *w, const struct field *f, const char *base)
{
	const struct result_arm *a = (const void *)base;
	size_t i, k;

	(void)f;
	json_out_obj(w->o);
	for (i = 0; i < a->n_pins; i++) {
		if (pin_seen(a, i))
			continue;
		json_out_key(w->o, a->pins[i].name);
		json_out_obj(w->o);
		for (k = i; k < a->n_pins; k++) {
			if (strcmp(a->pins[k].name, a->pins[i].name) != 0)
				continue;
			json_out_key(w->o, a->pins[k].value);
			field_put_count(w->o, a->pins[k].n);
		}
		json_out_end(w->o, '}');
	}
	json_out_end(w->o, '}');
}

static void
read_pins(struct field_in *in, const struct field *f, const struct json *v,
    char *base)
{
	const struct json *pins = field_of_kind(in, f->name, v, JSON_OBJECT);
	struct result_arm *a = (void *)base;
	const struct json *p;
	size_t n = 0;

	for (p = json_first(pins); p != NULL; p = json_next(p))
		n += json_size(p);
	if (n > PIN_ROWS_MAX)
		field_bad(in, f->name, "of at most 10,000 values");
	a->pins = field_room(in, n, sizeof(*a->pins));
	for (p = json_first(pins); p != NULL && in->rc == RC_OK;
	    p = json_next(p)) {
		if (json_kind(p) != JSON_OBJECT) {
			field_bad(in, json_key(p), "an object of values");
			return;
		}
		for (v = json_first(p); v != NULL; v = json_next(v)) {
			struct result_pin *pin = &a->pins[a->n_pins++];

			pin->name = field_keep(in, json_key(p));
			pin->value = field_keep(in, json_key(v));
			pin->n = field_count_of(v, INT64_MAX);
		}
	}
}

static void
schema_values(struct json_out *o, const struct field *f)
{
	(void)f;
	json_out_key(o, "additionalProperties");
	field_schema_value(o, &field_count);
}

static const struct field_type values = {
	.kind = "object", .schema = schema_values
};

static void
schema_pins(struct json_out *o, const struct field *f)
{
	(void)f;
	json_out_key(o, "additionalProperties");
	field_schema_value(o, &values);
}

const struct field_type field_pins = {
	.write = write_pins, .read = read_pins, .kind = "object",
	.schema = schema_pins
};

/* ---- an interval: two numbers -------------------------------------------- */

static void
write_interval(const struct field_out *w, const struct field *f,
    const char *base)
{
	double ci[2];

	memcpy(ci, base + f->at, sizeof(ci));
	json_out_arr(w->o);
	json_out_num(w->o, ci[0]);
	json_out_num(w->o, ci[1]);
	json_out_end(w->o, ']');
}

static void
read_interval(struct field_in *in, const struct field *f,
    const struct json *v, char *base)
{
	double ci[2];

	v = field_of_kind(in, f->name, v, JSON_ARRAY);
	ci[0] = json_num(json_at(v, 0), NAN);
	ci[1] = json_num(json_at(v, 1), NAN);
	memcpy(base + f->at, ci, sizeof(ci));
}

static void
schema_interval(struct json_out *o, const struct field *f)
{
	(void)f;
	json_out_key(o, "items");
	field_schema_value(o, &field_num);
	json_put_int(o, "minItems", 2);
	json_put_int(o, "maxItems", 2);
}

const struct field_type field_interval = {
	.write = write_interval, .read = read_interval, .kind = "array",
	.schema = schema_interval
};

/* ---- metrics that scorers return ----------------------------------------- */

static int
none_scored(const struct field *f, const char *base)
{
	(void)f;
	return ((const struct result *)(const void *)base)->n_scored == 0;
}

static void
write_scored(const struct field_out *w, const struct field *f, const char *base)
{
	const struct result *r = (const void *)base;
	size_t i;

	json_out_arr(w->o);
	for (i = 0; i < r->n_scored; i++) {
		json_out_obj(w->o);
		field_write(w, f->sub, (const char *)&r->scored[i]);
		json_out_end(w->o, '}');
	}
	json_out_end(w->o, ']');
}

/* One whose name cannot be one has no slot, and is passed over. */
static void
read_scored(struct field_in *in, const struct field *f, const struct json *v,
    char *base)
{
	struct result *r = (void *)base;
	struct result_scored *m;

	v = json_first(field_of_kind(in, f->name, v, JSON_ARRAY));
	for (; v != NULL && r->n_scored < SCORER_METRICS_MAX && in->rc == RC_OK;
	    v = json_next(v)) {
		m = &r->scored[r->n_scored];
		field_read(in, f->sub, v, (char *)m);
		if (in->rc == RC_OK)
			m->slot = field_slot(in->slots, m->name);
		r->n_scored += in->rc == RC_OK && m->slot < SCORER_METRICS_MAX;
	}
}

static void
schema_scored(struct json_out *o, const struct field *f)
{
	field_list.schema(o, f);
}

const struct field_type field_scorer_metrics = {
	.write = write_scored, .read = read_scored, .none = none_scored,
	.kind = "array", .schema = schema_scored
};

/* ---- worst cases: ids in the file, indices in memory --------------------- */

static void
write_worst(const struct field_out *w, const struct field *f,
    const char *base)
{
	const struct result *r = (const void *)base;
	const struct result_case *c;
	struct result_reader rd;
	size_t i;

	(void)f;
	json_out_arr(w->o);
	result_reader_init(&rd, r);
	for (i = 0; i < r->n_worst; i++) {
		c = result_case_at(&rd, r->worst[i]);
		if (c != NULL)
			json_out_str(w->o, c->id);
	}
	buf_fail(w->o->b, result_reader_fini(&rd));
	json_out_end(w->o, ']');
}

static void
schema_worst(struct json_out *o, const struct field *f)
{
	field_strs.schema(o, f);
	json_put_int(o, "maxItems", sizeof(((struct result *)0)->worst) /
	    sizeof(size_t));
}

/* Who reads the file finds them, after the last case. */
const struct field_type field_worst = {
	.write = write_worst, .kind = "array", .schema = schema_worst
};

/* ---- cases, one on a line ------------------------------------------------ */

static void
write_cases(const struct field_out *w, const struct field *f,
    const char *base)
{
	const struct result_case *c;
	struct result_reader rd;

	(void)f;
	(void)base;
	json_out_arr(w->o);
	result_reader_init(&rd, w->r);
	while ((c = result_case_next(&rd)) != NULL) {
		field_write_case(w, c);
		buf_drain(w->o->b);
	}
	buf_fail(w->o->b, result_reader_fini(&rd));
	json_out_end(w->o, ']');
}

/* Who reads the file takes them out of it, one by one. */
static void
read_cases(struct field_in *in, const struct field *f, const struct json *v,
    /* a row's type. NOLINTNEXTLINE(readability-non-const-parameter) */
    char *base)
{
	(void)base;
	(void)field_of_kind(in, f->name, v, JSON_ARRAY);
}

static void
schema_cases(struct json_out *o, const struct field *f)
{
	(void)f;
	json_out_key(o, "items");
	json_out_obj(o);
	json_put_str(o, "$ref", "#/$defs/case");
	json_out_end(o, '}');
}

const struct field_type field_cases = {
	.write = write_cases, .read = read_cases, .kind = "array",
	.schema = schema_cases
};

/* ---- reasons, a line each ------------------------------------------------ */

static void
write_reasons(const struct field_out *w, const struct field *f,
    const char *base)
{
	const struct result *r = (const void *)base;
	struct buf line;
	size_t i;

	(void)f;
	buf_init(&line, SIZE_MAX / 4);
	json_out_arr(w->o);
	for (i = 0; i < r->n_reasons; i++)
		json_out_str(w->o, result_reason_line(&r->reasons[i], &line));
	json_out_end(w->o, ']');
	buf_fail(w->o->b, line.bad);
	buf_fini(&line);
}

static void
read_reasons(struct field_in *in, const struct field *f, const struct json *v,
    char *base)
{
	const struct json *a = field_of_kind(in, f->name, v, JSON_ARRAY);
	struct result *r = (void *)base;
	const char *line;

	r->reasons = field_room(in, json_size(a), sizeof(*r->reasons));
	for (v = json_first(a); v != NULL && in->rc == RC_OK;
	    v = json_next(v)) {
		if (json_str(v) == NULL)
			field_bad(in, f->name, "an array of strings");
		line = field_keep(in, json_str(v));
		if (line != NULL)
			r->reasons[r->n_reasons++] = field_reason_of(line);
	}
}

static void
schema_reasons(struct json_out *o, const struct field *f)
{
	(void)f;
	json_out_key(o, "items");
	field_schema_value(o, &field_text);
}

const struct field_type field_reasons = {
	.write = write_reasons, .read = read_reasons, .kind = "array",
	.schema = schema_reasons
};

/* ---- how many cases were added: only told -------------------------------- */

static void
write_total(const struct field_out *w, const struct field *f,
    const char *base)
{
	(void)f;
	(void)base;
	field_put_count(w->o, w->r->n_cases);
}

const struct field_type field_total = {
	.write = write_total, .kind = "integer", .schema = field_schema_from_0
};
