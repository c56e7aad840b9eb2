/* TLS to a service; see tls.h. */
#include "replay/tls.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tls {
	SSL_CTX *ctx;
	char *host;
	int numeric;
};

struct tls_conn {
	SSL *ssl;
};

void
tls_close(struct tls **tp)
{
	struct tls *t = *tp;

	if (t == NULL)
		return;
	SSL_CTX_free(t->ctx);
	free(t->host);
	free(t);
	*tp = NULL;
}

int
tls_open(const char *host, int numeric, const char *ca_file,
    struct tls **out, struct err *err)
{
	struct tls *t = calloc(1, sizeof(*t));
	int rc = RC_OK;

	*out = NULL;
	if (t == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	t->host = strdup(host);
	t->numeric = numeric;
	t->ctx = SSL_CTX_new(TLS_client_method());
	if (t->host == NULL || t->ctx == NULL) {
		tls_close(&t);
		return err_set(err, RC_NOMEM, "out of memory");
	}
	(void)SSL_CTX_set_min_proto_version(t->ctx, TLS1_2_VERSION);
	SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER, NULL);
	(void)SSL_CTX_set_mode(t->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
	/* Framing says where an answer ends, as without TLS. */
	(void)SSL_CTX_set_options(t->ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
	if (ca_file == NULL)
		(void)SSL_CTX_set_default_verify_paths(t->ctx);
	else if (SSL_CTX_load_verify_locations(t->ctx, ca_file, NULL) != 1)
		rc = err_set(err, RC_IO, "%s: cannot read certificates from "
		    "it", ca_file);
	if (rc != RC_OK)
		tls_close(&t);
	*out = t;
	return rc;
}

int
tls_conn_new(struct tls *t, int fd, struct tls_conn **out)
{
	static const unsigned char alpn[] = "\x08http/1.1";
	struct tls_conn *c = calloc(1, sizeof(*c));
	int ok;

	*out = NULL;
	if (c == NULL)
		return -1;
	c->ssl = SSL_new(t->ctx);
	ok = c->ssl != NULL && SSL_set_fd(c->ssl, fd) == 1 &&
	    SSL_set_alpn_protos(c->ssl, alpn, sizeof(alpn) - 1) == 0;
	if (ok && t->numeric)
		ok = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(c->ssl),
		    t->host) == 1;
	else if (ok)
		ok = SSL_set1_host(c->ssl, t->host) == 1 &&
		    SSL_set_tlsext_host_name(c->ssl, t->host) == 1;
	if (!ok) {
		tls_conn_free(c);
		return -1;
	}
	*out = c;
	return 0;
}

void
tls_conn_free(struct tls_conn *c)
{
	if (c == NULL)
		return;
	SSL_free(c->ssl);
	free(c);
}

int
tls_conn_step(struct tls_conn *c, char why[128])
{
	long verified;
	int rc, e;

	ERR_clear_error();
	rc = SSL_connect(c->ssl);
	if (rc == 1)
		return 1;
	e = SSL_get_error(c->ssl, rc);
	if (e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE)
		return 0;
	verified = SSL_get_verify_result(c->ssl);
	if (verified != X509_V_OK)
		(void)snprintf(why, 128, "certificate: %.100s",
		    X509_verify_cert_error_string(verified));
	else if (e == SSL_ERROR_SSL && ERR_peek_error() != 0)
		(void)snprintf(why, 128, "TLS: %.100s",
		    ERR_reason_error_string(ERR_peek_error()));
	else
		(void)snprintf(why, 128, "closed during the TLS handshake");
	return -1;
}

/* What a call that did not go says. */
static ssize_t
failed(struct tls_conn *c, int rc)
{
	int saved = errno, e = SSL_get_error(c->ssl, rc);

	if (e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE)
		return -EAGAIN;
	if (e == SSL_ERROR_ZERO_RETURN)
		return 0;
	return e == SSL_ERROR_SYSCALL && saved != 0 ? -saved : -EPROTO;
}

ssize_t
tls_conn_read(struct tls_conn *c, char *to, size_t n)
{
	int got;

	ERR_clear_error();
	got = SSL_read(c->ssl, to, n > INT_MAX ? INT_MAX : (int)n);
	return got > 0 ? got : failed(c, got);
}

ssize_t
tls_conn_write(struct tls_conn *c, const char *p, size_t n)
{
	ssize_t rc;
	int put;

	ERR_clear_error();
	put = SSL_write(c->ssl, p, n > INT_MAX ? INT_MAX : (int)n);
	if (put > 0)
		return put;
	rc = failed(c, put);
	return rc == 0 ? -EPIPE : rc;
}

void
tls_conn_shut(struct tls_conn *c)
{
	ERR_clear_error();
	(void)SSL_shutdown(c->ssl);
}
