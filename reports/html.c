/* What the parts of report.html share; see html_part.h. */
#include "reports/html_part.h"

#include "reports/escape.h"

struct buf *
html_fresh(struct html *h)
{
	buf_reset(&h->t);
	return &h->t;
}

void
html_line(struct html *h, const char *s)
{
	if (s != NULL)
		escape_xml_line(h->out, s);
}

void
html_say(struct html *h)
{
	escape_xml_line(h->out, buf_str(&h->t));
}

void
html_id(struct html *h, const char *prefix, const char *name)
{
	const unsigned char *p = (const unsigned char *)name;

	buf_puts(h->out, prefix);
	for (; *p != '\0'; p++) {
		if ((*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z') ||
		    (*p >= 'A' && *p <= 'Z') || *p == '.' || *p == '-')
			buf_putc(h->out, (char)*p);
		else
			buf_printf(h->out, "_%02x", *p);
	}
}

const char *
html_gate_class(const struct result_gate *g)
{
	static const char *const classes[] = {
		[GATE_PASS] = "good", [GATE_FAIL] = "bad",
		[GATE_INCONCLUSIVE] = "warn", [GATE_REVIEW] = "warn",
		[GATE_NOT_JUDGED] = "",
	};

	return classes[g->verdict];
}

const char *
html_case_class(enum case_verdict v)
{
	static const char *const classes[CASE_V_N] = {
		[CASE_V_PASS] = "good", [CASE_V_REGRESSION] = "bad",
		[CASE_V_FIX] = "good", [CASE_V_DEFECT] = "",
		[CASE_V_FAIL] = "bad", [CASE_V_UNJUDGED] = "warn",
	};

	return classes[v];
}
