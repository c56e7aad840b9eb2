/* When to ask again. */
#include "harness/base/retry.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY_S 86400

int
retry_worth(int status)
{
	return status == 0 || status == 408 || status == 429 ||
	    status == 500 || status == 502 || status == 503 || status == 504;
}

int64_t
retry_after_ns(const char *value, int64_t wall_ns)
{
	struct tm tm;
	const char *end;
	char *rest;
	long long s;

	if (*value >= '0' && *value <= '9') {
		s = strtoll(value, &rest, 10);
		if (*rest != '\0')
			return -1;
	} else {
		memset(&tm, 0, sizeof(tm));
		end = strptime(value, "%a, %d %b %Y %H:%M:%S GMT", &tm);
		if (end == NULL || *end != '\0')
			return -1;
		s = (long long)timegm(&tm) - wall_ns / 1000000000;
		if (s < 0)
			s = 0;
	}
	return (s > DAY_S ? DAY_S : s) * 1000000000LL;
}

int64_t
retry_wait_ns(int attempt, double unit, int64_t after)
{
	int64_t most = RETRY_BASE_NS, wait;

	while (attempt-- > 1 && most < RETRY_CAP_NS)
		most *= 2;
	if (most > RETRY_CAP_NS)
		most = RETRY_CAP_NS;
	wait = (int64_t)(unit * (double)most);
	return after > wait ? after : wait;
}
