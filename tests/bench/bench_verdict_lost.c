/*
 * The first lost question: 40 and 100 questions on three kinds of stacks
 * (steady ones, such of which 3 % of the rankings are disturbed, such that
 * sample their answers), equal pairs and such whose candidate has lost 1 to 5
 * questions.  What is undecided is asked again, as the program does. No two
 * runs share a draw; see verdict/rig.h.
 *
 *	bench_verdict_lost DIR OUT.json AA_RUNS DOSE_RUNS [ROW...]
 *
 * DIR holds forty.yml and suite.yml, with 40 and 100 questions.  Prints the
 * table and writes it as JSON. ROW: these alone, as "40/steady/2", or a part
 * of it from the left, "100/sampled".
 *
 * Exit status 1: of equal pairs more than one in a hundred FAILs or more than
 * two are INCONCLUSIVE, or a promised size is not seen as often as promised.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "tests/bench/verdict/many.h"

enum { STACKS = 3, LOST_MAX = 5 };

#define TIMES "--latency 20ms --sigma .25 --tail .01x8 "
static const struct {
	const char *word, *name, *options;
} stacks[STACKS] = {
	{ "steady", "steady", TIMES },
	{ "disturbed", "3 % of rankings disturbed",
	    TIMES "--noise .03 --errors .002" },
	{ "sampled", "answers sampled", TIMES
	    "--noise .03 --errors .002 --sampled 1" },
};

/* So many lost questions FAIL in so many of a hundred runs. */
static const struct promise {
	unsigned questions, stack, lost, fails;
} promises[] = {
	{ 40, 0, 2, 100 }, { 40, 1, 3, 95 }, { 40, 2, 3, 85 },
	{ 100, 0, 3, 100 }, { 100, 1, 5, 95 }, { 100, 2, 5, 95 },
};

struct bench {
	const char *dir;
	unsigned aa_runs, dose_runs;
	char **rows;		/* to run, or none: all */
	int n_rows;
	struct json_out json;
	int broken;
};

/* Whether a row, or one of those that begin so, was asked for. */
static int
chosen(const struct bench *b, const char *row)
{
	size_t n, m = strlen(row);
	int i;

	for (i = 0; i < b->n_rows; i++) {
		n = strlen(b->rows[i]);
		if (strncmp(b->rows[i], row, n < m ? n : m) == 0 && (n == m ||
		    (n < m ? row[n] : b->rows[i][m]) == '/'))
			return 1;
	}
	return b->n_rows == 0;
}

static void
limit(struct bench *b, int holds, const char *what)
{
	if (holds)
		return;
	b->broken = 1;
	(void)printf("**%s**\n", what);
}

static void
check(struct bench *b, unsigned questions, unsigned stack, unsigned lost,
    const struct tally *t)
{
	size_t i;

	if (lost == 0) {
		limit(b, t->of[VERDICT_FAIL] * 100 <= t->n + 99,
		    "more than one equal pair in a hundred FAILs");
		limit(b, t->of[VERDICT_INCONCLUSIVE] * 100 <= 2 * t->n + 99,
		    "more than two equal pairs in a hundred are "
		    "INCONCLUSIVE");
	}
	for (i = 0; i < sizeof(promises) / sizeof(promises[0]); i++) {
		const struct promise *p = &promises[i];

		if (p->questions != questions || p->stack != stack ||
		    p->lost != lost)
			continue;
		limit(b, t->of[VERDICT_FAIL] * 100 >= p->fails * t->n,
		    "lost questions FAIL less often than promised");
		limit(b, (t->of[VERDICT_PASS] + t->of[VERDICT_REVIEW]) * 100 <=
		    5 * t->n + 99, "lost questions PASS");
	}
}

static void
tell(struct bench *b, unsigned questions, unsigned stack, unsigned lost,
    const struct tally *t)
{
	double n = t->n / 100.;

	(void)printf("| %3u | %-25s | %u | %3u | %5.1f %% | %5.1f %% | "
	    "%5.1f %% | %5.1f %% |\n", questions, stacks[stack].name, lost,
	    t->n, t->of[VERDICT_FAIL] / n, t->of[VERDICT_INCONCLUSIVE] / n,
	    (t->of[VERDICT_PASS] + t->of[VERDICT_REVIEW]) / n, t->again / n);
	json_out_obj(&b->json);
	json_out_key(&b->json, "questions");
	json_out_int(&b->json, questions);
	json_out_key(&b->json, "stacks");
	json_out_str(&b->json, stacks[stack].name);
	json_out_key(&b->json, "lost");
	json_out_int(&b->json, lost);
	tally_tell(t, &b->json);
	json_out_end(&b->json, '}');
	check(b, questions, stack, lost, t);
	(void)fflush(stdout);
}

static void
bench_stack(struct bench *b, const struct rig_world *w, unsigned questions,
    unsigned stack)
{
	struct rigs rigs;
	struct tally t;
	char fault[48], row[48];
	unsigned lost;

	(void)snprintf(row, sizeof(row), "%u/%s", questions,
	    stacks[stack].word);
	if (!chosen(b, row))
		return;
	rigs_open(&rigs, w, stacks[stack].options, b->dir);
	for (lost = 0; lost <= LOST_MAX; lost++) {
		struct many m = { &rigs, lost == 0 ? b->aa_runs :
		    b->dose_runs, ((uint64_t)questions * STACKS + stack) *
		    1000000 + (uint64_t)lost * 100000, NULL, 0, 0, NULL, 0 };

		(void)snprintf(row, sizeof(row), "%u/%s/%u", questions,
		    stacks[stack].word, lost);
		if (!chosen(b, row))
			continue;
		(void)snprintf(fault, sizeof(fault), "missing=%.6f",
		    (double)lost / questions);
		m.fault = lost == 0 ? NULL : fault;
		/* where nothing else moves, what is lost can be counted */
		m.exactly = stack == 0 ? lost : 0;
		t = run_many(&m);
		tell(b, questions, stack, lost, &t);
	}
	rigs_close(&rigs);
}

static void
bench_questions(struct bench *b, const char *file, unsigned questions)
{
	struct rig_world w;
	struct err err = ERR_INIT;
	char path[600], row[16];
	unsigned stack;

	(void)snprintf(row, sizeof(row), "%u", questions);
	if (!chosen(b, row))
		return;
	(void)snprintf(path, sizeof(path), "%s/%s", b->dir, file);
	if (rig_world_open(&w, path, &err) != RC_OK)
		bench_die(&err);
	if (w.plan.n_cases != questions) {
		(void)fprintf(stderr, "bench_verdict_lost: %s has %llu "
		    "questions, not %u\n", path,
		    (unsigned long long)w.plan.n_cases, questions);
		exit(2);
	}
	for (stack = 0; stack < STACKS; stack++)
		bench_stack(b, &w, questions, stack);
	rig_world_close(&w);
}

int
main(int argc, char **argv)
{
	static struct bench b;
	struct buf text;
	FILE *f;

	if (argc < 5) {
		(void)fprintf(stderr, "usage: bench_verdict_lost DIR OUT.json "
		    "AA_RUNS DOSE_RUNS [40/steady/2...]\n");
		return 2;
	}
	b.dir = argv[1];
	b.aa_runs = (unsigned)strtoul(argv[3], NULL, 10);
	b.dose_runs = (unsigned)strtoul(argv[4], NULL, 10);
	b.rows = argv + 5;
	b.n_rows = argc - 5;
	buf_init(&text, 16 << 20);
	json_out_init(&b.json, &text, 1);
	json_out_arr(&b.json);
	(void)printf("| questions | stacks | lost | runs | FAIL | INCONCLUSIVE "
	    "| PASS, REVIEW | asked again |\n"
	    "|---|---|---|---|---|---|---|---|\n");
	bench_questions(&b, "forty.yml", 40);
	bench_questions(&b, "suite.yml", 100);
	json_out_end(&b.json, ']');
	f = fopen(argv[2], "w");
	if (f == NULL || fprintf(f, "%s\n", buf_str(&text)) < 0 ||
	    fclose(f) != 0) {
		perror(argv[2]);
		return 2;
	}
	buf_fini(&text);
	return b.broken;
}
