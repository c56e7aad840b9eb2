/* A trace in parts, as options ask for it; see cmd_parts.h. */
#include "harness/cmd/cmd_parts.h"

#include <stdio.h>

int
parts_asked(const struct parts_args *a)
{
	return a->rotate_bytes > 0 || a->rotate_ns > 0 || a->keep_bytes > 0 ||
	    a->keep_ns > 0 || a->keep_files > 0;
}

int
parts_limits(const struct parts_args *a, struct trace_limits *out,
    struct err *err)
{
	*out = (struct trace_limits){ (uint64_t)a->rotate_bytes, a->rotate_ns,
		(uint64_t)a->keep_bytes, a->keep_ns, (size_t)a->keep_files };
	if (parts_asked(a) && a->rotate_bytes == 0 && a->rotate_ns == 0)
		return err_set(err, RC_USAGE, "--keep-size, --keep-age and "
		    "--keep-files delete whole traces: add --rotate-size or "
		    "--rotate-age");
	if (a->keep_bytes > 0 && a->keep_bytes < a->rotate_bytes)
		return err_set(err, RC_USAGE, "--keep-size is smaller than "
		    "--rotate-size");
	return RC_OK;
}

void
parts_say(const char *out, uint64_t parts, const struct trace_tidied *tidied)
{
	if (parts > 1)
		(void)fprintf(stderr, "%s: %llu traces\n", out,
		    (unsigned long long)parts);
	if (tidied->files > 0)
		(void)fprintf(stderr, "%s: %llu older traces deleted (%llu "
		    "bytes)\n", out, (unsigned long long)tidied->files,
		    (unsigned long long)tidied->bytes);
}
