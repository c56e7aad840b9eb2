/* The result object itself: report.json, suites/report.schema.json. */
#include "reports/reports.h"

static void
write_json(const struct result *r, const struct report_opts *o,
    struct buf *out)
{
	(void)o;
	result_write_json(r, out);
}

const struct report_format report_json = {
	.name = "json", .file = "report.json", .write = write_json,
	.help = "everything, for programs; its schema is "
	    "suites/report.schema.json",
};
