/* Names of a suite's own metrics; see own_metric.h. */
#include "harness/terms/own_metric.h"

#include <string.h>

int
own_metric_is_name(const char *s)
{
	return *s >= 'a' && *s <= 'z' && strlen(s) < OWN_NAME_MAX &&
	    s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}
