/*
 * Fuzzes redaction of a body: what was JSON is JSON afterwards, and nothing
 * grows much beyond what stands in the place of what was found.
 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

#include "harness/base/json.h"
#include "harness/traffic/redact.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const unsigned char key[REDACT_KEY_BYTES] = { 1 };
	static const char *const words[] = { "all", "pointer:/a",
		"pattern:EMP-[0-9]+" };
	static struct redact *r;
	struct ex_header req[1], res[1];
	struct err err = ERR_INIT;
	struct redact_work *w;
	struct exchange ex;
	struct json *was, *is;

	if (r == NULL && redact_new(words, 3, key, &r, &err) != RC_OK)
		abort();
	w = redact_work_new(r);
	if (w == NULL)
		abort();
	exchange_init(&ex);
	ex.target = "/";
	ex.res_body.p = (const char *)data;
	ex.res_body.n = n;
	if (redact_exchange(w, &ex, req, res) != RC_OK)
		abort();
	if (ex.res_body.n > 64 * n + (64 << 10))
		abort();
	was = json_parse((const char *)data, n, &err);
	if (was != NULL) {
		is = json_parse(ex.res_body.p, ex.res_body.n, &err);
		if (is == NULL)
			abort();
		json_free(is);
	}
	json_free(was);
	redact_work_free(w);
	return 0;
}
