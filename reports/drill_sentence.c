/* How many scenarios of a drill hold; see drill_report.h. */
#include "reports/drill_report.h"
#include "reports/drill_words.h"

void
drill_sentence(const struct json *doc, struct buf *out)
{
	const struct json *list = json_get(doc, "scenarios"), *s;
	size_t n = json_size(list), bad = 0;

	for (s = json_first(list); s != NULL; s = json_next(s))
		bad += !has_verdict(s, "PASS");
	buf_printf(out, "%zu of %zu scenario%s ", bad > 0 ? bad : n, n,
	    n == 1 ? "" : "s");
	if (bad > 0)
		buf_puts(out, bad == 1 ? "does not hold" : "do not hold");
	else
		buf_puts(out, n == 1 ? "holds" : "hold");
}
