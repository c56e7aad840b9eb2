/* Groups of texts, and texts that differ; see cluster.h. */
#include "harness/meaning/cluster.h"

#include <math.h>
#include <stdlib.h>

void
cluster_lead(const struct embedder *e, struct embed_vec *const *v, size_t n,
    double limit, size_t *leader, double *ds)
{
	size_t i, k;
	double d;

	for (i = 0; i < n; i++) {
		leader[i] = i;
		ds[i] = INFINITY;
		for (k = 0; k < i && v[i] != NULL; k++) {
			if (leader[k] != k || v[k] == NULL)
				continue;
			d = embed_ds(e, embed_raw(e, v[i], v[k]));
			if (d <= limit && d < ds[i]) {
				ds[i] = d;
				leader[i] = k;
			}
		}
		if (leader[i] == i)
			ds[i] = 0;
	}
}

int
cluster_different(const struct embedder *e, struct embed_vec *const *v,
    const size_t *among, size_t n, size_t k, size_t *out,
    struct err *err)
{
	double *near = calloc(n + 1, sizeof(*near)), d;
	size_t i, best = 0, picked;

	if (near == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	for (i = 0; i < n; i++)
		near[i] = INFINITY;
	for (picked = 0; picked < k && picked < n; picked++) {
		out[picked] = among[best];
		near[best] = -1;	/* taken */
		for (i = 0; i < n; i++) {
			d = embed_raw(e, v[among[i]], v[out[picked]]);
			if (near[i] >= 0 && d < near[i])
				near[i] = d;
		}
		for (i = 0, best = 0; i < n; i++) {
			if (near[i] > near[best])
				best = i;
		}
	}
	free(near);
	return RC_OK;
}
