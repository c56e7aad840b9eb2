/* lockstep import: make a trace from traffic that other tools have kept. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/json.h"
#include "harness/base/mono.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_import_api.h"
#include "harness/cmd/cmd_import_kafka.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_page.h"
#include "harness/cmd/cmd_redact.h"
#include "harness/import/import.h"

struct args {
	const char *out, *since, *until, *url, *project;
	double sample;
	int64_t seed;
	struct import_map map;
	struct opt_list keep;
	struct redact_args redact;
	struct import_kafka_args kafka;
	int json;
};

#define KAFKA_STR(name, field, arg, what) \
	{ name, 0, OPT_STR, offsetof(struct args, kafka.field), 0, 0, arg, \
	    what }
#define POINTER(name, field, what) \
	{ name, 0, OPT_STR, offsetof(struct args, map.field), 0, 0, \
	    "POINTER", what }

static const struct opt opts[] = {
	{ "out", 'o', OPT_STR, offsetof(struct args, out), 0, 0, "TRACE",
	    "the trace to write; must not exist (kafka: goes on\n"
	    "behind one of the same topic)" },
	{ "url", 0, OPT_STR, offsetof(struct args, url), 0, 0, "URL",
	    "langfuse, phoenix: ask the service there, page by\n"
	    "page, instead of reading FILEs. Keys are taken from\n"
	    "the environment: LANGFUSE_PUBLIC_KEY and\n"
	    "LANGFUSE_SECRET_KEY; PHOENIX_API_KEY. With a key file\n"
	    "the same command resumes an interrupted import" },
	{ "project", 0, OPT_STR, offsetof(struct args, project), 0, 0, "NAME",
	    "phoenix with --url: the project (default: default)" },
	KAFKA_STR("brokers", brokers, "HOSTS", "kafka: "
	    "HOST:PORT[,HOST:PORT...]"),
	KAFKA_STR("topic", topic, "NAME", "kafka: what to read"),
	KAFKA_STR("group", group, "NAME", "kafka: the group that reads; "
	    "its position moves\n"
	    "behind what is in the trace and on the disk. The same\n"
	    "command resumes"),
	KAFKA_STR("from", from, "WHERE", "kafka: where a group begins that "
	    "is new: beginning\n"
	    "(default) or end"),
	{ "follow", 0, OPT_FLAG, offsetof(struct args, kafka.follow), 0, 0,
	    NULL, "kafka: go on at the end of the topic, until INT or\n"
	    "TERM" },
	KAFKA_OPTS(struct args, kafka.kafka),
	PARTS_OPTS(struct args, kafka.parts, "kafka: "),
	{ "since", 0, OPT_STR, offsetof(struct args, since), 0, 0, "TIME",
	    "only exchanges sent at or after TIME: 2026-01-31,\n"
	    "2026-01-31T12:00:00Z, or 24h (ago)" },
	{ "until", 0, OPT_STR, offsetof(struct args, until), 0, 0, "TIME",
	    "only exchanges sent before TIME" },
	{ "sample", 0, OPT_NUM, offsetof(struct args, sample), 1e-9, 1,
	    "SHARE", "take this share of the exchanges, drawn by --seed" },
	{ "seed", 0, OPT_INT, offsetof(struct args, seed), 0, 9e15, "N",
	    "seed of the sample; the same seed draws the same" },
	{ "keep-header", 0, OPT_LIST, offsetof(struct args, keep), 0, 0,
	    "NAME", "keep this header: it looks like a credential but is\n"
	    "none; may be repeated" },
	REDACT_OPTS(struct args),
	POINTER("question", question, "ndjson, kafka: where the question "
	    "is"),
	POINTER("answer", answer, "ndjson: where the answer is"),
	POINTER("docs", docs, "ndjson: where the list of passages is"),
	POINTER("doc-text", doc_text, "ndjson: a passage's text, relative to "
	    "the passage"),
	POINTER("doc-id", doc_id, "ndjson: a passage's id, relative to the "
	    "passage"),
	POINTER("id", id, "ndjson: where the record's id is"),
	POINTER("time", time, "ndjson: where the time of the request is (RFC "
	    "3339,\n"
	    "or seconds to nanoseconds since 1970)"),
	POINTER("session", session, "ndjson: where the id of its conversation "
	    "is"),
	{ "json", 0, OPT_FLAG, offsetof(struct args, json), 0, 0, NULL,
	    "print the counts as one JSON document" },
	CMD_OPT_END
};

static char about[4096];	/* made of the formats' rows */

static const struct opt_cmd cmd = {
	.name = "import",
	.usage = "FORMAT (FILE...|--url URL|--brokers HOSTS) --out TRACE",
	.about = about,
	.opts = opts,
};

/* The words of a format, its further lines below the first. */
static void
describe_format(struct buf *b, const struct import_format *f)
{
	const char *p;

	buf_printf(b, "  %-10s ", f->name);
	for (p = f->help; *p != '\0'; p++) {
		buf_putc(b, *p);
		if (*p == '\n')
			buf_puts(b, "             ");
	}
	buf_putc(b, '\n');
}

static void
describe(void)
{
	struct buf b;
	size_t i;

	buf_init(&b, sizeof(about));
	buf_puts(&b, "Makes a trace from traffic that another tool has kept. "
	    "FILE - is standard\n"
	    "input; zstd files are unpacked. Credentials are left out. Records "
	    "that cannot be\n"
	    "used are counted, with the reason and the first place.\n\n"
	    "FORMAT is one of\n");
	for (i = 0; import_formats[i] != NULL; i++)
		describe_format(&b, import_formats[i]);
	buf_puts(&b, "\n  lockstep import otlp spans.json --out t.jsonl.zst\n"
	    "  kcat -C -t questions -e | lockstep import ndjson - \\\n"
	    "      --question /q --answer /reply/text --out t.jsonl.zst\n"
	    "  lockstep import kafka --brokers kafka:9092 --topic asked \\\n"
	    "      --group lockstep --question /q --out t.jsonl.zst\n"
	    "  lockstep import langfuse --url https://cloud.langfuse.com \\\n"
	    "      --since 24h --sample 0.1 --out t.jsonl.zst");
	(void)snprintf(about, sizeof(about), "%s", buf_str(&b));
	buf_fini(&b);
}

/* A date, or a duration before now. */
static int
time_arg(const char *s, const char *name, int64_t *out, struct err *err)
{
	int64_t before;

	*out = 0;
	if (s == NULL)
		return RC_OK;
	*out = import_when(s);
	if (*out >= 0)
		return RC_OK;
	if (mono_parse_duration(s, &before) != 0)
		return err_set(err, RC_USAGE, "--%s %s is neither a date "
		    "(2026-01-31T12:00:00Z) nor a duration (24h)", name, s);
	*out = mono_wall_ns() - before;
	return RC_OK;
}

static void
tick(void *ctx, uint64_t n)
{
	(void)ctx;
	if (isatty(STDERR_FILENO))
		(void)fprintf(stderr, "\r%llu exchanges \033[K",
		    (unsigned long long)n);
}

static void
say_json(const char *out, const struct import_account *a)
{
	struct json_out o;
	struct buf b;
	size_t i;

	buf_init(&b, 1 << 20);
	json_out_init(&o, &b, 1);
	json_out_obj(&o);
	json_put_str(&o, "trace", out);
	json_put_int(&o, "read", (int64_t)a->read);
	json_put_int(&o, "written", (int64_t)a->written);
	json_put_int(&o, "outside", (int64_t)a->outside);
	json_put_int(&o, "truncated", (int64_t)a->truncated);
	json_put_int(&o, "again", (int64_t)a->again);
	json_put_int(&o, "damaged", (int64_t)a->damaged);
	json_put_int(&o, "parts", (int64_t)a->parts);
	json_put_int(&o, "parts_deleted", (int64_t)a->tidied.files);
	json_out_key(&o, "unusable");
	json_out_arr(&o);
	for (i = 0; i < a->n_unusable; i++) {
		json_out_obj(&o);
		json_put_str(&o, "what", a->unusable[i].what);
		json_put_str(&o, "first", a->unusable[i].first);
		json_put_int(&o, "count", (int64_t)a->unusable[i].n);
		json_out_end(&o, '}');
	}
	json_out_end(&o, ']');
	json_out_end(&o, '}');
	(void)puts(buf_str(&b));
	buf_fini(&b);
}

static void
say(const char *out, const struct import_account *a)
{
	char many[64];
	size_t i;

	(void)printf("%s: %llu exchanges of %llu records\n", out,
	    (unsigned long long)a->written, (unsigned long long)a->read);
	if (a->outside > 0)
		(void)printf("  left out by time or sample: %llu\n",
		    (unsigned long long)a->outside);
	for (i = 0; i < a->n_unusable; i++)
		(void)printf("  not used: %llu, %s (first: %s)\n",
		    (unsigned long long)a->unusable[i].n,
		    a->unusable[i].what, a->unusable[i].first);
	if (a->again > 0)
		(void)printf("  in the trace already: %llu messages\n",
		    (unsigned long long)a->again);
	if (a->damaged > 0)
		(void)printf("  damaged: %s of the trace, left out. What was "
		    "there is not read\n"
		    "  again: for that, import into a new trace with a new "
		    "--group\n", cmd_many(a->damaged, "part", many));
	if (a->truncated > 0)
		(void)printf("  cut short at the source: %llu texts. A cut "
		    "answer is left out: it\n"
		    "  cannot be a "
		    "baseline\n", (unsigned long long)a->truncated);
}

static int
unknown(const char *name, struct err *err)
{
	const char *names[32], *near;
	size_t n = 0;

	for (; import_formats[n] != NULL && n < 32; n++)
		names[n] = import_formats[n]->name;
	near = opt_nearest(name, names, n);
	return err_set(err, RC_USAGE, "no format \"%s\"%s%s%s; see lockstep "
	    "import --help", name, near != NULL ? ", did you mean \"" : "",
	    near != NULL ? near : "", near != NULL ? "\"?" : "");
}

/* By the API of a service. */
static int
run_api(const struct args *a, struct import_opts *o,
    struct import_account *account, struct err *err)
{
	struct import_api_args q = { .format = o->format->name, .url = a->url,
	    .project = a->project, .since = a->since, .until = a->until,
	    .since_ns = o->since_ns, .until_ns = o->until_ns,
	    .sample = o->sample, .seed = o->seed, .out = a->out,
	    .argc = o->argc, .argv = o->argv };
	uint64_t requests, gone;
	struct import_api *api;
	int rc = import_api_open(&q, &api, err);

	if (rc != RC_OK)
		return rc;
	o->feed = import_api_feed;
	o->feed_ctx = api;
	o->feed_name = a->url;
	if (import_api_drawn(api))
		o->sample = 1;
	rc = import_run(o, NULL, 0, account, err);
	import_api_counts(api, &requests, &gone);
	if (rc == RC_OK && !a->json)
		(void)printf("%s: %llu requests%s\n", a->url,
		    (unsigned long long)requests, gone > 0 ?
		    "; some traces were gone when they were asked for" : "");
	import_api_close(&api, rc == RC_OK);
	return rc;
}

/* From a topic. */
static int
run_kafka(const struct args *a, struct import_opts *o,
    struct import_account *account, struct err *err)
{
	uint64_t gone;
	int rc = import_kafka_run(&a->kafka, o, account, &gone, err);

	if (gone > 0)
		(void)fprintf(stderr, "lockstep import: topic %s had lost "
		    "%llu messages before they were read\n", a->kafka.topic,
		    (unsigned long long)gone);
	parts_say(a->out, account->parts, &account->tidied);
	return rc;
}

static int
run_source(const struct args *a, struct import_opts *o,
    const char *const *files, size_t n, struct import_account *account,
    struct err *err)
{
	if (import_kafka_asked(&a->kafka))
		return run_kafka(a, o, account, err);
	return a->url != NULL ? run_api(a, o, account, err) :
	    import_run(o, files, n, account, err);
}

static int
run(const struct args *a, const char *const *rest, size_t n,
    struct import_account *account, struct err *err)
{
	struct import_opts o = {
		.format = import_format_of(rest[0]), .out = a->out,
		.map = a->map, .sample = a->sample, .seed = (uint64_t)a->seed,
		.keep = a->keep.v, .n_keep = a->keep.n,
		.argc = cmd_main_argc, .argv = cmd_main_argv, .tick = tick,
	};
	struct redact *redact = NULL;
	int rc;

	if (o.format == NULL)
		return unknown(rest[0], err);
	rc = redact_args(&a->redact, &redact, err);
	o.redact = redact;
	if (rc == RC_OK)
		rc = time_arg(a->since, "since", &o.since_ns, err);
	if (rc == RC_OK)
		rc = time_arg(a->until, "until", &o.until_ns, err);
	if (rc == RC_OK)
		rc = run_source(a, &o, rest + 1, n - 1, account, err);
	redact_free(redact);
	if (isatty(STDERR_FILENO))
		(void)fprintf(stderr, "\r\033[K");
	return rc;
}

static int
check(const struct args *a, const struct cmd_line *line, struct err *err)
{
	int kafka = line->n > 0 && strcmp(line->rest[0], "kafka") == 0;

	if (!kafka && import_kafka_asked(&a->kafka))
		return err_set(err, RC_USAGE, "--brokers, --topic, --group, "
		    "--from, --follow, --kafka-set, --rotate-... and "
		    "--keep-... are for import kafka");
	if (kafka || a->url != NULL ? line->n != 1 : line->n < 2)
		return err_set(err, RC_USAGE, "give a FORMAT, its FILEs or "
		    "--url URL, and --out TRACE (kafka: no FILE but "
		    "--brokers, --topic and --group); see lockstep import "
		    "--help");
	return a->out != NULL ? RC_OK :
	    err_set(err, RC_USAGE, "--out TRACE is missing");
}

/* Of files that gave nothing: what the first one seems to be that is
 * known. */
static void
look_at(const struct cmd_line *line, const struct import_account *a, int rc,
    const struct err *err, char *hint, size_t cap)
{
	size_t i;

	hint[0] = '\0';
	if (a->written > 0 || (rc != RC_OK && err->code != RC_FORMAT))
		return;
	for (i = 1; i < line->n && hint[0] == '\0'; i++)
		import_hint(line->rest[i], line->rest[0], hint, cap);
}

int
cmd_import(int argc, char **argv)
{
	struct args a = { .sample = 1 };
	struct import_account account;
	struct err err = ERR_INIT;
	struct cmd_line line;
	char hint[1024] = "";
	int rc;

	memset(&account, 0, sizeof(account));
	describe();
	rc = cmd_begin(&cmd, argc, argv, &a, &line, &err);
	if (rc == RC_OK)
		rc = check(&a, &line, &err);
	if (rc == RC_OK) {
		rc = run(&a, line.rest, line.n, &account, &err);
		if (rc == RC_OK && a.json)
			say_json(a.out, &account);
		else if (rc == RC_OK)
			say(a.out, &account);
		look_at(&line, &account, rc, &err, hint, sizeof(hint));
	}
	rc = cmd_end("import", &line, rc, account.written > 0 ||
	    account.again > 0 || a.kafka.topic != NULL ? 0 : EXIT_FAIL, &err);
	if (hint[0] != '\0')
		(void)fprintf(stderr, "%s\n", hint);
	return rc;
}
