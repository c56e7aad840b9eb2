/* The files of a drill's report; see drill_report.h. */
#include "reports/drill_report.h"

#include <stdio.h>

#include "harness/base/replace.h"
#include "reports/reports.h"

enum { REPORT_MAX = 256 << 20, PATH_BYTES = 8192 };

static int
put_file(const char *dir, const char *name, const struct buf *b,
    struct err *err)
{
	int rc = buf_check(b, name, err);
	struct buf path;

	buf_init(&path, PATH_BYTES);
	buf_printf(&path, "%s/%s", dir, name);
	if (rc == RC_OK)
		rc = buf_check(&path, "the report folder's name", err);
	if (rc == RC_OK)
		rc = replace_file(buf_str(&path), REPLACE_OWN, b->p, b->len,
		    err);
	buf_fini(&path);
	return rc;
}

static void
as_json(const struct json *doc, struct buf *out)
{
	struct json_out o;

	json_out_init(&o, out, 1);
	json_out_json(&o, doc);
	buf_putc(out, '\n');
}

int
drill_report_all(const struct json *doc, const struct json *rows,
    const char *dir, struct err *err)
{
	struct buf b;
	int rc = reports_make_dir(dir, err);

	buf_init(&b, REPORT_MAX);
	if (rc == RC_OK) {
		as_json(doc, &b);
		rc = put_file(dir, "report.json", &b, err);
	}
	if (rc == RC_OK) {
		buf_reset(&b);
		drill_html(doc, rows, &b);
		rc = put_file(dir, "report.html", &b, err);
	}
	if (rc == RC_OK) {
		buf_reset(&b);
		drill_md(doc, &b);
		rc = put_file(dir, "report.md", &b, err);
	}
	if (rc == RC_OK) {
		buf_reset(&b);
		drill_junit(doc, &b);
		rc = put_file(dir, "junit.xml", &b, err);
	}
	buf_fini(&b);
	return rc;
}
