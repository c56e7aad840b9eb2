/* The table of statistical methods; each row lives in its method's file. */
#include "harness/stat/stat.h"

#include <string.h>

#include "harness/stat/stat_anytime.h"
#include "harness/stat/stat_blocks.h"
#include "harness/stat/stat_replicate.h"

const struct stat_method *const stat_methods[] = {
	&stat_method_replicate,
	&stat_method_signflip,
	&stat_method_signflip_tail,
	&stat_method_mcnemar,
	&stat_method_signed_rank,
	&stat_method_swap,
	&stat_method_blocks,
	&stat_method_t,
	&stat_method_strict,
	&stat_method_holm,
	&stat_method_wilson,
	&stat_method_quantile,
	&stat_method_shift,
	&stat_method_kendall,
	&stat_method_trend,
	&stat_method_evalue,
	&stat_method_symmetry,
	&stat_method_power,
};
const size_t stat_methods_n = sizeof stat_methods / sizeof stat_methods[0];

const struct stat_method *
stat_method_find(const char *name)
{
	size_t i;

	for (i = 0; i < stat_methods_n; i++)
		if (strcmp(stat_methods[i]->name, name) == 0)
			return stat_methods[i];
	return NULL;
}
