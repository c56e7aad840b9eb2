/* Fuzzes the safetensors reader: any bytes, and every value that it grants. */
#include "tests/fuzz/fuzz.h"

#include "harness/meaning/safetensors.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const names[] = { "embeddings", "weights",
	    "mapping", "a" };
	struct safetensors *s;
	volatile double sum = 0;
	size_t i, k;
	float f;

	if (safetensors_parse(data, n, &s, NULL) != RC_OK)
		return 0;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct tensor *t = safetensors_find(s, names[i]);

		for (k = 0; t != NULL && k < t->count; k++) {
			sum = sum + tensor_value(t, k);
			tensor_floats(t, k, 1, &f);
		}
	}
	safetensors_close(&s);
	return 0;
}
