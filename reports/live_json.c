/* /status of a live comparison: one JSON document; see live.h. */
#include <math.h>
#include <string.h>

#include "harness/base/json.h"
#include "harness/base/mono.h"
#include "harness/base/version.h"
#include "reports/live.h"

int
live_gate_status(const struct live_status *s)
{
	static const int codes[LIVE_VERDICTS] = { 503, 200, 409, 403 };

	return codes[s->verdict];
}

static void
put_time(struct json_out *o, const char *key, int64_t wall_ns)
{
	char utc[MONO_UTC_MAX];

	mono_utc(wall_ns, utc);
	json_put_str(o, key, utc);
}

static void
put_counts(struct json_out *o, const struct live_status *s)
{
	json_put_count(o, "pairs", s->pairs);
	json_put_count(o, "unpaired", s->alone);
	json_put_count(o, "compared", s->compared);
	json_put_count(o, "differ", s->differ);
	json_put_count(o, "echoes", s->echoes);
	json_put_count(o, "cached_echoes", s->cached_echoes);
	json_put_num(o, "noise_floor", s->floor);
	json_put_num(o, "seconds", s->seconds);
	json_put_count(o, "resumed", s->resumed);
	json_put_num(o, "alpha", s->alpha);
	json_out_key(o, "window");
	json_out_obj(o);
	json_put_count(o, "full", s->windows);
	json_put_count(o, "pairs", s->window_pairs);
	json_put_count(o, "pairs_needed", s->window_length);
	json_put_num(o, "seconds", s->window_seconds);
	json_put_num(o, "seconds_needed", s->window_seconds_length);
	json_out_end(o, '}');
}

static void
put_arms(struct json_out *o, const struct live_status *s)
{
	static const char *const names[3] = { "primary", "candidate", "echo" };
	const struct live_arm_status *a;
	int i, k;

	json_out_key(o, "arms");
	json_out_obj(o);
	for (i = 0; i < 3; i++) {
		a = &s->arm[i];
		json_out_key(o, names[i]);
		json_out_obj(o);
		json_put_count(o, "sent", a->sent);
		json_put_count(o, "answered", a->answered);
		json_out_key(o, "outcomes");
		json_out_obj(o);
		for (k = 0; k < OUTCOME_N; k++) {
			if (a->outcomes[k] > 0)
				json_put_count(o, outcome_name((enum outcome)k),
				    a->outcomes[k]);
		}
		json_out_end(o, '}');
		json_put_num(o, "p50_ms", a->p50_ns / 1e6);
		json_put_num(o, "p95_ms", a->p95_ns / 1e6);
		json_put_num(o, "p99_ms", a->p99_ns / 1e6);
		json_out_end(o, '}');
	}
	json_out_end(o, '}');
}

static void
put_tests(struct json_out *o, const struct live_status *s)
{
	const struct live_test_status *t;
	size_t i;

	json_out_key(o, "tests");
	json_out_obj(o);
	for (i = 0; i < s->n_tests; i++) {
		t = &s->test[i];
		json_out_key(o, t->name);
		json_out_obj(o);
		json_put_str(o, "title", t->title);
		json_put_str(o, "class", t->hard ? "hard" : "soft");
		json_put_bool(o, "judged", t->judged);
		json_put_bool(o, "stopped", t->stopped);
		json_put_num(o, "value", t->value);
		json_put_num(o, "limit", t->limit);
		json_put_str(o, "unit", t->unit);
		json_put_num(o, "evidence", t->evidence);
		json_put_num(o, "primary", t->base);
		json_put_num(o, "candidate", t->cand);
		json_put_count(o, "n", t->n);
		json_put_num(o, "low", t->lo);
		json_put_num(o, "high", t->hi);
		json_out_end(o, '}');
	}
	json_out_end(o, '}');
}

static const char *
name_of(const struct live_status *s, int test)
{
	return test < 0 ? "pins" : s->test[test].name;
}

static void
put_found(struct json_out *o, const struct live_status *s)
{
	size_t i;

	json_out_key(o, "stops");
	json_out_arr(o);
	for (i = 0; i < s->n_stops; i++) {
		json_out_obj(o);
		json_put_str(o, "test", name_of(s, s->stop[i].test));
		json_put_str(o, "class", s->stop[i].hard ? "hard" : "soft");
		json_put_count(o, "pair", s->stop[i].pair);
		put_time(o, "at", s->stop[i].wall_ns);
		json_put_str(o, "why", s->stop[i].why);
		json_out_end(o, '}');
	}
	json_out_end(o, ']');
	json_out_key(o, "examples");
	json_out_arr(o);
	for (i = 0; i < s->n_examples; i++) {
		json_out_obj(o);
		json_put_str(o, "id", s->example[i].id);
		json_put_str(o, "test", name_of(s, s->example[i].test));
		json_put_num(o, "harm", s->example[i].harm);
		json_put_count(o, "pairs", s->example[i].n);
		json_out_end(o, '}');
	}
	json_out_end(o, ']');
}

static void
put_pins(struct json_out *o, const struct live_status *s)
{
	size_t i;

	json_out_key(o, "pins");
	json_out_obj(o);
	for (i = 0; i < s->n_pins; i++) {
		json_out_key(o, s->pin[i].name);
		json_out_obj(o);
		json_put_str(o, "primary", s->pin[i].baseline);
		json_put_str(o, "candidate", s->pin[i].candidate);
		json_put_bool(o, "changed", s->pin[i].drifted);
		json_out_end(o, '}');
	}
	json_out_end(o, '}');
}

void
live_json(const struct live_status *s, struct buf *out)
{
	struct json_out o;

	json_out_init(&o, out, 1);
	json_out_obj(&o);
	json_put_str(&o, "lockstep", LOCKSTEP_VERSION);
	json_put_count(&o, "schema", LIVE_STATUS_SCHEMA);
	json_put_str(&o, "suite", s->suite);
	json_put_str(&o, "verdict", live_verdict_name(s->verdict));
	json_put_count(&o, "verdict_code", s->verdict);
	json_put_bool(&o, "hard_stop", s->verdict == LIVE_HARD_STOP);
	json_put_bool(&o, "soft_stop", s->verdict == LIVE_SOFT_STOP);
	json_put_str(&o, "reason", s->reason);
	put_time(&o, "started", s->started_wall_ns);
	put_time(&o, "now", s->now_wall_ns);
	put_counts(&o, s);
	put_arms(&o, s);
	put_tests(&o, s);
	put_found(&o, s);
	put_pins(&o, s);
	json_out_end(&o, '}');
	buf_putc(out, '\n');
}
