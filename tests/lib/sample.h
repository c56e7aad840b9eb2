/*
 * Results made up for the tests of the report writers: a release that lost
 * passages, and one whose every text is an attack on a format.
 */
#ifndef TESTS_SAMPLE_H
#define TESTS_SAMPLE_H

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/result/result.h"

#define SAMPLE_NASTY_N 12

/* What recorded traffic may hold; every one must be harmless everywhere. */
static const char *const sample_nasty[SAMPLE_NASTY_N] = {
	"<script>document.title='owned'</script>",
	"\" onmouseover=\"document.title='owned'\" x='",
	"]]><!-- <![CDATA[ &lt; &amp; &#0; -->",
	"</style><style>*{background:url(http://evil.invalid/x)}</style>",
	"<img src=http://evil.invalid/p.png onerror=document.title='owned'>",
	"a | b || `code` **bold** [x](javascript:alert(1)) @everyone #1 "
	"<details>",
	"=HYPERLINK(\"http://evil.invalid\",\"x\")",
	"+1+cmd|' /C calc'!A0",
	"ctl \x01\x02\x07\x08\x0b\x0c\x1b[31mred\x1b[0m \x7f bell\r\nline",
	"rtl \xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xe2\x80\xae evil \xe2\x80\xac "
	"\xd8\xa7\xd9\x84\xd8\xb9\xd8\xb1\xd8\xa8\xd9\x8a\xd8\xa9",
	"emoji \xf0\x9f\x94\xa5\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb "
	"\xe4\xbd\xa0\xe5\xa5\xbd\xef\xbc\x8c\xe4\xb8\x96\xe7\x95\x8c "
	"e\xcc\x81",
	"bad utf8 \xff\xfe \xc3( \xed\xa0\x80 \xf4\x90\x80\x80 end",
};

static const char *const sample_questions[] = {
	"How do I rotate the on-call pager for my team?",
	"Who approves an emergency change on a Sunday?",
	"What is the retention of audit logs in the EU region?",
	"When does the backup window start, and in which time zone?",
	"How long may a canary stay at 25 percent?",
	"Which ports does the edge proxy need to reach the store?",
	"Where do I report a leaked credential?",
	"What must be in a postmortem before it is published?",
};

static const char *const sample_sections[] = {
	"oncall-rotation", "change-approval", "log-retention", "backup-window",
	"canary-steps", "edge-ports", "leaked-credential", "postmortem",
};

static const char *const sample_answers[] = {
	"The pager rotates every Monday at 09:00 UTC. Open the schedule, "
	"choose Rotate, and name the next engineer; both are told by mail.",
	"The duty manager approves it by phone and files the change ticket "
	"within four hours; two engineers must have read the plan.",
	"Audit logs are kept for 400 days in the EU region and then erased; "
	"a legal hold stops the clock.",
	"The backup window starts at 01:30 UTC and lasts two hours.",
	"A canary may stay at 25 percent for at most 24 hours.",
	"The edge proxy needs 5432 and 6379 towards the store, and 443 out.",
	"Write to the security desk at once, revoke the key, then open an "
	"incident of severity two.",
	"Evidence, the class of the fault, a regression test that fails on "
	"the broken build, an owner and a due date.",
};

static const char *const sample_wrong[] = {
	("The pager can be muted for one hour from the mobile application. "
	"Open the schedule, choose Mute, and give a reason."),
	"Changes are approved by the weekly board on Thursdays.",
	"I could not find this in the handbook.",
	"The maintenance window starts at 22:00 local time.",
	"A canary may stay at 50 percent for at most 24 hours.",
	"The edge proxy listens on 443.",
	"",
	"Postmortems are published on the wiki.",
};

static inline const char *
sample_pick(const char *const *list, size_t n, size_t i)
{
	return list[i % n];
}

#define SAMPLE_PICK(list, i) \
	sample_pick(list, sizeof(list) / sizeof((list)[0]), i)

static inline void
sample_gate(struct result *r, const char *name, const char *title,
    const char *metric, const char *unit)
{
	struct result_gate *g = &r->gates[r->n_gates++];

	result_gate_init(g);
	g->name = name;
	g->title = title;
	g->metric = metric;
	g->unit = unit;
	g->class = GATE_GATE;
	g->test = "sign-flip permutation";
	g->verdict = GATE_PASS;
	g->n = r->n_cases;
	g->why = "within its margin";
}

static inline void
sample_numbers(struct result_gate *g, double value, double limit,
    double noise, double p)
{
	g->value = value;
	g->limit = limit;
	g->noise = noise;
	g->p = p;
	g->p_holm = fmin(1, p * 9);
	g->ci[0] = value - fabs(limit) * .4;
	g->ci[1] = value + fabs(limit) * .4;
	g->visible = limit * 1.2;
}

static inline void
sample_gates(struct result *r)
{
	r->gates = result_alloc(r, 16 * sizeof(*r->gates));
	assert(r->gates != NULL);
	sample_gate(r, "coverage", "coverage drop", "coverage", "share");
	sample_numbers(&r->gates[0], .068, .02, .004, .0001);
	r->gates[0].verdict = GATE_FAIL;
	r->gates[0].base = .871;
	r->gates[0].cand = .803;
	r->gates[0].why = "Mean coverage of the expected sections fell from "
	    "87.1 % to 80.3 %; no change explains that once in 10,000.";
	sample_gate(r, "answer_drift_tail", "answer drift, tail",
	    "ds_answer_baseline", "distance");
	sample_numbers(&r->gates[1], .412, .15, .061, .0004);
	r->gates[1].class = GATE_HARD;
	r->gates[1].verdict = GATE_FAIL;
	r->gates[1].why = "The worst twentieth of the answers moved by 0.412, "
	    "beyond the hard stop of 0.15.";
	sample_gate(r, "answer_drift", "answer drift", "ds_answer_baseline",
	    "distance");
	sample_numbers(&r->gates[2], .021, .03, .008, .032);
	sample_gate(r, "lambda_convergence", "convergence drop",
	    "lambda_convergence", "share");
	sample_numbers(&r->gates[3], .019, .02, .011, .083);
	sample_gate(r, "latency_p95", "latency p95", "total_ns", "ratio");
	sample_numbers(&r->gates[4], 1.21, 1.15, 1.02, .061);
	r->gates[4].verdict = GATE_INCONCLUSIVE;
	r->gates[4].n = 72;
	r->gates[4].n_needed = 240;
	r->gates[4].ci[0] = .97;
	r->gates[4].ci[1] = 1.44;
	r->gates[4].base = 120e6;
	r->gates[4].cand = 145e6;
	r->gates[4].test = "within-pair swap permutation";
	r->gates[4].why = "p95 rose by 21 %, beyond the margin, but so few "
	    "requests cannot tell it from noise.";
	sample_gate(r, "latency_body", "latency body", "total_ns", "ratio");
	sample_numbers(&r->gates[5], 1.034, 1.10, 1.01, .21);
	sample_gate(r, "errors", "errors", "outcome", "rate");
	sample_numbers(&r->gates[6], .0017, .005, .0008, .5);
	sample_gate(r, "order", "retrieval order", "lambda_rank", "distance");
	sample_numbers(&r->gates[7], .131, .10, .043, .011);
	r->gates[7].verdict = GATE_REVIEW;
	r->gates[7].why = "The order of the retrieved passages moved more "
	    "than the echoes' did.";
	sample_gate(r, "citations", "citations", "citation_recall", "share");
	r->gates[8].verdict = GATE_NOT_JUDGED;
	r->gates[8].n = 0;
	r->gates[8].why = "not applicable: the API returns no citations";
}

static inline void
sample_arm(struct result *r, enum arm which, const char *url, double slow)
{
	struct result_arm *a = &r->arm[which];

	a->present = 1;
	a->url = url;
	a->live = 1;
	a->sent = 6 * r->n_cases;
	a->outcomes[OUTCOME_OK] = a->sent - (a->sent > 3 ? 3 : 0);
	if (a->sent > 3) {
		a->outcomes[OUTCOME_TIMEOUT] = 2;
		a->outcomes[OUTCOME_HTTP_5XX] = 1;
	}
	a->p50_ns = 21.4e6 * slow;
	a->p95_ns = 120e6 * slow;
	a->p99_ns = 188.25e6 * slow;
	a->max_ns = 1.204e9 * slow;
	a->ttft_p50_ns = 9.1e6 * slow;
	a->ttft_p95_ns = 31.7e6 * slow;
	a->pins = result_alloc(r, 4 * sizeof(*a->pins));
	assert(a->pins != NULL);
	a->pins[0] = (struct result_pin){ "INDEX_HASH",
	    slow > 1 ? "9d41c07be2" : "5e0ba1f386", a->sent };
	a->pins[1] = (struct result_pin){ "MODEL_VER", "m-2026-01", a->sent };
	a->n_pins = 2;
}

static inline void
sample_side(struct result_case *c, int arm, const char *answer, size_t i,
    int good)
{
	struct result_side *s = &c->side[arm];

	s->answer = answer;
	s->top = good ? SAMPLE_PICK(sample_sections, i) : "paging-mute: The "
	    "pager can be muted for one hour";
	s->retrieved = good ? "oncall-rotation, oncall-handover, paging-mute" :
	    "paging-mute, paging-tone, oncall-handover";
	s->outcome = *answer == '\0' ? "http_5xx" : "ok";
	s->lambda = good ? "\xe2\x86\x92 \xe2\x86\x92 \xe2\x86\x92 "
	    "\xe2\x86\x92 <> \xe2\x86\x92" :
	    "\xc3\x97 \xc3\x97 <> \xc3\x97 \xe2\x86\x90 \xc3\x97";
}

static inline enum case_verdict
sample_verdict(size_t i)
{
	if (i % 14 == 3)
		return CASE_V_REGRESSION;
	if (i % 50 == 20)
		return CASE_V_FIX;
	if (i % 33 == 12)
		return CASE_V_DEFECT;
	return i == 77 ? CASE_V_UNJUDGED : CASE_V_PASS;
}

static inline void
sample_metrics(struct result_case *c, size_t i, int bad)
{
	int a;

	for (a = 0; a < 2; a++) {
		float f = (float)((i * 37 + (size_t)a * 11) % 100) / 1000;

		c->m[a][M_DS_QUESTION_RETRIEVED] = .21f + f + (a & bad) * .4f;
		c->m[a][M_COVERAGE] = .97f - f - (a & bad) * .8f;
		c->m[a][M_MRR] = a & bad ? .1f : 1;
		c->m[a][M_TOTAL_NS] = 2e7f * (1 + f) * (a ? 1.03f : 1);
		c->convergence[a] = a & bad ? .1667f : 1;
		c->flip_rate[a] = a & bad ? .6f : 0;
		c->lambda[a][LAMBDA_CONVERGENT] = a & bad ? 1 : 6;
		c->lambda[a][LAMBDA_CHAOS] = a & bad ? 5 : 0;
	}
	c->drift = bad ? .51f : .01f;
	c->ds_answer = bad ? .62f : .04f;
}

static inline void
sample_case(struct result *r, struct result_case *c, size_t i)
{
	const char **why;
	int bad;

	result_case_init(c);
	c->id = result_fmt(r, "handbook-%03zu", i);
	c->question = SAMPLE_PICK(sample_questions, i);
	c->verdict = sample_verdict(i);
	bad = c->verdict == CASE_V_REGRESSION || c->verdict == CASE_V_DEFECT;
	c->flipped = c->verdict == CASE_V_REGRESSION ||
	    c->verdict == CASE_V_FIX;
	c->expected = result_fmt(r, "%s: the section that answers it",
	    SAMPLE_PICK(sample_sections, i));
	sample_metrics(c, i, bad);
	if (c->verdict == CASE_V_PASS)
		return;
	c->reasons[1] = bad ? CASE_COVERAGE | CASE_CHAOS : 0;
	c->reasons[0] = c->verdict == CASE_V_DEFECT ? CASE_COVERAGE : 0;
	why = result_alloc(r, 2 * sizeof(*why));
	assert(why != NULL);
	why[0] = bad ? "coverage 0.12, limit 0.70" :
	    c->verdict == CASE_V_FIX ? "passes on the candidate" :
	    "fewer than half of its variants were answered";
	why[1] = "5 of 6 variants in chaos (\xce\xbb \xc3\x97)";
	c->why = why;
	c->n_why = bad ? 2 : 1;
	c->has_sides = 1;
	sample_side(c, 0, SAMPLE_PICK(sample_answers, i), i, 1);
	sample_side(c, 1, SAMPLE_PICK(sample_wrong, i), i, 0);
}

/* Changes case i of a sample before it is added. */
typedef void sample_edit_fn(struct result *r, struct result_case *c, size_t i);

static inline void
sample_cases(struct result *r, size_t n, sample_edit_fn *edit)
{
	struct result_case c;
	size_t i;

	for (i = 0; i < n; i++) {
		sample_case(r, &c, i);
		if (c.verdict == CASE_V_REGRESSION) {
			c.critical = r->n_worst == 0;
			if (r->n_worst < 5)
				r->worst[r->n_worst++] = i;
		}
		if (edit != NULL)
			edit(r, &c, i);
		if (result_case_add(r, &c, NULL) != RC_OK)
			abort();
	}
	r->variants = 6 * n;
}

static inline void
sample_run(struct result *r)
{
	static const char *const argv[] = {
		"lockstep", "run", "suites/handbook.yml", "--candidate",
		"http://127.0.0.1:9002", "--report-dir", "report"
	};

	r->run.id = "20260131-120000-5f3a";
	r->run.started = "2026-01-31T12:00:00.123Z";
	r->run.suite_name = "handbook-release";
	r->run.suite_path = "suites/handbook.yml";
	r->run.profile = "release";
	r->run.owner = "search-team";
	r->run.argv = argv;
	r->run.n_argv = sizeof(argv) / sizeof(argv[0]);
	r->run.stop_reason = "plan complete";
	r->run.threads = 2;
	r->run.seed = 17446744073709551615ULL;
	r->run.elapsed_s = 42.137;
	r->run.cpu_idle = .375;
	r->run.hash_suite = "0f4b6c1d2e3f40516273849506a7b8c9";
	r->run.hash_cases = "1a2b3c4d5e6f708192a3b4c5d6e7f809";
	r->run.hash_sections = "2b3c4d5e6f708192a3b4c5d6e7f80911";
	r->run.embedder = "builtin";
	r->run.embedder_hash = "3c4d5e6f708192a3b4c5d6e7f8091122";
	r->run.embedder_dim = 256;
	r->run.curve_t = .6123;
	r->run.report_dir = "report";
}

/* As an older report has them: none begins with a verdict's name. */
static inline void
sample_reasons(struct result *r, const char *const *text, size_t n)
{
	size_t i;

	r->reasons = result_alloc(r, n * sizeof(*r->reasons));
	assert(r->reasons != NULL);
	for (i = 0; i < n; i++)
		r->reasons[i] = (struct result_reason){ VERDICT_N, text[i] };
	r->n_reasons = n;
}

/* A FAIL of n cases, as a release with a torn index looks. edit may be NULL */
static inline struct result *
sample_with(size_t n, sample_edit_fn *edit)
{
	static const char *const notes[] = {
		"Seeds are not sent by this API: they count as repeats.",
	};
	static const char *const reasons[] = {
		"gate coverage: mean coverage fell by 6.8 points, margin "
		    "2 points, p <.001 after Holm",
		"hard stop answer_drift_tail: 0.412, limit 0.15",
	};
	static const char *const evidence[] = {
		"INDEX_HASH differs between the stacks",
		"7 expected sections are never retrieved by the candidate",
	};
	struct result *r = result_new();

	assert(r != NULL);
	r->version = "0.1.0";
	r->verdict = VERDICT_FAIL;
	r->exit_status = 1;
	sample_run(r);
	sample_cases(r, n, edit);
	r->headline = result_fmt(r, "%d of %zu questions lost their passage",
	    (int)r->count.of[CASE_V_REGRESSION], n);
	sample_reasons(r, reasons, 2);
	sample_gates(r);
	sample_arm(r, ARM_BASELINE, "http://127.0.0.1:9001", 1);
	sample_arm(r, ARM_CANDIDATE, "http://127.0.0.1:9002", 1.21);
	r->pins_sent = 1;
	r->pins = result_alloc(r, sizeof(*r->pins));
	assert(r->pins != NULL);
	r->pins[0] = (struct result_pin_change){ "INDEX_HASH", "5e0ba1f386",
	    "9d41c07be2" };
	r->n_pins = 1;
	r->causes = result_alloc(r, sizeof(*r->causes));
	assert(r->causes != NULL);
	r->causes[0] = (struct result_cause){ "index swap error", .86,
	    evidence, 2, "5 vector index build and swap" };
	r->n_causes = 1;
	r->trust.aa_false_alarm = .005;
	r->requests = 18 * n;
	r->usd = .1234;
	r->blind = "At this size a loss in fewer than 4 of 100 questions, or "
	    "a p95 that rises by less than 31 %, could pass unseen.";
	r->next = "lockstep promote 20260131-120000-5f3a --incident INC-1 "
	    "--owner search-team";
	r->notes = notes;
	r->n_notes = 1;
	return r;
}

static inline struct result *
sample_fail(size_t n)
{
	return sample_with(n, NULL);
}

/* 10 kB of one answer, with an attack at its end. */
static inline const char *
sample_long(struct result *r, const char *tail)
{
	char *s = result_alloc(r, 10240 + strlen(tail));
	size_t i;

	assert(s != NULL);
	for (i = 0; i < 10000; i++)
		s[i] = i % 9 == 8 ? ' ' : (char)('a' + i % 23);
	strcpy(s + i, tail);
	return s;
}

static inline void
sample_attack_case(struct result *r, struct result_case *c, size_t i)
{
	const char *bad = SAMPLE_PICK(sample_nasty, i);

	c->id = result_fmt(r, "%s#%zu", bad, i);
	c->question = bad;
	c->expected = bad;
	if (!c->has_sides)
		return;
	c->why = sample_nasty;
	c->n_why = SAMPLE_NASTY_N;
	c->side[0].answer = sample_long(r, bad);
	c->side[1].answer = SAMPLE_PICK(sample_nasty, i + 1);
	c->side[1].top = c->side[1].retrieved = bad;
	c->side[0].outcome = c->side[1].outcome = bad;
	c->side[0].lambda = c->side[1].lambda = bad;
	c->side[1].sent = c->side[1].failed = c->side[1].lost = bad;
}

/* Every text of a report made of attacks. */
static inline struct result *
sample_attack(void)
{
	struct result *r = sample_with(24, sample_attack_case);
	size_t i;

	for (i = 0; i < r->n_gates; i++) {
		r->gates[i].title = SAMPLE_PICK(sample_nasty, i);
		r->gates[i].name = SAMPLE_PICK(sample_nasty, i + 3);
		r->gates[i].why = SAMPLE_PICK(sample_nasty, i + 1);
		r->gates[i].test = SAMPLE_PICK(sample_nasty, i + 2);
	}
	r->headline = sample_nasty[0];
	sample_reasons(r, sample_nasty, SAMPLE_NASTY_N);
	r->notes = r->run.argv = sample_nasty;
	r->n_notes = r->run.n_argv = SAMPLE_NASTY_N;
	r->pins = result_alloc(r, SAMPLE_NASTY_N * sizeof(*r->pins));
	assert(r->pins != NULL);
	for (i = 0; i < SAMPLE_NASTY_N; i++)
		r->pins[i] = (struct result_pin_change){ sample_nasty[i],
		    sample_nasty[(i + 1) % SAMPLE_NASTY_N], NULL };
	r->n_pins = SAMPLE_NASTY_N;
	r->causes[0].class = r->causes[0].guardrail = sample_nasty[4];
	r->causes[0].evidence = sample_nasty;
	r->causes[0].n_evidence = SAMPLE_NASTY_N;
	r->blind = r->next = sample_nasty[8];
	r->run.id = sample_nasty[1];
	r->run.suite_name = sample_nasty[2];
	r->run.suite_path = r->run.owner = sample_nasty[5];
	r->run.stop_reason = r->run.started = sample_nasty[3];
	r->arm[0].url = r->arm[1].url = sample_nasty[4];
	for (i = 0; i < 2; i++) {
		r->arm[0].pins[i].name = r->arm[1].pins[i].name =
		    sample_nasty[i];
		r->arm[0].pins[i].value = r->arm[1].pins[i].value =
		    sample_nasty[i + 5];
	}
	return r;
}

#endif
