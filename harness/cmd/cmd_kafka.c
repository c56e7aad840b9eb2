/* Settings of Kafka; see cmd_kafka.h. */
#include "harness/cmd/cmd_kafka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_MAX = 64 << 10 };

/* A small file without the line ends at its end. */
static int
load(const char *path, char **out, struct err *err)
{
	FILE *f = fopen(path, "rb");
	char *text = malloc(VALUE_MAX + 2);
	size_t n;
	int rc = RC_OK;

	if (f == NULL || text == NULL) {
		rc = f == NULL ? err_errno(err, RC_IO, "%s", path) :
		    err_set(err, RC_NOMEM, "out of memory");
	} else {
		n = fread(text, 1, VALUE_MAX + 1, f);
		if (ferror(f) || n > VALUE_MAX || memchr(text, 0, n) != NULL)
			rc = err_set(err, RC_USAGE, "%s: not a text of at "
			    "most 64 KiB", path);
		while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
			n--;
		text[n] = '\0';
	}
	if (f != NULL)
		(void)fclose(f);
	if (rc != RC_OK) {
		free(text);
		text = NULL;
	}
	*out = text;
	return rc;
}

/* ${NAME} or ${file:PATH} as a whole; anything else is as it is. */
static int
value_of(const char *said, char **out, struct err *err)
{
	size_t n = strlen(said);
	const char *value;
	char name[1024];

	*out = NULL;
	if (n < 4 || n >= sizeof(name) || strncmp(said, "${", 2) != 0 ||
	    said[n - 1] != '}') {
		*out = strdup(said);
		return *out != NULL ? RC_OK :
		    err_set(err, RC_NOMEM, "out of memory");
	}
	(void)snprintf(name, sizeof(name), "%.*s", (int)n - 3, said + 2);
	if (strncmp(name, "file:", 5) == 0)
		return load(name + 5, out, err);
	/* one thread as yet. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	value = getenv(name);
	if (value == NULL)
		return err_set(err, RC_USAGE, "--kafka-set needs ${%s}, which "
		    "is not set in the environment", name);
	*out = strdup(value);
	return *out != NULL ? RC_OK :
	    err_set(err, RC_NOMEM, "out of memory");
}

static int
add(struct kafka_words *w, const char *set, struct err *err)
{
	size_t n = strcspn(set, "=");
	char *value;
	int rc;

	if (set[n] == '\0' || n == 0)
		return err_set(err, RC_USAGE, "--kafka-set takes NAME=VALUE, "
		    "a setting of librdkafka");
	rc = value_of(set + n + 1, &value, err);
	if (rc != RC_OK)
		return rc;
	if (asprintf(&w->v[w->n], "%.*s=%s", (int)n, set, value) < 0)
		rc = err_set(err, RC_NOMEM, "out of memory");
	else
		w->n++;
	free(value);
	return rc;
}

int
kafka_args(const struct kafka_args *a, struct kafka_words *out,
    struct err *err)
{
	size_t i;
	int rc = RC_OK;

	out->n = 0;
	for (i = 0; rc == RC_OK && i < a->set.n; i++)
		rc = add(out, a->set.v[i], err);
	return rc;
}

void
kafka_words_free(struct kafka_words *w)
{
	size_t i;

	for (i = 0; i < w->n; i++) {
		explicit_bzero(w->v[i], strlen(w->v[i]));
		free(w->v[i]);
	}
	w->n = 0;
}
