/* Errors of the harness itself; see err.h. */
#include "harness/base/err.h"

#undef err_set
#undef err_errno

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
err_set(struct err *err, enum rc code, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL || err->code != RC_OK)
		return code;
	err->code = code;
	va_start(ap, fmt);
	(void)vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	return code;
}

int
err_errno(struct err *err, enum rc code, const char *fmt, ...)
{
	char msg[sizeof(err->msg)];
	char why[96];
	int saved = errno;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	return err_set(err, code, "%s: %s", msg,
	    strerror_r(saved, why, sizeof(why)));
}

void
err_prefix(struct err *err, const char *fmt, ...)
{
	char head[sizeof(err->msg)];
	char tail[sizeof(err->msg)];
	size_t n;
	va_list ap;

	if (err == NULL || err->code == RC_OK)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(head, sizeof(head), fmt, ap);
	va_end(ap);
	memcpy(tail, err->msg, sizeof(tail));
	n = strnlen(head, sizeof(head) - 3);
	memcpy(err->msg, head, n);
	memcpy(err->msg + n, ": ", 2);
	(void)snprintf(err->msg + n + 2, sizeof(err->msg) - n - 2, "%s", tail);
}
