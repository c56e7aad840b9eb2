/*
 * Clocks. Time is int64_t nanoseconds of CLOCK_MONOTONIC; the wall clock is
 * read once a run, for the record.  Safe from any thread.
 */
#ifndef LOCKSTEP_MONO_H
#define LOCKSTEP_MONO_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#define MONO_MS 1000000LL
#define MONO_S 1000000000LL

/* Nanoseconds of CLOCK_MONOTONIC. */
int64_t mono_now_ns(void);

/* A condition whose timed waits are until a mono_now_ns() time. */
void mono_cond_init(pthread_cond_t *c);

/* Sleeps until an absolute mono_now_ns() time; signals do not cut it short. */
void mono_sleep_until_ns(int64_t when_ns);

/* The wall clock, nanoseconds since 1970-01-01 UTC. */
int64_t mono_wall_ns(void);

/* CPU time of the whole process, nanoseconds. */
int64_t mono_cpu_ns(void);

/*
 * Writes a wall clock time as RFC 3339 in UTC, "2026-01-31T12:00:00.123Z".
 * out     at least MONO_UTC_MAX bytes
 */
#define MONO_UTC_MAX 40
void mono_utc(int64_t wall_ns, char *out);

/*
 * Parses a duration: a number with ns, us, ms, s, m, h or d ("250ms", "4m",
 * "1.5s"), or several ("2h10m"); a bare number is seconds.
 * *out_ns [0, 292 years)
 * returns 0, or -1 when s is not a duration
 */
int mono_parse_duration(const char *s, int64_t *out_ns);

#endif
