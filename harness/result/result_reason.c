/* A reason as one line, and back; see result.h and field_part.h. */
#include <string.h>

#include "harness/result/field_part.h"

static const char between[] = ": ";

const char *
result_reason_line(const struct result_reason *why, struct buf *line)
{
	buf_reset(line);
	if (why->verdict < VERDICT_N) {
		buf_puts(line, verdict_name(why->verdict));
		buf_puts(line, between);
	}
	buf_puts(line, why->text);
	return buf_str(line);
}

struct result_reason
field_reason_of(const char *line)
{
	struct result_reason why = { VERDICT_N, line };
	size_t n;
	int v;

	for (v = 0; v < VERDICT_N; v++) {
		n = strlen(verdict_name((enum verdict)v));
		if (strncmp(line, verdict_name((enum verdict)v), n) != 0 ||
		    strncmp(line + n, between, strlen(between)) != 0)
			continue;
		why.verdict = (enum verdict)v;
		why.text = line + n + strlen(between);
	}
	return why;
}
