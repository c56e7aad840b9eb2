/* Reading model files: every lie in a header, every tokenizer not known. */
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/meaning/embed.h"
#include "harness/meaning/safetensors.h"
#include "harness/meaning/tokenizer.h"
#include "tests/lib/check.h"

/* ---- safetensors ------------------------------------------------------- */

/* A file of the given header and n data bytes; caller frees. */
static unsigned char *
file_of(const char *head, size_t data, size_t *n)
{
	size_t len = strlen(head), i;
	unsigned char *p = calloc(1, 8 + len + data + 1);

	assert_non_null(p);
	for (i = 0; i < 8; i++)
		p[i] = (unsigned char)((uint64_t)len >> (8 * i));
	memcpy(p + 8, head, len);
	for (i = 0; i < data; i++)
		p[8 + len + i] = (unsigned char)(i * 37);
	*n = 8 + len + data;
	return p;
}

#define T(name, type, shape, from, to) "\"" name "\":{\"dtype\":\"" type \
	"\",\"shape\":" shape ",\"data_offsets\":[" from "," to "]}"

static void
test_headers(void **state)
{
	static const struct {
		const char *head;
		size_t data;
		int rc;
	} c[] = {
		{ "{" T("a", "F32", "[2,3]", "0", "24") "}", 24, RC_OK },
		{ "{" T("a", "F32", "[2,3]", "0", "24") "}  ", 24, RC_OK },
		{ "{" T("a", "I8", "[4]", "0", "4") ","
		    T("b", "F16", "[2]", "4", "8") "}", 8, RC_OK },
		{ "{\"__metadata__\":{\"x\":\"y\"},"
		    T("a", "I8", "[4]", "0", "4") "}", 4, RC_OK },
		{ "{}", 0, RC_OK },
		{ "{}", 1, RC_FORMAT },		/* bytes of nobody */
		{ "{" T("a", "F32", "[2,3]", "0", "24") "}", 23, RC_FORMAT },
		{ "{" T("a", "F32", "[2,3]", "0", "20") "}", 24, RC_FORMAT },
		{ "{" T("a", "F32", "[2,3]", "24", "0") "}", 24, RC_FORMAT },
		{ "{" T("a", "F32", "[2,3]", "-24", "0") "}", 24, RC_FORMAT },
		{ "{" T("a", "F32", "[2,-3]", "0", "24") "}", 24, RC_FORMAT },
		{ "{" T("a", "F32", "[2.5]", "0", "10") "}", 10, RC_FORMAT },
		{ "{" T("a", "F99", "[6]", "0", "24") "}", 24, RC_FORMAT },
		{ "{" T("a", "F32", "[1000000000,1000000000,1000000000]", "0",
		    "24") "}", 24, RC_FORMAT },
		{ "{" T("a", "I8", "[1000000000]", "0", "1000000000") "}", 4,
		    RC_FORMAT },
		{ "{" T("a", "I8", "[1e300]", "0", "4") "}", 4, RC_FORMAT },
		{ "{" T("a", "I8", "[1,1,1,1,1,1,1,1,1]", "0", "1") "}", 1,
		    RC_FORMAT },
		{ "{" T("a", "I8", "[4]", "0", "4") ","
		    T("b", "I8", "[4]", "2", "6") "}", 6, RC_FORMAT },
		{ "{" T("a", "I8", "[2]", "0", "2") ","
		    T("b", "I8", "[2]", "4", "6") "}", 6, RC_FORMAT },
		{ "{" T("a", "I8", "[2]", "0", "2") ","
		    T("a", "I8", "[2]", "2", "4") "}", 4, RC_FORMAT },
		{ "{\"a\":{\"dtype\":\"I8\"}}", 0, RC_FORMAT },
		{ "{\"a\":7}", 0, RC_FORMAT },
		{ "[]", 0, RC_FORMAT }, { "nonsense", 0, RC_FORMAT },
		{ "", 0, RC_FORMAT },
	};
	struct safetensors *s;
	struct err err;
	unsigned char *p;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		p = file_of(c[i].head, c[i].data, &n);
		err = (struct err)ERR_INIT;
		if (safetensors_parse(p, n, &s, &err) != c[i].rc)
			fail_msg("%s: %s", c[i].head, err.msg);
		safetensors_close(&s);
		free(p);
	}
	assert_int_equal(safetensors_parse("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F",
	    8, &s, NULL), RC_FORMAT);
	assert_int_equal(safetensors_parse("abc", 3, &s, NULL), RC_FORMAT);
}

static void
test_values(void **state)
{
	static const unsigned char data[] = {
		0x00, 0x3C, 0x00, 0xC0, 0x01, 0x00, 0x00, 0x7C,	/* F16 */
		0x80, 0x3F,					/* BF16 */
		0xFE,						/* I8 */
		0xFE,						/* U8 */
		0xFE, 0xFF,					/* I16 */
		0x00, 0x00, 0x80, 0x3F, 0, 0, 0, 0xC0,		/* F32 */
		0xFE, 0xFF, 0xFF, 0xFF,				/* I32 */
		0, 0, 0, 0, 0, 0, 0xF0, 0x3F,			/* F64 */
		0xFD, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,	/* I64 */
	};
	static const char head[] = "{" T("f16", "F16", "[4]", "0", "8") ","
	    T("bf", "BF16", "[1]", "8", "10") ","
	    T("i8", "I8", "[1]", "10", "11") ","
	    T("u8", "U8", "[1]", "11", "12") ","
	    T("i16", "I16", "[1]", "12", "14") ","
	    T("f32", "F32", "[2]", "14", "22") ","
	    T("i32", "I32", "[1]", "22", "26") ","
	    T("f64", "F64", "[]", "26", "34") ","
	    T("i64", "I64", "[1]", "34", "42") "}";
	static const struct {
		const char *name;
		size_t i;
		double x;
	} c[] = {
		{ "f16", 0, 1 }, { "f16", 1, -2 }, { "f16", 2, 0x1p-24 },
		{ "bf", 0, 1 }, { "i8", 0, -2 }, { "u8", 0, 254 },
		{ "i16", 0, -2 }, { "f32", 0, 1 }, { "f32", 1, -2 },
		{ "i32", 0, -2 }, { "f64", 0, 1 }, { "i64", 0, -3 },
	};
	struct safetensors *s;
	unsigned char *p;
	float f[2];
	size_t i, n;

	(void)state;
	p = file_of(head, sizeof(data), &n);
	memcpy(p + n - sizeof(data), data, sizeof(data));
	assert_int_equal(safetensors_parse(p, n, &s, NULL), RC_OK);
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		const struct tensor *t = safetensors_find(s, c[i].name);

		assert_non_null(t);
		assert_near(tensor_value(t, c[i].i), c[i].x, 0);
		tensor_floats(t, c[i].i, 1, f);
		assert_near((double)f[0], c[i].x, 0);
	}
	assert_true(isinf(tensor_value(safetensors_find(s, "f16"), 3)));
	assert_null(safetensors_find(s, "none"));
	safetensors_close(&s);
	free(p);
}

/* ---- tokenizers -------------------------------------------------------- */

#define BERT "\"normalizer\":{\"type\":\"BertNormalizer\",\"clean_text\":" \
	"true,\"handle_chinese_chars\":true,\"strip_accents\":null," \
	"\"lowercase\":true},\"pre_tokenizer\":{\"type\":" \
	"\"BertPreTokenizer\"}"
#define WORDS "\"model\":{\"type\":\"WordPiece\",\"unk_token\":\"[UNK]\"," \
	"\"vocab\":{\"[UNK]\":0,\"un\":1,\"##aff\":2,\"##able\":3,\",\":4," \
	"\"cafe\":5,\"\\u6771\":6,\"a\":7,\"##b\":8}}"
#define META "\"pre_tokenizer\":{\"type\":\"Metaspace\",\"replacement\":" \
	"\"\\u2581\",\"prepend_scheme\":\"always\",\"split\":false}"
#define SCORES "\"model\":{\"type\":\"Unigram\",\"unk_id\":0,\"vocab\":[" \
	"[\"<unk>\",0],[\"\\u2581\",-2],[\"a\",-3],[\"b\",-3]," \
	"[\"\\u2581ab\",-4],[\"ab\",-7],[\"\\u2581a\",-2.5]]}"

struct ids {
	char text[256];
};

static int
note(void *ctx, uint32_t id)
{
	struct ids *s = ctx;
	size_t n = strlen(s->text);

	(void)snprintf(s->text + n, sizeof(s->text) - n, "%s%u", n ? " " : "",
	    id);
	return 0;
}

static void
test_tokens(void **state)
{
	static const struct {
		const char *json, *text, *ids;
	} c[] = {
		{ "{" BERT "," WORDS "}", "Unaffable, un", "1 2 3 4 1" },
		{ "{" BERT "," WORDS "}", "CAF\xC3\x89 cafe\xCC\x81", "5 5" },
		{ "{" BERT "," WORDS "}", "a\xE6\x9D\xB1" "a", "7 6 7" },
		{ "{" BERT "," WORDS "}", "unknown a", "7" },
		{ "{" BERT "," WORDS "}", "u\xC2\xADn ab\xEF\xBF\xBD",
		    "1 7 8" },
		{ "{" BERT "," WORDS "}", "", "" },
		/* ▁ab -4 against ▁a b -5.5 and ▁ ab -9 */
		{ "{" META "," SCORES "}", "ab", "4" },
		/* ▁a a -5.5 against ▁ a a -8; then ▁ab */
		{ "{" META "," SCORES "}", "aa ab", "6 2 4" },
		{ "{" META "," SCORES "}", "zz", "1" },
		{ "{\"normalizer\":{\"type\":\"Sequence\",\"normalizers\":["
		    "{\"type\":\"Lowercase\"},{\"type\":\"Replace\","
		    "\"pattern\":{\"String\":\"x\"},\"content\":\" ab \"},"
		    "{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"\\\\s+\"}"
		    ",\"content\":\" \"},{\"type\":\"Strip\"}]}," META ","
		    SCORES "}", "  X  AB x", "4 4 4" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		struct tokenizer_scratch *s;
		struct tokenizer *t;
		struct err err = ERR_INIT;
		struct ids ids = { "" };

		if (tokenizer_parse(c[i].json, strlen(c[i].json), &t, &err))
			fail_msg("%zu: %s", i, err.msg);
		s = tokenizer_scratch_new(t);
		assert_non_null(s);
		assert_int_equal(tokenizer_each(t, s, c[i].text,
		    strlen(c[i].text), note, &ids), RC_OK);
		assert_string_equal(ids.text, c[i].ids);
		tokenizer_scratch_free(s);
		tokenizer_close(&t);
	}
}

static void
test_refused(void **state)
{
	static const char *const c[] = {
		"", "[]", "{}", "{\"model\":{\"type\":\"BPE\"}}",
		"{\"model\":{\"type\":\"WordPiece\",\"vocab\":{}}}",
		"{" BERT ",\"model\":{\"type\":\"WordPiece\"}}",
		"{" BERT ",\"model\":{\"type\":\"WordPiece\",\"vocab\":"
		"{\"a\":-1}}}",
		"{" BERT ",\"model\":{\"type\":\"WordPiece\",\"vocab\":"
		"{\"a\":1e12}}}",
		"{" BERT ",\"model\":{\"type\":\"WordPiece\",\"vocab\":{},"
		"\"continuing_subword_prefix\":\"@@\"}}",
		"{\"normalizer\":{\"type\":\"Precompiled\"}," META "," SCORES
		"}",
		"{\"normalizer\":{\"type\":\"Replace\",\"pattern\":{\"Regex\":"
		"\"(a+)+$\"},\"content\":\"\"}," META "," SCORES "}",
		"{" META ",\"model\":{\"type\":\"Unigram\",\"vocab\":[]}}",
		"{" META ",\"model\":{\"type\":\"Unigram\",\"vocab\":"
		"[[\"a\"]]}}",
		"{" META ",\"model\":{\"type\":\"Unigram\",\"vocab\":"
		"[[\"a\",-1]],\"byte_fallback\":true}}",
		"{" SCORES "}",
	};
	struct tokenizer *t;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		err = (struct err)ERR_INIT;
		if (tokenizer_parse(c[i], strlen(c[i]), &t, &err) !=
		    RC_FORMAT || err.msg[0] == '\0')
			fail_msg("%s", c[i]);
		assert_null(t);
	}
}

/* ---- whole models ------------------------------------------------------ */

static void
put_file(const char *dir, const char *name, const void *p, size_t n)
{
	char path[512];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

/* Opens a model of the header, with data bytes 0, 37, 74, ... */
static int
open_model(const char *head, size_t data, struct embedder **e)
{
	static const char json[] = "{" BERT "," WORDS "}";
	char dir[] = "/tmp/lockstep-model.XXXXXX", cmd[600], spec[512];
	struct embed_opts o = { .spec = spec };
	unsigned char *p;
	size_t n;
	int rc;

	assert_non_null(mkdtemp(dir));
	p = file_of(head, data, &n);
	put_file(dir, "model.safetensors", p, n);
	put_file(dir, "tokenizer.json", json, sizeof(json) - 1);
	free(p);
	(void)snprintf(spec, sizeof(spec), "model2vec:%s", dir);
	rc = embedder_open(&o, e, NULL);
	(void)snprintf(cmd, sizeof(cmd), "%s/model.safetensors", dir);
	(void)unlink(cmd);
	(void)snprintf(cmd, sizeof(cmd), "%s/tokenizer.json", dir);
	(void)unlink(cmd);
	(void)rmdir(dir);
	return rc;
}

static void
test_models(void **state)
{
	static const struct {
		const char *head;
		size_t data;
		int rc;
	} c[] = {
		{ "{" T("embeddings", "I8", "[9,2]", "0", "18") "}", 18,
		    RC_OK },
		{ "{" T("embedding.weight", "I8", "[9,2]", "0", "18") "}", 18,
		    RC_OK },
		{ "{" T("embeddings", "I8", "[8,2]", "0", "16") "}", 16,
		    RC_FORMAT },	/* nine tokens */
		{ "{" T("embeddings", "I8", "[18]", "0", "18") "}", 18,
		    RC_FORMAT },
		{ "{" T("other", "I8", "[9,2]", "0", "18") "}", 18,
		    RC_FORMAT },
		{ "{" T("embeddings", "I8", "[0,2]", "0", "0") "}", 0,
		    RC_FORMAT },
		{ "{" T("embeddings", "I8", "[1,20000]", "0", "20000") ","
		    T("mapping", "I8", "[9]", "20000", "20009") "}", 20009,
		    RC_FORMAT },	/* too many dimensions */
		{ "{" T("embeddings", "I8", "[3,2]", "0", "6") ","
		    T("mapping", "I8", "[9]", "6", "15") "}", 15,
		    RC_FORMAT },	/* rows beyond the table */
		{ "{" T("embeddings", "I8", "[9,2]", "0", "18") ","
		    T("weights", "I8", "[5]", "18", "23") "}", 23,
		    RC_FORMAT },
	};
	struct embedder *e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		int rc = open_model(c[i].head, c[i].data, &e);

		if (rc != c[i].rc)
			fail_msg("%s: %d", c[i].head, rc);
		embedder_close(&e);
	}
}

/* "un a" of rows 1 (74, 111) and 7 (14 * 37, 15 * 37 modulo 256). */
static void
test_vector(void **state)
{
	struct embed_str t = { "un a", 4 }, none = { "zzz", 3 };
	struct embedder *e;
	struct embed_vec *v;
	enum embed_missing why;
	double x = 74 + 6, y = 111 + 43, len = sqrt(x * x + y * y);
	float f[3];

	(void)state;
	assert_int_equal(open_model("{" T("embeddings", "I8", "[9,2]", "0",
	    "18") "}", 18, &e), RC_OK);
	assert_int_equal(embedder_info(e)->dim, 2);
	assert_int_equal(embedder_embed(e, &t, 1, &v, &why, NULL), RC_OK);
	assert_int_equal(embed_vec_dense(v, f, 3), 2);
	assert_near((double)f[0], x / len, 1e-6);
	assert_near((double)f[1], y / len, 1e-6);
	free(v);
	assert_int_equal(embedder_embed(e, &none, 1, &v, &why, NULL), RC_OK);
	assert_null(v);
	assert_int_equal(why, EMBED_EMPTY);
	embedder_close(&e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_models),
		cmocka_unit_test(test_vector),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
