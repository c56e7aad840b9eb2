/* lockstep trace verify and repair. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_trace.h"

/* ---- verify ----------------------------------------------------------- */

enum { SHOWN_MAX = 20 };	/* problems of one file that are printed */

static const struct opt no_opts[] = {
	CMD_OPT_END
};

static const struct opt_cmd verify_cmd = {
	.name = "trace verify",
	.usage = "FILE...",
	.about = "Decodes every frame, parses every record, and checks body "
	    "files and the closing\n"
	    "account. Prints what is damaged and where. Exit status: 0 sound, "
	    "1 damaged,\n"
	    "2 cannot be read.",
	.opts = no_opts,
};

struct verify {
	const char *path;
	uint64_t problems, exchanges;
	struct exchange_rec *rec;
};

static void
problem(struct verify *v, const char *msg)
{
	size_t n = strlen(v->path);

	v->problems++;
	if (v->problems > SHOWN_MAX)
		return;
	trace_progress_done();
	if (strncmp(msg, v->path, n) == 0 && msg[n] == ':')
		(void)printf("%s\n", msg);
	else
		(void)printf("%s: %s\n", v->path, msg);
}

static int
check_body(struct verify *v, const struct ex_bytes *body, struct err *err)
{
	struct buf b;
	int rc;

	if (body->spill == NULL)
		return RC_OK;
	buf_init(&b, body->n + 2);
	rc = trace_body_load(v->path, body, &b, err);
	buf_fini(&b);
	return rc;
}

static void
check_record(struct verify *v, const struct trace_rec *line)
{
	struct exchange ex;
	struct err err = ERR_INIT;
	struct json *j;
	char where[64];
	int rc;

	rc = exchange_parse(v->rec, line->line, line->n, &ex, &err);
	v->exchanges += rc == 1;
	if (rc == 1)
		rc = check_body(v, &ex.req_body, &err);
	if (rc == RC_OK && line->is_exchange)
		rc = check_body(v, &ex.res_body, &err);
	if (rc == RC_OK && !line->is_exchange) {
		j = json_parse(line->line, line->n, &err);
		if (json_kind(j) != JSON_OBJECT)
			(void)err_set(&err, RC_FORMAT, "not a JSON object");
		json_free(j);
	}
	if (err.code == RC_OK)
		return;
	(void)snprintf(where, sizeof(where), "record %llu",
	    (unsigned long long)line->index);
	err_prefix(&err, "%s", where);
	problem(v, err.msg);
}

static void
check_account(struct verify *v, const struct trace_info *info)
{
	char msg[256];

	if (info->why[0] != '\0')
		problem(v, info->why);
	if (!info->closed) {
		problem(v, "there is no closing account");
		return;
	}
	if (info->written == v->exchanges &&
	    info->seen == info->written + info->dropped + info->refused)
		return;
	(void)snprintf(msg, sizeof(msg), "the closing account says seen %llu = "
	    "written %llu + dropped %llu + refused %llu; the trace has %llu "
	    "exchanges",
	    (unsigned long long)info->seen,
	    (unsigned long long)info->written,
	    (unsigned long long)info->dropped,
	    (unsigned long long)info->refused,
	    (unsigned long long)v->exchanges);
	problem(v, msg);
}

static int
verify_file(struct verify *v, struct err *err)
{
	struct trace_reader *r;
	struct trace_rec line;
	struct trace_info info;
	struct err bad = ERR_INIT;
	int rc;

	rc = trace_reader_open(v->path, 0, &r, err);
	if (rc != RC_OK)
		return rc;
	while ((rc = trace_next(r, &line, &bad)) != 0) {
		if (rc == 1) {
			check_record(v, &line);
		} else if (rc == RC_FORMAT) {
			problem(v, bad.msg);
			memset(&bad, 0, sizeof(bad));
		} else {
			break;
		}
		if (v->exchanges % 4096 == 0)
			trace_progress("verifying", v->exchanges);
	}
	trace_progress_done();
	trace_reader_info(r, &info);
	trace_reader_close(&r);
	if (rc < 0)
		return err_set(err, (enum rc)rc, "%s", bad.msg);
	check_account(v, &info);
	if (v->problems > SHOWN_MAX)
		(void)printf("%s: ... and %llu more\n", v->path,
		    (unsigned long long)v->problems - SHOWN_MAX);
	if (v->problems == 0)
		(void)printf("%s: sound, %llu exchanges\n", v->path,
		    (unsigned long long)v->exchanges);
	else
		(void)printf("%s: damaged; `lockstep trace repair %s` keeps "
		    "what can be read\n", v->path, v->path);
	return RC_OK;
}

int
cmd_trace_verify(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct cmd_line line;
	struct exchange_rec *rec = exchange_rec_new();
	int rc, none, damaged = 0;
	size_t i;

	rc = cmd_begin(&verify_cmd, argc, argv, &none, &line, &err);
	if (rc == RC_OK && rec == NULL)
		rc = err_set(&err, RC_NOMEM, "out of memory");
	if (rc == RC_OK && line.n == 0)
		rc = err_set(&err, RC_USAGE, "no FILE given; see lockstep "
		    "trace verify --help");
	for (i = 0; rc == RC_OK && i < line.n; i++) {
		struct verify v = { line.rest[i], 0, 0, rec };

		rc = verify_file(&v, &err);
		damaged |= v.problems > 0;
	}
	exchange_rec_free(rec);
	return cmd_end("trace verify", &line, rc, damaged ? EXIT_FAIL : 0,
	    &err);
}

/* ---- repair ----------------------------------------------------------- */

struct repair_args {
	const char *out;
};

static const struct opt repair_opts[] = {
	{ "out", 'o', OPT_STR, offsetof(struct repair_args, out), 0, 0,
	    "FILE", "write the repaired trace here (default: replace FILE)" },
	CMD_OPT_END
};

static const struct opt_cmd repair_cmd = {
	.name = "trace repair",
	.usage = "FILE [--out FILE]",
	.about = "Keeps every record that can be read, byte for byte, and "
	    "rewrites the seek table\n"
	    "and the closing account. Also makes a trace from plain JSON "
	    "lines. Prints what\n"
	    "was lost.",
	.opts = repair_opts,
};

static void
print_repair(const char *out, const struct trace_repair *rep)
{
	(void)printf("%s: %llu exchanges kept\n", out,
	    (unsigned long long)rep->kept);
	if (rep->torn)
		(void)printf("  the end was cut off: records not yet flushed "
		    "are lost\n");
	if (rep->frames_bad > 0)
		(void)printf("  %llu damaged frames left out (%llu "
		    "compressed bytes)\n",
		    (unsigned long long)rep->frames_bad,
		    (unsigned long long)rep->bytes_lost);
	if (rep->lines_bad > 0)
		(void)printf("  %llu records left out: not JSON "
		    "objects\n", (unsigned long long)rep->lines_bad);
	if (rep->aside)
		(void)printf("  the old file is kept as %s.damaged\n",
		    out);
	if (rep->first_bad[0] != '\0')
		(void)printf("  first: %s\n", rep->first_bad);
}

int
cmd_trace_repair(int argc, char **argv)
{
	struct repair_args a = { NULL };
	struct err err = ERR_INIT;
	struct cmd_line line;
	struct trace_repair rep;
	int rc;

	rc = cmd_begin(&repair_cmd, argc, argv, &a, &line, &err);
	if (rc == RC_OK && line.n != 1)
		rc = err_set(&err, RC_USAGE, "give one FILE; see lockstep "
		    "trace repair --help");
	if (rc == RC_OK && a.out == NULL)
		a.out = line.rest[0];
	if (rc == RC_OK)
		rc = trace_repair(line.rest[0], a.out, &rep, &err);
	if (rc == RC_OK)
		print_repair(a.out, &rep);
	return cmd_end("trace repair", &line, rc, 0, &err);
}
