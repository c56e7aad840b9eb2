/* Cases, variants, pace, budget and the other plain parts of a suite. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/suite/perturb.h"
#include "harness/suite/suite_part.h"
#include "harness/traffic/where.h"

/* Which exchanges of a trace, and what of them. */
static void
choose(struct suite_load *ld, const struct json *c)
{
	struct suite *s = ld->s;
	struct err e = ERR_INIT;
	struct where *w;

	s->cases_where = suite_get(c, "where");
	s->cases_batch = suite_get(c, "batch");
	if ((s->cases_where != NULL || s->cases_batch != NULL) &&
	    s->cases_trace == NULL)
		suite_error(ld, c, 1, "cases: `where` and `batch` need a "
		    "`trace`");
	w = where_new();
	if (w == NULL)
		suite_nomem(ld);
	else if (where_add_map(w, s->cases_where, &e) != RC_OK)
		suite_error(ld, s->cases_where, 0, "cases.where: %s", e.msg);
	where_free(w);
}

/* The calls that come first: what can be checked without their trace. */
static void
setup(struct suite_load *ld)
{
	const struct json *list = suite_get(ld->mem->doc, "setup"), *j;
	struct err e = ERR_INIT;
	struct where *w;

	for (j = json_first(list); j != NULL; j = json_next(j)) {
		if (json_size(json_get(j, "where")) == 0)
			suite_error(ld, j, 0, "setup: `where` is missing: it "
			    "chooses the calls");
		if (json_get(j, "trace") == NULL &&
		    ld->s->cases_trace == NULL)
			suite_error(ld, j, 0, "setup: the calls come from a "
			    "trace: give `trace` here, or cases from one");
		w = where_new();
		if (w == NULL)
			suite_nomem(ld);
		else if (where_add_map(w, json_get(j, "where"), &e) != RC_OK)
			suite_error(ld, j, 0, "setup.where: %s", e.msg);
		where_free(w);
	}
}

static void
cases(struct suite_load *ld)
{
	const struct json *doc = ld->mem->doc, *c = suite_get(doc, "cases");
	struct suite *s = ld->s;

	if (json_kind(c) == JSON_ARRAY) {
		s->cases_inline = c;
		return;
	}
	if (json_kind(c) == JSON_STRING) {
		s->cases_file = suite_file_of(ld, c);
		return;
	}
	s->cases_file = suite_file(ld, c, "file");
	s->cases_trace = suite_file(ld, c, "trace");
	choose(ld, c);
	s->sample = (uint64_t)suite_int(c, "cases", "sample");
	s->stratify = suite_raw(c, "stratify");
	s->cases_critical = suite_bool(c, "cases", "critical");
	if (c != NULL && (s->cases_file == NULL) == (s->cases_trace == NULL))
		suite_error(ld, c, 1, "cases: give either `file` or "
		    "`trace`");
}

/* A seed is sent as the number that it is: 64 bits hold it, or it is none. */
static int64_t
seed(struct suite_load *ld, const struct json *j)
{
	int64_t v = json_int(j, 0);
	char digits[24];
	struct json *held;
	int order;

	(void)snprintf(digits, sizeof(digits), "%lld", (long long)v);
	held = json_new_digits(digits);
	if (json_order(j, held, &order) && order != 0)
		suite_error(ld, j, 0, "a seed has at most 64 bits, from "
		    "-9223372036854775808 to 9223372036854775807");
	json_free(held);
	return v;
}

static void
seeds(struct suite_load *ld, const struct json *v)
{
	const struct json *j = suite_get(v, "seeds"), *m;
	struct suite *s = ld->s;
	int64_t n = json_int(j, 2);

	s->n_seeds = 0;
	if (json_kind(j) != JSON_ARRAY) {
		for (; s->n_seeds < SUITE_SEEDS_MAX && s->n_seeds < n;
		    s->n_seeds++)
			s->seeds[s->n_seeds] = s->n_seeds + 1;
		return;
	}
	if (json_size(j) == 0 || json_size(j) > SUITE_SEEDS_MAX) {
		suite_error(ld, j, 0, "seeds: give 1 to %d",
		    SUITE_SEEDS_MAX);
		return;
	}
	for (m = json_first(j); m != NULL; m = json_next(m))
		s->seeds[s->n_seeds++] = seed(ld, m);
}

static void
perturbations(struct suite_load *ld, const struct json *v)
{
	static const char *const usual[] = {
		"whitespace", "punctuation", "case"
	};
	const struct json *j = suite_get(v, "perturb");
	struct suite *s = ld->s;
	size_t i;

	if (j == NULL) {
		for (i = 0; i < 3; i++)
			s->perturb[s->n_perturb++] = usual[i];
	} else if (json_kind(j) == JSON_BOOL) {
		for (i = 0; json_bool(j, 0) && perturb_names[i] != NULL; i++)
			s->perturb[s->n_perturb++] = perturb_names[i];
	} else {
		for (j = json_first(j); j != NULL &&
		    s->n_perturb < SUITE_PERTURB_MAX; j = json_next(j))
			s->perturb[s->n_perturb++] = json_str(j);
	}
}

static void
variants(struct suite_load *ld)
{
	const struct json *v = suite_get(ld->mem->doc, "variants");
	struct suite *s = ld->s;

	s->paraphrases = (uint32_t)suite_int(v, "variants", "paraphrases");
	s->repeats = (uint32_t)suite_int(v, "variants", "repeats");
	seeds(ld, v);
	perturbations(ld, v);
}

static void
pace(struct suite_load *ld)
{
	static const char *const modes[] = {
		[PACE_CLOSED] = "closed", [PACE_CONSTANT] = "constant",
		[PACE_POISSON] = "poisson", [PACE_RECORDED] = "recorded"
	};
	const struct json *p = suite_get(ld->mem->doc, "pace");
	const char *mode = suite_raw(p, "mode");
	struct suite *s = ld->s;
	int i;

	for (i = PACE_CLOSED; i <= PACE_RECORDED; i++) {
		if (mode != NULL && strcmp(mode, modes[i]) == 0)
			s->pace = (enum suite_pace)i;
	}
	s->concurrency = (int)suite_int(p, "pace", "concurrency");
	s->rate = suite_num(p, "pace", "rate");
	s->speed = suite_num(p, "pace", "speed");
	s->idle_cap_ns = suite_time(p, "pace", "idle_cap");
	s->late_max_ns = suite_time(p, "pace", "lateness_max");
}

static void
confirm(struct suite_load *ld)
{
	const struct json *c = suite_get(ld->mem->doc, "confirm");
	struct suite_confirm *out = &ld->s->confirm;

	if (json_kind(c) != JSON_OBJECT && !suite_bool(ld->mem->doc, "",
	    "confirm"))
		return;
	out->cases = (uint32_t)suite_int(c, "confirm", "cases");
	out->repeats = (uint32_t)suite_int(c, "confirm", "repeats");
	out->rounds = (uint32_t)suite_int(c, "confirm", "rounds");
	out->measure_on = 1;
}

static void
budget(struct suite_load *ld)
{
	const struct json *doc = ld->mem->doc;
	const struct json *b = suite_get(doc, "budget");
	const struct json *r = suite_get(doc, "retry");
	struct suite *s = ld->s;

	s->budget_requests = (uint64_t)suite_int(b, "budget", "requests");
	s->budget_time_ns = suite_time(b, "budget", "time");
	s->budget_usd = suite_num(b, "budget", "usd");
	s->retry.max_attempts = (int)suite_int(r, "retry", "max_attempts");
	s->retry.base_ns = (int64_t)(suite_num(r, "retry", "base_s") * 1e9);
	s->retry.cap_ns = (int64_t)(suite_num(r, "retry", "cap_s") * 1e9);
	s->retry.honor_retry_after = suite_bool(r, "retry",
	    "honor_retry_after");
	s->body_max = suite_get(doc, "body_max") == NULL ? 16 << 20 :
	    (size_t)suite_size_of(suite_get(doc, "body_max"));
	s->warmup = (uint32_t)suite_int(doc, "", "warmup");
	s->give_up_after = (uint32_t)suite_int(doc, "", "give_up_after");
}

/* "tags.tenant" and "/tags/tenant" are the same slice. */
static void
slices(struct suite_load *ld)
{
	const struct json *list = suite_get(ld->mem->doc, "slices"), *j;
	struct json *out;
	char text[512];
	const char *p;
	size_t n;

	if (list == NULL)
		return;
	out = json_new(JSON_ARRAY);
	if (json_push(ld->mem->words, out) != RC_OK) {
		suite_nomem(ld);
		return;
	}
	for (j = json_first(list); j != NULL; j = json_next(j)) {
		p = json_str(j);
		n = p == NULL ? 0 : strlen(p);
		if (n == 0 || n >= sizeof(text) - 1) {
			suite_error(ld, j, 0, "a slice must be a dotted name "
			    "such as tags.tenant");
			continue;
		}
		(void)snprintf(text, sizeof(text), "%s%s",
		    *p == '/' ? "" : "/", p);
		for (n = 0; *p != '/' && text[n] != '\0'; n++) {
			if (text[n] == '.')
				text[n] = '/';
		}
		if (json_push(out, json_new_str(text)) != RC_OK)
			suite_nomem(ld);
	}
	ld->s->slices = out;
}

/* Every line of a quarantine names its case, owner and date. */
static void
quarantine(struct suite_load *ld)
{
	static const char *const needs[] = { "case", "owner", "until" };
	const struct json *list = suite_get(ld->mem->doc, "quarantine"), *j;
	size_t i;

	ld->s->quarantine = list;
	for (j = json_first(list); j != NULL; j = json_next(j)) {
		for (i = 0; i < 3; i++) {
			if (suite_get(j, needs[i]) == NULL)
				suite_error(ld, j, 0, "a quarantined case "
				    "needs \"%s\"", needs[i]);
		}
	}
}

void
suite_cases(struct suite_load *ld)
{
	const struct json *doc = ld->mem->doc;
	const struct json *p = suite_get(doc, "pins");
	struct suite *s = ld->s;

	cases(ld);
	setup(ld);
	variants(ld);
	pace(ld);
	budget(ld);
	confirm(ld);
	slices(ld);
	quarantine(ld);
	suite_scorers(ld);
	s->sections_file = suite_file(ld, doc, "sections");
	s->recorded_file = suite_file(ld, doc, "recorded");
	s->pins_equal = suite_get(p, "equal");
	s->pins_expect = suite_get(p, "expect");
	s->pins_require = suite_get(p, "require");
	s->embedder = ld->over->embedder != NULL ?
	    suite_keep(ld, ld->over->embedder) :
	    suite_text(ld, doc, "embedder", NULL);
	if (s->embedder == NULL)
		s->embedder = "builtin";
	/* A curve belongs to the embedder that the suite names. */
	s->embedder_t = ld->over->embedder != NULL ? NAN :
	    json_num(suite_get(doc, "embedder_t"), NAN);
}
