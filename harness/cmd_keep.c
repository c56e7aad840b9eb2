/* Observations into the store, now or later; see cmd_keep.h. */
#include "harness/cmd_keep.h"

#include <string.h>
#include <unistd.h>

#include "harness/tmpfile.h"

/* One observation in the scratch file, which no other process reads. */
struct row {
	struct store_obs obs;		/* m is set when it is read */
	double m[METRIC_N];
};

static int
open_later(struct cmd_keep *k, struct err *err)
{
	int fd, rc = tmpfile_open(&fd, err);

	if (rc != RC_OK)
		return rc;
	k->later = fdopen(fd, "w+b");
	if (k->later != NULL)
		return RC_OK;
	rc = err_errno(err, RC_IO, "scratch file");
	(void)close(fd);
	return rc;
}

int
cmd_keep_begin(struct cmd_keep *k, struct store *s, const char *run_id,
    int later, struct err *err)
{
	*k = (struct cmd_keep){ s, run_id, NULL };
	return later ? open_later(k, err) : store_obs_begin(s, run_id, err);
}

int
cmd_keep_obs(void *ctx, const struct score_obs *o, struct err *err)
{
	struct cmd_keep *k = ctx;
	struct row row;

	memset(&row, 0, sizeof(row));
	row.obs.case_n = o->case_index;
	row.obs.variant = o->variant;
	row.obs.arm = o->key.arm;
	row.obs.outcome = o->outcome;
	row.obs.total_ns = o->total_ns;
	row.obs.m = o->m;
	if (k->later == NULL) {
		/* its error is sticky: store_obs_end() tells */
		store_obs_put(k->store, &row.obs);
		return RC_OK;
	}
	memcpy(row.m, o->m, sizeof(row.m));
	if (fwrite(&row, sizeof(row), 1, k->later) != 1)
		return err_errno(err, RC_IO, "scratch file");
	return RC_OK;
}

int
cmd_keep_again(void *ctx, struct err *err)
{
	struct cmd_keep *k = ctx;

	if (k->later == NULL)
		return store_obs_again(k->store, err);
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
	while (fread(&row, sizeof(row), 1, k->later) == 1) {
		row.obs.m = row.m;
		store_obs_put(k->store, &row.obs);
	}
	rc = ferror(k->later) ?
	    err_errno(err, RC_IO, "scratch file") : RC_OK;
	return store_obs_end(k->store, err) != RC_OK ? err->code : rc;
}

int
cmd_keep_end(struct cmd_keep *k, int ok, struct err *err)
{
	int rc = RC_OK;

	if (k->later == NULL)
		return store_obs_end(k->store, err);
	if (ok)
		rc = put_all(k, err);
	(void)fclose(k->later);
	k->later = NULL;
	return rc;
}
