/* lockstep report: write an earlier result in any format. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_result.h"
#include "harness/result/result.h"
#include "reports/reports.h"

cmd_fn cmd_report;

struct report_cmd {
	const char *format, *out, *home;
	int color, json, schema;
};

static char format_help[512];	/* made of the writers' rows */

static const struct opt opts[] = {
	{ "format", 'f', OPT_STR, offsetof(struct report_cmd, format), 0, 0,
	    "F", format_help },
	{ "out", 'o', OPT_STR, offsetof(struct report_cmd, out), 0, 0, "PATH",
	    "write to PATH, in the format of its ending (.html,\n"
	    ".md, ...); to a folder, write --format, or every\n"
	    "format if it is not given" },
	{ "json", 0, OPT_FLAG, offsetof(struct report_cmd, json), 0, 0, NULL,
	    "the same as --format json" },
	{ "color", 0, OPT_FLAG, offsetof(struct report_cmd, color), 0, 0, NULL,
	    "colours even when the output is not a terminal" },
	{ "schema", 0, OPT_FLAG, offsetof(struct report_cmd, schema), 0, 0,
	    NULL, "print the JSON Schema of report.json, and exit" },
	CMD_OPT_HOME(offsetof(struct report_cmd, home)),
	CMD_OPT_END
};

static const struct opt_cmd cmd = {
	"report", "RUN [--format F] [--out PATH]",
	"Writes the report of a run. RUN is an id, `last`, a run's folder or\n"
	"a report.json.\n\n"
	"  lockstep report report/ --format md > comment.md\n"
	"  lockstep report report/report.json --out elsewhere/",
	opts
};

/* "text, json, ...", in lines that fit the column of help texts. */
static void
describe_formats(void)
{
	enum { COLUMNS = 50 };
	size_t i, line = 0, n, len = 0;
	const char *name;

	for (i = 0; report_formats[i] != NULL; i++) {
		name = report_formats[i]->name;
		n = strlen(name) + 2;
		if (len + n + 1 > sizeof(format_help))
			return;
		if (i > 0)
			len += (size_t)snprintf(format_help + len,
			    sizeof(format_help) - len, "%s",
			    line + n > COLUMNS ? ",\n" : ", ");
		line = line + n > COLUMNS ? n : line + n;
		len += (size_t)snprintf(format_help + len,
		    sizeof(format_help) - len, "%s%s", name,
		    i == 0 ? " (default)" : "");
		line += i == 0 ? strlen(" (default)") : 0;
	}
}

static int
is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void
terminal(const struct report_cmd *c, struct report_opts *o)
{
	/* Before any thread. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	const char *no_color = getenv("NO_COLOR");
	struct winsize w;

	o->color = c->color;
	if (!isatty(STDOUT_FILENO))
		return;
	if (no_color == NULL || *no_color == '\0')
		o->color = 1;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0)
		o->width = w.ws_col;
}

static int
print(const struct result *r, const struct report_cmd *c,
    const struct report_format *f, struct err *err)
{
	struct report_opts o = { 0 };

	terminal(c, &o);
	return reports_write_fd(r, f, &o, STDOUT_FILENO, "standard output",
	    err);
}

static int
write_to(const struct result *r, const struct report_cmd *c,
    const struct report_format *f, struct err *err)
{
	size_t n = strlen(c->out);
	int folder = is_folder(c->out) || (n > 0 && c->out[n - 1] == '/');
	struct buf path;
	int rc;

	if (f == NULL)
		return reports_write_all(r, c->out, err);
	if (!folder)
		return reports_write_file(r, f, c->out, err);
	buf_init(&path, 8192);
	buf_printf(&path, "%s/%s", c->out, f->file);
	rc = buf_check(&path, c->out, err);
	if (rc == RC_OK)
		rc = reports_write_file(r, f, buf_str(&path), err);
	buf_fini(&path);
	return rc;
}

/* The format whose file has the ending of a path, or NULL: a folder. */
static const struct report_format *
by_ending(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *dot = strrchr(slash == NULL ? path : slash, '.');
	const char *own;
	size_t n;

	for (n = 0; dot != NULL && report_formats[n] != NULL; n++) {
		own = strrchr(report_formats[n]->file, '.');
		if (own != NULL && strcmp(own, dot) == 0)
			return report_formats[n];
	}
	return NULL;
}

static int
pick(struct report_cmd *c, const struct report_format **f, struct err *err)
{
	struct buf names;
	size_t n;

	if (c->json)
		c->format = "json";
	*f = NULL;
	if (c->format == NULL) {
		if (c->out != NULL && !is_folder(c->out))
			*f = by_ending(c->out);
		return RC_OK;
	}
	*f = report_format_of(c->format);
	if (*f != NULL)
		return RC_OK;
	buf_init(&names, 1 << 12);
	for (n = 0; report_formats[n] != NULL; n++)
		buf_printf(&names, "%s%s", n == 0 ? "" : ", ",
		    report_formats[n]->name);
	(void)err_set(err, RC_USAGE, "no format \"%.40s\"; the formats are %s",
	    c->format, buf_str(&names));
	buf_fini(&names);
	return RC_USAGE;
}

static int
report(const struct report_cmd *c, const char *run,
    const struct report_format *f, struct err *err)
{
	struct result *r = NULL;
	int rc = cmd_result_open(c->home, run, &r, err);

	if (rc == RC_OK && c->out != NULL)
		rc = write_to(r, c, f, err);
	else if (rc == RC_OK)
		rc = print(r, c, f != NULL ? f : &report_text, err);
	result_free(r);
	return rc;
}

static int
print_schema(struct err *err)
{
	struct buf b;
	int rc;

	buf_init(&b, 1 << 20);
	result_write_schema(&b);
	rc = buf_check(&b, "the schema", err);
	if (rc == RC_OK && fwrite(b.p, 1, b.len, stdout) != b.len)
		rc = err_set(err, RC_IO, "cannot write to standard output");
	buf_fini(&b);
	return rc;
}

int
cmd_report(int argc, char **argv)
{
	struct report_cmd c = { 0 };
	const struct report_format *f;
	struct cmd_line line;
	struct err err = ERR_INIT;
	int rc;

	describe_formats();
	rc = cmd_begin(&cmd, argc, argv, &c, &line, &err);
	if (rc == RC_OK && c.schema) {
		rc = print_schema(&err);
		return cmd_end("report", &line, rc, 0, &err);
	}
	if (rc == RC_OK && line.n != 1)
		rc = err_set(&err, RC_USAGE, "give one RUN; see lockstep "
		    "report --help");
	if (rc == RC_OK)
		rc = pick(&c, &f, &err);
	if (rc == RC_OK)
		rc = report(&c, line.rest[0], f, &err);
	return cmd_end("report", &line, rc, 0, &err);
}
