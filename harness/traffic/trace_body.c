/* Bodies too large for a record, in files beside the trace; see trace.h. */
#include "harness/traffic/trace_part.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/replace.h"

enum { PATH_BYTES = 4096 };

static int
body_path(char *out, const char *trace, const char *name, const char *end,
    struct err *err)
{
	int n = snprintf(out, PATH_BYTES, "%s.d/%s%s", trace, name, end);

	if (n < 0 || n >= PATH_BYTES)
		return err_set(err, RC_USAGE, "%s: the path is too long",
		    trace);
	return RC_OK;
}

/* The bytes as a sealed file, whose name does not tell what is in it. */
static int
put_sealed(const char *trace, const char *name, const char *p, size_t n,
    struct err *err)
{
	char path[PATH_BYTES], hidden[HASH_HEX];
	struct seal_writer *w = NULL;
	struct buf b;
	int rc;

	seal_name(trace_key(), name, hidden);
	rc = body_path(path, trace, hidden, "", err);
	if (rc != RC_OK || access(path, F_OK) == 0)
		return rc;
	buf_init(&b, n + n / 1024 + (64 << 10));
	rc = seal_writer_new(trace_key(), &b, &w, err);
	if (rc == RC_OK) {
		seal_add(w, p, n, 1, &b);
		rc = buf_check(&b, path, err);
	}
	if (rc == RC_OK)
		rc = replace_file(path, REPLACE_OWN, b.p, b.len, err);
	seal_writer_free(w);
	buf_fini(&b);
	return rc;
}

/* Whole or not at all: a body file that has its name has its content. */
static int
put_file(const char *trace, const char *name, const char *p, size_t n,
    struct err *err)
{
	char path[PATH_BYTES], dir[PATH_BYTES];

	if (body_path(dir, trace, "", "", err) != RC_OK ||
	    body_path(path, trace, name, "", err) != RC_OK)
		return RC_USAGE;
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return err_errno(err, RC_IO, "%s: cannot create", dir);
	if (trace_key() != NULL)
		return put_sealed(trace, name, p, n, err);
	if (access(path, F_OK) == 0)
		return RC_OK;
	return replace_file(path, REPLACE_OWN, p, n, err);
}

int
trace_spill(struct trace_writer *w, const void *p, size_t n,
    char name[HASH_HEX], struct err *err)
{
	hash_hex(p, n, name);
	return put_file(trace_writer_path(w), name, p, n, err);
}

static int
read_all(const struct trace_place *p, const char *path, uint64_t n,
    struct buf *out, struct err *err)
{
	char *to = buf_reserve(out, (size_t)n);
	int rc;

	if (to == NULL)
		return buf_check(out, path, err);
	rc = zst_pread(&p->src, to, (size_t)n, 0, err);
	if (rc != RC_OK) {
		err_prefix(err, "%s", path);
		return rc;
	}
	out->len += (size_t)n;
	out->p[out->len] = '\0';
	return RC_OK;
}

/* Opens a body by its name, or by the one it has when it is sealed; file is
 * the path for messages. returns -1 with errno */
static int
open_body(const char *trace, const char *name, char *file, struct err *err)
{
	char hidden[HASH_HEX], sealed[PATH_BYTES];
	int fd;

	if (body_path(file, trace, name, "", err) != RC_OK)
		return RC_USAGE;
	fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT && trace_key() != NULL) {
		seal_name(trace_key(), name, hidden);
		if (body_path(sealed, trace, hidden, "", err) != RC_OK)
			return RC_USAGE;
		fd = open(sealed, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		if (fd >= 0)
			memcpy(file, sealed, PATH_BYTES);
	}
	return fd >= 0 ? fd : err_errno(err, RC_IO, "%s: cannot open the body "
	    "that the trace refers to", file);
}

int
trace_body_load(const char *path, const struct ex_bytes *body,
    struct buf *out, struct err *err)
{
	char file[PATH_BYTES], sum[HASH_HEX];
	size_t from = out->len;
	struct trace_place p;
	uint64_t size;
	struct stat st;
	int fd, rc;

	fd = open_body(path, body->spill, file, err);
	if (fd < 0)
		return fd;
	rc = trace_place_open(fd, file, &p, err);
	size = p.file != NULL ? p.src.size : rc != RC_OK ||
	    fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ? UINT64_MAX :
	    (uint64_t)st.st_size;
	if (rc == RC_OK && size != body->n)
		rc = err_set(err, RC_FORMAT, "%s: its size is not the %zu "
		    "bytes that the trace says", file, body->n);
	if (rc == RC_OK)
		rc = read_all(&p, file, size, out, err);
	trace_place_close(&p);
	if (rc != RC_OK)
		return rc;
	hash_hex(out->p + from, out->len - from, sum);
	if (strcmp(sum, body->spill) != 0)
		return err_set(err, RC_FORMAT, "%s: its content differs from "
		    "what was recorded (hash %s)", file, sum);
	return RC_OK;
}

static int
copy_body(const char *from, const char *to, const struct ex_bytes *body,
    struct err *err)
{
	struct buf b;
	int rc;

	if (body->spill == NULL)
		return RC_OK;
	buf_init(&b, body->n + 2);
	rc = trace_body_load(from, body, &b, err);
	if (rc == RC_OK)
		rc = put_file(to, body->spill, b.p, b.len, err);
	buf_fini(&b);
	return rc;
}

int
trace_body_copy(const char *from, const char *to, const char *line,
    size_t n, struct err *err)
{
	static const char word[] = "\"body_file\"";
	struct exchange_rec *rec;
	struct exchange ex;
	int rc;

	/* Most lines have none, and need no parse to say so. */
	if (memmem(line, n, word, sizeof(word) - 1) == NULL)
		return RC_OK;
	rec = exchange_rec_new();
	if (rec == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	rc = exchange_parse(rec, line, n, &ex, err);
	if (rc == 1)
		rc = copy_body(from, to, &ex.req_body, err);
	if (rc == RC_OK)
		rc = copy_body(from, to, &ex.res_body, err);
	exchange_rec_free(rec);
	return rc;
}
