/* Reading a run: the same whatever the threads and the order; what is told of
 * it, and the cases looked at again. */
#include "harness/base/rng.h"
#include "harness/score/cells.h"
#include "tests/unit/score/score_world.h"

/* A bit of everything, told by the key alone. */
static void
mixed(struct made_obs *m)
{
	uint64_t r = rng_below(11, m->case_n * 64 + m->v, (uint64_t)m->arm,
	    100);

	loses(m);
	m->cost = 1e-4 * (double)(r + 1) / 3;
	m->pins = r < 50 ? "{\"MODEL_VER\":\"m1\",\"INDEX_HASH\":\"x\"}" :
	    "{\"MODEL_VER\":\"m2\"}";
	m->total_ns += (int64_t)r * 77777;
	if (r < 3) {
		m->outcome = OUTCOME_HTTP_5XX;
		m->status = 503;
	} else if (r < 6) {
		m->first++;
	} else if (r < 9) {
		m->k = 0;
		m->answer = "I don't know.";
	} else if (r < 12) {
		m->by_text = 1;
	}
}

static void
test_same_bytes(void **state)
{
	static const struct {
		int threads;
		uint64_t seed;
		size_t pending;
	} t[] = {
		{ 1, 0, 0 }, { 2, 0, 0 }, { 4, 0, 0 }, { 8, 0, 0 },
		{ 2, 1, 0 }, { 1, 2, 0 },
		/* almost everything waits in the scratch file */
		{ 2, 0, 1 }, { 2, 3, 20000 }, { 4, 4, 1 },
	};
	struct world w;
	struct score_out *out;
	struct buf first, b;
	size_t i;

	(void)state;
	buf_init(&first, 1 << 24);
	buf_init(&b, 1 << 24);
	world_init(&w, 50, NULL, SIX, "");
	world_add_all(&w, mixed);
	for (i = 0; i < LEN(t); i++) {
		world_write(&w, t[i].seed);
		w.job.threads = t[i].threads;
		w.job.pending_max = t[i].pending;
		out = world_score(&w);
		world_print(out, i == 0 ? &first : &b);
		score_free(out);
		if (i > 0 && strcmp(buf_str(&first), buf_str(&b)) != 0)
			fail_msg("row %zu differs", i);
		buf_reset(&b);
	}
	assert_true(first.len > 50 * 200);
	assert_non_null(strstr(buf_str(&first), "MODEL_VER=m2"));
	buf_fini(&first);
	buf_fini(&b);
	world_fini(&w);
}

/* ---- keys -------------------------------------------------------------- */

/* The earlier of two equal keys counts, wherever it stands in the trace. */
static void
test_duplicates(void **state)
{
	struct world w;
	struct score_out *out;
	struct made_obs m;
	uint64_t seed;

	(void)state;
	world_init(&w, 2, NULL, "{paraphrases: 1}", "");
	world_add_all(&w, NULL);
	made_init(&m, 0, 0, ARM_CANDIDATE);
	m.sent_ns += 5;		/* later, and an error */
	m.outcome = OUTCOME_HTTP_5XX;
	m.status = 500;
	world_add(&w, &m);
	made_init(&m, 1, 0, ARM_BASELINE);
	m.sent_ns -= 5;		/* earlier, and an error */
	m.outcome = OUTCOME_TIMEOUT;
	m.status = 0;
	world_add(&w, &m);
	made_init(&m, 77, 0, ARM_BASELINE);	/* no such case */
	world_add(&w, &m);
	made_init(&m, 0, 9, ARM_BASELINE);	/* no such variant */
	world_add(&w, &m);
	for (seed = 0; seed < 6; seed++) {
		world_write(&w, seed);
		out = world_score(&w);
		assert_int_equal(out->observations, w.n_lines);
		assert_int_equal(out->duplicates, 2);
		assert_int_equal(out->unknown, 2);
		assert_int_equal(cells_get(out->cells, 0)->arm[1].n_error, 0);
		assert_int_equal(cells_get(out->cells, 1)->arm[0].n_error, 1);
		assert_int_equal(out->arm[ARM_BASELINE].outcomes[
		    OUTCOME_TIMEOUT], 1);
		score_free(out);
	}
	world_fini(&w);
}

/* ---- the store's feed, details ----------------------------------------- */

struct fed {
	uint64_t n, last_case;
	unsigned values;
	int disorder, again;
};

static int
feed(void *ctx, const struct score_obs *o, struct err *err)
{
	struct fed *f = ctx;
	int i;

	(void)err;
	f->disorder |= f->n > 0 && o->case_index < f->last_case;
	f->last_case = o->case_index;
	f->n++;
	for (i = 0; i < METRIC_N; i++) {
		f->values += o->why[i] == METRIC_HERE;
		if ((o->why[i] == METRIC_HERE) != !isnan(o->m[i]))
			fail_msg("%s: a value without a reason",
			    metrics[i].name);
	}
	assert_true(o->total_ns > 0);
	return RC_OK;
}

static int
feed_again(void *ctx, struct err *err)
{
	(void)err;
	*(struct fed *)ctx = (struct fed){ .again =
	    ((struct fed *)ctx)->again + 1 };
	return RC_OK;
}

static int
feed_fails(void *ctx, const struct score_obs *o, struct err *err)
{
	(void)ctx;
	(void)o;
	return err_set(err, RC_DB, "no room");
}

static void
test_feed(void **state)
{
	struct world w;
	struct score_out *out;
	struct fed f = { 0 };
	struct err err = ERR_INIT;

	(void)state;
	world_init(&w, 40, NULL, SIX, "");
	world_add_all(&w, loses);
	world_write(&w, 0);
	w.job.obs = feed;
	w.job.obs_ctx = &f;
	out = world_score(&w);
	assert_int_equal(f.n, w.n_lines);
	assert_false(f.disorder);
	assert_true(f.values > w.n_lines * 8);
	score_free(out);
	w.job.obs = feed_fails;
	assert_int_equal(score_run(&w.job, &out, &err), RC_DB);
	assert_null(out);
	assert_string_equal(err.msg, "no room");
	world_fini(&w);
}

/* A line there twice is noticed when its case was told already: everything
 * is told once more, from the start, and without it. */
static void
test_feed_again(void **state)
{
	struct world w;
	struct score_out *out;
	struct made_obs m;
	struct fed f = { 0 };

	(void)state;
	world_init(&w, 40, NULL, SIX, "");
	world_add_all(&w, NULL);
	made_init(&m, 0, 0, ARM_CANDIDATE);
	m.sent_ns += 5;
	world_add(&w, &m);
	world_write(&w, 0);
	w.job.obs = feed;
	w.job.obs_again = feed_again;
	w.job.obs_ctx = &f;
	out = world_score(&w);
	assert_int_equal(f.again, 1);
	assert_int_equal(f.n, w.n_lines - 1);
	assert_int_equal(out->duplicates, 1);
	assert_int_equal(out->observations, w.n_lines);
	assert_int_equal(out->arm[ARM_CANDIDATE].sent, 40 * 6);
	score_free(out);
	world_fini(&w);
}

static void
test_details(void **state)
{
	static const uint64_t wanted[] = { 3, 1, 3 };
	struct world w;
	struct score_details d;
	struct score_out *out;
	struct err err = ERR_INIT;
	uint64_t seed;

	(void)state;
	world_init(&w, 60, NULL, SIX, "");
	world_add_all(&w, loses);
	for (seed = 0; seed < 6; seed++) {
		world_write(&w, seed / 2);
		out = world_score(&w);
		/* of the whole trace, and of the frames that hold them */
		world_must(score_details(&w.job,
		    seed % 2 == 0 ? NULL : out->where, wanted, LEN(wanted),
		    &d, &err), err);
		score_free(out);
		assert_int_equal(d.n, 2);
		assert_int_equal(d.v[0].case_index, 1);
		assert_int_equal(d.v[1].case_index, 3);
		assert_string_equal(d.v[1].side[0].retrieved, "s3, s4, s5");
		assert_string_equal(d.v[1].side[1].retrieved, "s4, s5, s6");
		assert_string_equal(d.v[1].side[1].cited, "s4");
		assert_string_equal(d.v[1].side[0].outcome, "ok");
		assert_int_equal(strncmp(d.v[1].side[0].top, "s3: ", 4), 0);
		assert_non_null(d.v[1].side[0].answer);
		assert_string_equal(d.v[0].side[0].lambda, "\xe2\x86\x92 "
		    "\xe2\x86\x92 \xe2\x86\x92 \xe2\x86\x92 \xe2\x86\x92 "
		    "\xe2\x86\x92");
		score_details_free(&d);
	}
	world_fini(&w);
}

/* A trace of another writer's frames, which end within its first line and
 * within that of some case. */
static void
test_details_of_split_lines(void **state)
{
	static const uint64_t wanted[] = { 0, 5 };
	struct world w;
	struct score_details d;
	struct score_out *out;
	struct err err = ERR_INIT;
	char cmd[1024];

	(void)state;
	world_init(&w, 6, NULL, SIX, "");
	world_add_all(&w, NULL);
	world_write(&w, 0);
	(void)snprintf(cmd, sizeof(cmd), "cd /tmp && t=$(mktemp) && "
	    "zstd -qdc '%s' >$t && { head -c 40 $t | zstd -qc; "
	    "tail -c +41 $t | head -c 30000 | zstd -qc; "
	    "tail -c +30041 $t | zstd -qc; } >$t.zst && "
	    "mv $t.zst '%s' && rm $t", w.trace, w.trace);
	assert_int_equal(system(cmd), 0);
	out = world_score(&w);
	world_must(score_details(&w.job, out->where, wanted, LEN(wanted), &d,
	    &err), err);
	assert_int_equal(d.n, 2);
	assert_non_null(d.v[0].side[0].answer);
	assert_non_null(d.v[1].side[1].answer);
	score_details_free(&d);
	score_free(out);
	world_fini(&w);
}

/* A trace that is not there, and a record that is none. */
static void
test_bad_trace(void **state)
{
	struct world w;
	struct score_out *out;
	struct err err = ERR_INIT;
	struct trace_opts o = { .kind = "run" };
	struct trace_writer *tw;
	static const char bad[] = "{\"kind\":\"exchange\",\"key\":{\"case\":";

	(void)state;
	world_init(&w, 2, NULL, SIX, "");
	assert_int_equal(score_run(&w.job, &out, &err), RC_IO);
	assert_null(out);
	err = (struct err)ERR_INIT;
	world_must(trace_writer_open(w.trace, &o, 1, &tw, &err), err);
	world_must(trace_write(tw, bad, strlen(bad), &err), err);
	world_must(trace_writer_close(&tw, &err), err);
	assert_int_equal(score_run(&w.job, &out, &err), RC_FORMAT);
	assert_non_null(strstr(err.msg, "record"));
	world_fini(&w);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_bytes),
		cmocka_unit_test(test_duplicates),
		cmocka_unit_test(test_feed),
		cmocka_unit_test(test_feed_again),
		cmocka_unit_test(test_details),
		cmocka_unit_test(test_details_of_split_lines),
		cmocka_unit_test(test_bad_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
