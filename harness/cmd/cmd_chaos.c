/* lockstep chaos: a front that injects faults, for a client under test. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/json.h"
#include "harness/base/mono.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_stop.h"
#include "replay/chaos.h"

struct chaos_options {
	const char *upstream, *listen;
	int64_t seed, times, latency_ns;
	double share;
	int json;
};

#define O(field) offsetof(struct chaos_options, field)

static const struct opt chaos_table[] = {
	{ "upstream", 0, OPT_STR, O(upstream), 0, 0, "URL",
	    "the service behind it" },
	{ "listen", 0, OPT_STR, O(listen), 0, 0, "HOST:PORT",
	    "where to serve (127.0.0.1:0, any free port)" },
	{ "seed", 0, OPT_INT, O(seed), 0, 9e15, "N",
	    "which requests get which fault (1)" },
	{ "share", 0, OPT_NUM, O(share), 0, 1, "X",
	    "share of the requests that get one (0.6)" },
	{ "times", 0, OPT_INT, O(times), 1, 100, "N",
	    "attempts of a request that get it (1); a 400 is\n"
	    "for good" },
	{ "latency", 0, OPT_TIME, O(latency_ns), 0, 0, "TIME",
	    "of the fault latency (200ms)" },
	CMD_OPT_JSON(O(json)), CMD_OPT_END
};

static const struct opt_cmd chaos_cmd = {
	"chaos", "--upstream URL",
	"A front that injects faults by seed between your client and its\n"
	"service: latency, 429 with Retry-After as seconds and as a date,\n"
	"503, 500, a reset, half an answer, and 400. It runs until Ctrl-C,\n"
	"then tells what each request got. `lockstep drill` with the drill\n"
	"`retry` runs your client against it and judges what the client\n"
	"did.\n\n"
	"  lockstep chaos --upstream http://127.0.0.1:9001 --seed 7\n\n"
	"Exit status: 0.", chaos_table
};

static void
tell(const struct chaos_attempt *v, size_t n)
{
	size_t count[CHAOS_FAULT_N] = { 0 }, i;

	for (i = 0; i < n; i++)
		count[v[i].fault]++;
	(void)printf("%zu requests\n", n);
	for (i = 0; i < CHAOS_FAULT_N; i++)
		(void)printf("  %-18s %zu\n", chaos_name((enum chaos_fault)i),
		    count[i]);
}

static void
tell_json(const struct chaos_attempt *v, size_t n)
{
	struct json_out o;
	struct buf b;
	int64_t us;
	size_t i;

	buf_init(&b, 1 << 30);
	json_out_init(&o, &b, 0);
	json_out_arr(&o);
	for (i = 0; i < n; i++) {
		json_out_obj(&o);
		json_out_key(&o, "at_ms");
		us = v[i].at_ns / 1000;
		json_out_num(&o, (double)us / 1e3);
		json_put_str(&o, "fault", chaos_name(v[i].fault));
		json_put_int(&o, "status", v[i].status);
		json_put_str(&o, "key", v[i].key[0] == '\0' ? NULL : v[i].key);
		json_out_end(&o, '}');
	}
	json_out_end(&o, ']');
	(void)printf("%s\n", buf_str(&b));
	buf_fini(&b);
}

static int
serve(const struct chaos_options *o, struct err *err)
{
	struct chaos_opts c = { .listen = o->listen, .upstream = o->upstream,
		.seed = (uint64_t)o->seed, .share = o->share,
		.times = (int)o->times, .latency_ns = o->latency_ns };
	volatile sig_atomic_t *stop = stop_catch();
	const struct chaos_attempt *v;
	struct chaos *front;
	size_t n;
	int rc = chaos_start(&c, &front, err);

	if (rc != RC_OK)
		return rc;
	(void)fprintf(stderr, "listening on %s\n", chaos_url(front));
	while (*stop == 0)
		mono_sleep_until_ns(mono_now_ns() + 20 * MONO_MS);
	chaos_stop(front);
	v = chaos_attempts(front, &n);
	if (o->json)
		tell_json(v, n);
	else
		tell(v, n);
	chaos_free(front);
	return RC_OK;
}

int
cmd_chaos(int argc, char **argv)
{
	struct chaos_options o = { .listen = "127.0.0.1:0", .seed = 1,
		.times = 1, .latency_ns = 200 * MONO_MS, .share = 0.6 };
	struct err err = ERR_INIT;
	struct cmd_line line;
	int rc;

	rc = cmd_begin(&chaos_cmd, argc, argv, &o, &line, &err);
	if (rc == RC_OK && (o.upstream == NULL || line.n > 0))
		rc = err_set(&err, RC_USAGE, "give --upstream URL; see "
		    "lockstep chaos --help");
	if (rc == RC_OK)
		rc = serve(&o, &err);
	return cmd_end("chaos", &line, rc, 0, &err);
}
