/* report.json: the result object in JSON, from its tables; see result.h. */
#include "harness/result/field_part.h"

void
result_write_gate(const struct result_gate *g, struct buf *out)
{
	struct json_out o;
	struct field_out w = { .o = &o };

	json_out_init(&o, out, 1);
	json_out_obj(&o);
	field_write(&w, gate_fields, (const char *)g);
	json_out_end(&o, '}');
}

void
result_write_case(const struct result *r, const struct result_case *c,
    struct buf *out)
{
	struct json_out o;
	struct field_out w = { .o = &o, .r = r };

	json_out_init(&o, out, 0);
	field_write_case(&w, c);
}

void
result_write_json(const struct result *r, struct buf *out)
{
	struct json_out o;
	struct field_out w = { .o = &o, .r = r };

	json_out_init(&o, out, 1);
	json_out_obj(&o);
	field_write(&w, result_fields, (const char *)r);
	json_out_end(&o, '}');
	buf_putc(out, '\n');
}

/* ---- schema -------------------------------------------------------------- */

static void
define(struct json_out *o, const char *name, const struct field *table,
    const char *help)
{
	json_out_key(o, name);
	json_out_obj(o);
	json_put_str(o, "type", "object");
	json_put_str(o, "description", help);
	field_schema_members(o, table);
	json_out_end(o, '}');
}

void
result_write_schema(struct buf *out)
{
	struct json_out o;

	json_out_init(&o, out, 1);
	json_out_obj(&o);
	json_out_schema(&o, "Report of lockstep", "The result of one run: "
	    "report.json. An unknown number is null; times end in _ns "
	    "(nanoseconds) or _s (seconds). Readers must ignore members they "
	    "do not know.");
	field_schema_members(&o, result_fields);
	json_out_key(&o, "$defs");
	json_out_obj(&o);
	define(&o, "arm", arm_fields, "One stack.");
	define(&o, "gate", gate_fields, "One gate.");
	define(&o, "case", case_fields, "One case.");
	define(&o, "side", side_fields,
	    "What an arm answered to the reference variant.");
	json_out_end(&o, '}');
	json_out_end(&o, '}');
	buf_putc(out, '\n');
}
