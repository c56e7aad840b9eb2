/*
 * Fuzzes live_load(): what is taken for a state can be looked at, added to and
 * saved, and what was saved is a state again that says the same.  SHAPE in the
 * input stands for the shape that a state must have.
 */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/json.h"
#include "harness/base/mono.h"
#include "harness/judge/live.h"

static const char manifest[] =
    "lockstep: 1\nname: live\ncases: [{id: a, question: 'x'}]\n"
    "targets:\n  baseline: {url: 'http://127.0.0.1:1'}\n"
    "  candidate: {url: 'http://127.0.0.1:2'}\n"
    "request: {path: /query, body: {question: '{{question}}'}}\n";

static struct suite *suite;
static struct embedder *embedder;
static char shape[64];

static struct live *
open_live(void)
{
	const struct live_opts o = { .suite = suite, .embedder = embedder,
		.wall_ns = MONO_S };
	struct err err = ERR_INIT;
	struct live *l;

	if (live_open(&l, &o, &err) != RC_OK)
		abort();
	return l;
}

static int
load(struct live *l, const void *p, size_t n)
{
	int fd = memfd_create("state", MFD_CLOEXEC), found, rc;
	struct err err = ERR_INIT;
	char path[64];

	if (fd < 0 || write(fd, p, n) != (ssize_t)n)
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	rc = live_load(l, path, &found, &err);
	if ((rc == RC_OK) == (err.msg[0] != '\0'))
		abort();
	(void)close(fd);
	return rc;
}

/* The file's bytes; the caller frees. */
static char *
save(struct live *l, size_t *n)
{
	char path[] = "/tmp/fuzz-live-XXXXXX";
	int fd = mkstemp(path);
	struct err err = ERR_INIT;
	char *text = malloc(16 << 20);
	FILE *f;

	if (fd < 0 || text == NULL || live_save(l, path, &err) != RC_OK)
		abort();
	(void)close(fd);
	f = fopen(path, "rb");
	if (f == NULL)
		abort();
	*n = fread(text, 1, (16 << 20) - 1, f);
	text[*n] = '\0';
	(void)fclose(f);
	(void)unlink(path);
	return text;
}

static void
begin(void)
{
	struct suite_over over = { .text = manifest };
	struct embed_opts eo = { .spec = "lexical", .serial = 1 };
	struct err err = ERR_INIT;
	struct live *l;
	struct json *j;
	char *text;
	size_t n;

	if (suite_load("live.yml", &over, &suite, &err) != RC_OK ||
	    embedder_open(&eo, &embedder, &err) != RC_OK)
		abort();
	l = open_live();
	text = save(l, &n);
	j = json_parse(text, n, &err);
	(void)snprintf(shape, sizeof(shape), "%s", json_get_str(j, "shape"));
	json_free(j);
	free(text);
	live_close(&l);
}

static void
add_pair(struct live *l)
{
	static const char body[] = "{\"answer\":\"x\",\"retrieved\":[]}";
	struct err err = ERR_INIT;
	struct exchange p, c;

	exchange_init(&p);
	p.id = "a-1-b";
	p.method = "POST";
	p.target = "/query";
	p.sent_ns = p.total_ns = MONO_MS;
	p.status = 200;
	p.res_body = (struct ex_bytes){ body, sizeof(body) - 1, NULL };
	c = p;
	c.res_body.p = NULL;
	if (live_add(l, &p, &c, NULL, &err) != RC_OK ||
	    live_add(l, NULL, &c, NULL, &err) != RC_OK)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct live_status one, two;
	const uint8_t *at;
	struct live *l, *again;
	char *text;
	struct buf b;

	if (suite == NULL)
		begin();
	buf_init(&b, 1 << 26);
	at = n == 0 ? NULL : memmem(data, n, "SHAPE", 5);
	if (at == NULL) {
		buf_add(&b, data, n);
	} else {
		buf_add(&b, data, (size_t)(at - data));
		buf_puts(&b, shape);
		buf_add(&b, at + 5, n - (size_t)(at + 5 - data));
	}
	l = open_live();
	if (load(l, buf_str(&b), b.len) == RC_OK) {
		live_status(l, &one);
		add_pair(l);
		text = save(l, &n);
		live_status(l, &one);
		again = open_live();
		if (load(again, text, n) != RC_OK)
			abort();
		live_status(again, &two);
		if (one.pairs != two.pairs || one.n_stops != two.n_stops ||
		    one.verdict != two.verdict)
			abort();
		live_close(&again);
		free(text);
	}
	live_close(&l);
	buf_fini(&b);
	return 0;
}
