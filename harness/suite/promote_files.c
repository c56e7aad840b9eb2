/* Files that a promoted suite names, copied beside it; see promote_part.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/replace.h"
#include "harness/suite/promote_part.h"

enum { COPY_MAX = 16 << 20 };

static int
read_whole(const char *path, struct buf *b, struct err *err)
{
	char part[8192];
	FILE *f = fopen(path, "rb");
	size_t n;
	int bad;

	if (f == NULL)
		return err_errno(err, RC_IO, "%s", path);
	buf_reset(b);
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		buf_add(b, part, n);
	bad = ferror(f);
	(void)fclose(f);
	return bad ? err_set(err, RC_IO, "%s: cannot be read", path) :
	    buf_check(b, path, err);
}

static int
make_folders(char *path, struct err *err)
{
	char *p;

	for (p = strchr(path + 1, '/'); p != NULL; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdir(path, 0777) != 0 && errno != EEXIST)
			return err_errno(err, RC_IO, "%s: cannot make the "
			    "folder", path);
		*p = '/';
	}
	return RC_OK;
}

/* What stands there already is kept where it is the same. */
static int
put(const struct promote_job *job, struct promote_out *out,
    const struct buf *b, mode_t mode, char *to, struct err *err)
{
	struct buf old;
	struct stat st;
	int there = stat(to, &st) == 0, same = 0, rc = RC_OK;

	buf_init(&old, COPY_MAX);
	if (there)
		rc = read_whole(to, &old, err);
	if (rc == RC_OK)
		same = there && old.len == b->len && (b->len == 0 ||
		    memcmp(old.p, b->p, b->len) == 0);
	buf_fini(&old);
	if (rc != RC_OK || same)
		return rc;
	if (there && !job->replace)
		return err_set(err, RC_USAGE, "%s exists and is another file; "
		    "use --replace to overwrite it", to);
	if (out->n_files == PROMOTE_FILES_MAX)
		return err_set(err, RC_USAGE, "the scorers name more than %d "
		    "files", PROMOTE_FILES_MAX);
	rc = make_folders(to, err);
	if (rc == RC_OK)
		rc = replace_file(to, mode & 0777, b->p, b->len, err);
	if (rc == RC_OK && !there)
		(void)snprintf(out->files[out->n_files++], sizeof(out->suite),
		    "%s", to);
	return rc;
}

/* ---- certificates -------------------------------------------------------- */

/* A private key is in no suite. *to "": it is not copied */
static int
copy_certificate(const struct promote_job *job, struct promote_out *out,
    const char *file, char *to, struct err *err)
{
	struct buf b;
	struct stat st;
	int rc = RC_OK;

	if (file == NULL || stat(file, &st) != 0) {
		*to = '\0';
		return RC_OK;
	}
	buf_init(&b, COPY_MAX);
	rc = read_whole(file, &b, err);
	if (rc == RC_OK && strstr(buf_str(&b), "PRIVATE KEY") != NULL)
		*to = '\0';
	else if (rc == RC_OK)
		rc = put(job, out, &b, st.st_mode, to, err);
	buf_fini(&b);
	return rc;
}

/* ---- scorers ------------------------------------------------------------- */

/* A file below the suite's folder, to the same place below the new one. */
static int
copy_below(const struct promote_job *job, struct promote_out *out,
    const char *rel, size_t n, struct err *err)
{
	char from[1024], to[1024];
	struct stat st, there;
	struct buf b;
	int rc;

	if (snprintf(from, sizeof(from), "%s/%.*s", job->suite->dir, (int)n,
	    rel) >= (int)sizeof(from) || snprintf(to, sizeof(to), "%s/%.*s",
	    job->dir, (int)n, rel) >= (int)sizeof(to))
		return err_set(err, RC_USAGE, "the name of a scorer's file "
		    "is too long");
	if (strstr(from + strlen(job->suite->dir), "/../") != NULL ||
	    stat(from, &st) != 0 || !S_ISREG(st.st_mode) ||
	    (stat(to, &there) == 0 && there.st_dev == st.st_dev &&
	    there.st_ino == st.st_ino))
		return RC_OK;
	buf_init(&b, COPY_MAX);
	rc = read_whole(from, &b, err);
	if (rc == RC_OK)
		rc = put(job, out, &b, st.st_mode, to, err);
	buf_fini(&b);
	return rc;
}

static int
copy_scorer(const struct promote_job *job, struct promote_out *out,
    const char *exec, struct err *err)
{
	static const char *const ours[] = { "${LOCKSTEP_SUITE_DIR}/",
		"$LOCKSTEP_SUITE_DIR/", "${LOCKSTEP_SUITE_DIR}\"/",
		"$LOCKSTEP_SUITE_DIR\"/" };
	const char *p;
	size_t i, n;
	int rc = RC_OK;

	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		for (p = strstr(exec, ours[i]); p != NULL && rc == RC_OK;
		    p = strstr(p, ours[i])) {
			p += strlen(ours[i]);
			n = strcspn(p, " \t\n;|&()<>\"'$");
			rc = copy_below(job, out, p, n, err);
		}
	}
	return rc;
}

int
promote_files(const struct promote_job *job, struct promote_out *out,
    struct err *err)
{
	const struct suite_target *t = &job->suite->target[ARM_CANDIDATE];
	size_t i;
	int rc;

	rc = copy_certificate(job, out, t->ca_file, out->ca, err);
	if (rc == RC_OK)
		rc = copy_certificate(job, out, t->cert_file, out->cert, err);
	for (i = 0; i < job->suite->n_scorers && rc == RC_OK; i++)
		rc = copy_scorer(job, out, job->suite->scorer[i].exec, err);
	return rc;
}
