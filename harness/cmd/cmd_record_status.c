/* The metrics and readiness of a recording; see cmd_record_status.h. */
#include "harness/cmd/cmd_record_status.h"

#include "harness/base/version.h"

static void
metric(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# TYPE lockstep_record_%s %s\n"
	    "# HELP lockstep_record_%s %s\n", name, type, name, help);
}

static void
put_metrics(void *ctx, struct buf *out)
{
	struct record_stats st;

	record_stats(ctx, &st);
	metric(out, "exchanges", "counter", "Exchanges by what became of "
	    "them.");
	buf_printf(out, "lockstep_record_exchanges_total{state=\"written\"} "
	    "%llu\n", (unsigned long long)st.written);
	buf_printf(out, "lockstep_record_exchanges_total{state=\"dropped\"} "
	    "%llu\n", (unsigned long long)st.dropped);
	buf_printf(out, "lockstep_record_exchanges_total{state=\"refused\"} "
	    "%llu\n", (unsigned long long)st.refused);
	metric(out, "in_flight", "gauge", "Requests under way.");
	buf_printf(out, "lockstep_record_in_flight %u\n", st.busy);
	metric(out, "queue_bytes", "gauge", "Bytes that wait for the disk.");
	buf_printf(out, "lockstep_record_queue_bytes %zu\n",
	    st.waiting_bytes);
	metric(out, "parts", "counter", "Traces begun.");
	buf_printf(out, "lockstep_record_parts_total %u\n", st.parts);
	metric(out, "deleted", "counter", "Older traces deleted, as the "
	    "limits ask.");
	buf_printf(out, "lockstep_record_deleted_total %llu\n",
	    (unsigned long long)st.tidied.files);
	metric(out, "disk_ok", "gauge", "1 when the trace can be written.");
	buf_printf(out, "lockstep_record_disk_ok %d\n",
	    st.trouble[0] == '\0');
	metric(out, "build", "info", "The program.");
	buf_puts(out, "lockstep_record_build_info{version=\""
	    LOCKSTEP_VERSION "\"} 1\n");
}

static void
put_trouble(void *ctx, struct buf *out)
{
	struct record_stats st;

	record_stats(ctx, &st);
	buf_puts(out, st.trouble);
}

int
record_status_start(const char *listen, struct record *r,
    struct status **out, struct err *err)
{
	struct status_source from = { r, put_metrics, put_trouble, NULL,
	    NULL, NULL, NULL };

	*out = NULL;
	return listen == NULL ? RC_OK : status_start(listen, &from, out, err);
}
