/* Several suites' results as one; see result_merge.h. */
#include "harness/judge/result_merge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/judge/verdict_write.h"

static void
copy_gates(struct result *r, const struct result *from, const char *suite)
{
	size_t i;

	for (i = 0; i < from->n_gates; i++) {
		struct result_gate *g = &r->gates[r->n_gates++];

		*g = from->gates[i];
		g->name = result_fmt(r, "%s/%s", suite, g->name);
		g->title = result_fmt(r, "%s: %s", suite, g->title);
		g->why = result_str(r, g->why);
	}
}

/* Suites may share metrics: by name. Those that find no room are left out. */
static void
copy_scored(struct result *r, const struct result *from,
    size_t slot[SCORER_METRICS_MAX])
{
	struct result_scored *m;
	size_t i, k;

	for (i = 0; i < from->n_scored; i++) {
		for (k = 0; k < r->n_scored; k++) {
			if (strcmp(r->scored[k].name,
			    from->scored[i].name) == 0)
				break;
		}
		slot[i] = k;
		if (k == SCORER_METRICS_MAX)
			continue;
		m = &r->scored[k];
		if (k == r->n_scored) {
			*m = from->scored[i];
			m->slot = r->n_scored++;
			m->name = result_str(r, m->name);
			m->scorer = result_str(r, m->scorer);
			m->hash = result_str(r, m->hash);
			m->why = result_str(r, m->why);
			continue;
		}
		m->judged += from->scored[i].judged;
		m->here += from->scored[i].here;
		m->declined += from->scored[i].declined;
	}
}

static void
move_scored(const struct result *from, const size_t slot[SCORER_METRICS_MAX],
    const struct result_case *c, struct result_case *to)
{
	size_t i, k;
	int a;

	for (a = 0; a < 2; a++) {
		for (i = 0; i < SCORER_METRICS_MAX; i++)
			to->scored[a][i] = NAN;
		for (k = 0; k < from->n_scored; k++) {
			if (slot[k] < SCORER_METRICS_MAX)
				to->scored[a][slot[k]] =
				    c->scored[a][from->scored[k].slot];
		}
	}
}

static int
copy_cases(struct result *r, const struct result *from, const char *suite,
    struct err *err)
{
	size_t slot[SCORER_METRICS_MAX];
	const struct result_case *c;
	struct result_reader rd;
	struct result_case named;
	struct buf id;
	int rc = RC_OK;

	copy_scored(r, from, slot);
	result_reader_init(&rd, from);
	buf_init(&id, SIZE_MAX / 4);
	while (rc == RC_OK && (c = result_case_next(&rd)) != NULL) {
		buf_reset(&id);
		buf_printf(&id, "%s/%s", suite, c->id);
		named = *c;
		move_scored(from, slot, c, &named);
		named.id = buf_str(&id);
		rc = buf_check(&id, "the id of a case", err);
		if (rc == RC_OK)
			rc = result_case_add(r, &named, err);
	}
	if (rc == RC_OK)
		rc = result_reader_check(&rd, err);
	buf_fini(&id);
	(void)result_reader_fini(&rd);
	return rc;
}

/* base: where its cases begin among all */
static void
copy_worst(struct result *r, const struct result *from, size_t base)
{
	size_t i;

	for (i = 0; i < from->n_worst &&
	    r->n_worst < sizeof(r->worst) / sizeof(r->worst[0]); i++)
		r->worst[r->n_worst++] = base + from->worst[i];
}

/* The worst of the most severe suite first. */
static void
copy_all_worst(struct result *r, struct result *const *v, size_t n)
{
	size_t i, base;
	int g;

	for (g = verdict_gravity(VERDICT_CANNOT_RUN); g >= 0; g--) {
		for (i = 0, base = 0; i < n; base += v[i++]->n_cases) {
			if (verdict_gravity(v[i]->verdict) == g)
				copy_worst(r, v[i], base);
		}
	}
}

/* As a sentence: each suite's own. */
static void
say_again(struct result *r, const struct result *from, const char *suite)
{
	if (from->again.say == NULL)
		return;
	r->again.known = 1;
	r->again.say = r->again.say == NULL ?
	    result_fmt(r, "%s: %s", suite, from->again.say) :
	    result_fmt(r, "%s; %s: %s", r->again.say, suite,
	    from->again.say);
}

/*
 * What was asked beyond the plans.
 * base    where the suite's cases begin among all
 */
static void
copy_again(struct result *r, const struct result *from, size_t base,
    const char *suite)
{
	struct result_again *c;
	size_t i;

	say_again(r, from, suite);
	for (i = 0; i < from->again.n; i++) {
		c = &r->again.cases[r->again.n++];
		*c = from->again.cases[i];
		c->id = result_fmt(r, "%s/%s", suite, c->id);
		c->index += base;
	}
	/* a p of one suite says nothing of another's cases */
	if (from->again.n > 0)
		r->again.p = r->again.n == from->again.n ? from->again.p :
		    NAN;
	if (from->again.repeats > r->again.repeats)
		r->again.repeats = from->again.repeats;
	r->again.lost += from->again.lost;
	r->again.noise += from->again.noise;
	r->again.better += from->again.better;
	r->again.open += from->again.open;
	r->again.pairs += from->again.pairs;
	r->again.pairs_again += from->again.pairs_again;
	r->again.errors[0] += from->again.errors[0];
	r->again.errors[1] += from->again.errors[1];
}

static void
copy_words(struct result *r, const struct result *from, const char *suite)
{
	size_t i;

	/* each keeps its own verdict: a suite that FAILs may hold an
	 * INCONCLUSIVE */
	for (i = 0; i < from->n_reasons; i++)
		verdict_raise(r, from->reasons[i].verdict, result_fmt(r,
		    "%s: %s", suite, from->reasons[i].text));
	r->reasons_more += from->reasons_more;
	for (i = 0; i < from->n_notes; i++)
		verdict_note(r, result_fmt(r, "%s: %s", suite,
		    from->notes[i]));
}

/* The arms of the suite that decides; sums over all suites would mix stacks
 * that have nothing to do with each other. */
static void
copy_arms(struct result *r, const struct result *from)
{
	size_t i;
	int a;

	for (a = 0; a < ARM_N; a++) {
		struct result_arm *arm = &r->arm[a];

		*arm = from->arm[a];
		arm->url = result_str(r, arm->url);
		arm->pins = result_alloc(r,
		    (arm->n_pins + 1) * sizeof(*arm->pins));
		for (i = 0; i < arm->n_pins && arm->pins != NULL; i++) {
			arm->pins[i].name = result_str(r,
			    from->arm[a].pins[i].name);
			arm->pins[i].value = result_str(r,
			    from->arm[a].pins[i].value);
			arm->pins[i].n = from->arm[a].pins[i].n;
		}
	}
	r->pins = result_alloc(r, (from->n_pins + 1) * sizeof(*r->pins));
	for (i = 0; i < from->n_pins && r->pins != NULL; i++)
		r->pins[r->n_pins++] = (struct result_pin_change){
			result_str(r, from->pins[i].name),
			result_str(r, from->pins[i].before),
			result_str(r, from->pins[i].after) };
}

static void
copy_causes(struct result *r, const struct result *from)
{
	const char **evidence;
	size_t i, k;

	r->causes = result_alloc(r, (from->n_causes + 1) *
	    sizeof(*r->causes));
	for (i = 0; i < from->n_causes && r->causes != NULL; i++) {
		struct result_cause *c = &r->causes[i];

		*c = from->causes[i];
		evidence = result_alloc(r, (c->n_evidence + 1) *
		    sizeof(*evidence));
		if (evidence == NULL)
			return;
		for (k = 0; k < c->n_evidence; k++)
			evidence[k] = result_str(r, c->evidence[k]);
		c->evidence = evidence;
		r->n_causes++;
	}
}

static void
add_sums(struct result *r, const struct result *from)
{
	r->variants += from->variants;
	r->requests += from->requests;
	r->run.elapsed_s += from->run.elapsed_s;
	/* of several runs the busiest time */
	r->run.cpu_idle = fmin(r->run.cpu_idle, from->run.cpu_idle);
	r->trust.lost += from->trust.lost;
	r->trust.duplicates += from->trust.duplicates;
	r->trust.pins_changed |= from->trust.pins_changed;
	r->trust.cached_echoes |= from->trust.cached_echoes;
	r->trust.late_p99_ns = fmax(r->trust.late_p99_ns,
	    from->trust.late_p99_ns);
	r->trust.aa_false_alarm = fmax(r->trust.aa_false_alarm,
	    from->trust.aa_false_alarm);
	r->pins_sent |= from->pins_sent;
	if (isfinite(from->usd))
		r->usd = (isfinite(r->usd) ? r->usd : 0) + from->usd;
}

/* The result whose run block, arms and next step the merged one shows. */
static size_t
gravest(struct result *const *v, size_t n)
{
	size_t i, best = 0;

	for (i = 1; i < n; i++) {
		if (verdict_gravity(v[i]->verdict) >
		    verdict_gravity(v[best]->verdict))
			best = i;
	}
	return best;
}

static const char *
headline(struct result *r, struct result *const *v, size_t n, size_t best,
    const char *suite)
{
	const struct result *lead = v[best];
	size_t i, as_bad = 0;

	if (lead->verdict == VERDICT_PASS)
		return result_fmt(r, "all %zu suites pass", n);
	for (i = 0; i < n; i++)
		as_bad += v[i]->verdict == lead->verdict;
	return result_fmt(r, as_bad > 1 ? "%s: %s; and %zu more of %zu suites"
	    : "%s: %s", suite, lead->headline, as_bad - 1, n);
}

/* `last` is the run of the last suite, not of the one described. */
static const char *
next_of(struct result *r, const struct result *lead)
{
	const char *last = lead->next == NULL ? NULL :
	    strstr(lead->next, " last");

	if (last == NULL || lead->run.id == NULL)
		return result_str(r, lead->next);
	return result_fmt(r, "%.*s %s%s", (int)(last - lead->next),
	    lead->next, lead->run.id, last + strlen(" last"));
}

static void
copy_run(struct result *r, const struct result *from, size_t n)
{
	const char **argv;
	size_t i;

	r->run = from->run;
	r->run.id = result_str(r, from->run.id);
	r->run.started = result_str(r, from->run.started);
	r->run.suite_name = result_fmt(r, "%zu suites", n);
	r->run.suite_path = result_str(r, from->run.suite_path);
	r->run.profile = result_str(r, from->run.profile);
	r->run.owner = result_str(r, from->run.owner);
	r->run.incident = result_str(r, from->run.incident);
	r->run.stop_reason = result_str(r, from->run.stop_reason);
	r->run.hash_suite = result_str(r, from->run.hash_suite);
	r->run.hash_cases = result_str(r, from->run.hash_cases);
	r->run.hash_sections = result_str(r, from->run.hash_sections);
	r->run.hash_trace = result_str(r, from->run.hash_trace);
	r->run.embedder = result_str(r, from->run.embedder);
	r->run.embedder_hash = result_str(r, from->run.embedder_hash);
	r->run.report_dir = result_str(r, from->run.report_dir);
	r->run.elapsed_s = 0;
	r->rules = from->rules;
	argv = result_alloc(r, (from->run.n_argv + 1) * sizeof(*argv));
	for (i = 0; argv != NULL && i < from->run.n_argv; i++)
		argv[i] = result_str(r, from->run.argv[i]);
	r->run.argv = argv;
}

static int
reserve(struct result *r, struct result *const *v, size_t n)
{
	size_t gates = 0, again = 0, i;

	for (i = 0; i < n; i++) {
		gates += v[i]->n_gates;
		again += v[i]->again.n;
	}
	r->gates = result_alloc(r, (gates + 1) * sizeof(*r->gates));
	r->again.cases = result_alloc(r, (again + 1) *
	    sizeof(*r->again.cases));
	r->again.p = NAN;
	return r->gates == NULL || r->again.cases == NULL ? RC_NOMEM : RC_OK;
}

/* Whether ids "A/x" and "B/x" of two suites could be one and the same. */
static int
mixed_up(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), least = n < m ? n : m;

	return strncmp(a, b, least) == 0 && (n == m ||
	    (n < m ? b : a)[least] == '/');
}

/* Suites with the same name are distinguished by their paths: what they are
 * called alone stays as it is. */
static const char **
names_of(struct result *r, struct result *const *v, size_t n)
{
	const char **name = result_alloc(r, n * sizeof(*name));
	size_t i, k;
	int alike;

	for (i = 0; name != NULL && i < n; i++) {
		name[i] = v[i]->run.suite_name;
		for (k = 0, alike = 0; k < n; k++)
			alike |= k != i && mixed_up(name[i],
			    v[k]->run.suite_name);
		if (alike && v[i]->run.suite_path != NULL)
			name[i] = result_fmt(r, "%s (%s)", name[i],
			    v[i]->run.suite_path);
	}
	return name;
}

static int
merge(struct result *r, struct result *const *v, size_t n, struct err *err)
{
	const struct result *lead;
	const char **name = names_of(r, v, n);
	size_t i, best = gravest(v, n);
	int rc = result_check(r, err);

	if (rc != RC_OK)
		return rc;
	lead = v[best];
	copy_run(r, lead, n);
	copy_arms(r, lead);
	copy_causes(r, lead);
	r->verdict = lead->verdict;
	r->headline = headline(r, v, n, best, name[best]);
	r->blind = result_str(r, lead->blind);
	r->next = next_of(r, lead);
	for (i = 0; i < n && rc == RC_OK; i++) {
		copy_gates(r, v[i], name[i]);
		copy_again(r, v[i], r->n_cases, name[i]);
		rc = copy_cases(r, v[i], name[i], err);
		copy_words(r, v[i], name[i]);
		add_sums(r, v[i]);
	}
	copy_all_worst(r, v, n);
	return rc;
}

int
result_merge(struct result **v, size_t n, unsigned fail_on,
    struct result **out, struct err *err)
{
	struct result *r;
	int rc;

	*out = NULL;
	if (n == 1) {
		*out = v[0];
		v[0] = NULL;
		return RC_OK;
	}
	r = result_new();
	if (r == NULL || reserve(r, v, n) != RC_OK) {
		result_free(r);
		return err_set(err, RC_NOMEM, "out of memory");
	}
	rc = merge(r, v, n, err);
	if (rc != RC_OK) {
		result_free(r);
		return rc;
	}
	r->exit_status = fail_on != 0 && (fail_on >> r->verdict & 1) == 0 ?
	    0 : (int)r->verdict;
	*out = r;
	return RC_OK;
}
