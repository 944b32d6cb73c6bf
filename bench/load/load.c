/*
 * The load generator: sends one request over and over, times every reply and reads every reply to its last byte.
 *
 * One thread. With one connection it blocks in recv, so that nothing but the target lies between two timestamps; with
 * more it is one epoll loop. It ends by time or by count, lets what is on its way finish, and prints one line of JSON
 * (times in microseconds). Only 127.0.0.1 is ever loaded.
 *
 *   load PORT PATH --body FILE --expect FILE [--check exact|length|loose] [--header 'k: v']...
 *        [--connections N] [--seconds S] [--requests N] [--warm N]
 *
 * --expect is a reply's body as it should be; --check says how like it each reply must be:
 *   exact   the same bytes (the default)
 *   length  as many bytes and events
 *   loose   as many events
 * Always: status 200, whole framing, and [DONE] at the end where the expected body has it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 1024, HEAD = 16384, RECEIVE = 1 << 18, KEEP = 1 << 22, PATIENCE_SECONDS = 20, GIVE_UP_AFTER_WRONG = 200 };
enum { EXACT, LENGTH, LOOSE };
enum { IN_HEAD, COUNTED, CHUNK_SIZE, CHUNK_DATA, CHUNK_END, TRAILER, UNTIL_CLOSE, COMPLETE, BROKEN };

typedef struct {
    int fd, state, status, closing, differs, replies;
    uint64_t begun, firstByte;
    size_t headSize, left, bodySize, events;
    char head[HEAD], tail[32], before; /* the body's last bytes, for [DONE]; the byte before what comes next, for events */
} Link;

static struct sockaddr_in target = {.sin_family = AF_INET};
static Link links[MAX_CONNECTIONS];
static char *request, *expected, received[RECEIVE];
static size_t requestSize, expectedSize, expectedEvents;
static int check = EXACT, mustEndDone, connections = 1, busy, poller;
static long limit = -1, warm, sent, right, wrong, redials, inTime;
static double seconds = 10;
static uint64_t endsAt;
static uint32_t wholeTimes[KEEP], firstTimes[KEEP]; /* tenths of microseconds */
static long kept;
static uint64_t events, bytes;

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void stop(const char *why)
{
    fprintf(stderr, "load: %s\n", why);
    exit(1);
}

/* An event ends with a blank line; `before` carries the last byte over from one piece to the next. */
static size_t blankLines(const char *p, size_t size, char *before)
{
    size_t count = 0;
    for (const char *at = p, *end = p + size; (at = memchr(at, '\n', (size_t)(end - at))); at++) {
        count += (at > p ? at[-1] : *before) == '\n';
    }
    if (size) {
        *before = p[size - 1];
    }
    return count;
}

/* ---- One reply ---- */

static void takeBody(Link *l, const char *p, size_t size)
{
    if (!size) {
        return;
    }
    if (!l->firstByte) {
        l->firstByte = now();
    }
    if (check == EXACT) {
        l->differs |= l->bodySize + size > expectedSize || memcmp(expected + l->bodySize, p, size) != 0;
    } else {
        l->events += blankLines(p, size, &l->before);
        size_t n = size < sizeof l->tail ? size : sizeof l->tail;
        memmove(l->tail, l->tail + n, sizeof l->tail - n);
        memcpy(l->tail + sizeof l->tail - n, p + size - n, n);
    }
    l->bodySize += size;
}

static int readHead(Link *l)
{
    const char *length = strcasestr(l->head, "\r\ncontent-length:");
    l->status = l->headSize > 12 ? atoi(l->head + 9) : 0;
    l->closing = strcasestr(l->head, "\r\nconnection: close") != NULL;
    if (strcasestr(l->head, "\r\ntransfer-encoding: chunked")) {
        return CHUNK_SIZE;
    }
    l->left = length ? strtoul(length + 17, NULL, 10) : 0;
    return !length ? UNTIL_CLOSE : l->left ? COUNTED : COMPLETE;
}

/* One line of the framing, without its end; 0 while it is not all there (what there is stays in `head`). */
static int takeLine(Link *l, const char **p, const char *end)
{
    while (*p < end) {
        char c = *(*p)++;
        if (l->headSize == HEAD - 1) {
            l->state = BROKEN;
            return 0;
        }
        if (c == '\n') {
            l->head[l->headSize] = 0;
            l->headSize = 0;
            return 1;
        }
        l->head[l->headSize++] = c;
    }
    return 0;
}

static void takeHead(Link *l, const char **p, const char *end)
{
    size_t had = l->headSize, room = HEAD - 1 - had, more = (size_t)(end - *p) < room ? (size_t)(end - *p) : room;
    memcpy(l->head + had, *p, more);
    l->head[had + more] = 0;
    char *stopAt = strstr(l->head + (had > 3 ? had - 3 : 0), "\r\n\r\n");
    if (!stopAt) {
        l->headSize += more;
        *p += more;
        l->state = l->headSize == HEAD - 1 ? BROKEN : IN_HEAD;
        return;
    }
    *p += (size_t)(stopAt + 4 - l->head) - had;
    stopAt[2] = 0;
    l->headSize = (size_t)(stopAt - l->head);
    l->state = readHead(l);
    l->headSize = 0;
}

static void take(Link *l, const char *p, size_t size)
{
    const char *end = p + size;
    while (l->state != COMPLETE && l->state != BROKEN && p < end) {
        size_t n = (size_t)(end - p);
        switch (l->state) {
        case IN_HEAD:
            takeHead(l, &p, end);
            break;
        case COUNTED:
        case CHUNK_DATA:
            n = n < l->left ? n : l->left;
            takeBody(l, p, n);
            p += n;
            l->left -= n;
            if (!l->left) {
                l->state = l->state == COUNTED ? COMPLETE : CHUNK_END;
            }
            break;
        case CHUNK_SIZE:
            if (takeLine(l, &p, end)) {
                l->left = strtoul(l->head, NULL, 16);
                l->state = l->head[0] == '\r' ? BROKEN : l->left ? CHUNK_DATA : TRAILER;
            }
            break;
        case CHUNK_END:
            if (takeLine(l, &p, end)) {
                l->state = strcmp(l->head, "\r") ? BROKEN : CHUNK_SIZE;
            }
            break;
        case TRAILER:
            if (takeLine(l, &p, end)) {
                l->state = strcmp(l->head, "\r") ? TRAILER : COMPLETE;
            }
            break;
        default:
            takeBody(l, p, n);
            p = end;
        }
    }
    if (p < end) {
        l->state = BROKEN; /* more than was announced */
    }
}

static int isRight(const Link *l)
{
    if (l->state != COMPLETE || l->status != 200) {
        return 0;
    }
    if (check == EXACT) {
        return !l->differs && l->bodySize == expectedSize;
    }
    return l->events == expectedEvents && (check == LOOSE || l->bodySize == expectedSize) &&
           (!mustEndDone || memmem(l->tail, sizeof l->tail, "[DONE]", 6));
}

/* ---- Many replies ---- */

static void dial(Link *l)
{
    struct timeval patience = {PATIENCE_SECONDS, 0};
    int on = 1;
    l->fd = socket(AF_INET, SOCK_STREAM, 0);
    l->replies = 0;
    setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(l->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(l->fd, (struct sockaddr *)&target, sizeof target)) {
        stop("cannot connect");
    }
    if (connections > 1) {
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = l};
        fcntl(l->fd, F_SETFL, O_NONBLOCK);
        epoll_ctl(poller, EPOLL_CTL_ADD, l->fd, &e);
    }
}

static void ask(Link *l)
{
    l->state = IN_HEAD;
    l->headSize = l->bodySize = l->events = 0;
    l->firstByte = 0;
    l->differs = l->status = 0;
    l->before = 0;
    l->begun = now();
    /* A request is far smaller than a socket's buffer, so it goes whole or the connection is gone; recv will tell which. */
    send(l->fd, request, requestSize, MSG_NOSIGNAL);
}

static void redial(Link *l)
{
    close(l->fd);
    dial(l);
    redials++;
}

static void record(const Link *l, uint64_t at)
{
    events += check == EXACT ? expectedEvents : l->events;
    bytes += l->bodySize;
    inTime += at <= endsAt;
    if (warm > 0) {
        warm--;
    } else if (kept < KEEP) {
        firstTimes[kept] = (uint32_t)(((l->firstByte ? l->firstByte : at) - l->begun) / 100);
        wholeTimes[kept++] = (uint32_t)((at - l->begun) / 100);
    }
}

static void finish(Link *l)
{
    uint64_t at = now();
    int usable = l->state == COMPLETE && !l->closing;
    if (isRight(l)) {
        right++;
        l->replies++;
        record(l, at);
    } else {
        if (!wrong++) {
            fprintf(stderr, "load: wrong reply: status %d, %zu bytes (%zu expected), %zu events, state %d, %s\n", l->status, l->bodySize,
                    expectedSize, l->events, l->state, l->differs ? "other bytes" : "same bytes as far as it went");
        }
        if (wrong > GIVE_UP_AFTER_WRONG && wrong > right) {
            endsAt = at;
        }
    }
    if (at >= endsAt || sent == limit) {
        busy--;
        close(l->fd);
        l->fd = -1;
        return;
    }
    if (!usable) {
        redial(l);
    }
    sent++;
    ask(l);
}

/* Reads what is there, once. */
static void pump(Link *l)
{
    ssize_t n = recv(l->fd, received, RECEIVE, 0);
    int nothing = n < 0 && errno == EAGAIN; /* with one connection: not for PATIENCE_SECONDS */
    if (n > 0) {
        take(l, received, (size_t)n);
    } else if (nothing && connections > 1) {
        return;
    } else if (!nothing && l->state == IN_HEAD && !l->headSize && l->replies) {
        redial(l); /* a kept connection may be closed at any time between two requests: not the reply's fault */
        ask(l);
    } else {
        l->state = l->state == UNTIL_CLOSE && n == 0 ? COMPLETE : BROKEN;
        l->closing = 1;
    }
    if (l->state == COMPLETE || l->state == BROKEN) {
        finish(l);
    }
}

static void run(void)
{
    struct epoll_event ready[MAX_CONNECTIONS];
    busy = connections;
    for (int i = 0; i < connections; i++) {
        dial(&links[i]);
    }
    endsAt = now() + (uint64_t)(seconds * 1e9);
    for (int i = 0; i < connections; i++) {
        sent++;
        ask(&links[i]);
    }
    while (busy && connections == 1) {
        pump(&links[0]);
    }
    while (busy) {
        int n = epoll_wait(poller, ready, MAX_CONNECTIONS, 1000);
        for (int i = 0; i < n; i++) {
            Link *l = ready[i].data.ptr;
            if (l->fd >= 0) {
                pump(l);
            }
        }
        if (now() > endsAt + PATIENCE_SECONDS * 1000000000ull) {
            wrong += busy;
            fprintf(stderr, "load: %d replies still missing after %d s\n", busy, PATIENCE_SECONDS);
            return;
        }
    }
}

/* ---- In and out ---- */

static char *readFile(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    char *all = malloc(1 << 22);
    if (!f) {
        stop(path);
    }
    *size = fread(all, 1, (1 << 22) - 1, f);
    all[*size] = 0;
    fclose(f);
    return all;
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void printTimes(const char *name, uint32_t *times)
{
    qsort(times, (size_t)kept, sizeof *times, ascending);
    #define AT(share) (kept ? times[(long)((double)(kept - 1) * (share))] / 10.0 : 0.0)
    printf("\"%s\":{\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"max\":%.1f}", name, AT(0.5), AT(0.9), AT(0.99), AT(1.0));
}

static const char *option(int count, char **args, const char *name, const char *otherwise)
{
    for (int i = 3; i + 1 < count; i += 2) {
        if (!strcmp(args[i], name)) {
            return args[i + 1];
        }
    }
    return otherwise;
}

int main(int count, char **args)
{
    size_t bodySize;
    char *body, before = 0;
    if (count < 7 || count % 2 == 0) {
        stop("usage: load PORT PATH --body FILE --expect FILE [--option VALUE]... (the head of load.c names them)");
    }
    target.sin_port = htons((uint16_t)atoi(args[1]));
    target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    body = readFile(option(count, args, "--body", ""), &bodySize);
    expected = readFile(option(count, args, "--expect", ""), &expectedSize);
    connections = atoi(option(count, args, "--connections", "1"));
    seconds = atof(option(count, args, "--seconds", "10"));
    warm = atol(option(count, args, "--warm", "0"));
    limit = atol(option(count, args, "--requests", "-1"));
    const char *how = option(count, args, "--check", "exact");
    check = !strcmp(how, "length") ? LENGTH : !strcmp(how, "loose") ? LOOSE : EXACT;
    if (connections < 1 || connections > MAX_CONNECTIONS) {
        stop("1 to 1024 connections");
    }
    if (limit > 0) {
        limit = limit + warm < connections ? connections : limit + warm;
    }
    expectedEvents = blankLines(expected, expectedSize, &before);
    mustEndDone = expectedSize > 32 && memmem(expected + expectedSize - 32, 32, "[DONE]", 6) != NULL;

    request = malloc(bodySize + 16384);
    char *at = request + sprintf(request, "POST %.1000s HTTP/1.1\r\nhost: 127.0.0.1:%s\r\n", args[2], args[1]);
    for (int i = 3; i + 1 < count; i += 2) {
        if (!strcmp(args[i], "--header")) {
            at += sprintf(at, "%.4000s\r\n", args[i + 1]);
        }
    }
    at += sprintf(at, "content-type: application/json\r\naccept: */*\r\nuser-agent: interline-bench\r\ncontent-length: %zu\r\n\r\n", bodySize);
    memcpy(at, body, bodySize);
    requestSize = (size_t)(at - request) + bodySize;

    poller = epoll_create1(0);
    uint64_t start = now();
    run();
    double took = (double)(now() - start) / 1e9;
    printf("{\"right\":%ld,\"wrong\":%ld,\"redials\":%ld,\"took\":%.4f,\"per_second\":%.1f,\"events\":%lu,\"bytes\":%lu,", right, wrong, redials, took,
           (double)inTime / (took < seconds ? took : seconds), events, bytes);
    printTimes("whole", wholeTimes);
    printf(",");
    printTimes("first", firstTimes);
    printf("}\n");
    return 0;
}
