/* Stands in for the vendor's closed library: same functions, same habits, no content of its own.
 *
 * The secret is the path of the batch that GetChatData gives; a record "opens" to itself.
 * Like the genuine library it aborts on a short record, and it writes to stdout. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct { char *buf; int len; } Slice;
typedef struct { char path[1024]; } Sdk;

void *NewSdk(void) { return calloc(1, sizeof(Sdk)); }
void DestroySdk(void *sdk) { free(sdk); }

int Init(void *sdk, const char *corpid, const char *secret) {
    printf("library says hello\n");
    fflush(stdout);
    if (strcmp(corpid, "wrong") == 0) return 10009;
    strncpy(((Sdk *)sdk)->path, secret, sizeof(((Sdk *)sdk)->path) - 1);
    return 0;
}

void *NewSlice(void) { return calloc(1, sizeof(Slice)); }
void FreeSlice(void *p) { free(((Slice *)p)->buf); free(p); }
char *GetContentFromSlice(void *p) { return ((Slice *)p)->buf; }
int GetSliceLen(void *p) { return ((Slice *)p)->len; }

static void fill(Slice *slice, const char *data, int len) {
    slice->buf = malloc(len);
    memcpy(slice->buf, data, len);
    slice->len = len;
}

int GetChatData(void *sdk, uint64_t seq, uint32_t limit, const char *proxy, const char *passwd,
                int timeout, void *slice) {
    char echo[128];
    if (limit > 1000 || timeout <= 0 || strlen(proxy) || strlen(passwd)) return 10000;
    if (seq == UINT64_MAX) {
        int len = snprintf(echo, sizeof echo, "{\"seq\":%llu}", (unsigned long long)seq);
        fill(slice, echo, len);
        return 0;
    }
    FILE *file = fopen(((Sdk *)sdk)->path, "rb");
    if (!file) return 10001;
    static char data[1 << 20];
    int len = (int)fread(data, 1, sizeof data, file);
    fclose(file);
    fill(slice, data, len);
    return 0;
}

int DecryptData(const char *key, const char *message, void *slice) {
    if (strlen(message) < 13 || strcmp(key, "crash") == 0) abort();
    if (strcmp(key, "wrong") == 0) return 10008;
    if (strcmp(key, "nul") == 0) { fill(slice, "a\0b", 3); return 0; }
    fill(slice, message, (int)strlen(message));
    return 0;
}
