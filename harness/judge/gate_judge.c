/* All gates of a run; see gate.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/judge/gate_set.h"

static int
measure_all(struct gate_set *s, struct err *err)
{
	size_t i;
	int rc = RC_OK;

	for (i = 0; i < s->n && rc == RC_OK; i++) {
		const struct gate_job job = { s->in, s->row[i], s->trial, i };

		gate_start(s->row[i], s->in->limits, &s->g[i]);
		s->seen[i].bound = NAN;
		rc = gate_measure(&job, &s->g[i], &s->seen[i], err);
	}
	return rc;
}

static int
judge(struct gate_set *s, struct result *r, struct result_gate *out,
    double *alarm, struct err *err)
{
	size_t i;
	int rc;

	while ((s->row[s->n] = gate_row_at(s->in, s->n)) != NULL &&
	    s->n < GATE_ROWS_MAX - 1)
		s->n++;
	rc = gate_trial_new(s->in, s->row, s->n, &s->trial, err);
	if (rc == RC_OK)
		rc = measure_all(s, err);
	if (rc != RC_OK)
		return rc;
	memcpy(out, s->g, s->n * sizeof(*out));
	gate_set_borrow(s, out);
	gate_set_off(s, out);
	gate_adjust(s->in, s->row, out, s->n);
	for (i = 0; i < s->n; i++) {
		gate_decide(s->in, s->row[i], &s->seen[i], &out[i]);
		gate_say(s->in, s->row[i], &s->seen[i], r, &out[i]);
	}
	*alarm = gate_set_alarm(s);
	return (int)s->n;
}

int
gates_judge(const struct gate_in *in, struct result *r,
    struct result_gate *out, double *alarm, struct err *err)
{
	struct gate_set *s = calloc(1, sizeof(*s));
	size_t i;
	int rc;

	*alarm = NAN;
	if (s == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	s->in = in;
	rc = judge(s, r, out, alarm, err);
	for (i = 0; i < s->n; i++)
		free(s->seen[i].look_p);
	gate_trial_free(s->trial);
	free(s);
	return rc;
}
