/*
 * The seventeen guardrails of a safe rollout, by number: GUARDRAILS.md.
 * Immutable; safe from any thread.
 */
#ifndef LOCKSTEP_GUARDRAIL_H
#define LOCKSTEP_GUARDRAIL_H

enum { GUARDRAIL_N = 17 };

struct guardrail {
	const char *title;	/* "idempotency and dedupe" */
	const char *proves;	/* one short clause */
	const char *command;	/* what a user types */
};

/* n  1 to GUARDRAIL_N */
const struct guardrail *guardrail_at(int n);

#endif
