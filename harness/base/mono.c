/* Clocks and durations; see mono.h. */
#include "harness/base/mono.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t
clock_ns(clockid_t id)
{
	struct timespec ts;

	(void)clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * MONO_S + ts.tv_nsec;
}

int64_t
mono_now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

int64_t
mono_wall_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

int64_t
mono_cpu_ns(void)
{
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

void
mono_sleep_until_ns(int64_t when_ns)
{
	struct timespec ts;

	ts.tv_sec = (time_t)(when_ns / MONO_S);
	ts.tv_nsec = (long)(when_ns % MONO_S);
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) ==
	    EINTR)
		continue;
}

void
mono_utc(int64_t wall_ns, char *out)
{
	time_t sec = (time_t)(wall_ns / MONO_S);
	struct tm tm;
	size_t n;

	(void)gmtime_r(&sec, &tm);
	n = strftime(out, MONO_UTC_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(out + n, MONO_UTC_MAX - n, ".%03dZ",
	    (int)(wall_ns % MONO_S / MONO_MS));
}

/* Nanoseconds of a unit of n letters; 0: there is none such. */
static double
unit_ns(const char *unit, size_t n)
{
	static const struct {
		const char *unit;
		double ns;
	} units[] = {
		{ "ns", 1 }, { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 },
		{ "m", 60e9 }, { "h", 3600e9 }, { "d", 86400e9 },
	};
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strlen(units[i].unit) == n &&
		    strncmp(units[i].unit, unit, n) == 0)
			return units[i].ns;
	}
	return 0;
}

int
mono_parse_duration(const char *s, int64_t *out_ns)
{
	const char *p = s;
	double sum = 0, v, ns;
	char *end;
	size_t n;

	do {
		if (*p < '0' || *p > '9')
			return -1;
		v = strtod(p, &end);
		n = strspn(end, "numshd");
		/* seconds need no name, where nothing else is there */
		ns = n == 0 && p == s && *end == '\0' ? 1e9 :
		    unit_ns(end, n);
		if (ns == 0)
			return -1;
		sum += v * ns;
		p = end + n;
	} while (*p != '\0');
	if (!isfinite(sum) || sum > 9.2e18)
		return -1;
	*out_ns = llround(sum);
	return 0;
}

void
mono_cond_init(pthread_cond_t *c)
{
	pthread_condattr_t attr;

	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(c, &attr);
	(void)pthread_condattr_destroy(&attr);
}
