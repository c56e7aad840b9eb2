/* What the C tests share: cmocka, and comparison of doubles. */
#ifndef LOCKSTEP_TESTS_CHECK_H
#define LOCKSTEP_TESTS_CHECK_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* |a - b| <= eps, or both NaN. */
#define assert_near(a, b, eps) do { \
	double near_a = (a), near_b = (b); \
	if (!(fabs(near_a - near_b) <= (eps)) && \
	    !(isnan(near_a) && isnan(near_b))) \
		fail_msg("%s is %.10g, not %.10g", #a, near_a, near_b); \
} while (0)

#endif
