/* Observations into the store, once all are scored; see cmd_keep.h. */
#include "harness/cmd/cmd_keep.h"

#include <string.h>
#include <unistd.h>

#include "harness/base/tmpfile.h"

/* One observation in the scratch file, which no other process reads. */
struct row {
	struct store_obs obs;		/* pointers are set when it is read */
	double m[METRIC_N];
	double scored[SCORER_METRICS_MAX];
	int has_scored;
};

int
cmd_keep_begin(struct cmd_keep *k, struct err *err)
{
	int fd, rc = tmpfile_open(&fd, err);

	k->later = NULL;
	if (rc != RC_OK)
		return rc;
	k->later = fdopen(fd, "w+b");
	if (k->later != NULL)
		return RC_OK;
	rc = err_errno(err, RC_IO, "scratch file");
	(void)close(fd);
	return rc;
}

/* {"faithfulness":0.93,"tone":null} */
static void
put_scored(const struct suite *s, const double *scored, struct buf *out)
{
	struct json_out o;
	size_t i;

	json_out_init(&o, out, 0);
	json_out_obj(&o);
	for (i = 0; i < s->n_scored; i++)
		json_put_num(&o, s->scored[i].name, scored[i]);
	json_out_end(&o, '}');
}

static void
put_row(struct cmd_keep *k, struct row *row)
{
	struct buf scored;

	buf_init(&scored, 1 << 16);
	if (row->has_scored)
		put_scored(k->suite, row->scored, &scored);
	row->obs.m = row->m;
	row->obs.scored = row->has_scored ? buf_str(&scored) : NULL;
	store_obs_put(k->store, &row->obs);
	buf_fini(&scored);
}

static struct store_obs
plain(const struct score_obs *o)
{
	return (struct store_obs){ .case_n = o->case_index,
		.variant = o->variant, .arm = o->key.arm,
		.outcome = o->outcome, .total_ns = o->total_ns, .m = o->m };
}

int
cmd_keep_obs(void *ctx, const struct score_obs *o, struct err *err)
{
	struct cmd_keep *k = ctx;
	struct row row;
	size_t i;

	memset(&row, 0, sizeof(row));
	row.obs = plain(o);
	row.has_scored = o->scored != NULL;
	for (i = 0; o->scored != NULL && i < o->n_scored; i++)
		row.scored[i] = o->scored[i].v;
	memcpy(row.m, o->m, sizeof(row.m));
	if (fwrite(&row, sizeof(row), 1, k->later) != 1)
		return err_errno(err, RC_IO, "scratch file");
	return RC_OK;
}

int
cmd_keep_again(void *ctx, struct err *err)
{
	struct cmd_keep *k = ctx;

	if (fflush(k->later) != 0 || fseek(k->later, 0, SEEK_SET) != 0 ||
	    ftruncate(fileno(k->later), 0) != 0)
		return err_errno(err, RC_IO, "scratch file");
	return RC_OK;
}

/* From the scratch file into the store. */
static int
put_all(struct cmd_keep *k, struct err *err)
{
	struct row row;
	int rc;

	if (fflush(k->later) != 0 || fseek(k->later, 0, SEEK_SET) != 0)
		return err_errno(err, RC_IO, "scratch file");
	rc = store_obs_begin(k->store, k->run_id, err);
	if (rc != RC_OK)
		return rc;
	while (fread(&row, sizeof(row), 1, k->later) == 1)
		put_row(k, &row);
	if (ferror(k->later)) {
		rc = err_errno(err, RC_IO, "scratch file");
		store_obs_abandon(k->store);
		return rc;
	}
	return store_obs_end(k->store, err);
}

int
cmd_keep_end(struct cmd_keep *k, int ok, struct err *err)
{
	int rc = ok ? put_all(k, err) : RC_OK;

	(void)fclose(k->later);
	k->later = NULL;
	return rc;
}
