/*
 * Calibration: how well distances tell right sections from wrong ones, and
 * the curve that gives users' limits the same meaning with every embedder
 * (METRICS 2).  Pure functions of distances; safe from any thread.
 */
#ifndef LOCKSTEP_CALIBRATE_H
#define LOCKSTEP_CALIBRATE_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/meaning/embed.h"

#define CALIBRATE_MIN 10	/* distances of a group, at least */

/*
 * Raw distances of questions, one group each; entry i of every group belongs
 * to question i.  NaN: this question has none.
 */
struct calibrate_in {
	const double *right;	/* to its right section */
	const double *same;	/* a wrong section of the same document */
	const double *other;	/* a section of another document */
	size_t n;		/* entries of each; same or other may be NULL */
	uint64_t seed;		/* of the bootstrap */
	int resamples;		/* 0: 1,000 */
};

enum { CALIBRATE_RIGHT, CALIBRATE_SAME, CALIBRATE_OTHER, CALIBRATE_GROUPS };

struct calibrate_group {
	size_t n;
	double p10, p50, p90;	/* raw; NaN when n is 0 */
	double at_limit;	/* share with ΔS <= 0.45 under the curve */
};

/* What a limit on ΔS lets through. */
struct calibrate_limit {
	const char *why;	/* "the default", "95 % of right ones pass" */
	double ds;		/* the limit */
	double rejected;	/* share of right sections beyond it */
	double same, other;	/* shares of wrong ones within it; NaN */
};
#define CALIBRATE_LIMITS 4

struct calibrate_out {
	double auc_same, auc_other;	/* P(right < wrong), ties half; NaN */
	struct embed_curve curve;
	double balanced_accuracy;	/* at t */
	int against_other;		/* t separates other documents, because
					   there are no wrong sections of the
					   same */
	struct calibrate_group group[CALIBRATE_GROUPS];
	struct calibrate_limit limit[CALIBRATE_LIMITS];
};

/*
 * Measures and fits.
 * returns RC_OK; RC_USAGE when there are fewer than CALIBRATE_MIN right or
 *         wrong distances; RC_NOMEM
 */
int calibrate(const struct calibrate_in *in, struct calibrate_out *out,
    struct err *err);

/*
 * The area under the ROC curve: P(a < b) + P(a = b) / 2, by midranks.
 * NaN when either is empty or memory is out; values must not be NaN.
 * source  Hanley & McNeil, Radiology 143, 1982
 */
double calibrate_auc(const double *a, size_t na, const double *b, size_t nb);

/*
 * The cut of best balanced accuracy, (share of a <= cut + share of b > cut)
 * / 2: the middle of the first best gap. Sorts both.
 * *accuracy  of the cut, or NULL
 */
double calibrate_cut(double *a, size_t na, double *b, size_t nb,
    double *accuracy);

/* Spearman's rank correlation, ties at midranks; NaN: constant or no memory */
double calibrate_spearman(const double *x, const double *y, size_t n);

#endif
