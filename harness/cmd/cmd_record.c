/* lockstep record: record traffic through a reverse proxy. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/mono.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_kafka.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_parts.h"
#include "harness/cmd/cmd_record_status.h"
#include "harness/cmd/cmd_redact.h"
#include "harness/cmd/cmd_stop.h"
#include "replay/kafka.h"
#include "replay/record.h"

struct args {
	const char *listen, *upstream, *out, *ca, *sticky, *status;
	double share;
	int mirror;
	int64_t body_max, queue_max, memory_max, connections, grace_ns;
	int64_t head_ns;
	struct parts_args parts;
	struct opt_list allow, keep;
	struct redact_args redact;
	struct kafka_args kafka;
};

static const struct opt opts[] = {
	{ "listen", 'l', OPT_STR, offsetof(struct args, listen), 0, 0, "ADDR",
	    "where clients connect: PORT, HOST:PORT, [::1]:PORT;\n"
	    "without HOST only from this machine, port 0 takes a\n"
	    "free port (default 127.0.0.1:0)" },
	{ "upstream", 'u', OPT_STR, offsetof(struct args, upstream), 0, 0,
	    "URL", "the service to pass requests on to" },
	{ "out", 'o', OPT_STR, offsetof(struct args, out), 0, 0, "TRACE",
	    "the trace to write; must not exist; or\n"
	    "kafka://HOST:PORT[,HOST:PORT]/TOPIC: send each\n"
	    "exchange there, as a message" },
	KAFKA_OPTS(struct args, kafka),
	{ "mirror", 0, OPT_FLAG, offsetof(struct args, mirror), 0, 0, NULL,
	    "record copies of requests that a proxy sends (nginx\n"
	    "mirror, Envoy, Traefik): answer 204 at once, keep them\n"
	    "without an answer; instead of --upstream" },
	{ "share", 0, OPT_NUM, offsetof(struct args, share), 1e-6, 1,
	    "SHARE", "keep this share of the exchanges, 0.05 for one in\n"
	    "twenty; the others are passed on and counted" },
	{ "sticky", 0, OPT_STR, offsetof(struct args, sticky), 0, 0, "KEY",
	    "with --share: keep all or none of the exchanges with\n"
	    "the same header:NAME, or the same value in the body\n"
	    "(/user/id)" },
	{ "status", 0, OPT_STR, offsetof(struct args, status), 0, 0, "ADDR",
	    "serve /healthz, /readyz and /metrics (OpenMetrics)\n"
	    "there" },
	{ "allow", 0, OPT_LIST, offsetof(struct args, allow), 0, 0, "PATH",
	    "keep only PATH and everything below it; may be\n"
	    "repeated. Other requests are passed on and counted" },
	{ "keep-header", 0, OPT_LIST, offsetof(struct args, keep), 0, 0,
	    "NAME", "keep this header: it looks like a credential but is\n"
	    "none; may be repeated" },
	REDACT_OPTS(struct args),
	PARTS_OPTS(struct args, parts, ""),
	{ "max-body", 0, OPT_BYTES, offsetof(struct args, body_max), 1, 1e9,
	    "BYTES", "refuse larger requests with 413; pass on larger\n"
	    "answers without keeping them; count both (default\n"
	    "64 MiB)" },
	{ "queue", 0, OPT_BYTES, offsetof(struct args, queue_max), 1, 1e11,
	    "BYTES", "limit of memory that waits for the disk or Kafka\n"
	    "(default 128 MiB)" },
	{ "memory", 0, OPT_BYTES, offsetof(struct args, memory_max), 1, 1e12,
	    "BYTES", "limit of memory for all exchanges, waiting ones\n"
	    "included; beyond it they are passed on, counted and\n"
	    "not kept (default 256 MiB)" },
	{ "connections", 0, OPT_INT, offsetof(struct args, connections), 1,
	    1e6, "N", "limit of client connections; a new one closes the\n"
	    "longest idle one; without an idle one it is refused\n"
	    "with 503 and counted (default 16384, or what the\n"
	    "limit of open files allows)" },
	{ "head-timeout", 0, OPT_TIME, offsetof(struct args, head_ns), 0, 0,
	    "TIME", "limit for the head of a request, then 408 (default\n"
	        "30s)" },
	{ "grace", 0, OPT_TIME, offsetof(struct args, grace_ns), 0, 0,
	    "TIME", "at the end, wait this long for requests in flight,\n"
	    "and for Kafka (default 10s); a second signal ends at\n"
	    "once" },
	{ "ca", 0, OPT_STR, offsetof(struct args, ca), 0, 0, "FILE",
	    "certificates to check an https upstream against" },
	CMD_OPT_END
};

static const struct opt_cmd cmd = {
	.name = "record",
	.usage = "--upstream URL | --mirror --out TRACE [OPTION...]",
	.about = "Passes requests on to a service and writes each with its "
	    "answer to a trace.\n"
	    "Streams are passed on as they arrive, and kept with the time of "
	    "each piece.\n\n"
	    "The trace has method, target, headers and bodies of both sides, "
	    "and times.\n"
	    "Credentials are removed:\n"
	    "  headers      left out when the name is like a credential's (a "
	    "word such as\n"
	    "               auth, token, key, secret, session, cookie) or is a "
	    "load\n"
	    "               balancer's name for the user, or when the value is "
	    "a bearer,\n"
	    "               basic or JSON web token\n"
	    "  URLs         parameters with such names become REDACTED; user "
	    "information\n"
	    "               is left out\n"
	    "  bodies       JSON and form members such as password, api_key or "
	    "access_token\n"
	    "               become asterisks of the same length\n"
	    "  any text     keys by their prefix (sk-, ghp_, ...), tokens, "
	    "private keys,\n"
	    "               cookies, curl's -u and user:password@host:port "
	    "become\n"
	    "               asterisks, also across pieces of a stream\n"
	    "  tables       columns of CSV with such names become asterisks\n"
	    "max_tokens, token_count, next_page_token and the like stay. A "
	    "secret that\n"
	    "does not look like one is kept, such as a password in prose "
	    "without a name\n"
	    "before it; harness/TRACE.md lists what is kept on purpose.\n\n"
	    "INT or TERM ends the recording and prints the counts: seen = "
	    "written +\n"
	    "dropped + refused, each with its reason. Requests that are not "
	    "valid HTTP/1.1\n"
	    "are refused and not passed on.\n\n"
	    "  lockstep record --listen :9000 --upstream http://127.0.0.1:8080 "
	    "\\\n"
	    "      --out t.jsonl.zst",
	.opts = opts,
};

static void
say_trouble(const char *trouble, int topic)
{
	static char last[256];

	if (strcmp(trouble, last) == 0)
		return;
	(void)snprintf(last, sizeof(last), "%s", trouble);
	(void)fprintf(stderr, "lockstep record: %s\n", trouble[0] != '\0' ?
	    trouble : topic ? "Kafka takes messages again" :
	    "the trace can be written again");
}

static void
watch(struct record *r, int topic, const volatile sig_atomic_t *stop)
{
	struct record_stats st;
	int tty = isatty(STDERR_FILENO);

	while (!*stop) {
		(void)usleep(250000);
		record_stats(r, &st);
		say_trouble(st.trouble, topic);
		if (tty)
			(void)fprintf(stderr, "\r%llu written, %llu dropped, "
			    "%llu refused, %u in flight \033[K",
			    (unsigned long long)st.written,
			    (unsigned long long)st.dropped,
			    (unsigned long long)st.refused, st.busy);
	}
	if (tty)
		(void)fprintf(stderr, "\r\033[K");
}

struct reasons {
	char text[2][2048];	/* dropped, refused */
};

static void
note_reason(void *ctx, int refused, const char *reason, uint64_t n)
{
	struct reasons *d = ctx;
	char *text = d->text[refused];
	size_t len = strlen(text), max = sizeof(d->text[0]);

	(void)snprintf(text + len, max - len, "%s%s %llu",
	    len > 0 ? ", " : " (", reason, (unsigned long long)n);
}

static void
say_account(const char *out, const struct record_stats *st,
    const struct reasons *d)
{
	(void)fprintf(stderr, "%s: seen %llu = written %llu + dropped "
	    "%llu%s%s", out, (unsigned long long)st->seen,
	    (unsigned long long)st->written, (unsigned long long)st->dropped,
	    d->text[0], d->text[0][0] != '\0' ? ")" : "");
	if (st->refused > 0)
		(void)fprintf(stderr, " + refused %llu%s)",
		    (unsigned long long)st->refused, d->text[1]);
	(void)fprintf(stderr, "\n");
}

/* A trace_say_fn. */
static void
say_line(void *ctx, const char *line)
{
	(void)ctx;
	(void)fprintf(stderr, "%s\n", line);
}

static int
serve(const struct args *a, const struct redact *redact,
    const struct kafka_words *kafka, struct err *err)
{
	struct record_opts o = {
		.listen = a->listen, .upstream = a->upstream, .out = a->out,
		.ca_file = a->ca, .body_max = (size_t)a->body_max,
		.queue_max = (size_t)a->queue_max,
		.memory_max = (size_t)a->memory_max,
		.connections_max = (unsigned)a->connections,
		.head_ns = a->head_ns, .share = a->share,
		.sticky = a->sticky, .allow = a->allow.v,
		.n_allow = a->allow.n, .keep = a->keep.v,
		.n_keep = a->keep.n, .redact = redact, .argc = cmd_main_argc,
		.argv = cmd_main_argv, .say = say_line,
		.kafka_set = (const char *const *)kafka->v,
		.n_kafka_set = kafka->n,
	};
	struct reasons reasons = { { "", "" } };
	volatile sig_atomic_t *again, *stop = stop_catch_twice(&again);
	struct record_end end = { a->grace_ns, again, 0, note_reason,
	    &reasons };
	struct status *status = NULL;
	struct err late = ERR_INIT;
	struct record_stats st;
	struct record *r;
	char *path;
	int rc;

	rc = parts_limits(&a->parts, &o.limits, err);
	if (rc == RC_OK)
		rc = record_start(&o, &r, err);
	if (rc != RC_OK)
		return rc;
	path = record_path(r);
	(void)printf("recording %s -> %s to %s\n", record_url(r),
	    a->mirror ? "nobody (mirrored)" : a->upstream,
	    path != NULL ? path : a->out);
	free(path);
	(void)fflush(stdout);
	rc = record_status_start(a->status, r, &status, err);
	if (rc == RC_OK && status != NULL)
		(void)printf("status at %s/metrics\n", status_url(status));
	(void)fflush(stdout);
	if (rc == RC_OK)
		watch(r, kafka_is(a->out), stop);
	status_stop(&status);
	end.forget = rc != RC_OK;	/* the next try needs the name */
	rc = record_stop(&r, &end, &st, rc == RC_OK ? err : &late) != RC_OK &&
	    rc == RC_OK ? (int)err->code : rc;
	if (rc == RC_OK || st.seen > 0)
		say_account(a->out, &st, &reasons);
	parts_say(a->out, st.parts, &st.tidied);
	return rc;
}

static int
check_out(const struct args *a, struct err *err)
{
	if (kafka_is(a->out) && parts_asked(&a->parts))
		return err_set(err, RC_USAGE, "--rotate-... and --keep-... are "
		    "for files; a topic has its own retention");
	if (kafka_is(a->out) && trace_key() != NULL)
		return err_set(err, RC_USAGE, "messages in Kafka are not "
		    "encrypted by lockstep: leave the key out, and protect "
		    "the topic, or write files");
	if (!kafka_is(a->out) && a->kafka.set.n > 0)
		return err_set(err, RC_USAGE, "--kafka-set is for --out "
		    "kafka://...");
	return RC_OK;
}

int
cmd_record(int argc, char **argv)
{
	struct args a = { .listen = "127.0.0.1:0", .body_max = 64 << 20,
	    .queue_max = 128 << 20,
	    .memory_max = 256 << 20, .grace_ns = 10 * MONO_S };
	struct err err = ERR_INIT;
	struct cmd_line line;
	struct kafka_words kafka = { { NULL }, 0 };
	struct redact *redact = NULL;
	int rc;

	rc = cmd_begin(&cmd, argc, argv, &a, &line, &err);
	if (rc == RC_OK && (line.n > 0 || a.out == NULL ||
	    (a.upstream == NULL) == (a.mirror == 0)))
		rc = err_set(&err, RC_USAGE, "give --upstream URL or --mirror, "
		    "--out TRACE, and no operands; see lockstep record "
		    "--help");
	if (rc == RC_OK && a.sticky != NULL && a.share <= 0)
		rc = err_set(&err, RC_USAGE, "--sticky needs --share");
	if (rc == RC_OK)
		rc = check_out(&a, &err);
	if (rc == RC_OK)
		rc = redact_args(&a.redact, &redact, &err);
	if (rc == RC_OK)
		rc = kafka_args(&a.kafka, &kafka, &err);
	if (rc == RC_OK)
		rc = serve(&a, redact, &kafka, &err);
	kafka_words_free(&kafka);
	redact_free(redact);
	return cmd_end("record", &line, rc, 0, &err);
}
