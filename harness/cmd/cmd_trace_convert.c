/* lockstep trace convert: exchanges in other tools' formats. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_trace.h"
#include "harness/traffic/convert.h"
#include "harness/traffic/trace_each.h"

struct args {
	struct trace_choice choice;
	const char *as, *out;
};

static const struct opt opts[] = {
	{ "as", 0, OPT_STR, offsetof(struct args, as), 0, 0, "FORMAT",
	    "har, gor, ndjson or csv" },
	{ "out", 'o', OPT_STR, offsetof(struct args, out), 0, 0, "FILE",
	    "must not exist; default: standard output" },
	TRACE_CHOICE_OPTS(struct args),
	CMD_OPT_END
};

static const struct opt_cmd cmd = {
	.name = "trace convert",
	.usage = "FILE --as FORMAT [--out FILE] [OPTION...]",
	.about = "Writes exchanges as HAR 1.2 (har), for GoReplay (gor), as "
	    "flat JSON lines\n"
	    "(ndjson) or a table without bodies (csv). Bodies are unpacked, "
	    "except in .gor\n"
	    "files.\n\n"
	    "  lockstep trace convert t.jsonl.zst --as csv > t.csv\n"
	    "  lockstep trace convert t.jsonl.zst --as har -w 'status>=500' -o "
	    "bad.har",
	.opts = opts,
};

struct convert {
	const struct convert_format *format;
	struct convert_ctx ctx;
	const char *path;	/* of the trace, for bodies beside it */
	FILE *to;
	struct buf out, bodies[2];
};

static int
flush(struct convert *c, struct err *err)
{
	int rc = buf_check(&c->out, "the exchanges", err);

	if (rc == RC_OK && fwrite(buf_str(&c->out), 1, c->out.len, c->to) !=
	    c->out.len)
		rc = err_errno(err, RC_IO, "cannot write");
	buf_reset(&c->out);
	return rc;
}

/* A body of a file of its own is read in. */
static int
load(struct convert *c, struct ex_bytes *b, struct buf *to, struct err *err)
{
	int rc;

	if (b->spill == NULL)
		return RC_OK;
	buf_fini(to);
	buf_init(to, b->n + 2);
	rc = trace_body_load(c->path, b, to, err);
	b->p = buf_str(to);
	return rc;
}

static int
put(void *ctx, const struct exchange *ex, const struct trace_rec *rec,
    struct err *err)
{
	struct convert *c = ctx;
	struct exchange whole = *ex;
	int rc;

	(void)rec;
	rc = load(c, &whole.req_body, &c->bodies[0], err);
	if (rc == RC_OK)
		rc = load(c, &whole.res_body, &c->bodies[1], err);
	if (rc != RC_OK)
		return rc;
	c->format->put(&c->ctx, &whole, &c->out);
	c->ctx.n++;
	return flush(c, err);
}

/* When the trace began, for formats that say when. */
static int
read_clock(struct convert *c, struct err *err)
{
	struct trace_reader *r = NULL;
	int rc = trace_reader_open(c->path, 1, &r, err);

	if (rc == RC_OK)
		c->ctx.wall_ns = trace_head_wall_ns(trace_reader_head(r));
	trace_reader_close(&r);
	return rc;
}

static int
find_format(const char *name, const struct convert_format **out,
    struct err *err)
{
	const char *names[16], *near;
	size_t n;

	for (n = 0; convert_formats[n] != NULL && n < 16; n++) {
		names[n] = convert_formats[n]->name;
		if (strcmp(names[n], name) == 0) {
			*out = convert_formats[n];
			return RC_OK;
		}
	}
	near = opt_nearest(name, names, n);
	return err_set(err, RC_USAGE, "--as: no format is named \"%s\"%s%s%s; "
	    "see lockstep trace convert --help", name, near != NULL ?
	    ", did you mean \"" : "", near != NULL ? near : "",
	    near != NULL ? "\"?" : "");
}

static int
run(struct args *a, struct convert *c, struct err *err)
{
	struct trace_pick pick;
	uint64_t damaged = 0;
	int rc = find_format(a->as, &c->format, err);

	if (rc == RC_OK)
		rc = trace_choice_pick(&a->choice, &pick, err);
	/* standard input is read once: without its clock */
	if (rc == RC_OK && strcmp(c->path, "-") != 0)
		rc = read_clock(c, err);
	if (rc == RC_OK && a->out != NULL) {
		c->to = fopen(a->out, "wxe");
		if (c->to == NULL)
			rc = err_errno(err, RC_IO, "%s", a->out);
	}
	if (rc == RC_OK && c->format->begin != NULL)
		c->format->begin(&c->ctx, &c->out);
	if (rc == RC_OK)
		rc = trace_each(c->path, &pick, put, c, &damaged, err);
	if (rc == RC_OK && c->format->end != NULL)
		c->format->end(&c->ctx, &c->out);
	if (rc == RC_OK)
		rc = flush(c, err);
	if (rc == RC_OK && fflush(c->to) != 0)
		rc = err_errno(err, RC_IO, "cannot write");
	if (damaged > 0)
		(void)fprintf(stderr, "lockstep trace convert: %llu places "
		    "of %s cannot be read and are left out\n",
		    (unsigned long long)damaged, c->path);
	trace_choice_fini(&a->choice);
	return rc;
}

int
cmd_trace_convert(int argc, char **argv)
{
	struct args a = { .choice = TRACE_CHOICE_INIT };
	struct convert c = { .to = stdout };
	struct err err = ERR_INIT;
	struct cmd_line line;
	int rc;

	buf_init(&c.out, (size_t)512 << 20);
	buf_init(&c.bodies[0], 1);
	buf_init(&c.bodies[1], 1);
	rc = cmd_begin(&cmd, argc, argv, &a, &line, &err);
	if (rc == RC_OK && (line.n != 1 || a.as == NULL))
		rc = err_set(&err, RC_USAGE, "give one FILE and --as FORMAT; "
		    "see lockstep trace convert --help");
	if (rc == RC_OK) {
		c.path = line.rest[0];
		rc = run(&a, &c, &err);
	}
	if (c.to != NULL && c.to != stdout && fclose(c.to) != 0 &&
	    rc == RC_OK)
		rc = err_errno(&err, RC_IO, "%s", a.out);
	if (rc < 0 && a.out != NULL && c.to != NULL && c.to != stdout)
		(void)unlink(a.out);
	buf_fini(&c.out);
	buf_fini(&c.bodies[0]);
	buf_fini(&c.bodies[1]);
	return cmd_end("trace convert", &line, rc, 0, &err);
}
