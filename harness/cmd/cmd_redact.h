/* The options by which commands are told what to redact. */
#ifndef LOCKSTEP_CMD_REDACT_H
#define LOCKSTEP_CMD_REDACT_H

#include "harness/base/opt.h"
#include "harness/traffic/redact.h"

struct redact_args {
	struct opt_list rules;
	const char *key;
};
/* Rows for a struct type with a member `redact`. */
#define REDACT_OPTS(type) \
	{ "redact", 0, OPT_LIST, offsetof(type, redact.rules), 0, 0, "RULE", \
	    "mask personal data: all, email, phone, card, iban,\n" \
	    "ip, jwt, key, national_id, pattern:REGEX,\n" \
	    "pointer:/JSON/PTR, header:NAME; drop:RULE leaves it\n" \
	    "out, pseudonym:RULE gives equal texts the same token;\n" \
	    "may be repeated" }, \
	{ "redact-key", 0, OPT_STR, offsetof(type, redact.key), 0, 0, \
	    "FILE", "the key of pseudonyms; do not keep it with the trace" }

/*
 * The rules that were asked for; *out NULL: none.
 * returns RC_OK, caller frees with redact_free(); RC_USAGE, RC_FORMAT, RC_IO
 */
int redact_args(const struct redact_args *a, struct redact **out,
    struct err *err);

#endif
