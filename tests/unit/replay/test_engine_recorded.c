/* Arms of a run that are no URL: a run again, recorded traffic. */
#include "tests/unit/replay/engine_two.h"

/* ---- arms that are no URL ----------------------------------------------- */

static void
test_recorded_run(void **state)
{
	struct run first, second;

	(void)state;
	open_two(&first, 20, "");
	run_go(&first);
	open_two(&second, 20, "");
	second.job.url[ARM_BASELINE] = second.job.url[ARM_BASELINE2] = NULL;
	second.job.recorded[ARM_BASELINE].path = first.trace;
	second.job.recorded[ARM_BASELINE].from = ARM_BASELINE;
	second.job.recorded[ARM_BASELINE2].path = first.trace;
	second.job.recorded[ARM_BASELINE2].from = ARM_BASELINE2;
	run_go(&second);
	run_check_whole(&second, NULL);
	assert_int_equal(second.stats.arm[ARM_BASELINE].copied, 40);
	assert_int_equal(second.stats.arm[ARM_BASELINE].missing, 0);
	assert_int_equal(second.stats.arm[ARM_CANDIDATE].sent, 40);
	run_close(&first);
	run_close(&second);
}

static void
write_recording(const struct run *r, char *path, size_t cap, int n)
{
	struct trace_opts o = { .kind = "recording" };
	struct trace_writer *w;
	struct err err = ERR_INIT;
	struct exchange ex;
	struct buf line;
	char id[32];
	int i;

	(void)snprintf(path, cap, "%s/recorded.jsonl.zst", r->dir);
	assert_int_equal(trace_writer_open(path, &o, 0, &w, &err), RC_OK);
	buf_init(&line, 1 << 20);
	for (i = 0; i < n; i++) {
		exchange_init(&ex);
		(void)snprintf(id, sizeof(id), "rec-%d", i);
		ex.id = id;
		ex.method = "POST";
		ex.target = "/query";
		ex.status = 200;
		ex.sent_ns = i * MONO_S;
		ex.total_ns = MONO_MS;
		ex.res_body.p = "{\"answer\": \"as recorded\"}";
		ex.res_body.n = strlen(ex.res_body.p);
		buf_reset(&line);
		exchange_write(&line, &ex);
		assert_int_equal(trace_write(w, line.p, line.len, &err),
		    RC_OK);
	}
	buf_fini(&line);
	assert_int_equal(trace_writer_close(&w, &err), RC_OK);
}

static void
test_recorded_traffic(void **state)
{
	struct run r;
	char path[128];

	(void)state;
	open_two(&r, 20, "");
	write_recording(&r, path, sizeof(path), 15);
	r.job.url[ARM_BASELINE] = r.job.url[ARM_BASELINE2] = NULL;
	r.job.recorded[ARM_BASELINE].path = path;
	r.job.recorded[ARM_BASELINE].from = ARM_N;
	run_go(&r);
	assert_int_equal(r.stats.arm[ARM_BASELINE].copied, 15);
	/* of 20 cases x 2 seeds */
	assert_int_equal(r.stats.arm[ARM_BASELINE].missing, 25);
	run_close(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorded_run),
		cmocka_unit_test(test_recorded_traffic),
	};

	return cmocka_run_group_tests_name("engine_recorded", tests, set_up,
	    tear_down);
}
