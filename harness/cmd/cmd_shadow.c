/* lockstep shadow: live traffic to a candidate, and nobody notices. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/hash.h"
#include "harness/base/mono.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_redact.h"
#include "harness/cmd/cmd_shadow_page.h"
#include "harness/cmd/cmd_shadow_run.h"
#include "harness/cmd/cmd_shadow_say.h"
#include "harness/cmd/cmd_stop.h"

enum { ROUTES_MAX = 16, ALLOW_MAX = OPT_LIST_MAX + ROUTES_MAX };

struct args {
	const char *listen, *from_mirror, *primary, *candidate, *baseline2;
	const char *suite, *sticky, *auth, *status, *ca, *state;
	const char *alert_exec, *alert_url;
	const char *join_otlp, *join_log, *join_key, *join;
	double share, echo, echo_differ, ask_primary, max_money;
	int64_t max_rps, max_requests, deadline_ns, in_flight, waiting;
	int64_t answer_max, body_max, queue_max, memory_max, connections;
	int64_t join_ns, grace_ns, window_pairs, window_ns;
	struct opt_list allow;
	struct redact_args redact;
	struct job_opts job;
};

#define A(field) offsetof(struct args, field)

static const struct opt opts[] = {
	{ "listen", 'l', OPT_STR, A(listen), 0, 0, "ADDR",
	    "where users connect: PORT, HOST:PORT, [::1]:PORT;\n"
	    "without HOST only from this machine, port 0 takes a\n"
	    "free port" },
	{ "primary", 0, OPT_STR, A(primary), 0, 0, "URL",
	    "the service that answers the users (default: the\n"
	    "suite's baseline)" },
	{ "candidate", 0, OPT_STR, A(candidate), 0, 0, "URL",
	    "the one that is asked aside (default: the suite's)" },
	{ "from-mirror", 0, OPT_STR, A(from_mirror), 0, 0, "ADDR",
	    "instead of --listen: take copies of requests that a\n"
	    "proxy sends (nginx mirror, Envoy, Traefik); each is\n"
	    "answered 204 at once" },
	{ "ask-primary", 0, OPT_NUM, A(ask_primary), 1e-6, 1, "SHARE",
	    "with --from-mirror: ask the primary, too, for this\n"
	    "share of what the candidate is asked" },
	{ "join-otlp", 0, OPT_STR, A(join_otlp), 0, 0, "ADDR",
	    "with --from-mirror: take the primary's answers from\n"
	    "OpenTelemetry spans that are sent there (OTLP/HTTP,\n"
	    "JSON, POST /v1/traces)" },
	{ "join-log", 0, OPT_STR, A(join_log), 0, 0, "FILE",
	    "with --from-mirror: take its status and time from an\n"
	    "access log of JSON lines, as it grows" },
	{ "join-key", 0, OPT_STR, A(join_key), 0, 0, "HEADER",
	    "the header that says what belongs together (default\n"
	    "traceparent)" },
	{ "join-window", 0, OPT_TIME, A(join_ns), 0, 0, "TIME",
	    "how long to wait for it (default 10s)" },
	{ "baseline2", 0, OPT_STR, A(baseline2), 0, 0, "URL",
	    "another deployment of the primary, asked for each\n"
	    "request: its answers are the noise floor" },
	{ "echo", 0, OPT_NUM, A(echo), 0, 1, "SHARE",
	    "without --baseline2: ask the primary once more for\n"
	    "this share, for the noise floor (default 0.05)" },
	{ "echo-differ", 0, OPT_NUM, A(echo_differ), 0, 1, "SHARE",
	    "and for pairs whose answers differ, at most this\n"
	    "share of all: the live verdict needs them (default\n"
	    "0.25); 0: never" },
	{ "suite", 's', OPT_STR, A(suite), 0, 0, "FILE",
	    "routes, extraction, limits, the targets' headers and\n"
	    "auth; its cases are not used" },
	{ "set", 0, OPT_LIST, A(job.set), 0, 0, "KEY=VALUE",
	    "override a key of the suite" },
	{ "share", 0, OPT_NUM, A(share), 1e-6, 1, "SHARE",
	    "mirror this share of the allowed requests, 0.05 for\n"
	    "one in twenty (default 1)" },
	{ "sticky", 0, OPT_STR, A(sticky), 0, 0, "KEY",
	    "with --share: mirror all or none of the requests with\n"
	    "the same header:NAME, or the same value in the body\n"
	    "(/user/id)" },
	{ "allow", 0, OPT_LIST, A(allow), 0, 0, "RULE",
	    "mirror only such requests: 'METHOD /path', with * for\n"
	    "any characters; may be repeated (default: GET and POST\n"
	    "of the suite's request path). Never PUT, PATCH, DELETE" },
	{ "auth", 0, OPT_STR, A(auth), 0, 0, "HOW",
	    "strip: users' credentials go to nobody but the primary\n"
	    "(default); forward: also to the targets, over TLS only" },
	{ "max-rps", 0, OPT_INT, A(max_rps), 1, 1e6, "N",
	    "ask each target at most N times in any second" },
	{ "max-requests", 0, OPT_INT, A(max_requests), 1, 1e15, "N",
	    "ask the candidate at most N times" },
	{ "max-money", 0, OPT_NUM, A(max_money), 1e-9, 1e12, "X",
	    "spend at most X at the candidate, by the suite's\n"
	    "prices" },
	{ "deadline", 0, OPT_TIME, A(deadline_ns), 0, 0, "TIME",
	    "for an answer of the candidate (default: the suite's,\n"
	    "else 30s)" },
	{ "in-flight", 0, OPT_INT, A(in_flight), 1, 10000, "N",
	    "requests under way at a target (default 32)" },
	{ "waiting", 0, OPT_INT, A(waiting), 1, 1e6, "N",
	    "requests that may wait for their turn; others are\n"
	    "dropped and counted (default 256)" },
	{ "max-answer", 0, OPT_INT, A(answer_max), 1, 1e9, "BYTES",
	    "cut off longer answers of a target, and mirror no\n"
	    "request whose user got one (default 4 MiB)" },
	REDACT_OPTS(struct args),
	{ "status", 0, OPT_STR, A(status), 0, 0, "ADDR",
	    "serve the live verdict there: / (a page for browsers),\n"
	    "/status (JSON), /gate (200 healthy, 503 watching, 409\n"
	    "soft stop, 403 hard stop), /metrics (OpenMetrics),\n"
	    "/healthz and /readyz" },
	{ "join", 0, OPT_STR, A(join), 0, 0, "URL",
	    "send the pairs to the shadow whose --status is there:\n"
	    "it makes one verdict of all, and shares its caps among\n"
	    "them; both have the same LOCKSTEP_JOIN_TOKEN set" },
	{ "state", 0, OPT_STR, A(state), 0, 0, "FILE",
	    "where the live verdict is kept; the same command with\n"
	    "it resumes (default: a new one in the run's folder)" },
	{ "alert-exec", 0, OPT_STR, A(alert_exec), 0, 0, "CMD",
	    "run this once when a soft or hard stop comes, with\n"
	    "LOCKSTEP_VERDICT and _REASON set and a JSON document\n"
	    "on its input; again, six times in all, if it fails" },
	{ "alert-url", 0, OPT_STR, A(alert_url), 0, 0, "URL",
	    "post that document there" },
	{ "window", 0, OPT_INT, A(window_pairs), 1, 1e9, "PAIRS",
	    "a full window of the live verdict has so many pairs\n"
	    "(default 500)" },
	{ "window-time", 0, OPT_TIME, A(window_ns), 0, 0, "TIME",
	    "and lasts at least so long (default: no bound)" },
	{ "max-body", 0, OPT_INT, A(body_max), 1, 1e9, "BYTES",
	    "refuse larger requests with 413, and count them\n"
	    "(default 64 MiB)" },
	{ "memory", 0, OPT_INT, A(memory_max), 1, 1e12, "BYTES",
	    "limit of memory for all requests and answers held;\n"
	    "beyond it requests are passed on and not mirrored\n"
	    "(default 256 MiB)" },
	{ "queue", 0, OPT_INT, A(queue_max), 1, 1e11, "BYTES",
	    "limit of it that waits for the disk (default 128 MiB)" },
	{ "connections", 0, OPT_INT, A(connections), 1, 1e6, "N",
	    "limit of users' connections (default 16384, or what\n"
	    "the limit of open files allows)" },
	{ "grace", 0, OPT_TIME, A(grace_ns), 0, 0, "TIME",
	    "at the end, wait this long for requests in flight\n"
	    "(default 10s); a second signal ends at once" },
	{ "ca", 0, OPT_STR, A(ca), 0, 0, "FILE",
	    "certificates to check an https primary against" },
	{ "report-dir", 0, OPT_STR, A(job.report_dir), 0, 0, "DIR",
	    "also write all reports to DIR" },
	CMD_OPT_HOME(A(job.home)),
	CMD_OPT_END
};

static const struct opt_cmd cmd = {
	.name = "shadow",
	.usage = "--listen ADDR --primary URL --candidate URL [OPTION...]",
	.about = "Passes live requests on to the primary, and asks the "
	    "candidate the same aside.\n"
	    "Users get the primary's bytes as they arrive and never wait for "
	    "the candidate:\n"
	    "what finds no room is dropped and counted.\n\n"
	    "Only reads on allowed routes are mirrored. They carry "
	    "X-Lockstep-Shadow: true,\n"
	    "X-Lockstep-Shadow-Id and X-Lockstep-Req-Hash. Credentials are "
	    "removed before\n"
	    "anything is sent to the candidate or written to disk (see "
	    "lockstep record).\n\n"
	    "INT or TERM ends it: the account is printed, the pairs are "
	    "judged as a run.\n"
	    "The exit status is the verdict, as of lockstep run.\n\n"
	    "  lockstep shadow --listen :9000 --primary "
	    "http://127.0.0.1:8080 \\\n"
	    "      --candidate http://127.0.0.1:8081 --suite release.yml "
	    "--share 0.1",
	.opts = opts,
};

/* ---- while it runs ----------------------------------------------------- */

static void
say_trouble(const char *trouble)
{
	static char last[256];

	if (strcmp(trouble, last) == 0)
		return;
	(void)snprintf(last, sizeof(last), "%s", trouble);
	(void)fprintf(stderr, "lockstep shadow: %s\n", trouble[0] != '\0' ?
	    trouble : "that is over");
}

/* A pair goes to the verdict here, and to the one that was joined. */
static void
on_pair(void *ctx, const struct exchange *primary,
    const struct exchange *candidate, const struct exchange *echo)
{
	const struct shadow_running *r = ctx;

	shadow_live_pair(r->live, primary, candidate, echo);
	shadow_member_pair(r->member, primary, candidate, echo);
}

static int
wants_echo(void *ctx, const struct exchange *primary,
    const struct exchange *candidate)
{
	const struct shadow_running *r = ctx;

	return shadow_live_wants(r->live, primary, candidate);
}

/* The run's file is kept true: what a kill leaves can be scored. */
static void
watch(const struct shadow_running *r, const volatile sig_atomic_t *stop)
{
	struct err ignored = ERR_INIT;
	int64_t note_ns = mono_now_ns() + MONO_S;
	struct shadow_stats st;
	int tty = isatty(STDERR_FILENO);

	if (tty)
		(void)fprintf(stderr, "\033[2J");
	while (!*stop) {
		(void)usleep(100000);
		shadow_stats(r->shadow, &st);
		say_trouble(st.trouble);
		if (tty)
			(void)fprintf(stderr, "\r%llu seen, %llu mirrored, "
			    "%llu pairs \033[K", (unsigned long long)st.seen,
			    (unsigned long long)st.fate[SHADOW_MIRRORED],
			    (unsigned long long)st.pairs);
		if (mono_now_ns() < note_ns)
			continue;
		(void)shadow_run_note(r->run, &st, &ignored);
		shadow_live_tick(r->live, r->alert);
		shadow_scorer_tick(r->scorer);
		if (tty)
			shadow_live_page(r->live, 1);
		note_ns = mono_now_ns() + MONO_S;
	}
	if (tty)
		(void)fprintf(stderr, "\r\033[K");
}

static void
say_start(const struct shadow *s, const struct shadow_opts *o,
    const struct shadow_run *r)
{
	size_t i;

	(void)printf("shadow %s -> %s, aside %s; run %s\n", shadow_url(s),
	    o->from_mirror ? "nobody (mirrored)" : o->url[ARM_BASELINE],
	    o->url[ARM_CANDIDATE], r->run.id);
	if (r->again)
		(void)printf("resuming the shadow that was killed: %llu "
		    "pairs\n", (unsigned long long)r->was.pairs);
	(void)printf("mirrored");
	if (o->share < 1)
		(void)printf(" at a share of %g", o->share);
	for (i = 0; i < o->n_allow; i++)
		(void)printf("%s %s", i == 0 ? ":" : ",", o->allow[i]);
	(void)printf("\n");
	(void)fflush(stdout);
}

/* ---- the whole --------------------------------------------------------- */

static struct json *
head_of(const struct shadow_run *r)
{
	struct json *head = json_new(JSON_OBJECT);

	(void)json_set(head, "run", json_new_str(r->run.id));
	(void)json_set(head, "suite", json_new_str(r->own->name));
	(void)json_set(head, "suite_hash", json_new_str(r->own->hash));
	(void)json_set(head, "shadow", json_new_bool(1));
	return head;
}

static void
say_account(const struct shadow_stats *st, const struct shadow_run *r)
{
	struct buf b;

	buf_init(&b, 1 << 16);
	shadow_say_account(st, &b);
	(void)fprintf(stderr, "%s: %s", r->run.id, buf_str(&b));
	buf_fini(&b);
}

/* Who may join, and where: no file, no command line. */
static const char *
join_token(void)
{
	/* no other thread sets it. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	return getenv("LOCKSTEP_JOIN_TOKEN");
}

/* returns the account, which is printed, in *st */
static int
serve(const struct args *a, const struct shadow_opts *o,
    struct shadow_running *r, struct shadow_stats *st, struct err *err)
{
	volatile sig_atomic_t *again, *stop = stop_catch_twice(&again);
	struct shadow_join_opts jo = { .otlp = a->join_otlp,
	    .log = a->join_log, .key = a->join_key,
	    .window_ns = a->join_ns };
	struct shadow_scorer_opts so = { .live = r->live,
	    .token = join_token(), .rps = a->max_rps,
	    .requests = a->max_requests, .money = a->max_money };
	struct status_source from;
	struct status *status = NULL;
	struct err late = ERR_INIT;
	int rc = shadow_start(o, &r->shadow, err);

	if (rc != RC_OK)
		return rc;
	say_start(r->shadow, o, r->run);
	jo.shadow = so.shadow = r->shadow;
	if (o->shared_caps && a->join == NULL &&
	    (r->scorer = shadow_scorer_new(&so)) == NULL)
		rc = err_set(err, RC_NOMEM, "out of memory");
	shadow_member_of(r->member, r->shadow);
	if (rc == RC_OK)
		rc = shadow_join_start(&jo, &r->join, err);
	if (shadow_join_url(r->join) != NULL)
		(void)printf("spans at %s/v1/traces\n",
		    shadow_join_url(r->join));
	shadow_page_source(r, &from);
	if (rc == RC_OK && a->status != NULL)
		rc = status_start(a->status, &from, &status, err);
	if (rc == RC_OK && status != NULL)
		(void)printf("status at %s/status\n", status_url(status));
	(void)fflush(stdout);
	if (rc == RC_OK)
		watch(r, stop);
	status_stop(&status);
	shadow_member_of(r->member, NULL);
	shadow_join_stop(&r->join);
	shadow_scorer_tick(r->scorer);
	shadow_keep_taken(r->shadow);	/* this trace is not resumed */
	if (shadow_stop(&r->shadow, a->grace_ns, again, st, rc == RC_OK ? err :
	    &late) != RC_OK && rc == RC_OK)
		rc = err->code;
	shadow_live_tick(r->live, r->alert);
	shadow_live_page(r->live, 0);
	say_account(st, r->run);
	return rc;
}

/* The pairs judged as any run; without one there is nothing to judge. */
static int
judge(const struct args *a, struct shadow_run *r, int *status,
    struct err *err)
{
	struct result *result = NULL;
	struct job *j = calloc(1, sizeof(*j));
	int rc;

	if (j == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	rc = job_reopen(j, r->store, r->run.id, &a->job, NULL, err);
	if (rc == RC_OK)
		rc = job_judge(j, &result, err);
	if (rc == RC_OK)
		rc = job_report(&j->opts, result, err);
	if (rc == RC_OK)
		*status = result->exit_status;
	result_free(result);
	job_close(j);
	free(j);
	return rc;
}

static int
has_prices(const struct suite_target *t)
{
	return t->price_in >= 0 && t->price_out >= 0;
}

/* The command line and the suite, as replay/ wants them. */
static int
fill(const struct args *a, const struct shadow_run *r, struct shadow_opts *o,
    struct err *err)
{
	const struct suite_target *t;

	o->suite = shadow_run_suite(r);
	if (r->user != NULL && r->user->cases_trace != NULL)
		o->where = r->user->cases_where;
	t = &o->suite->target[ARM_CANDIDATE];
	memcpy(o->url, r->url, sizeof(o->url));
	o->listen = a->from_mirror != NULL ? a->from_mirror : a->listen;
	o->from_mirror = a->from_mirror != NULL;
	o->ca_file = a->ca != NULL ? a->ca :
	    o->suite->target[ARM_BASELINE].ca_file;
	o->deadline_ns = a->deadline_ns > 0 ? a->deadline_ns :
	    t->deadline_ns > 0 ? t->deadline_ns : 30 * MONO_S;
	if (o->max_money > 0 && !has_prices(t))
		return err_set(err, RC_USAGE, "--max-money needs prices: give "
		    "targets.candidate.prices: {tokens_in: ..., tokens_out: "
		    "...} in the suite");
	if (o->url[ARM_CANDIDATE] == NULL)
		return err_set(err, RC_USAGE, "no candidate; give --candidate "
		    "URL or targets.candidate.url of a --suite");
	if (o->url[ARM_BASELINE] == NULL && (!o->from_mirror ||
	    a->ask_primary > 0 || o->join_key != NULL))
		return err_set(err, RC_USAGE, "no primary; give --primary URL "
		    "or targets.baseline.url of a --suite");
	return RC_OK;
}

/* The rules of the command line, else the routes of the suite. */
struct rules {
	const char *v[ALLOW_MAX];
	char *routes[ROUTES_MAX];
	size_t n, n_routes;
};

static void
rules_init(struct rules *to, const struct args *a, const struct shadow_run *r)
{
	size_t i;

	to->n_routes = to->n = 0;
	for (i = 0; i < a->allow.n; i++)
		to->v[to->n++] = a->allow.v[i];
	if (to->n > 0)
		return;
	to->n_routes = shadow_run_routes(r, to->routes, ROUTES_MAX);
	for (i = 0; i < to->n_routes; i++)
		to->v[to->n++] = to->routes[i];
}

static void
rules_fini(struct rules *r)
{
	size_t i;

	for (i = 0; i < r->n_routes; i++)
		free(r->routes[i]);
}

/* From the first request to the verdict; the run is open. */
static int
serve_and_judge(const struct args *a, struct shadow_opts *o,
    const struct shadow_run_opts *ro, struct shadow_run *r, int *status,
    struct err *err)
{
	char state[1100];
	struct shadow_live_opts lo = { .suite = o->suite,
	    .gold = r->user != NULL, .state = a->state,
	    .echo_share = a->echo_differ,
	    .window_pairs = (uint64_t)a->window_pairs,
	    .window_ns = a->window_ns };
	struct shadow_alert_opts ao = { .exec = a->alert_exec,
	    .url = a->alert_url, .run = r->run.id };
	struct shadow_member_opts mo = { .url = a->join, .name = r->run.id,
	    .redact = o->redact,
	    .priced = has_prices(&o->suite->target[ARM_CANDIDATE]) };
	struct shadow_running running = { .run = r };
	struct err late = ERR_INIT;
	struct shadow_stats st;
	int rc;

	(void)snprintf(state, sizeof(state), "%.1000s/live.state",
	    r->run.dir);
	if (a->state == NULL)
		lo.state = state;
	memset(&st, 0, sizeof(st));
	ao.state = lo.state;
	rc = shadow_live_open(&lo, &running.live, err);
	if (rc == RC_OK)
		rc = shadow_alert_start(&ao, &running.alert, err);
	mo.token = join_token();
	if (rc == RC_OK)
		rc = shadow_member_start(&mo, &running.member, err);
	o->shared_caps = a->join != NULL || (mo.token != NULL &&
	    a->status != NULL);
	o->pair = on_pair;
	o->wants = a->echo_differ > 0 ? wants_echo : NULL;
	o->pair_ctx = &running;
	if (rc == RC_OK)
		rc = serve(a, o, &running, &st, err);
	shadow_member_stop(&running.member);
	if (running.scorer != NULL)
		r->was.pairs += shadow_scorer_pairs(running.scorer);
	shadow_scorer_free(running.scorer);
	/* nothing to judge: `last` stays the run before */
	if (st.pairs + r->was.pairs == 0) {
		(void)store_run_state(r->store, r->run.id, "not started",
		    &late);
		(void)fprintf(stderr, "no pair of answers: nothing was "
		    "judged\n");
		*status = VERDICT_CANNOT_RUN;
	} else if (rc == RC_OK)
		rc = shadow_run_done(r, ro, &st, err);
	if (rc == RC_OK && st.pairs + r->was.pairs > 0)
		rc = judge(a, r, status, err);
	if (rc == RC_OK)
		*status = shadow_live_exit(running.live, *status);
	shadow_alert_stop(&running.alert);
	shadow_live_close(&running.live);
	o->pair_ctx = NULL;
	return rc;
}

static int
run(const struct args *a, const struct redact *redact, int *status,
    struct err *err)
{
	struct shadow_run_opts ro = { .suite = a->suite, .home = a->job.home,
	    .state = a->state, .set = &a->job.set,
	    .url = { a->primary, a->candidate, a->baseline2 } };
	struct shadow_opts o = { .share = a->share, .sticky = a->sticky,
	    .echo = a->echo, .ask_primary = a->ask_primary,
	    .join_key = a->join_otlp != NULL || a->join_log != NULL ?
	    a->join_key : NULL, .join_ns = a->join_ns,
	    .forward_auth = strcmp(a->auth, "forward") == 0,
	    .max_rps = a->max_rps, .max_requests = (uint64_t)a->max_requests,
	    .max_money = a->max_money, .in_flight = (int)a->in_flight,
	    .waiting = (size_t)a->waiting,
	    .answer_max = (size_t)a->answer_max,
	    .body_max = (size_t)a->body_max,
	    .queue_max = (size_t)a->queue_max,
	    .memory_max = (size_t)a->memory_max,
	    .connections_max = (unsigned)a->connections, .redact = redact,
	    .argc = cmd_main_argc, .argv = cmd_main_argv };
	struct json *head = NULL;
	struct shadow_run r;
	struct rules rules;
	int rc;

	rc = shadow_run_open(&r, &ro, err);
	rules_init(&rules, a, &r);
	o.allow = rules.v;
	o.n_allow = rules.n;
	if (rc == RC_OK)
		rc = fill(a, &r, &o, err);
	if (rc == RC_OK)
		o.head = head = head_of(&r);
	if (rc == RC_OK)
		rc = shadow_run_begin(&r, &ro, err);
	o.out = r.trace_path;
	o.again = r.again;
	o.named = r.again ? r.was.named : a->join == NULL ? 0 :
	    /* of several shadows no two pairs have one id */
	    hash_u64(r.run.id, strlen(r.run.id)) % 100000 * 10000000;
	o.start_wall_ns = r.was.start_wall_ns;
	o.suite = shadow_run_suite(&r);
	if (rc == RC_OK)
		rc = serve_and_judge(a, &o, &ro, &r, status, err);
	rules_fini(&rules);
	json_free(head);
	shadow_run_close(&r);
	return rc;
}

static int
check(const struct args *a, const struct cmd_line *line, struct err *err)
{
	if (line->n > 0 || (a->listen == NULL) == (a->from_mirror == NULL))
		return err_set(err, RC_USAGE, "give --listen ADDR or "
		    "--from-mirror ADDR, and no operands; see lockstep shadow "
		    "--help");
	if (strcmp(a->auth, "strip") != 0 && strcmp(a->auth, "forward") != 0)
		return err_set(err, RC_USAGE, "--auth \"%s\" is neither strip "
		    "nor forward", a->auth);
	if (a->ask_primary > 0 && a->from_mirror == NULL)
		return err_set(err, RC_USAGE, "--ask-primary needs "
		    "--from-mirror: with --listen the primary answers all");
	if ((a->join_otlp != NULL || a->join_log != NULL) &&
	    a->from_mirror == NULL)
		return err_set(err, RC_USAGE, "--join-otlp and --join-log need "
		    "--from-mirror: with --listen the primary's answers go "
		    "through here");
	if (a->sticky != NULL && a->share >= 1)
		return err_set(err, RC_USAGE, "--sticky needs --share");
	return RC_OK;
}

int
cmd_shadow(int argc, char **argv)
{
	struct args a = { .auth = "strip", .share = 1, .echo = 0.05,
	    .echo_differ = 0.25, .join_key = "traceparent",
	    .join_ns = 10 * MONO_S,
	    .in_flight = 32, .waiting = 256, .answer_max = 4 << 20,
	    .body_max = 64 << 20, .queue_max = 128 << 20,
	    .memory_max = 256 << 20, .grace_ns = 10 * MONO_S };
	struct redact *redact = NULL;
	struct err err = ERR_INIT;
	struct cmd_line line;
	int rc, status = 0;

	job_opts_init(&a.job);
	a.job.brief = 1;
	rc = cmd_begin(&cmd, argc, argv, &a, &line, &err);
	if (rc == RC_OK)
		rc = check(&a, &line, &err);
	if (rc == RC_OK)
		rc = redact_args(&a.redact, &redact, &err);
	if (rc == RC_OK)
		rc = run(&a, redact, &status, &err);
	redact_free(redact);
	return cmd_end("shadow", &line, rc, status, &err);
}
