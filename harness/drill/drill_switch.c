/*
 * Guardrail 3: one pointer from blue to green, and back. The same invariants
 * on both, the gold set on green, no answer fails on the way, green's answers
 * change no more from one time to the next than blue's, and the way back is
 * as fast as it must be. Which side answered is known by its pins.
 */
#include <stdio.h>
#include <string.h>

#include "harness/base/mono.h"
#include "harness/drill/rest.h"
#include "harness/drill/steps.h"

static const char error[] = "index swap error";

/* One side at rest, asked twice. */
struct colour {
	struct rest at;
	struct json *pins;
};

struct switching {
	struct drill *d;
	struct questions q;
	struct colour blue, green;
	struct phase load;
	int64_t there_ns;
};

/* ---- each side at rest -------------------------------------------------- */

/* The pins of one answer, caller frees; NULL with an error. */
static struct json *
pins_now(struct switching *s, struct err *err)
{
	struct json *pins = NULL;
	struct reading r;
	struct wave w;
	struct ask *a;

	wave_init(&w, 1);
	a = wave_one(s->d, &w, questions_add(&s->q, &w, drill_arm(s->d), 0,
	    err), err);
	if (a != NULL && reading_of(&s->q, a, &r, err) == RC_OK) {
		pins = json_copy(r.pins);
		reading_fini(&r);
	}
	wave_fini(&w);
	return pins;
}

static int
look(struct switching *s, struct colour *c, struct err *err)
{
	int rc = rest_look(&s->q, &c->at, err);

	if (rc == RC_OK && (c->pins = pins_now(s, err)) == NULL)
		rc = err->code;
	return rc;
}

/* What both sides must have alike: pins.equal, else what embeds and cuts. */
static int
same_pin(const struct switching *s, const char *name, char seen[240])
{
	const char *b = json_get_str(s->blue.pins, name);
	const char *g = json_get_str(s->green.pins, name);

	if ((b == NULL && g == NULL) ||
	    (b != NULL && g != NULL && strcmp(b, g) == 0))
		return 1;
	if (*seen == '\0')
		(void)snprintf(seen, 240, "%.60s: %.70s on blue, %.70s on "
		    "green", name, b == NULL ? "none" : b,
		    g == NULL ? "none" : g);
	return 0;
}

static void
invariants(struct switching *s)
{
	static const char *const own[] = { "EMBED_MODEL_VER", "EMBED_DIM",
		"NORM", "metric", "TOK_VER", "ANALYZER_CONF",
		"CHUNK_SCHEMA_VER" };
	const struct json *m = json_first(drill_doc(s->d, "pins.equal"));
	char seen[240] = "";
	size_t i, n = 0, same = 0;

	for (; m != NULL; m = json_next(m), n++)
		same += json_str(m) != NULL && same_pin(s, json_str(m), seen);
	for (i = 0; n == 0 && i < sizeof(own) / sizeof(own[0]); i++)
		same += same_pin(s, own[i], seen);
	n = n == 0 ? i : n;
	(void)drill_check(s->d, "the invariants are equal", same == n,
	    "embedding/metric mismatch", same == n ? "%zu pins%s" :
	    "%zu of the pins are equal; %s", same, seen);
}

static void
gold_on_green(struct switching *s)
{
	const struct phase *g = &s->green.at.once, *b = &s->blue.at.once;
	double least = s->d->suite->limits.coverage_min;

	rest_answers(s->d, "green answers", &s->green.at, error);
	if (b->expected == 0)
		drill_skip(s->d, "green passes the gold set", "needs cases "
		    "with section_ids");
	else
		(void)drill_check(s->d, "green passes the gold set",
		    (double)g->covered >= least * (double)b->expected,
		    "data loss", "%d of %d expected sections, blue has %d",
		    g->covered, b->expected, b->covered);
}

/* Questions whose passages changed from one time to the next. */
static void
flips(struct switching *s)
{
	size_t blue = 0, green = 0, at = 0;

	phase_differ(&s->blue.at.once, &s->blue.at.twice, &blue, &at);
	phase_differ(&s->green.at.once, &s->green.at.twice, &green, &at);
	(void)drill_check(s->d, "no more answers change on green",
	    green <= blue, strcmp(s->blue.at.once.v[0].index,
	    s->green.at.twice.v[0].index) != 0 ? error :
	    "reranker instability", "%zu of %zu questions had other passages "
	    "the second time, on blue %zu", green, s->green.at.once.n, blue);
}

/* ---- under load --------------------------------------------------------- */

static int
there(void *ctx, const struct load *l, struct err *err)
{
	struct switching *s = ctx;
	int64_t part = drill_time(s->d, "duration") / 2;
	int rc;

	mono_sleep_until_ns(mono_now_ns() + part);
	rc = lever_pull(s->d, "switch", err);
	s->there_ns = load_now_ns(l);
	mono_sleep_until_ns(mono_now_ns() + part);
	return rc;
}

static void
judge_load(struct switching *s)
{
	int64_t settle = drill_time(s->d, "settle");
	const char *blue = s->blue.at.once.v[0].pins;
	const struct seen *v;
	size_t i, late = 0;

	(void)drill_check(s->d, "none fails on the way",
	    (double)s->load.failed <= s->d->suite->limits.errors *
	    (double)s->load.n, error, s->load.failed == 0 ? "%zu of %zu" :
	    "%zu of %zu, the first with %s", s->load.failed, s->load.n,
	    s->load.why);
	for (i = 0; i < s->load.n; i++) {
		v = &s->load.v[i];
		late += v->usable && v->sent_ns > s->there_ns + settle &&
		    strcmp(v->pins, blue) == 0;
	}
	(void)drill_check(s->d, "all go to green", late == 0, error,
	    "%zu of blue, asked later than %.3g s after the switch", late,
	    (double)settle / 1e9);
}

/* Whether a phase is all blue, as it was before. */
static int
is_blue(const struct switching *s, const struct phase *p, char why[200])
{
	const struct seen *v, *b;
	size_t i;

	for (i = 0; i < p->n; i++) {
		v = &p->v[i];
		b = &s->blue.at.once.v[v->question];
		if (!v->usable && b->usable)
			(void)snprintf(why, 200, "question %zu: %.150s",
			    v->question + 1, v->why);
		else if (v->usable && b->usable && strcmp(v->pins,
		    b->pins) != 0)
			(void)snprintf(why, 200, "question %zu has the pins "
			    "of green", v->question + 1);
		else if (v->usable && !rest_gives(&s->blue.at, v))
			(void)snprintf(why, 200, "question %zu has other "
			    "passages", v->question + 1);
		else
			continue;
		return 0;
	}
	return 1;
}

static int
way_back(struct switching *s, struct err *err)
{
	int64_t within = drill_time(s->d, "back_within");
	int64_t begun = mono_now_ns(), took = 0;
	char why[200] = "";
	struct phase p;
	int ok = 0, rc = lever_undo(s->d, "switch", err);

	while (rc == RC_OK && !ok && took <= within && !drill_stopped(s->d)) {
		took = mono_now_ns() - begun;
		rc = phase_run(&s->q, drill_arm(s->d), s->q.n, 0, &p, err);
		ok = rc == RC_OK && is_blue(s, &p, why);
		phase_fini(&p);
	}
	if (rc != RC_OK)
		return rc;
	if (ok && took <= within)
		(void)drill_check(s->d, "and back in time", 1, NULL,
		    "%zu questions are blue's again %.2f s after the way back "
		    "began; limit %.3g s", s->q.n, (double)took / 1e9,
		    (double)within / 1e9);
	else
		(void)drill_check(s->d, "and back in time", 0, error,
		    "not within %.3g s: %s", (double)within / 1e9, why);
	return RC_OK;
}

/* ---- its steps ---------------------------------------------------------- */

static void
colour_fini(struct colour *c)
{
	rest_fini(&c->at);
	json_free(c->pins);
	c->pins = NULL;
}

static int
at_rest(void *ctx, struct json *data, struct err *err)
{
	struct switching *s = ctx;
	int rc = look(s, &s->blue, err);

	if (rc == RC_OK)
		rc = phase_must_answer(&s->blue.at.once, err);
	if (rc == RC_OK)
		rc = lever_pull(s->d, "switch", err);
	if (rc == RC_OK)
		rc = look(s, &s->green, err);
	if (rc == RC_OK)
		rc = lever_undo(s->d, "switch", err);
	if (rc != RC_OK)
		return rc;
	if (json_equal(s->blue.pins, s->green.pins)) {
		(void)drill_check(s->d, "the sides have pins of their own", 0,
		    error, "nothing tells green's answers from blue's: no pin "
		    "changed with the switch");
		return STEP_LAST;
	}
	invariants(s);
	gold_on_green(s);
	flips(s);
	rest_put(data, "blue", &s->blue.at);
	rest_put(data, "green", &s->green.at);
	(void)json_set(data, "blue pins", json_copy(s->blue.pins));
	(void)json_set(data, "green pins", json_copy(s->green.pins));
	return RC_OK;
}

static int
at_rest_had(void *ctx, const struct json *data, struct err *err)
{
	struct switching *s = ctx;
	int rc = rest_get_both(data, &s->blue.at, &s->green.at, err);

	if (rc != RC_OK)
		return rc;
	s->blue.pins = json_copy(json_get(data, "blue pins"));
	s->green.pins = json_copy(json_get(data, "green pins"));
	if (s->blue.pins != NULL && s->green.pins != NULL)
		return RC_OK;
	colour_fini(&s->blue);
	colour_fini(&s->green);
	return err_set(err, RC_FORMAT, "the sides' pins were not kept");
}

static int
there_and_back(void *ctx, struct json *data, struct err *err)
{
	struct switching *s = ctx;
	int rc = load_while(&s->q, there, s, &s->load, err);

	(void)data;
	if (rc == RC_OK)
		judge_load(s);
	return rc == RC_OK ? way_back(s, err) : rc;
}

static const struct step steps[] = {
	{ "each side at rest", at_rest, at_rest_had },
	{ "the switch under load", there_and_back, NULL },
};

int
drill_switch(struct drill *d, struct err *err)
{
	struct switching s;
	int rc;

	memset(&s, 0, sizeof(s));
	s.d = d;
	rc = lever_must_undo(d, "switch", err);
	if (rc == RC_OK)
		rc = steps_ask(d, &s.q, steps,
		    sizeof(steps) / sizeof(steps[0]), &s, err);
	colour_fini(&s.blue);
	colour_fini(&s.green);
	phase_fini(&s.load);
	return rc;
}
