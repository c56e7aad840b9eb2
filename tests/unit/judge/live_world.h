/* A small world for the tests of the live verdict: a suite, an embedder, and
 * answers made by hand. */
#ifndef LOCKSTEP_TESTS_LIVE_WORLD_H
#define LOCKSTEP_TESTS_LIVE_WORLD_H

#include "harness/judge/live.h"

#include <fcntl.h>
#include <unistd.h>

#include "harness/base/mono.h"
#include "harness/base/rng.h"
#include "tests/lib/check.h"

static const char manifest[] =
    "lockstep: 1\n"
    "name: live\n"
    "cases: [{id: a, question: 'When are wages paid?'}]\n"
    "pins: {equal: [MODEL_VER], require: [PROMPT_VER]}\n"
    "targets:\n"
    "  baseline: {url: 'http://127.0.0.1:1'}\n"
    "  candidate: {url: 'http://127.0.0.1:2'}\n"
    "request: {path: /query, body: {question: '{{question}}'}}\n"
    "extract: {preset: generic}\n";

struct world {
	struct suite *suite;
	struct embedder *embedder;
	struct live *live;
	uint64_t n;
};

static inline void
must(int rc, const struct err *err)
{
	if (rc < 0)
		fail_msg("%s", err->msg);
}

static inline void
open_with(struct world *w, const char *text, struct live_opts o)
{
	struct suite_over over = { .text = text };
	struct embed_opts eo = { .spec = "builtin", .serial = 1 };
	struct err err = ERR_INIT;

	memset(w, 0, sizeof(*w));
	must(suite_load("live.yml", &over, &w->suite, &err), &err);
	must(embedder_open(&eo, &w->embedder, &err), &err);
	o.suite = w->suite;
	o.embedder = w->embedder;
	o.wall_ns = MONO_S;
	must(live_open(&w->live, &o, &err), &err);
}

static inline void
open_world(struct world *w)
{
	open_with(w, manifest, (struct live_opts){ .window_pairs = 100 });
}

static inline void
close_world(struct world *w)
{
	live_close(&w->live);
	embedder_close(&w->embedder);
	suite_free(w->suite);
}

/* ---- answers ----------------------------------------------------------- */

#define PINS "\"pins\":{\"MODEL_VER\":\"1\",\"PROMPT_VER\":\"p\"}"
#define FOUND "\"retrieved\":[{\"section_id\":\"s1\",\"text\":\"pay\"}," \
    "{\"section_id\":\"s2\",\"text\":\"leave\"}]"
static const char good[] = "{\"answer\":\"Wages are paid on the 25th.\","
    FOUND ",\"citations\":[{\"section_id\":\"s1\"}]," PINS "}";
static const char other[] = "{\"answer\":\"Helmets are worn on the ramp at "
    "all times.\"," FOUND ",\"citations\":[{\"section_id\":\"s1\"}]," PINS "}";
static const char miscited[] = "{\"answer\":\"Wages are paid on the 25th.\","
    FOUND ",\"citations\":[{\"section_id\":\"s9\"}]," PINS "}";
static const char flipped[] = "{\"answer\":\"Wages are paid on the 25th.\","
    "\"retrieved\":[{\"section_id\":\"s2\",\"text\":\"leave\"},"
    "{\"section_id\":\"s1\",\"text\":\"pay\"}],"
    "\"citations\":[{\"section_id\":\"s1\"}]," PINS "}";
static const char nothing[] = "{\"answer\":\"\",\"retrieved\":[],"
    "\"citations\":[]," PINS "}";

static inline struct exchange
answer(const char *body, int64_t at_ns)
{
	struct exchange ex;

	exchange_init(&ex);
	ex.id = "x";
	ex.method = "POST";
	ex.target = "/query";
	ex.sent_ns = at_ns;
	ex.total_ns = 20 * MONO_MS;
	ex.status = body == NULL ? 503 : 200;
	ex.outcome = body == NULL ? OUTCOME_HTTP_5XX : OUTCOME_OK;
	if (body != NULL)
		ex.res_body = (struct ex_bytes){ body, strlen(body), NULL };
	return ex;
}

/* One pair, the primary asked again where that is wanted. */
static inline enum live_verdict
add(struct world *w, const char *primary, const char *candidate,
    const char *again)
{
	struct err err = ERR_INIT;
	int64_t at = (int64_t)w->n++ * 50 * MONO_MS;
	struct exchange p = answer(primary, at), c = answer(candidate, at),
	    e = answer(again, at);
	int wants = live_wants_echo(w->live, &p, &c, &err);

	must(wants, &err);
	must(live_add(w->live, &p, &c, wants ? &e : NULL, &err), &err);
	return live_verdict(w->live);
}

static inline const struct live_test_status *
test_named(const struct live_status *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->n_tests; i++) {
		if (strcmp(s->test[i].name, name) == 0)
			return &s->test[i];
	}
	fail_msg("no test %s", name);
	return NULL;
}

#endif
