/* Fuzzes manifests as a whole: loading, cases within them, wordings,
 * requests. Nothing is sent, started or run. */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/suite/caseset.h"
#include "harness/suite/plan.h"
#include "harness/suite/template.h"

static char path[64];

static void
write_file(const uint8_t *data, size_t n)
{
	FILE *f;

	if (*path == '\0')
		(void)snprintf(path, sizeof(path), "/tmp/fuzz-suite-%d.yml",
		    (int)getpid());
	f = fopen(path, "wb");
	if (f == NULL || fwrite(data, 1, n, f) != n || fclose(f) != 0)
		abort();
}

static void
render(const struct suite *s, struct gold *g)
{
	struct template_vars v;
	struct template *t;
	struct buf out;
	int made;

	memset(&v, 0, sizeof(v));
	v.question = gold_wording(g, s, 2, &v.question_n, &made);
	v.doc = g->doc;
	v.request = g->request;
	if (v.question == NULL)
		abort();
	buf_init(&out, 1 << 20);
	t = template_new(s->body, NULL);
	/* what loading accepted must render */
	if (t == NULL)
		abort();
	(void)template_render(t, &v, &out, NULL);
	template_free(t);
	buf_fini(&out);
}

static void
cases(const struct suite *s)
{
	struct caseset *cs;
	struct plan p;
	struct gold g;
	uint64_t i;

	if (s->cases_inline == NULL ||
	    caseset_open(s, NULL, &cs, NULL) != RC_OK)
		return;
	gold_init(&g);
	for (i = 0; i < caseset_n(cs); i++) {
		if (caseset_get(cs, i, &g, NULL) != RC_OK)
			abort();
		render(s, &g);
	}
	plan_init(&p, s, caseset_n(cs));
	gold_fini(&g);
	caseset_close(&cs);
}

/* Devices and pipes that a manifest may name would stall the fuzzer. */
static int
harmless(const uint8_t *data, size_t n)
{
	return memmem(data, n, "dev", 3) == NULL &&
	    memmem(data, n, "proc", 4) == NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct suite_over over;
	struct err err = ERR_INIT;
	struct suite *s = NULL;
	int rc;

	if (!harmless(data, n))
		return 0;
	write_file(data, n);
	memset(&over, 0, sizeof(over));
	over.no_env = 1;
	rc = suite_load(path, &over, &s, &err);
	if ((rc == RC_OK) != (s != NULL) || (rc != RC_OK) != (err.code != 0))
		abort();
	if (s != NULL)
		cases(s);
	suite_free(s);
	return 0;
}
