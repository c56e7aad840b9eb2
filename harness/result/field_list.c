/* The types of members that are lists or groups of others; see field_part.h. */
#include <stdio.h>
#include <string.h>

#include "harness/result/field_part.h"

/* ---- lists of texts ------------------------------------------------------ */

static size_t
length(const struct field *f, const char *base)
{
	size_t n;

	memcpy(&n, base + f->at_n, sizeof(n));
	return n;
}

static void
set_list(const struct field *f, char *base, const void *p, size_t n)
{
	memcpy(base + f->at, &p, sizeof(p));
	memcpy(base + f->at_n, &n, sizeof(n));
}

static const char *const *
list_of(const struct field *f, const char *base)
{
	const char *const *v;

	memcpy(&v, base + f->at, sizeof(v));
	return v;
}

static void
write_strs(const struct field_out *w, const struct field *f, const char *base)
{
	const char *const *v = list_of(f, base);
	size_t i, n = length(f, base);

	json_out_arr(w->o);
	for (i = 0; i < n; i++)
		json_out_str(w->o, v[i]);
	json_out_end(w->o, ']');
}

static void
read_strs(struct field_in *in, const struct field *f, const struct json *v,
    char *base)
{
	const struct json *a = field_of_kind(in, f->name, v, JSON_ARRAY);
	const char **list = field_room(in, json_size(a), sizeof(*list));
	size_t n = 0;

	for (v = json_first(a); v != NULL && in->rc == RC_OK;
	    v = json_next(v)) {
		if (json_str(v) == NULL)
			field_bad(in, f->name, "an array of strings");
		list[n++] = field_keep(in, json_str(v));
	}
	set_list(f, base, list, in->rc == RC_OK ? n : 0);
}

static void
pack_strs(struct field_pack *k, const struct field *f, const char *base)
{
	const char *const *v = list_of(f, base);
	uint32_t i, n = (uint32_t)length(f, base);

	buf_add(k->b, &n, sizeof(n));
	for (i = 0; i < n; i++)
		field_pack_text(k, v[i]);
	k->n_texts += n;
}

static void
unpack_strs(struct field_unpack *u, const struct field *f, char *base)
{
	uint32_t i, n;

	memcpy(&n, u->p, sizeof(n));
	u->p += sizeof(n);
	for (i = 0; i < n; i++)
		u->texts[i] = field_unpack_text(u);
	set_list(f, base, u->texts, n);
	u->texts += n;
}

static void
schema_strs(struct json_out *o, const struct field *f)
{
	(void)f;
	json_out_key(o, "items");
	field_schema_value(o, &field_text);
}

const struct field_type field_strs = {
	.write = write_strs, .read = read_strs, .pack = pack_strs,
	.unpack = unpack_strs, .kind = "array", .schema = schema_strs
};

/* ---- groups -------------------------------------------------------------- */

static void
write_group(const struct field_out *w, const struct field *f,
    const char *base)
{
	json_out_obj(w->o);
	field_write(w, f->sub, base + f->at);
	json_out_end(w->o, '}');
}

static int
none_group(const struct field *f, const char *base)
{
	int here;

	memcpy(&here, base + f->at_n, sizeof(here));
	return !here;
}

static void
set_here(const struct field *f, char *base, int here)
{
	if (f->flags & FIELD_SPARSE)
		memcpy(base + f->at_n, &here, sizeof(here));
}

/* What is missing stays as a fresh result has it. */
static void
read_group(struct field_in *in, const struct field *f, const struct json *v,
    char *base)
{
	v = field_of_kind(in, f->name, v, JSON_OBJECT);
	set_here(f, base, v != NULL);
	if (v != NULL)
		field_read(in, f->sub, v, base + f->at);
}

static void
pack_group(struct field_pack *k, const struct field *f, const char *base)
{
	int here = !(f->flags & FIELD_SPARSE) || !none_group(f, base);

	buf_putc(k->b, (char)here);
	if (here)
		field_pack(k, f->sub, base + f->at);
}

static void
unpack_group(struct field_unpack *u, const struct field *f, char *base)
{
	int here = *u->p++ != 0;

	set_here(f, base, here);
	if (here)
		field_unpack(u, f->sub, base + f->at);
}

/* An object, here or among the definitions. */
static void
schema_group(struct json_out *o, const struct field *f)
{
	char ref[64];

	if (f->def == NULL) {
		json_put_str(o, "type", "object");
		field_schema_members(o, f->sub);
		return;
	}
	(void)snprintf(ref, sizeof(ref), "#/$defs/%s", f->def);
	json_put_str(o, "$ref", ref);
}

const struct field_type field_group = {
	.write = write_group, .read = read_group, .pack = pack_group,
	.unpack = unpack_group, .none = none_group, .schema = schema_group
};

/* ---- lists of structs ---------------------------------------------------- */

static void
write_list(const struct field_out *w, const struct field *f, const char *base)
{
	size_t i, n = length(f, base);
	const char *p;

	memcpy(&p, base + f->at, sizeof(p));
	json_out_arr(w->o);
	for (i = 0; i < n; i++) {
		json_out_obj(w->o);
		field_write(w, f->sub, p + i * f->size);
		json_out_end(w->o, '}');
	}
	json_out_end(w->o, ']');
}

static void
read_list(struct field_in *in, const struct field *f, const struct json *v,
    char *base)
{
	const struct json *a = field_of_kind(in, f->name, v, JSON_ARRAY);
	char *p = field_room(in, json_size(a), f->size);
	size_t n = 0;

	for (v = json_first(a); v != NULL && in->rc == RC_OK;
	    v = json_next(v)) {
		if (f->fresh != NULL)
			f->fresh(p + n * f->size);
		field_read(in, f->sub, v, p + n * f->size);
		n++;
	}
	set_list(f, base, p, in->rc == RC_OK ? n : 0);
}

static void
schema_list(struct json_out *o, const struct field *f)
{
	json_out_key(o, "items");
	json_out_obj(o);
	schema_group(o, f);
	json_out_end(o, '}');
}

const struct field_type field_list = {
	.write = write_list, .read = read_list, .kind = "array",
	.schema = schema_list
};
