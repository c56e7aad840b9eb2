/*
 * This machine: what its processors did, and which addresses are its own.
 * Safe from any thread.
 */
#ifndef LOCKSTEP_MACHINE_H
#define LOCKSTEP_MACHINE_H

#include <stdint.h>

/* Time of all processors together, in clock ticks of any length; {0, 0}:
 * unknown. */
struct machine_cpu {
	uint64_t all, idle;	/* waiting for a disk is idle */
};

/*
 * Reads what the processors have done since the machine started: the first
 * line of /proc/stat, proc_stat(5). Inside a container it is the whole
 * machine's.
 * returns 0, or -1 where that cannot be read; *out is {0, 0}
 */
int machine_cpu_now(struct machine_cpu *out);

/* The same of a line "cpu user nice system idle iowait irq softirq steal". */
int machine_cpu_parse(const char *line, struct machine_cpu *out);

/* Adds to *sum what the processors have done since *from, which was read
 * earlier; adds nothing where either is unknown. */
void machine_cpu_since(const struct machine_cpu *from,
    struct machine_cpu *sum);

/* Adds two spans of time, of one machine or of two. */
void machine_cpu_add(struct machine_cpu *sum, const struct machine_cpu *more);

/* The share of the time that was idle, [0, 1]; NaN: unknown. */
double machine_cpu_idle(const struct machine_cpu *c);

/*
 * Whether a URL names this machine: localhost, its host name, a loopback
 * address, or an address of one of its interfaces. No name is looked up.
 */
int machine_is_here(const char *url);

#endif
