/* Names of a suite's own metrics; see scorer_metric.h. */
#include "harness/terms/scorer_metric.h"

#include <string.h>

int
scorer_metric_is_name(const char *s)
{
	return *s >= 'a' && *s <= 'z' && strlen(s) < SCORER_NAME_MAX &&
	    s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}
