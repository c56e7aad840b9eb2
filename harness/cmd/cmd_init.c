/* lockstep init: write a suite for a live or recorded service. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/replace.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_init_part.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/suite/caseset.h"
#include "harness/suite/suite.h"

static const struct opt opts[] = {
	{ "trace", 't', OPT_STR, offsetof(struct init_args, trace), 0, 0,
	    "FILE", "read recorded answers instead of asking a service" },
	{ "out", 'o', OPT_STR, offsetof(struct init_args, out), 0, 0, "FILE",
	    "the suite; default: suite.yml" },
	{ "name", 0, OPT_STR, offsetof(struct init_args, name), 0, 0, "NAME",
	    "name in reports; default: from --out" },
	{ "route", 0, OPT_STR, offsetof(struct init_args, route), 0, 0,
	    "ROUTE", "the requests to ask again, \"POST /ask\"; default:\n"
	    "those with most questions" },
	{ "url", 0, OPT_STR, offsetof(struct init_args, url), 0, 0, "URL",
	    "with --trace: the service's URL; default: the URL it\n"
	    "was recorded from" },
	{ "question", 'q', OPT_LIST, offsetof(struct init_args, questions),
	    0, 0, "TEXT", "a question to ask the service; may be repeated" },
	{ "header", 'H', OPT_LIST, offsetof(struct init_args, headers), 0, 0,
	    "\"NAME: VALUE\"", "sent with every request; the value of ${NAME} "
	    "comes\n"
	    "from the environment; the suite has only the name" },
	{ "replace", 0, OPT_FLAG, offsetof(struct init_args, replace), 0, 0,
	    NULL, "overwrite an existing suite" },
	CMD_OPT_END
};

static const struct opt_cmd cmd = {
	.name = "init",
	.usage = "URL | --trace FILE [OPTION...]",
	.about = "Writes a commented suite that runs without changes.\n\n"
	    "With a URL, it asks the service for its OpenAPI description or "
	    "tries the\n"
	    "paths of known APIs, then asks one question. With --trace, it "
	    "reads\n"
	    "recorded answers. It finds the API, or else the places of "
	    "question,\n"
	    "answer, passages with their ids, citations, tokens, tool calls "
	    "and stream\n"
	    "pieces, and prints how sure it is.\n\n"
	    "  lockstep init --trace traffic.jsonl.zst --out handbook.yml\n"
	    "  lockstep init http://127.0.0.1:8000 -q 'How do I pay?'",
	.opts = opts,
};

/* What was written must load, and hold cases. */
static int
check(const char *path, uint64_t *cases, struct err *err)
{
	struct suite_over over = { .no_env = 1 };
	struct caseset *cs = NULL;
	struct suite *s = NULL;
	struct err sub = ERR_INIT;
	int rc = suite_load(path, &over, &s, &sub);

	if (rc == RC_OK)
		rc = caseset_open(s, NULL, &cs, &sub);
	*cases = rc == RC_OK ? caseset_n(cs) : 0;
	caseset_close(&cs);
	suite_free(s);
	return rc == RC_OK ? RC_OK : err_set(err, sub.code, "the suite was "
	    "written but needs changes: %s", sub.msg);
}

static int
write_suite(const struct init *in, const char *out, struct err *err)
{
	struct buf b;
	int rc;

	buf_init(&b, 1 << 20);
	init_suite(in, out, &b);
	rc = buf_check(&b, "a suite", err);
	if (rc == RC_OK)
		rc = replace_file(out, REPLACE_SHARED, b.p, b.len, err);
	buf_fini(&b);
	return rc;
}

static void
tell(const struct init *in, const char *out, uint64_t cases)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	buf_printf(&b, "%s: %llu case%s, asked by %s %s\n", out,
	    (unsigned long long)cases, cases == 1 ? "" : "s", in->method,
	    in->route != NULL ? in->route->path : in->path);
	init_notes(in, "  ", &b);
	buf_printf(&b, "next: lockstep run %s%s --report-dir report\n", out,
	    in->url[0] != '\0' ? "" : " --candidate URL");
	(void)fputs(buf_str(&b), stdout);
	buf_fini(&b);
}

/* "suites/handbook.yml" is called handbook. */
static const char *
default_name(const char *out, char *name, size_t cap)
{
	const char *slash = strrchr(out, '/');

	(void)snprintf(name, cap, "%s", slash == NULL ? out : slash + 1);
	if (strrchr(name, '.') != NULL && strrchr(name, '.') != name)
		*strrchr(name, '.') = '\0';
	return name;
}

static int
run(struct init_args *a, struct init *in, struct err *err)
{
	const char *out = a->out != NULL ? a->out : "suite.yml";
	uint64_t cases;
	int rc;

	if (!a->replace && access(out, F_OK) == 0)
		return err_set(err, RC_USAGE, "%s exists; overwrite it with "
		    "--replace, or write another file with --out", out);
	if (a->questions.n == 0)
		a->questions.v[a->questions.n++] = "What is this about?";
	if (a->name == NULL)
		a->name = default_name(out, in->name, sizeof(in->name));
	rc = a->trace != NULL ? init_from_trace(in, err) :
	    init_from_url(in, err);
	if (rc == RC_OK && in->route != NULL)
		(void)snprintf(in->method, sizeof(in->method), "%s",
		    in->route->method);
	/* only the recorded one is right, and what a template would change */
	if (rc == RC_OK && (in->targets_differ ||
	    strlen(in->path) + 1 == sizeof(in->path) ||
	    strpbrk(in->path, "%{$+") != NULL)) {
		json_free(in->guess.body);
		in->guess.body = NULL;
	}
	if (rc == RC_OK)
		rc = write_suite(in, out, err);
	if (rc == RC_OK)
		rc = check(out, &cases, err);
	if (rc == RC_OK)
		tell(in, out, cases);
	return rc;
}

int
cmd_init(int argc, char **argv)
{
	struct init_args a = { 0 };
	struct err err = ERR_INIT;
	struct init *in = calloc(1, sizeof(*in));
	struct cmd_line line;
	int rc;

	rc = cmd_begin(&cmd, argc, argv, &a, &line, &err);
	if (rc == RC_OK && in == NULL)
		rc = err_set(&err, RC_NOMEM, "out of memory");
	if (rc == RC_OK && (a.trace != NULL) == (line.n == 1))
		rc = err_set(&err, RC_USAGE, "give one URL, or --trace FILE; "
		    "see lockstep init --help");
	if (rc == RC_OK) {
		if (line.n == 1)
			a.url = line.rest[0];
		in->args = &a;
		guess_init(&in->guess);
		routes_init(&in->routes);
		rc = run(&a, in, &err);
		guess_fini(&in->guess);
		routes_fini(&in->routes);
	}
	free(in);
	return cmd_end("init", &line, rc, 0, &err);
}
