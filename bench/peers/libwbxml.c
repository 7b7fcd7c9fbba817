/* libwbxml as a peer to measure against: bench/src/peer.rs starts it and tells it what to do.
 *
 *   libwbxml MESSAGE.xml
 *
 * First it makes every conversion once and prints a line: the version of the library, how many octets
 * the message has without a string table and with one, and how many its text has when it is decoded
 * again. After that it answers each line `OPERATION MILLISECONDS` with `CALLS NANOSECONDS`, in
 * processor time of its one thread. It decodes what it encoded without a string table: an object
 * stands there as a document of its own, which it reads faster than one in place.
 *
 * The options are those of a plain use for SyncML: WBXML 1.3, white space kept, a public identifier;
 * canonical XML, UTF-8, no indentation. A converter is made for each message, as the library asks. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wbxml/wbxml.h>

typedef struct {
    WB_UTINY *first;
    WB_ULONG length;
} blob;
typedef WBXMLError (*operation)(blob *result);

static blob text, octets;

static WBXMLError xml_to_wbxml(int table, blob *result) {
    WBXMLConvXML2WBXML *converter = NULL;
    WBXMLError error = wbxml_conv_xml2wbxml_create(&converter);
    if (error != WBXML_OK) return error;
    wbxml_conv_xml2wbxml_set_version(converter, WBXML_VERSION_13);
    wbxml_conv_xml2wbxml_enable_preserve_whitespaces(converter);
    if (!table) wbxml_conv_xml2wbxml_disable_string_table(converter);
    error = wbxml_conv_xml2wbxml_run(converter, text.first, text.length, &result->first, &result->length);
    wbxml_conv_xml2wbxml_destroy(converter);
    return error;
}
static WBXMLError encode(blob *result) { return xml_to_wbxml(0, result); }
static WBXMLError encode_with_table(blob *result) { return xml_to_wbxml(1, result); }

static WBXMLError decode(blob *result) {
    WBXMLConvWBXML2XML *converter = NULL;
    WBXMLError error = wbxml_conv_wbxml2xml_create(&converter);
    if (error != WBXML_OK) return error;
    wbxml_conv_wbxml2xml_set_gen_type(converter, WBXML_GEN_XML_CANONICAL);
    wbxml_conv_wbxml2xml_set_language(converter, WBXML_LANG_SYNCML_SYNCML12);
    wbxml_conv_wbxml2xml_set_charset(converter, WBXML_CHARSET_UTF_8);
    wbxml_conv_wbxml2xml_set_indent(converter, 0);
    wbxml_conv_wbxml2xml_enable_preserve_whitespaces(converter);
    error = wbxml_conv_wbxml2xml_run(converter, octets.first, octets.length, &result->first, &result->length);
    wbxml_conv_wbxml2xml_destroy(converter);
    return error;
}

static const struct {
    const char *name;
    operation run;
} OPERATIONS[] = {{"encode", encode}, {"encode-table", encode_with_table}, {"decode", decode}};

static void fail(const char *what, const char *why) {
    fprintf(stderr, "libwbxml peer: %s: %s\n", what, why);
    exit(1);
}

static blob once(const char *name, operation run) {
    blob result = {NULL, 0};
    WBXMLError error = run(&result);
    if (error != WBXML_OK) fail(name, (const char *)wbxml_errors_string(error));
    return result;
}

static blob file(const char *path) {
    blob read = {NULL, 0};
    FILE *stream = fopen(path, "rb");
    if (!stream || fseek(stream, 0, SEEK_END)) fail(path, "cannot be read");
    long length = ftell(stream);
    rewind(stream);
    if (length <= 0 || !(read.first = malloc(length))) fail(path, "is empty or too large");
    read.length = fread(read.first, 1, length, stream);
    fclose(stream);
    if (read.length != (WB_ULONG)length) fail(path, "cannot be read");
    return read;
}

static long long nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* The clock is asked rarely: after so many calls that they took a twentieth of the time. */
static void measure(const char *name, operation run, long long wanted) {
    long calls = 0, chunk = 1;
    long long start = nanoseconds(), passed;
    do {
        for (long i = 0; i < chunk; i++) free(once(name, run).first);
        calls += chunk;
        passed = nanoseconds() - start;
        if (passed < wanted / 20) chunk *= 2;
    } while (passed < wanted);
    printf("%ld %lld\n", calls, passed);
}

int main(int count, char **arguments) {
    if (count != 2) fail("usage", "libwbxml MESSAGE.xml");
    text = file(arguments[1]);
    octets = once("encode", encode);
    blob table = once("encode-table", encode_with_table), shown = once("decode", decode);
    printf("%s %u %u %u\n", LIBWBXML_VERSION, octets.length, table.length, shown.length);
    fflush(stdout);
    char line[64], name[32];
    long milliseconds;
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "%31s %ld", name, &milliseconds) != 2) fail(line, "is not OPERATION MILLISECONDS");
        size_t known = sizeof OPERATIONS / sizeof *OPERATIONS, at = 0;
        while (at < known && strcmp(OPERATIONS[at].name, name)) at++;
        if (at == known) fail(name, "is no operation");
        measure(name, OPERATIONS[at].run, milliseconds * 1000000LL);
        fflush(stdout);
    }
    return 0;
}
