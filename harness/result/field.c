/*
 * The types that members of the result share; see field_part.h.
 *
 * A report may come from anywhere: a member of the wrong kind is an error
 * that names it, a number out of its range is cut to the range. Numbers that
 * are single precision in memory are written with as many digits as single
 * precision needs, so that what is read back is the same number and is
 * written as the same bytes.
 */
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/decimal.h"
#include "harness/result/field_part.h"

/* The member as bytes: a row's place and type were compared by the compiler. */
static const char *
member(const struct field *f, const char *base)
{
	return base + f->at;
}

static void
set(const struct field *f, char *base, const void *v, size_t n)
{
	memcpy(base + f->at, v, n);
}

/* ---- texts -------------------------------------------------------------- */

static const char *
text_of(const struct field *f, const char *base)
{
	const char *s;

	memcpy(&s, member(f, base), sizeof(s));
	return s;
}

static void
write_str(const struct field_out *w, const struct field *f, const char *base)
{
	json_out_str(w->o, text_of(f, base));
}

/* null and a missing member are NULL. */
static void
read_str(struct field_in *in, const struct field *f, const struct json *v,
    char *base)
{
	const char *s = NULL;

	if (json_kind(v) != JSON_NONE && json_kind(v) != JSON_NULL) {
		if (json_str(v) == NULL)
			field_bad(in, f->name, "a string");
		s = field_keep(in, json_str(v));
	}
	set(f, base, &s, sizeof(s));
}

static void
read_text(struct field_in *in, const struct field *f, const struct json *v,
    char *base)
{
	const char *s = "";

	read_str(in, f, v, base);
	if (text_of(f, base) == NULL)
		set(f, base, &s, sizeof(s));
}

static void
pack_str(struct field_pack *k, const struct field *f, const char *base)
{
	field_pack_text(k, text_of(f, base));
}

static void
unpack_str(struct field_unpack *u, const struct field *f, char *base)
{
	const char *s = field_unpack_text(u);

	set(f, base, &s, sizeof(s));
}

const struct field_type field_str = {
	.write = write_str, .read = read_str, .pack = pack_str,
	.unpack = unpack_str, .kind_or_null = "string"
};
const struct field_type field_text = {
	.write = write_str, .read = read_text, .pack = pack_str,
	.unpack = unpack_str, .kind = "string"
};

/* ---- numbers ------------------------------------------------------------ */

/* null and a missing member are NaN. */
static double
number(struct field_in *in, const char *key, const struct json *v)
{
	double d;

	if (json_kind(v) == JSON_NONE || json_kind(v) == JSON_NULL)
		return NAN;
	if (json_kind(v) != JSON_NUMBER)
		field_bad(in, key, "a number");
	d = json_num(v, NAN);
	return isfinite(d) ? d : NAN;
}

/* The shortest decimal of FLT_MAX lies above it, but rounds to it. */
static float
single(struct field_in *in, const char *key, const struct json *v)
{
	double d = number(in, key, v);

	return fabs(d) < (double)FLT_MAX * (1 + 0x1p-25) ? (float)d : NAN;
}

static void
write_num(const struct field_out *w, const struct field *f, const char *base)
{
	double v;

	memcpy(&v, member(f, base), sizeof(v));
	json_out_num(w->o, v);
}

static void
read_num(struct field_in *in, const struct field *f, const struct json *v,
    char *base)
{
	double d = number(in, f->name, v);

	set(f, base, &d, sizeof(d));
}

static void
put_float(struct json_out *o, float v)
{
	char s[DECIMAL_MAX];

	if (!isfinite(v) || (fabsf(v) < 1e15f && v == truncf(v))) {
		json_out_num(o, (double)v);
		return;
	}
	decimal_float(v, s);
	json_out_raw(o, s, strlen(s));
}

static float
float_of(const struct field *f, const char *base, int i)
{
	float v;

	memcpy(&v, member(f, base) + (size_t)i * sizeof(v), sizeof(v));
	return v;
}

static void
write_float(const struct field_out *w, const struct field *f,
    const char *base)
{
	put_float(w->o, float_of(f, base, 0));
}

static void
read_float(struct field_in *in, const struct field *f, const struct json *v,
    char *base)
{
	float x = single(in, f->name, v);

	set(f, base, &x, sizeof(x));
}

const struct field_type field_num = {
	.write = write_num, .read = read_num, .kind_or_null = "number"
};
const struct field_type field_float = {
	.write = write_float, .read = read_float, .bytes = sizeof(float),
	.kind_or_null = "number"
};

/* ---- a number on each arm ------------------------------------------------ */

void
field_put_both(struct json_out *o, float baseline, float candidate)
{
	json_out_obj(o);
	json_out_key(o, "baseline");
	put_float(o, baseline);
	json_out_key(o, "candidate");
	put_float(o, candidate);
	json_out_end(o, '}');
}

void
field_get_both(struct field_in *in, const char *key, const struct json *v,
    float *baseline, float *candidate)
{
	v = field_of_kind(in, key, v, JSON_OBJECT);
	*baseline = single(in, "baseline", json_get(v, "baseline"));
	*candidate = single(in, "candidate", json_get(v, "candidate"));
}

static void
write_both(const struct field_out *w, const struct field *f, const char *base)
{
	field_put_both(w->o, float_of(f, base, 0), float_of(f, base, 1));
}

static void
read_both(struct field_in *in, const struct field *f, const struct json *v,
    char *base)
{
	float both[2];

	field_get_both(in, f->name, v, &both[0], &both[1]);
	set(f, base, both, sizeof(both));
}

static int
none_both(const struct field *f, const char *base)
{
	return isnan(float_of(f, base, 0)) && isnan(float_of(f, base, 1));
}

static const struct field both_fields[] = {
	{ .name = "baseline", .type = &field_float },
	{ .name = "candidate", .type = &field_float },
	{ .name = NULL }
};

static void
schema_both(struct json_out *o, const struct field *f)
{
	(void)f;
	field_schema_members(o, both_fields);
}

const struct field_type field_both = {
	.write = write_both, .read = read_both, .bytes = 2 * sizeof(float),
	.none = none_both, .kind = "object", .schema = schema_both
};

/* ---- whole numbers ------------------------------------------------------- */

static uint64_t
count_within(struct field_in *in, const struct field *f, const struct json *v,
    uint64_t max)
{
	if (v != NULL && json_kind(v) != JSON_NUMBER)
		field_bad(in, f->name, "a number");
	return field_count_of(v, max);
}

static void
write_count(const struct field_out *w, const struct field *f,
    const char *base)
{
	uint64_t v;

	memcpy(&v, member(f, base), sizeof(v));
	field_put_count(w->o, v);
}

static void
read_count(struct field_in *in, const struct field *f, const struct json *v,
    char *base)
{
	uint64_t n = count_within(in, f, v, INT64_MAX);

	set(f, base, &n, sizeof(n));
}

static int
int_of(const struct field *f, const char *base)
{
	int v;

	memcpy(&v, member(f, base), sizeof(v));
	return v;
}

static void
write_int(const struct field_out *w, const struct field *f, const char *base)
{
	int v = int_of(f, base);

	json_out_int(w->o, v);
}

static void
read_int(struct field_in *in, const struct field *f, const struct json *v,
    char *base)
{
	int n = (int)count_within(in, f, v, INT_MAX);

	set(f, base, &n, sizeof(n));
}

static int
none_count(const struct field *f, const char *base)
{
	uint64_t v;

	memcpy(&v, member(f, base), sizeof(v));
	return v == 0;
}

const struct field_type field_count = {
	.write = write_count, .read = read_count, .bytes = sizeof(uint64_t),
	.none = none_count, .kind = "integer",
	.schema = field_schema_from_0
};
const struct field_type field_int = {
	.write = write_int, .read = read_int, .kind = "integer",
	.schema = field_schema_from_0
};

/* ---- true or false, and words -------------------------------------------- */

static void
write_flag(const struct field_out *w, const struct field *f, const char *base)
{
	json_out_bool(w->o, int_of(f, base));
}

static void
read_flag(struct field_in *in, const struct field *f, const struct json *v,
    char *base)
{
	int x = json_bool(v, 0);

	if (v != NULL && json_kind(v) != JSON_BOOL)
		field_bad(in, f->name, "true or false");
	set(f, base, &x, sizeof(x));
}

static int
none_flag(const struct field *f, const char *base)
{
	return int_of(f, base) == 0;
}

const struct field_type field_flag = {
	.write = write_flag, .read = read_flag, .bytes = sizeof(int),
	.none = none_flag, .kind = "boolean"
};

_Static_assert(sizeof(enum verdict) == sizeof(int),
    "a word is an int in memory");

static void
write_word(const struct field_out *w, const struct field *f, const char *base)
{
	json_out_str(w->o, f->word(int_of(f, base)));
}

/* A word that is not there is an error too: "none" has no word. */
static void
read_word(struct field_in *in, const struct field *f, const struct json *v,
    char *base)
{
	const char *s = json_str(v);
	int i;

	for (i = 0; s != NULL && i < f->n_words; i++) {
		if (strcmp(f->word(i), s) != 0)
			continue;
		set(f, base, &i, sizeof(i));
		return;
	}
	field_bad(in, f->name, "a word of this schema");
}

static void
schema_word(struct json_out *o, const struct field *f)
{
	int i;

	json_out_key(o, "enum");
	json_out_arr(o);
	for (i = 0; i < f->n_words; i++)
		json_out_str(o, f->word(i));
	json_out_end(o, ']');
}

const struct field_type field_word = {
	.write = write_word, .read = read_word, .bytes = sizeof(int),
	.schema = schema_word
};
