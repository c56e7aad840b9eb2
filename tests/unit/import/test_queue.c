/*
 * Messages of a queue into a trace: what becomes of each, and that nothing is
 * lost or there twice when an import is cut off anywhere and begins again at
 * any position that it may have had.
 */
#include <dirent.h>
#include <libgen.h>
#include <unistd.h>

#include "harness/base/json.h"
#include "harness/import/import.h"
#include "harness/traffic/exchange.h"
#include "harness/traffic/trace.h"
#include "tests/lib/check.h"

enum { N = 60, PARTITIONS = 3 };

/* A topic of made messages, and a group's position in it. */
struct topic {
	char text[N][160];
	struct import_message m[N];
	int64_t committed[PARTITIONS], given[PARTITIONS];
	size_t at, keep_every, cut_at;	/* SIZE_MAX: never */
	int forget;		/* the cut comes before the answer */
	unsigned kept;
	struct trace_limits limits;
};

static char trace[64];

static void
make_topic(struct topic *t)
{
	size_t i;

	memset(t, 0, sizeof(*t));
	t->cut_at = SIZE_MAX;
	t->keep_every = 7;
	for (i = 0; i < N; i++) {
		if (i % 10 == 4)
			(void)snprintf(t->text[i], sizeof(t->text[i]),
			    "no JSON {");
		else if (i % 5 == 0)
			(void)snprintf(t->text[i], sizeof(t->text[i]),
			    "{\"type\":\"exchange\",\"id\":\"own-%zu\","
			    "\"sent\":5,\"outcome\":\"ok\",\"request\":"
			    "{\"method\":\"GET\",\"target\":\"/%zu\"}}", i,
			    i);
		else
			(void)snprintf(t->text[i], sizeof(t->text[i]),
			    "{\"question\":\"Q %zu?\"}", i);
		t->m[i].p = t->text[i];
		t->m[i].n = strlen(t->text[i]);
		t->m[i].partition = (int32_t)(i % PARTITIONS);
		t->m[i].offset = (int64_t)(i / PARTITIONS);
		t->m[i].end = N / PARTITIONS;
		t->m[i].at_ns = 1800000000000000000LL;
		t->m[i].start_ns = i % 5 == 0 ? 1800000000000000001LL : -1;
	}
}

static int
next(void *ctx, struct import_message *m, struct err *err)
{
	struct topic *t = ctx;

	if (t->at == t->cut_at)
		return err_set(err, RC_NET, "cut");
	if (t->keep_every > 0 && t->at % t->keep_every == 0 &&
	    t->kept < t->at / t->keep_every) {
		t->kept++;
		return IMPORT_KEEP;
	}
	for (; t->at < N; t->at++) {
		*m = t->m[t->at];
		if (m->offset < t->committed[m->partition])
			continue;
		t->given[m->partition] = m->offset + 1;
		t->at++;
		return IMPORT_MESSAGE;
	}
	return IMPORT_END;
}

static int
kept(void *ctx, int last, struct err *err)
{
	struct topic *t = ctx;

	(void)last;
	if (t->forget)
		return err_set(err, RC_NET, "cut");
	memcpy(t->committed, t->given, sizeof(t->given));
	return RC_OK;
}

static int
import(struct topic *t, struct import_account *account, struct err *err)
{
	struct import_queue q = { .brokers = "h:1", .topic = "questions",
	    .group = "g", .next = next, .kept = kept, .ctx = t,
	    .limits = t->limits };
	struct import_opts o = { .queue = &q, .sample = 1, .out = trace,
	    .format = import_format_of("kafka") };

	t->at = t->kept = 0;
	memcpy(t->given, t->committed, sizeof(t->given));
	return import_run(&o, NULL, 0, account, err);
}

/* Which messages a trace has that no other has; *dropped as it says. */
static size_t
count_in(const char *path, unsigned char *seen, uint64_t *dropped)
{
	struct err err = ERR_INIT;
	struct trace_reader *r;
	struct trace_info info;
	struct trace_rec rec;
	size_t n = 0;
	int p, rc;
	long long at;
	const char *place;

	assert_int_equal(trace_reader_open(path, 1, &r, &err), RC_OK);
	while ((rc = trace_next(r, &rec, &err)) == 1) {
		if (!rec.is_exchange)
			continue;
		place = memmem(rec.line, rec.n, "\"kafka\":[", 9);
		assert_non_null(place);
		assert_int_equal(sscanf(place + 9, "%d,%lld", &p, &at), 2);
		assert_int_equal(seen[at * PARTITIONS + p]++, 0);
		n++;
	}
	assert_int_equal(rc, 0);
	trace_reader_info(r, &info);
	assert_true(info.closed);
	assert_int_equal(info.written, n);
	*dropped = info.dropped;
	trace_reader_close(&r);
	return n;
}

static size_t
count(uint64_t *dropped)
{
	unsigned char seen[N] = { 0 };

	return count_in(trace, seen, dropped);
}

static void
what_becomes_of_them(void **state)
{
	struct import_account account;
	struct err err = ERR_INIT;
	struct trace_reader *r;
	struct trace_rec rec;
	struct exchange_rec *mem = exchange_rec_new();
	struct exchange ex;
	uint64_t dropped;
	struct topic t;
	int own = 0, made = 0;

	(void)state;
	(void)unlink(trace);
	make_topic(&t);
	assert_int_equal(import(&t, &account, &err), RC_OK);
	assert_int_equal(account.read, N);
	assert_int_equal(account.written, N - N / 10);
	assert_int_equal(account.n_unusable, 1);
	assert_string_equal(account.unusable[0].what, "a message that is not "
	    "JSON");
	assert_string_equal(account.unusable[0].first, "questions partition "
	    "1, offset:1");
	assert_int_equal(count(&dropped), N - N / 10);
	assert_int_equal(dropped, N / 10);
	assert_int_equal(trace_reader_open(trace, 1, &r, &err), RC_OK);
	while (trace_next(r, &rec, &err) == 1) {
		if (exchange_parse(mem, rec.line, rec.n, &ex, &err) != 1)
			continue;
		if (strncmp(ex.id, "own-", 4) == 0) {
			own++;
			assert_string_equal(ex.target + 1, ex.id + 4);
			/* the recording's own clock, to the nanosecond */
			assert_int_equal(ex.sent_ns % 1000, 0);
		} else {
			made++;
			assert_string_equal(ex.target, "/query");
			/* Kafka's, which is 6 ns before it */
			assert_int_equal(ex.sent_ns % 1000, 994);
		}
	}
	assert_int_equal(own, 12);
	assert_int_equal(made, 42);
	trace_reader_close(&r);
	exchange_rec_free(mem);
}

/* A kill -9: what had been flushed is there. */
static void
tear(size_t bytes)
{
	char path[80];

	(void)snprintf(path, sizeof(path), "%s", trace);
	assert_int_equal(truncate(path, (off_t)bytes), 0);
}

static size_t
size_of(void)
{
	FILE *f = fopen(trace, "rb");
	long n;

	if (f == NULL)
		return 0;
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	n = ftell(f);
	(void)fclose(f);
	return (size_t)n;
}

static void
cut_off_anywhere(void **state)
{
	struct import_account account;
	struct err err;
	uint64_t dropped;
	struct topic t;
	size_t cut;
	int forget;

	(void)state;
	for (cut = 0; cut <= N; cut++) {
		for (forget = 0; forget < 2; forget++) {
			(void)unlink(trace);
			make_topic(&t);
			t.cut_at = cut;
			t.forget = forget;
			memset(&err, 0, sizeof(err));
			assert_int_equal(import(&t, &account, &err), RC_NET);
			t.cut_at = SIZE_MAX;
			t.forget = 0;
			memset(&err, 0, sizeof(err));
			assert_int_equal(import(&t, &account, &err), RC_OK);
			assert_int_equal(count(&dropped), N - N / 10);
			assert_int_equal(dropped, N / 10);
		}
	}
}

/* The file ends at any byte, and the group's position is the last one that
 * was behind it. */
static void
torn_anywhere(void **state)
{
	struct import_account account;
	struct err err;
	uint64_t dropped;
	struct topic t;
	size_t bytes, whole, safe;

	(void)state;
	(void)unlink(trace);
	make_topic(&t);
	memset(&err, 0, sizeof(err));
	t.cut_at = 8;		/* kept once, behind seven */
	assert_int_equal(import(&t, &account, &err), RC_NET);
	safe = size_of();
	(void)unlink(trace);
	make_topic(&t);
	t.keep_every = 7;
	memset(&err, 0, sizeof(err));
	assert_int_equal(import(&t, &account, &err), RC_OK);
	whole = size_of();
	assert_true(whole > safe);
	for (bytes = safe; bytes < whole; bytes += 3) {
		(void)unlink(trace);
		make_topic(&t);
		memset(&err, 0, sizeof(err));
		assert_int_equal(import(&t, &account, &err), RC_OK);
		tear(bytes);
		/* nothing but the first keep was answered */
		memset(t.committed, 0, sizeof(t.committed));
		t.committed[0] = 3;
		t.committed[1] = t.committed[2] = 2;
		memset(&err, 0, sizeof(err));
		assert_int_equal(import(&t, &account, &err), RC_OK);
		assert_int_equal(count(&dropped), N - N / 10);
		assert_int_equal(dropped, N / 10);
	}
}

/* The trace again, in frames of a few records, one of them damaged. */
static void
damage(void)
{
	static const char head[] = "{\"kafka\":{\"topic\":\"questions\"}}";
	struct json *extra = json_parse(head, strlen(head), NULL);
	struct trace_opts o = { .kind = "imported", .extra = extra,
	    .frame_bytes = 1024 };
	struct err err = ERR_INIT;
	struct trace_reader *r;
	struct trace_writer *w;
	struct trace_rec rec;
	char other[80];
	long n;
	FILE *f;

	(void)snprintf(other, sizeof(other), "%s.2", trace);
	assert_int_equal(trace_reader_open(trace, 1, &r, &err), RC_OK);
	assert_int_equal(trace_writer_open(other, &o, 0, &w, &err), RC_OK);
	while (trace_next(r, &rec, &err) == 1) {
		if (rec.is_exchange || memmem(rec.line, rec.n, "\"next\":",
		    7) != NULL)
			assert_int_equal(trace_write(w, rec.line, rec.n, &err),
			    RC_OK);
	}
	trace_reader_close(&r);
	assert_int_equal(trace_writer_close(&w, &err), RC_OK);
	json_free(extra);
	assert_int_equal(rename(other, trace), 0);
	f = fopen(trace, "r+b");
	assert_non_null(f);
	n = (long)size_of() / 2;
	assert_int_equal(fseek(f, n, SEEK_SET), 0);
	assert_int_equal(fwrite("damaged", 1, 7, f), 7);
	assert_int_equal(fclose(f), 0);
}

/* What was in it is not read again, even from the beginning: it is told. */
static void
what_is_damaged(void **state)
{
	struct import_account account;
	struct err err = ERR_INIT;
	uint64_t dropped;
	struct topic t;
	size_t n;

	(void)state;
	(void)unlink(trace);
	make_topic(&t);
	assert_int_equal(import(&t, &account, &err), RC_OK);
	assert_int_equal(account.damaged, 0);
	damage();
	memset(t.committed, 0, sizeof(t.committed));
	assert_int_equal(import(&t, &account, &err), RC_OK);
	assert_int_equal(account.damaged, 1);
	assert_int_equal(account.again, N);
	n = count(&dropped);
	assert_true(n > 0 && n < N - N / 10);
	/* told once: it is left out now */
	assert_int_equal(import(&t, &account, &err), RC_OK);
	assert_int_equal(account.damaged, 0);
}

/* A topic of the same name, shorter than what the trace has. */
static void
made_anew(void **state)
{
	struct import_account account;
	struct err err = ERR_INIT;
	uint64_t dropped;
	struct topic t;
	size_t i;

	(void)state;
	(void)unlink(trace);
	make_topic(&t);
	assert_int_equal(import(&t, &account, &err), RC_OK);
	memset(t.committed, 0, sizeof(t.committed));
	for (i = 0; i < N; i++)
		t.m[i].end--;
	assert_int_equal(import(&t, &account, &err), RC_USAGE);
	assert_non_null(strstr(err.msg, "was made anew"));
	assert_int_equal(t.committed[0], 0);
	assert_int_equal(account.again, 0);
	assert_int_equal(count(&dropped), N - N / 10);
	for (i = 0; i < N; i++)
		t.m[i].end = -1;	/* unknown */
	memset(&err, 0, sizeof(err));
	assert_int_equal(import(&t, &account, &err), RC_OK);
	assert_int_equal(account.again, N);
}

/* ---- in parts ------------------------------------------------------------ */

static int
is_mine(const struct dirent *e)
{
	char name[80];

	(void)snprintf(name, sizeof(name), "%s", trace);
	name[strlen(name) - 4] = '\0';
	return strncmp(e->d_name, basename(name), strlen(basename(name))) ==
	    0 && strlen(e->d_name) > strlen(basename(name)) + 4;
}

/* Calls fn, if any, for each part in the order of their names, the torn ones
 * left out. returns how many there are */
static size_t
each_part(void (*fn)(const char *path, void *ctx), void *ctx)
{
	char folder[80], path[400];
	struct dirent **list;
	int i, n;

	(void)snprintf(folder, sizeof(folder), "%s", trace);
	(void)dirname(folder);
	n = scandir(folder, &list, is_mine, alphasort);
	assert_true(n >= 0);
	for (i = 0; i < n; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder,
		    list[i]->d_name);
		if (fn != NULL)
			fn(path, ctx);
		free(list[i]);
	}
	free(list);
	return (size_t)n;
}

static void
remove_one(const char *path, void *ctx)
{
	(void)ctx;
	assert_int_equal(unlink(path), 0);
}

struct total {
	unsigned char seen[N];
	size_t n;
	uint64_t dropped;
};

static void
add_one(const char *path, void *ctx)
{
	struct total *t = ctx;
	uint64_t dropped;

	t->n += count_in(path, t->seen, &dropped);
	t->dropped += dropped;
}

static void
start_over(struct topic *t)
{
	(void)unlink(trace);
	(void)each_part(remove_one, NULL);
	make_topic(t);
	t->limits.rotate_bytes = 100;
}

/* Each part is whole, and together they have everything once, wherever the
 * import was cut off. */
static void
parts_cut_off_anywhere(void **state)
{
	struct import_account account;
	struct total total;
	struct topic t;
	struct err err;
	size_t cut;
	int forget;

	(void)state;
	for (cut = 0; cut <= N; cut++) {
		for (forget = 0; forget < 2; forget++) {
			start_over(&t);
			t.cut_at = cut;
			t.forget = forget;
			memset(&err, 0, sizeof(err));
			assert_int_equal(import(&t, &account, &err), RC_NET);
			t.cut_at = SIZE_MAX;
			t.forget = 0;
			memset(&err, 0, sizeof(err));
			assert_int_equal(import(&t, &account, &err), RC_OK);
			memset(&total, 0, sizeof(total));
			assert_true(each_part(add_one, &total) > 4);
			assert_int_equal(total.n, N - N / 10);
			assert_int_equal(total.dropped, N / 10);
		}
	}
}

struct tearing {
	size_t at, i;
};

/* The newest part, torn: the others are whole. */
static void
tear_last(const char *path, void *ctx)
{
	struct tearing *t = ctx;

	if (++t->i == t->at)
		assert_int_equal(truncate(path, (off_t)(t->at % 3 * 20)), 0);
}

/* Behind a newest part that was torn to nothing, or to a head, the one before
 * it is read. */
static void
torn_part(void **state)
{
	struct import_account account;
	struct tearing tear = { 0, 0 };
	struct err err = ERR_INIT;
	struct topic t;
	size_t n;

	(void)state;
	start_over(&t);
	t.cut_at = 40;
	assert_int_equal(import(&t, &account, &err), RC_NET);
	tear.at = each_part(NULL, NULL);
	assert_true(tear.at > 2);
	(void)each_part(tear_last, &tear);
	/* from the beginning again: nobody has told the group */
	memset(t.committed, 0, sizeof(t.committed));
	t.cut_at = SIZE_MAX;
	memset(&err, 0, sizeof(err));
	assert_int_equal(import(&t, &account, &err), RC_OK);
	n = (size_t)account.again;
	assert_true(n > 20 && n < 40);
	assert_int_equal(account.read, N - n);
}

/* A trace that was not in parts is behind them, too. */
static void
parts_behind_a_trace(void **state)
{
	struct import_account account;
	struct err err = ERR_INIT;
	struct topic t;

	(void)state;
	start_over(&t);
	t.limits.rotate_bytes = 0;
	assert_int_equal(import(&t, &account, &err), RC_OK);
	memset(t.committed, 0, sizeof(t.committed));
	t.limits.rotate_bytes = 100;
	assert_int_equal(import(&t, &account, &err), RC_OK);
	assert_int_equal(account.again, N);
	assert_int_equal(account.parts, 0);
	assert_int_equal(each_part(NULL, NULL), 0);
}

/* The oldest go; what they had is not read again. */
static void
oldest_deleted(void **state)
{
	struct import_account account;
	struct err err = ERR_INIT;
	struct topic t;

	(void)state;
	start_over(&t);
	t.limits.keep_files = 2;
	assert_int_equal(import(&t, &account, &err), RC_OK);
	assert_int_equal(each_part(NULL, NULL), 2);
	assert_true(account.parts > 4);
	assert_int_equal(account.tidied.files, account.parts - 2);
	memset(t.committed, 0, sizeof(t.committed));
	assert_int_equal(import(&t, &account, &err), RC_OK);
	assert_int_equal(account.again, N);
	assert_int_equal(each_part(NULL, NULL), 2);
}

static void
not_behind_another(void **state)
{
	struct import_account account;
	struct err err = ERR_INIT;
	struct trace_writer *w;
	struct trace_opts o = { .kind = "recording" };
	struct topic t;

	(void)state;
	(void)unlink(trace);
	assert_int_equal(trace_writer_open(trace, &o, 0, &w, &err), RC_OK);
	assert_int_equal(trace_writer_close(&w, &err), RC_OK);
	make_topic(&t);
	assert_int_equal(import(&t, &account, &err), RC_USAGE);
	assert_non_null(strstr(err.msg, "is no import of Kafka"));
	(void)unlink(trace);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_becomes_of_them),
		cmocka_unit_test(cut_off_anywhere),
		cmocka_unit_test(torn_anywhere),
		cmocka_unit_test(what_is_damaged),
		cmocka_unit_test(made_anew),
		cmocka_unit_test(not_behind_another),
		cmocka_unit_test(parts_cut_off_anywhere),
		cmocka_unit_test(torn_part),
		cmocka_unit_test(parts_behind_a_trace),
		cmocka_unit_test(oldest_deleted),
	};
	int rc;

	(void)snprintf(trace, sizeof(trace), "%s/lockstep-queue.%d.zst",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp",
	    (int)getpid());
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	(void)each_part(remove_one, NULL);
	(void)unlink(trace);
	return rc;
}
