/* What the tests of the statistical methods share. */
#ifndef LOCKSTEP_TEST_STAT_NEAR_H
#define LOCKSTEP_TEST_STAT_NEAR_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#define assert_near(got, want, eps) \
	near_at((got), (want), (eps), #got, __FILE__, __LINE__)

/* Without OpenMP there is one thread anyway. */
static inline void
use_threads(int n)
{
#ifdef _OPENMP
	omp_set_num_threads(n);
#else
	(void)n;
#endif
}

static inline void
near_at(double got, double want, double eps, const char *what,
    const char *file, int line)
{
	if (isnan(want) ? isnan(got) : fabs(got - want) <= eps)
		return;
	print_error("%s: %.12g, not %.12g within %g\n", what, got, want, eps);
	_fail(file, line);
}

#endif
