/* Fuzzing of iCalendar files: what is refused says why. */
#include <assert.h>

#include "harness/base/ical.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct err err = ERR_INIT;
	struct json *list = NULL;
	int rc = ical_windows((const char *)data, n, 1764201600, 1764288000,
	    &list, &err);

	assert(rc == RC_OK ? list != NULL : err.msg[0] != '\0');
	json_free(list);
	return 0;
}
