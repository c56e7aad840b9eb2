/* Heads as the proxy passes them on; see proxy_part.h. */
#include "replay/proxy_part.h"

#include <stdio.h>
#include <string.h>

static void
add(struct out *o, const char *s)
{
	out_add(o, s, strlen(s));
}

static void
add_line(struct out *o, const struct h1_field *f)
{
	out_add(o, f->line, f->line_n);
	out_add(o, "\r\n", 2);
}

static void
add_host(struct out *o, const char *name, size_t n, const struct upstream *u)
{
	out_add(o, name, n);
	add(o, ": ");
	add(o, upstream_authority(u));
	add(o, "\r\n");
}

static int
has_field(const struct h1_head *h, enum h1_name name)
{
	size_t i;

	for (i = 0; i < h->n_fields; i++) {
		if (h->fields[i].is == name)
			return 1;
	}
	return 0;
}

/* What this hop says to the next: the protocol asked for, and trailers. */
static void
add_own(struct out *o, const struct h1_head *h, const struct upstream *u)
{
	if (h->upgrade.n > 0) {
		add(o, "Upgrade: ");
		out_add(o, h->upgrade.p, h->upgrade.n);
		add(o, h->te_trailers ? "\r\nTE: trailers\r\n"
		    "Connection: Upgrade, TE\r\n" :
		    "\r\nConnection: Upgrade\r\n");
	} else if (h->te_trailers) {
		add(o, "TE: trailers\r\nConnection: TE\r\n");
	}
	if (upstream_authorization(u) != NULL &&
	    !has_field(h, H1_AUTHORIZATION)) {
		add(o, "Authorization: ");
		add(o, upstream_authorization(u));
		add(o, "\r\n");
	}
}

void
compose_request(struct out *to, const struct h1_head *h,
    const struct upstream *u)
{
	const struct h1_field *f;
	size_t i;

	out_add(to, h->method.p, h->method.n);
	add(to, " ");
	if (h->target.p[0] == '/')
		add(to, upstream_prefix(u));
	out_add(to, h->target.p, h->target.n);
	add(to, " HTTP/1.1\r\n");
	if (!h->has_host)
		add_host(to, "Host", 4, u);
	for (i = 0; i < h->n_fields; i++) {
		f = &h->fields[i];
		if (f->is == H1_HOST)
			add_host(to, f->line, f->name_n, u);
		else if (!h1_head_is_hop(h, f) &&
		    !(h->minor == 0 && f->is == H1_EXPECT))
			add_line(to, f);
	}
	add_own(to, h, u);
	add(to, "\r\n");
}

void
compose_answer(struct out *to, const struct h1_head *h, int minor, int keep,
    int dechunk)
{
	int switches = h->status == 101 || h->status == 426;
	const struct h1_field *f;
	char line[] = "HTTP/1.1 000 ";
	size_t i;

	line[9] = (char)('0' + h->status / 100);
	line[10] = (char)('0' + h->status / 10 % 10);
	line[11] = (char)('0' + h->status % 10);
	add(to, line);
	out_add(to, h->reason.p, h->reason.n);
	add(to, "\r\n");
	for (i = 0; i < h->n_fields; i++) {
		f = &h->fields[i];
		if ((switches && f->is == H1_UPGRADE) ||
		    (!h1_head_is_hop(h, f) &&
		    !(h->drop_length && f->is == H1_CONTENT_LENGTH) &&
		    !(dechunk && (f->is == H1_TRANSFER_ENCODING ||
		    f->is == H1_TRAILER))))
			add_line(to, f);
	}
	if (switches)
		add(to, keep || h->status == 101 ? "Connection: Upgrade\r\n" :
		    "Connection: Upgrade, close\r\n");
	else if (h->status >= 200 && !keep)
		add(to, "Connection: close\r\n");
	else if (h->status >= 200 && minor == 0)
		add(to, "Connection: keep-alive\r\n");
	add(to, "\r\n");
}

static const char *
phrase(int status)
{
	static const struct {
		int status;
		const char *text;
	} rows[] = {
		{ 400, "Bad Request" }, { 408, "Request Timeout" },
		{ 413, "Content Too Large" }, { 414, "URI Too Long" },
		{ 431, "Request Header Fields Too Large" },
		{ 501, "Not Implemented" }, { 502, "Bad Gateway" },
		{ 503, "Service Unavailable" }, { 504, "Gateway Timeout" },
		{ 505, "HTTP Version Not Supported" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].status == status)
			return rows[i].text;
	}
	return "Error";
}

void
compose_own(struct out *to, int status, const char *why, int keep,
    int to_head)
{
	char body[256], head[256];
	int n = snprintf(body, sizeof(body), "{\"error\":\"%.200s\"}\n", why);

	(void)snprintf(head, sizeof(head), "HTTP/1.1 %d %s\r\n"
	    "Content-Type: application/json\r\nContent-Length: %d\r\n%s%s\r\n",
	    status, phrase(status), n, status == 503 ? "Retry-After: 1\r\n" :
	    "", keep ? "" : "Connection: close\r\n");
	add(to, head);
	if (!to_head)
		add(to, body);
}
