/* The lines of OpenMetrics text; see prom.h. */
#include "reports/prom.h"

#include <math.h>

#include "harness/base/json.h"
#include "reports/glyph.h"

void
prom_family(const struct prom *m, const char *name,
    const char *type, const char *help)
{
	buf_printf(m->out, "# TYPE %s%s %s\n# HELP %s%s %s\n", m->prefix,
	    name, type, m->prefix, name, help);
}

/* The value of a label: backslash, quote and line end are what the format
 * minds; cleaning has removed the last. */
static void
label(struct buf *out, const char *name, const char *value)
{
	struct buf t;
	const char *p;

	buf_init(&t, SIZE_MAX / 4);
	glyph_clean(&t, value == NULL ? "" : value);
	buf_printf(out, "%s=\"", name);
	for (p = buf_str(&t); *p != '\0'; p++) {
		if (*p == '\\' || *p == '"')
			buf_putc(out, '\\');
		buf_putc(out, *p);
	}
	buf_putc(out, '"');
	buf_fini(&t);
}

void
prom_begin(const struct prom *m, const char *name, const char *suffix)
{
	buf_printf(m->out, "%s%s%s{", m->prefix, name, suffix);
	label(m->out, "suite", m->suite);
}

void
prom_value(const struct prom *m, double v)
{
	buf_puts(m->out, "} ");
	if (isfinite(v))
		json_write_num(m->out, v);
	else
		buf_puts(m->out, isnan(v) ? "NaN" : v > 0 ? "+Inf" : "-Inf");
	buf_putc(m->out, '\n');
}

void
prom_sample(const struct prom *m, const char *name,
    const char *key, const char *of, double v)
{
	prom_begin(m, name, "");
	if (key != NULL) {
		buf_putc(m->out, ',');
		label(m->out, key, of);
	}
	prom_value(m, v);
}
