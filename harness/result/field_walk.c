/* Tables of fields as a whole, and what their types are made of. */
#include <limits.h>
#include <string.h>

#include "harness/result/field_part.h"

void
field_write(const struct field_out *w, const struct field *table,
    const char *base)
{
	const struct field *f;

	for (f = table; f->name != NULL; f++) {
		if (f->flags & FIELD_SPARSE && f->type->none(f, base))
			continue;
		json_out_key(w->o, f->name);
		f->type->write(w, f, base);
	}
}

void
field_read(struct field_in *in, const struct field *table,
    const struct json *j, char *base)
{
	const struct field *f;

	for (f = table; f->name != NULL && in->rc == RC_OK; f++) {
		if (f->type->read != NULL && !(f->flags & FIELD_TOLD))
			f->type->read(in, f, json_get(j, f->name), base);
	}
}

void
field_pack(struct field_pack *k, const struct field *table, const char *base)
{
	const struct field *f;

	for (f = table; f->name != NULL; f++) {
		if (f->type->pack != NULL)
			f->type->pack(k, f, base);
		else
			buf_add(k->b, base + f->at, f->type->bytes);
	}
}

void
field_unpack(struct field_unpack *u, const struct field *table, char *base)
{
	const struct field *f;

	for (f = table; f->name != NULL; f++) {
		if (f->type->unpack != NULL) {
			f->type->unpack(u, f, base);
			continue;
		}
		memcpy(base + f->at, u->p, f->type->bytes);
		u->p += f->type->bytes;
	}
}

/* ---- schema -------------------------------------------------------------- */

static void
schema_of(struct json_out *o, const struct field_type *t,
    const struct field *f)
{
	if (t->kind != NULL) {
		json_put_str(o, "type", t->kind);
	} else if (t->kind_or_null != NULL) {
		json_out_key(o, "type");
		json_out_arr(o);
		json_out_str(o, t->kind_or_null);
		json_out_str(o, "null");
		json_out_end(o, ']');
	}
	if (t->schema != NULL)
		t->schema(o, f);
}

void
field_schema_value(struct json_out *o, const struct field_type *t)
{
	json_out_obj(o);
	schema_of(o, t, NULL);
	json_out_end(o, '}');
}

void
field_schema_from_0(struct json_out *o, const struct field *f)
{
	(void)f;
	json_put_int(o, "minimum", 0);
}

void
field_schema_members(struct json_out *o, const struct field *table)
{
	const struct field *f;

	json_out_key(o, "properties");
	json_out_obj(o);
	for (f = table; f->name != NULL; f++) {
		int pretty = o->pretty;

		json_out_key(o, f->name);
		json_out_obj(o);
		o->pretty = pretty && f->sub != NULL && f->def == NULL;
		schema_of(o, f->type, f);
		if (f->help != NULL)
			json_put_str(o, "description", f->help);
		json_out_end(o, '}');
		o->pretty = pretty;
	}
	json_out_end(o, '}');
	json_out_key(o, "required");
	json_out_arr(o);
	for (f = table; f->name != NULL; f++) {
		if (!(f->flags & (FIELD_SPARSE | FIELD_LATER)))
			json_out_str(o, f->name);
	}
	json_out_end(o, ']');
}

/* ---- reading ------------------------------------------------------------- */

void
field_bad(struct field_in *in, const char *key, const char *want)
{
	if (in->rc == RC_OK)
		in->rc = err_set(in->err, RC_FORMAT,
		    "not a report: \"%.80s\" is not %s", key, want);
}

const char *
field_keep(struct field_in *in, const char *s)
{
	const char *copy = in->one != NULL ? s : result_str(in->r, s);

	if (s != NULL && copy == NULL && in->rc == RC_OK)
		in->rc = result_check(in->r, in->err);
	return copy;
}

void *
field_room(struct field_in *in, size_t n, size_t size)
{
	void *p;

	if (in->rc != RC_OK || n == 0)
		return NULL;
	if (n > SIZE_MAX / 4 / size)
		p = NULL;
	else
		p = in->one != NULL ? arena_alloc(in->one, n * size) :
		    result_alloc(in->r, n * size);
	if (p == NULL)
		in->rc = err_set(in->err, RC_NOMEM,
		    "out of memory for the result");
	return p;
}

const struct json *
field_of_kind(struct field_in *in, const char *key, const struct json *v,
    enum json_kind kind)
{
	if (v != NULL && json_kind(v) != kind)
		field_bad(in, key, kind == JSON_ARRAY ? "an array" :
		    "an object");
	return json_kind(v) == kind ? v : NULL;
}

uint64_t
field_count_of(const struct json *v, uint64_t max)
{
	int64_t n = json_int(v, 0);

	if (n < 0)
		return 0;
	return (uint64_t)n > max ? max : (uint64_t)n;
}

void
field_put_count(struct json_out *o, uint64_t v)
{
	json_out_int(o, v > INT64_MAX ? INT64_MAX : (int64_t)v);
}

size_t
field_slot(struct field_slots *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (strcmp(s->name[i], name) == 0)
			return i;
	}
	if (i == SCORER_METRICS_MAX || !scorer_metric_is_name(name))
		return SCORER_METRICS_MAX;
	memcpy(s->name[i], name, strlen(name) + 1);
	s->n++;
	return i;
}

/* ---- packing ------------------------------------------------------------- */

/* Its length plus one, 0 for NULL; then the bytes and their NUL. */
void
field_pack_text(struct field_pack *k, const char *s)
{
	size_t n = s == NULL ? 0 : strlen(s) + 1;
	uint32_t len = (uint32_t)n;

	if (n > UINT32_MAX) {
		k->b->bad = RC_NOMEM;
		return;
	}
	buf_add(k->b, &len, sizeof(len));
	buf_add(k->b, s, n);
}

const char *
field_unpack_text(struct field_unpack *u)
{
	const char *s;
	uint32_t n;

	memcpy(&n, u->p, sizeof(n));
	u->p += sizeof(n);
	s = n == 0 ? NULL : u->p;
	u->p += n;
	return s;
}
