/* The table of keys as words, Markdown and JSON Schema. */
#include <stdio.h>
#include <string.h>

#include "harness/base/json.h"
#include "harness/suite/suite_keys.h"

/* ---- words ------------------------------------------------------------- */

static void
alternative(struct buf *out, int *n, const char *what)
{
	if ((*n)++ > 0)
		buf_puts(out, " or ");
	buf_puts(out, what);
}

static void
number_kind(const struct suite_key *row, struct buf *out, int *n)
{
	char text[96];
	const char *what = (row->kinds & KEY_NUM) != 0 ? "a number" :
	    "a whole number";

	if (row->min == 0 && row->max == 0)
		(void)snprintf(text, sizeof(text), "%s", what);
	else if (row->min == row->max)
		(void)snprintf(text, sizeof(text), "%.12g", row->min);
	else
		(void)snprintf(text, sizeof(text), "%s from %.12g to %.12g",
		    what, row->min, row->max);
	alternative(out, n, text);
}

/* "one of hard, review, info" */
static void
names_kind(const char *names, struct buf *out, int *n)
{
	(*n)++;
	if (strchr(names, '|') != NULL)
		buf_puts(out, "one of ");
	for (; *names != '\0'; names++) {
		if (*names == '|')
			buf_puts(out, ", ");
		else
			buf_putc(out, *names);
	}
}

void
suite_key_kinds(const struct suite_key *row, struct buf *out)
{
	int n = 0;

	if ((row->kinds & KEY_ANY) != 0)
		alternative(out, &n, "any value");
	if ((row->kinds & KEY_ENUM) != 0)
		names_kind(row->names, out, &n);
	if ((row->kinds & KEY_STR) != 0)
		alternative(out, &n, "text");
	if ((row->kinds & KEY_TEXT) != 0)
		alternative(out, &n, "text with a letter, digit or symbol "
		    "in it");
	if ((row->kinds & KEY_FILE) != 0)
		alternative(out, &n, "a file's path");
	if ((row->kinds & KEY_PTR) != 0)
		alternative(out, &n, "a JSON Pointer such as /a/0/b");
	if ((row->kinds & KEY_TIME) != 0)
		alternative(out, &n, "a duration such as 250ms, 30s or 4m");
	if ((row->kinds & KEY_SIZE) != 0)
		alternative(out, &n, "a size such as 16MiB");
	if ((row->kinds & KEY_DATE) != 0)
		alternative(out, &n, "a date such as 2026-01-31");
	if ((row->kinds & (KEY_INT | KEY_NUM)) != 0)
		number_kind(row, out, &n);
	if ((row->kinds & KEY_BOOL) != 0)
		alternative(out, &n, "true or false");
	if ((row->kinds & KEY_LIST) != 0)
		alternative(out, &n, "a list");
	if ((row->kinds & KEY_OBJ) != 0)
		alternative(out, &n, "a mapping");
}

/* ---- Markdown ---------------------------------------------------------- */

/* Groups read as "(target).url" in the reference. */
static void
shown_path(const struct suite_key *row, struct buf *out)
{
	const char *p = row->path, *dot;

	if (*p == '@') {
		dot = strchr(p, '.');
		buf_printf(out, "(%.*s)%s", (int)(dot - p - 1), p + 1, dot);
		return;
	}
	buf_puts(out, p);
}

void
suite_keys_markdown(struct buf *out)
{
	const struct suite_key *row;
	const char *p;
	struct buf kinds;
	size_t i;

	buf_init(&kinds, 4096);
	buf_puts(out, "| key | value | default | meaning |\n|---|---|---|---|"
	    "\n");
	for (i = 0; (row = suite_key_at(i)) != NULL; i++) {
		buf_puts(out, "| `");
		shown_path(row, out);
		buf_reset(&kinds);
		suite_key_kinds(row, &kinds);
		buf_printf(out, "` | %s%s%s%s | ", buf_str(&kinds),
		    row->use != NULL ? " of (" : "", row->use != NULL ?
		    row->use + (*row->use == '@') : "",
		    row->use != NULL ? ")" : "");
		if (row->dflt != NULL)
			buf_printf(out, "`%s`", row->dflt);
		buf_puts(out, " | ");
		for (p = row->help; *p != '\0'; p++) {
			if (*p == '|')
				buf_putc(out, '\\');
			buf_putc(out, *p);
		}
		buf_puts(out, " |\n");
	}
	buf_fini(&kinds);
}

/* ---- JSON Schema ------------------------------------------------------- */

static void members(struct json_out *o, const char *parent);

static void
schema_names(struct json_out *o, const char *names)
{
	const char *bar;

	json_out_arr(o);
	while ((bar = strchr(names, '|')) != NULL) {
		json_out_strn(o, names, (size_t)(bar - names));
		names = bar + 1;
	}
	json_out_str(o, names);
	json_out_end(o, ']');
}

static void
begin_type(struct json_out *o, const char *type)
{
	json_out_obj(o);
	json_put_str(o, "type", type);
}

/* A text may always be "${NAME}" or "{{placeholder}}" where it is a plain
 * text; forms with a meaning carry a pattern. */
static void
schema_texts(struct json_out *o, const struct suite_key *row)
{
	static const struct {
		unsigned kinds;
		const char *pattern;
	} texts[] = {
		{ KEY_STR | KEY_FILE, NULL },
		{ KEY_TEXT, "\\S" },
		{ KEY_PTR, "^(/([^~]|~[01])*)?$" },
		{ KEY_TIME, "^([0-9.]+(ns|us|ms|s|m|h|d))+$|^[0-9.]+$" },
		{ KEY_SIZE, "^[0-9.]+ *([kKMG]i?B|B)?$" },
		{ KEY_DATE, "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:]{8}Z?)?$" },
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if ((row->kinds & texts[i].kinds) == 0)
			continue;
		begin_type(o, "string");
		if (texts[i].pattern != NULL)
			json_put_str(o, "pattern", texts[i].pattern);
		json_out_end(o, '}');
	}
	if ((row->kinds & KEY_ENUM) != 0) {
		json_out_obj(o);
		json_out_key(o, "enum");
		schema_names(o, row->names);
		json_out_end(o, '}');
	}
}

static void
schema_number(struct json_out *o, const struct suite_key *row)
{
	if ((row->kinds & (KEY_INT | KEY_NUM | KEY_TIME | KEY_SIZE)) == 0)
		return;
	begin_type(o, (row->kinds & KEY_INT) != 0 &&
	    (row->kinds & KEY_NUM) == 0 ? "integer" : "number");
	if (row->min != 0 || row->max != 0) {
		json_put_num(o, "minimum", row->min);
		json_put_num(o, "maximum", row->max);
	} else if ((row->kinds & (KEY_TIME | KEY_SIZE)) != 0) {
		json_put_int(o, "minimum", 0);
	}
	json_out_end(o, '}');
}

static void
reference(struct json_out *o, const char *group)
{
	char text[80];

	(void)snprintf(text, sizeof(text), "#/$defs/%s",
	    group + (*group == '@'));
	json_out_obj(o);
	json_put_str(o, "$ref", text);
	json_out_end(o, '}');
}

static void schema(struct json_out *o, const struct suite_key *row);

static void
schema_collections(struct json_out *o, const struct suite_key *row)
{
	const struct suite_key *element;

	if ((row->kinds & KEY_LIST) != 0) {
		element = suite_key_find(row->path, "[]");
		begin_type(o, "array");
		if (element != NULL) {
			json_out_key(o, "items");
			schema(o, element);
		}
		json_out_end(o, '}');
	}
	if ((row->kinds & KEY_OBJ) == 0)
		return;
	if (row->use != NULL) {
		reference(o, row->use);
		return;
	}
	begin_type(o, "object");
	members(o, row->path);
	json_out_end(o, '}');
}

static void
schema(struct json_out *o, const struct suite_key *row)
{
	json_out_obj(o);
	json_put_str(o, "description", row->help);
	if (row->dflt != NULL) {
		json_out_key(o, "default");
		json_out_raw(o, row->dflt, strlen(row->dflt));
	}
	if ((row->kinds & KEY_ANY) == 0) {
		json_out_key(o, "anyOf");
		json_out_arr(o);
		schema_texts(o, row);
		schema_number(o, row);
		if ((row->kinds & KEY_BOOL) != 0) {
			begin_type(o, "boolean");
			json_out_end(o, '}');
		}
		schema_collections(o, row);
		/* null takes back what `extends` gave */
		begin_type(o, "null");
		json_out_end(o, '}');
		json_out_end(o, ']');
	}
	json_out_end(o, '}');
}

static void
members(struct json_out *o, const char *parent)
{
	const struct suite_key *row, *any = NULL;
	const char *name;
	size_t i;

	json_out_key(o, "properties");
	json_out_obj(o);
	for (i = 0; (row = suite_key_at(i)) != NULL; i++) {
		name = suite_key_member_name(row, parent);
		if (name == NULL || strcmp(name, "[]") == 0)
			continue;
		if (strcmp(name, "*") == 0) {
			any = row;
			continue;
		}
		json_out_key(o, name);
		schema(o, row);
	}
	json_out_end(o, '}');
	json_out_key(o, "additionalProperties");
	if (any != NULL)
		schema(o, any);
	else
		json_out_bool(o, 0);
}

static void
definitions(struct json_out *o)
{
	static const char *const groups[] = {
		"@case", "@section", "@target", "@request", "@extract",
		"@items", "@tools", "@load", "prices",
		"@scenario", "@write", "@audit_request", "@lever", "@undo",
		"@lever_request"
	};
	size_t i;

	json_out_key(o, "$defs");
	json_out_obj(o);
	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		json_out_key(o, groups[i] + (groups[i][0] == '@'));
		begin_type(o, "object");
		members(o, groups[i]);
		json_out_end(o, '}');
	}
	json_out_end(o, '}');
}

void
suite_keys_schema(struct buf *out)
{
	struct json_out o;

	json_out_init(&o, out, 1);
	json_out_obj(&o);
	json_out_schema(&o, "lockstep suite", NULL);
	members(&o, "");
	definitions(&o);
	json_out_end(&o, '}');
	buf_putc(out, '\n');
}
