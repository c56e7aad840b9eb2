/* The frame of every HTML page; see html_page.h. */
#include "reports/html_page.h"

#include <string.h>

#include "harness/base/hash.h"
#include "reports/escape.h"
#include "reports/html_assets.h"

/* 'sha256-...' of an inline element's text. */
static void
put_hash(struct buf *out, const char *text)
{
	unsigned char sum[32];
	char b64[HASH_B64_LEN(32)];

	hash_sha256(text, strlen(text), sum);
	hash_b64(sum, sizeof(sum), b64, sizeof(b64));
	buf_printf(out, "'sha256-%s'", b64);
}

void
html_begin(struct buf *out, const char *what, const char *name)
{
	buf_puts(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n<meta http-equiv="
	    "\"Content-Security-Policy\" content=\"default-src 'none'; "
	    "style-src ");
	put_hash(out, html_style);
	buf_puts(out, "; script-src ");
	put_hash(out, html_script);
	buf_puts(out, "; base-uri 'none'; form-action 'none'\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, "
	    "initial-scale=1\">\n"
	    "<meta name=\"referrer\" content=\"no-referrer\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
	escape_xml_line(out, what);
	buf_puts(out, ": ");
	if (name != NULL)
		escape_xml_line(out, name);
	buf_puts(out, "</title>\n<style>");
	buf_puts(out, html_style);
	buf_puts(out, "</style>\n</head>\n<body>\n");
}

void
html_end(struct buf *out, const char *version)
{
	buf_puts(out, "<footer>lockstep ");
	if (version != NULL)
		escape_xml_line(out, version);
	buf_puts(out, "</footer>\n</main>\n<script>");
	buf_puts(out, html_script);
	buf_puts(out, "</script>\n</body>\n</html>\n");
}

const char *
html_verdict_class(enum verdict v)
{
	switch (v) {
	case VERDICT_PASS:
		return "good";
	case VERDICT_REVIEW:
	case VERDICT_INCONCLUSIVE:
		return "warn";
	default:
		return "bad";
	}
}
