/* lockstep trace grep: exchanges by conditions, a line each. */
#include "harness/cmd/cmd_trace.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_page.h"
#include "harness/traffic/trace_each.h"

enum { VALUES_MAX = 16 };

struct args {
	struct trace_choice choice;
	struct opt_list values;
	int count, ids;
};

static const struct opt opts[] = {
	TRACE_CHOICE_OPTS(struct args),
	{ "value", 'v', OPT_LIST, offsetof(struct args, values), 0, 0,
	    "POINTER", "print this value instead, such as\n"
	    "/response/body/answer; several are separated by tabs" },
	{ "count", 'c', OPT_FLAG, offsetof(struct args, count), 0, 0, NULL,
	    "print how many there are" },
	{ "ids", 0, OPT_FLAG, offsetof(struct args, ids), 0, 0, NULL,
	    "print their ids" },
	{ "invert", 0, OPT_FLAG, offsetof(struct args, choice.invert), 0, 0,
	    NULL, "exchanges that do not match the conditions" },
	CMD_OPT_END
};

static const struct opt_cmd cmd = {
	.name = "trace grep",
	.usage = "FILE... --where COND [OPTION...]",
	.about = "Lists exchanges: id, time of sending, method, target, "
	    "status, outcome and time\n"
	    "taken. `trace cat` with the same conditions prints the records "
	    "themselves. Exit\n"
	    "status 1 when there is none.\n\n"
	    "  lockstep trace grep t.jsonl.zst -w 'status>=500' -w "
	    "'path=/query'\n"
	    "  lockstep trace grep t.jsonl.zst -w /request/body/user=7 \\\n"
	    "      -v /response/body/answer",
	.opts = opts,
};

struct grep {
	const struct args *a;
	struct where_ptr *ptr[VALUES_MAX];
	size_t n_ptr;
	struct where *look;
	struct buf line;
	uint64_t n;
};

/* Text as it is but for tabs and line ends, which would look like ours. */
static int
put_value(void *ctx, const struct json *j)
{
	struct grep *g = ctx;
	struct buf word;
	const char *s;
	size_t from = g->line.len, i;

	buf_init(&word, TRACE_LINE_MAX);
	s = json_str(j);
	if (s == NULL) {
		json_write(&word, j);
		s = buf_str(&word);
	}
	if (from > 0 && g->line.p[from - 1] != '\t')
		buf_puts(&g->line, ", ");
	buf_puts(&g->line, s);
	for (i = from; i < g->line.len; i++) {
		if ((unsigned char)g->line.p[i] < ' ' && i >= from)
			g->line.p[i] = ' ';
	}
	buf_fini(&word);
	return 0;
}

static int
show(void *ctx, const struct exchange *ex, const struct trace_rec *rec,
    struct err *err)
{
	struct grep *g = ctx;
	size_t i;

	g->n++;
	if (g->a->count)
		return RC_OK;
	buf_reset(&g->line);
	for (i = 0; i < g->n_ptr; i++) {
		if (i > 0)
			buf_putc(&g->line, '\t');
		(void)where_ptr_each(g->look, g->ptr[i], ex, rec->line,
		    rec->n, put_value, g);
	}
	if (g->n_ptr > 0) {
		(void)printf("%s\n", buf_str(&g->line));
	} else if (g->a->ids) {
		(void)printf("%s\n", ex->id);
	} else {
		(void)printf("%-20s %10.3f s  ", ex->id,
		    ex->sent_ns < 0 ? 0. : (double)ex->sent_ns / 1e9);
		if (ex->total_ns >= 0)
			(void)printf("%9.1f ms", (double)ex->total_ns / 1e6);
		else
			(void)printf("           -");
		(void)printf("  %3d %-10s ", ex->status,
		    outcome_name(ex->outcome));
		buf_printf(&g->line, "%s %s", ex->method, ex->target);
		(void)cmd_put(0, buf_str(&g->line));
		(void)printf("\n");
	}
	return ferror(stdout) ? err_errno(err, RC_IO, "standard output") :
	    RC_OK;
}

static int
open_values(struct grep *g, struct err *err)
{
	size_t i;

	buf_init(&g->line, TRACE_LINE_MAX);
	g->look = where_new();
	if (g->look == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	if (g->a->values.n > VALUES_MAX)
		return err_set(err, RC_USAGE, "more than %d --value",
		    VALUES_MAX);
	for (i = 0; i < g->a->values.n; i++) {
		g->ptr[i] = where_ptr_new(g->a->values.v[i], err);
		if (g->ptr[i] == NULL)
			return err->code;
		g->n_ptr++;
	}
	return RC_OK;
}

int
cmd_trace_grep(int argc, char **argv)
{
	struct args a = { .choice = TRACE_CHOICE_INIT };
	struct grep g = { .a = &a };
	struct err err = ERR_INIT;
	struct cmd_line line;
	struct trace_pick pick;
	uint64_t damaged = 0;
	size_t i;
	int rc;

	rc = cmd_begin(&cmd, argc, argv, &a, &line, &err);
	if (rc == RC_OK && line.n == 0)
		rc = err_set(&err, RC_USAGE, "no FILE given; see lockstep "
		    "trace grep --help");
	if (rc == RC_OK)
		rc = trace_choice_pick(&a.choice, &pick, &err);
	if (rc == RC_OK)
		rc = open_values(&g, &err);
	for (i = 0; i < line.n && rc == RC_OK; i++)
		rc = trace_each(line.rest[i], &pick, show, &g, &damaged,
		    &err);
	if (rc == RC_OK && a.count)
		(void)printf("%llu\n", (unsigned long long)g.n);
	if (rc == RC_OK && fflush(stdout) != 0)
		rc = err_errno(&err, RC_IO, "standard output");
	if (damaged > 0)
		(void)fprintf(stderr, "lockstep trace grep: %llu places cannot "
		    "be read; `lockstep trace verify` shows more\n",
		    (unsigned long long)damaged);
	for (i = 0; i < g.n_ptr; i++)
		where_ptr_free(g.ptr[i]);
	where_free(g.look);
	buf_fini(&g.line);
	trace_choice_fini(&a.choice);
	return cmd_end("trace grep", &line, rc, g.n > 0 ? 0 : EXIT_FAIL,
	    &err);
}
