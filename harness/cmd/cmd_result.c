/* Judged runs, read back; see cmd_result.h. */
#include "harness/cmd/cmd_result.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/result/store.h"

/* returns 1 when the word is a path to a report */
static int
report_at(const char *word, char *path, size_t cap)
{
	struct stat st;

	(void)snprintf(path, cap, "%.1000s/report.json", word);
	if (stat(path, &st) == 0)
		return 1;
	(void)snprintf(path, cap, "%.1000s", word);
	return strchr(word, '.') != NULL && stat(path, &st) == 0 &&
	    S_ISREG(st.st_mode);
}

int
cmd_result_open(const char *home, const char *word, struct result **out,
    struct err *err)
{
	struct store *store = NULL;
	struct store_run run;
	char path[1100];
	int rc;

	if (report_at(word, path, sizeof(path)))
		return result_read(path, out, err);
	rc = store_open(store_home(home), &store, err);
	if (rc == RC_OK)
		rc = store_run_find(store, word, &run, err);
	if (rc == RC_OK && strcmp(run.state, "judged") != 0)
		rc = err_set(err, RC_USAGE, "run %s is not judged yet; to "
		    "resume it: `lockstep resume %s`", run.id, run.id);
	if (rc == RC_OK) {
		(void)snprintf(path, sizeof(path), "%s/report.json", run.dir);
		rc = result_read(path, out, err);
	}
	store_close(&store);
	return rc;
}
