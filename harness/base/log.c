/* Messages to stderr; see log.h. */
#include "harness/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "harness/base/mono.h"

static enum log_level log_level = LOG_INFO;
static int64_t log_zero_ns;

void
log_start(void)
{
	log_zero_ns = mono_now_ns();
}

void
log_set_level(enum log_level level)
{
	log_level = level;
}

void
log_msg(enum log_level level, const char *who, const char *fmt, ...)
{
	static const char *const names[] = { "error", "warn", "info", "debug" };
	char line[1024];
	int64_t now = mono_now_ns() - log_zero_ns;
	int n, m;
	va_list ap;

	if (level > log_level)
		return;
	n = snprintf(line, sizeof(line), "%lld.%03d %s %s: ",
	    (long long)(now / MONO_S), (int)(now % MONO_S / MONO_MS),
	    names[level], who);
	va_start(ap, fmt);
	m = vsnprintf(line + n, sizeof(line) - (size_t)n, fmt, ap);
	va_end(ap);
	n = m < 0 || n + m > (int)sizeof(line) - 2 ?
	    (int)sizeof(line) - 2 : n + m;
	line[n++] = '\n';
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		return;	/* nobody is left to tell */
}
