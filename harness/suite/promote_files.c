/* Files that a promoted suite names, copied beside it; see promote_part.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/replace.h"
#include "harness/suite/promote_part.h"

int
promote_read(const char *path, struct buf *b, struct err *err)
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

int
promote_put(const struct promote_job *job, struct promote_out *out,
    const struct buf *b, mode_t mode, char *to, struct err *err)
{
	struct buf old;
	struct stat st;
	int there = stat(to, &st) == 0, same = 0, rc = RC_OK;

	buf_init(&old, PROMOTE_COPY_MAX);
	if (there)
		rc = promote_read(to, &old, err);
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
	buf_init(&b, PROMOTE_COPY_MAX);
	rc = promote_read(file, &b, err);
	if (rc == RC_OK && strstr(buf_str(&b), "PRIVATE KEY") != NULL)
		*to = '\0';
	else if (rc == RC_OK)
		rc = promote_put(job, out, &b, st.st_mode, to, err);
	buf_fini(&b);
	return rc;
}

int
promote_files(const struct promote_job *job, struct promote_out *out,
    struct err *err)
{
	const struct suite_target *t = &job->suite->target[ARM_CANDIDATE];
	int rc;

	rc = copy_certificate(job, out, t->ca_file, out->ca, err);
	if (rc == RC_OK)
		rc = copy_certificate(job, out, t->cert_file, out->cert, err);
	return rc;
}
