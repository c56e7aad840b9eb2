/* Encrypted traces: read, cut, mended and copied as plain ones are; nothing of
 * them can be read or changed without the key. */
#include "harness/traffic/trace.h"
#include "harness/traffic/trace_cut.h"
#include "tests/unit/traffic/trace_files.h"

enum { N = 60, PAD = 900, FRAME = 8000 };

static struct seal_key key, other;

static void
use(const struct seal_key *k)
{
	trace_key_use(k);
}

static int
with_key(void **state)
{
	char hex[65];
	int i;

	for (i = 0; i < 64; i++)
		hex[i] = "0123456789abcdef"[i % 16];
	hex[64] = '\0';
	if (make_dir(state) != 0 ||
	    seal_key_parse(hex, "", &key, NULL) != RC_OK)
		return 1;
	hex[0] = 'f';
	if (seal_key_parse(hex, "", &other, NULL) != RC_OK)
		return 1;
	use(&key);
	return 0;
}

static int
without_key(void **state)
{
	use(NULL);
	gaps = 0;
	return drop_dir(state);
}

static char *
write_some(void)
{
	char *path = strdup(dir_path("t.zst"));
	struct trace_writer *w = create(path, FRAME);
	struct err err = ERR_INIT;
	int i;

	for (i = 0; i < N; i++) {
		put(w, i, PAD);
		if (i % 4 == 3)
			assert_int_equal(trace_flush(w, 0, &err), RC_OK);
	}
	finish(w);
	return path;
}

static char *
load(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	char *p = malloc(1 << 20);

	assert_non_null(f);
	*n = fread(p, 1, 1 << 20, f);
	(void)fclose(f);
	return p;
}

static void
save(const char *path, const char *p, size_t n)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	(void)fclose(f);
}

static int
opens_as(const char *path)
{
	struct trace_reader *r = NULL;
	int rc = trace_reader_open(path, 1, &r, NULL);

	trace_reader_close(&r);
	return rc;
}

static void
like_a_plain_one(void **state)
{
	char *path = write_some(), *p;
	struct trace_index *ix;
	struct trace_info info;
	struct err err = ERR_INIT;
	struct buf line;
	size_t n;
	int damage, threads;

	(void)state;
	p = load(path, &n);
	assert_true(seal_is(p, n));
	assert_null(memmem(p, n, "exchange", 8));
	assert_null(memmem(p, n, "\x28\xb5\x2f\xfd", 4));
	free(p);
	for (threads = 1; threads < 5; threads++) {
		assert_int_equal(read_all(path, threads, &info, &damage), N);
		assert_int_equal(damage, 0);
		assert_true(info.table && info.closed && info.sealed);
		assert_int_equal(info.written, N);
	}
	assert_int_equal(trace_index_open(path, &ix, &err), RC_OK);
	buf_init(&line, 1 << 20);
	assert_int_equal(trace_index_find(ix, "id-41", &err), 41);
	assert_int_equal(trace_index_get(ix, 3, &line, &err), RC_OK);
	assert_non_null(strstr(buf_str(&line), "id-3"));
	buf_fini(&line);
	trace_index_close(&ix);
	use(NULL);
	assert_int_equal(opens_as(path), RC_USAGE);
	use(&other);
	assert_int_equal(opens_as(path), RC_USAGE);
	free(path);
}

/* A change anywhere is told, and costs the frame that it is in. */
static void
changed(void **state)
{
	char *path = write_some(), *p, *bad = strdup(dir_path("bad.zst"));
	char *mended = strdup(dir_path("mended.zst"));
	struct trace_repair rep;
	struct trace_info info;
	struct err err = ERR_INIT;
	size_t n, i;
	int damage, got;

	(void)state;
	p = load(path, &n);
	gaps = 1;
	for (i = 40; i < n; i += 31) {
		p[i] = (char)(p[i] ^ 1 << i % 8);
		save(bad, p, n);
		p[i] = (char)(p[i] ^ 1 << i % 8);
		got = read_all(bad, 1, &info, &damage);
		if (damage == 0 && !info.torn && info.closed && info.table)
			fail_msg("byte %zu of %zu is not missed", i, n);
		if (got < N - 2 * (FRAME / PAD + 2))
			fail_msg("byte %zu leaves %d", i, got);
		(void)unlink(mended);
		if (trace_repair(bad, mended, &rep, &err) != RC_OK)
			fail_msg("%s", err.msg);
		assert_int_equal(read_all(mended, 1, &info, &damage), got);
		assert_int_equal(damage, 0);
		assert_true(info.table && info.closed && info.sealed);
	}
	free(p);
	free(path);
	free(bad);
	free(mended);
}

/* Cut anywhere: what was flushed is there, and it is said to be cut. */
static void
cut(void **state)
{
	char *path = write_some(), *p, *torn = strdup(dir_path("torn.zst"));
	struct trace_repair rep;
	struct trace_info info;
	struct err err = ERR_INIT;
	size_t n, i;
	int damage, got, last = 0;

	(void)state;
	p = load(path, &n);
	for (i = 40; i < n; i += 53) {
		save(torn, p, i);
		got = read_all(torn, 2, &info, &damage);
		assert_int_equal(damage, 0);
		assert_false(info.closed && info.table);
		assert_true(got >= last);
		last = got;
		if (i % 10 == 0) {
			if (trace_repair(torn, torn, &rep, &err) != RC_OK)
				fail_msg("%s", err.msg);
			assert_int_equal(read_all(torn, 1, &info, &damage),
			    got);
			assert_true(info.table && info.closed);
		}
	}
	assert_int_equal(last, N);
	free(p);
	free(path);
	free(torn);
}

/* A trace that was cut off is gone on with; a plain one becomes encrypted,
 * and the reverse. */
static void
goes_on(void **state)
{
	struct trace_opts o = { .kind = "test", .frame_bytes = FRAME };
	char *path = strdup(dir_path("t.zst")), *plain;
	struct trace_writer *w = create(path, FRAME);
	struct trace_repair rep;
	struct trace_info info;
	struct err err = ERR_INIT;
	int i, damage;

	(void)state;
	for (i = 0; i < N / 2; i++)
		put(w, i, PAD);
	assert_int_equal(trace_flush(w, 1, &err), RC_OK);
	trace_writer_abandon(&w);
	if (trace_writer_resume(path, &o, &w, &err) != RC_OK)
		fail_msg("%s", err.msg);
	for (; i < N; i++)
		put(w, i, PAD);
	finish(w);
	assert_int_equal(read_all(path, 2, &info, &damage), N);
	assert_true(info.closed && info.sealed && damage == 0);

	plain = strdup(dir_path("plain.zst"));
	use(NULL);
	w = create(plain, FRAME);
	for (i = 0; i < N; i++)
		put(w, i, PAD);
	finish(w);
	use(&key);
	assert_int_equal(trace_repair(plain, plain, &rep, &err), RC_OK);
	assert_int_equal(read_all(plain, 1, &info, &damage), N);
	assert_true(info.sealed && info.closed);
	free(path);
	free(plain);
}

/* Bodies beside the trace: unreadable, and under names that tell nothing. */
static void
bodies(void **state)
{
	static const char text[] = "a body that is large, say";
	char *path = strdup(dir_path("t.zst")), name[HASH_HEX], file[256];
	struct ex_bytes body = { NULL, sizeof(text) - 1, name };
	struct trace_writer *w = create(path, FRAME);
	struct err err = ERR_INIT;
	struct buf b;
	char cmd[256];

	(void)state;
	assert_int_equal(trace_spill(w, text, sizeof(text) - 1, name, &err),
	    RC_OK);
	assert_int_equal(trace_spill(w, text, sizeof(text) - 1, name, &err),
	    RC_OK);
	finish(w);
	(void)snprintf(file, sizeof(file), "%s.d/%s", path, name);
	assert_int_not_equal(access(file, F_OK), 0);
	(void)snprintf(cmd, sizeof(cmd), "test $(ls %s.d | wc -l) = 1 && "
	    "! grep -rq 'a body' %s.d", path, path);
	assert_int_equal(system(cmd), 0);
	buf_init(&b, 1 << 20);
	if (trace_body_load(path, &body, &b, &err) != RC_OK)
		fail_msg("%s", err.msg);
	assert_string_equal(buf_str(&b), text);
	body.n--;
	assert_int_equal(trace_body_load(path, &body, &b, NULL), RC_FORMAT);
	body.n++;
	use(&other);
	assert_int_equal(trace_body_load(path, &body, &b, NULL), RC_IO);
	use(&key);
	(void)snprintf(cmd, sizeof(cmd), "for f in %s.d/*; do printf X | dd "
	    "of=$f bs=1 seek=90 conv=notrunc 2>/dev/null; done", path);
	assert_int_equal(system(cmd), 0);
	buf_reset(&b);
	assert_int_equal(trace_body_load(path, &body, &b, NULL), RC_FORMAT);
	buf_fini(&b);
	free(path);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, with_key, without_key)
	const struct CMUnitTest tests[] = {
		T(like_a_plain_one),
		T(changed),
		T(cut),
		T(goes_on),
		T(bodies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
