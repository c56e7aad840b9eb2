/* Sets the number of OpenMP threads; without OpenMP there is one anyway. */
#ifndef LOCKSTEP_TESTS_THREADS_H
#define LOCKSTEP_TESTS_THREADS_H

#ifdef _OPENMP
#include <omp.h>
#endif

static inline void
use_threads(int n)
{
#ifdef _OPENMP
	omp_set_num_threads(n);
#else
	(void)n;
#endif
}

#endif
