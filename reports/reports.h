/*
 * Report writers: one file each, all from struct result alone.
 * Every recorded byte is hostile: each writer escapes for its own format.
 */
#ifndef LOCKSTEP_REPORTS_H
#define LOCKSTEP_REPORTS_H

#include "harness/buf.h"
#include "harness/err.h"
#include "harness/result.h"

/* Appends the whole report. color: ANSI for a terminal (text only). */
struct report_opts {
	int color;
	int width;		/* columns of the terminal, 0: 80 */
};
typedef void report_write_fn(const struct result *r,
    const struct report_opts *o, struct buf *out);

struct report_format {
	const char *name;	/* "text", "json", "html", "md", "junit", "csv" */
	const char *file;	/* "report.txt", ... */
	report_write_fn *write;
	const char *help;
};
extern const struct report_format report_formats[];	/* ends with NULL */

/* returns the format of a name, or NULL */
const struct report_format *report_format_of(const char *name);

/*
 * Writes every format into dir (created if needed), each file whole: to a
 * temporary name, then renamed.
 */
int reports_write_all(const struct result *r, const char *dir,
    struct err *err);

#endif
