/*
 * A mock provider that speaks OpenAI's and Anthropic's format and costs almost nothing, so that what is measured is the gateway.
 *
 * Everything it can say is written out once, before the first request; answering is one search in the request and one
 * write. One thread, one epoll set, 127.0.0.1 only. Requests may have 64 KiB.
 *
 *   POST ../chat/completions  an answer, or a stream where the body says "stream":true
 *   POST ../messages          the same in Anthropic's format
 *   POST ../embeddings        one vector of 1,536 numbers
 *   GET  ../models            a short list
 *   GET  /mock/stats          what was served so far
 *   GET  /mock/set?chunks=N&first_us=N&gap_us=N
 *        chunks    content events in a stream (default 50; role, stop, usage and [DONE] come on top)
 *        first_us  wait before the head and the first event of a stream (default 0)
 *        gap_us    0: a whole stream in one write ("burst"); else one event per that time on each stream ("paced")
 *
 * Usage: mock PORT
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_FD = 4096, MAX_EVENTS = 4096, INPUT = 1 << 16 };

/* ---- What can be said ---- */

typedef struct {
    char *bytes;
    size_t size, room;
    size_t ends[MAX_EVENTS]; /* where each event of a stream ends; the head belongs to the first */
    int events;
} Script;

static Script answer, message, embedding, models, missing, *stream, *streamWithUsage, *messageStream;
static long chunks = 50, firstUs, gapUs;
static unsigned long served, streams, eventsSent, connections, abandoned;

static void add(Script *s, const char *format, ...)
{
    va_list args;
    if (s->room - s->size < 8192) {
        s->room = s->room * 2 + 16384;
        s->bytes = realloc(s->bytes, s->room);
    }
    va_start(args, format);
    s->size += (size_t)vsnprintf(s->bytes + s->size, s->room - s->size, format, args);
    va_end(args);
}

/* About what api.openai.com sends: gateways pay for every header they copy, so a bare head would flatter them. */
static void addHead(Script *s, const char *status, const char *type)
{
    add(s, "HTTP/1.1 %s\r\ndate: Mon, 05 Jan 2026 09:30:00 GMT\r\ncontent-type: %s\r\n", status, type);
    add(s, "openai-organization: org-interline-bench\r\nopenai-processing-ms: 318\r\nopenai-version: 2020-10-01\r\n");
    add(s, "x-request-id: req_5f0c2a7be1d94f7c8a3b6e2d1c0f9a87\r\nx-ratelimit-limit-requests: 30000\r\n");
    add(s, "x-ratelimit-limit-tokens: 150000000\r\nx-ratelimit-remaining-requests: 29999\r\n");
    add(s, "x-ratelimit-remaining-tokens: 149999967\r\nserver: mock\r\n");
}

static void whole(Script *s, const char *status, const char *body)
{
    addHead(s, status, "application/json");
    add(s, "content-length: %zu\r\n\r\n", strlen(body));
    for (const char *p = body; *p; p += strnlen(p, 4096)) {
        add(s, "%.4096s", p);
    }
}

static void addEvent(Script *s, const char *format, ...)
{
    char data[2048];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(data, sizeof data, format, args);
    va_end(args);
    add(s, "%x\r\ndata: %s\n\n\r\n", n + 8, data);
    s->ends[s->events++] = s->size;
}

#define STREAM_START                                                                                                    \
    "{\"id\":\"chatcmpl-CmXq2Zt7Rk9sVw4LpNf0Hy6GdJbUa\",\"object\":\"chat.completion.chunk\",\"created\":1767605400,"        \
    "\"model\":\"gpt-4o-mini-2024-07-18\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_51db84afab\","
#define TOKEN_DETAILS                                                                                                   \
    "\"prompt_tokens_details\":{\"cached_tokens\":0,\"audio_tokens\":0},\"completion_tokens_details\":{"                  \
    "\"reasoning_tokens\":0,\"audio_tokens\":0,\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}"

static Script *writeStream(int usage)
{
    Script *s = calloc(1, sizeof *s);
    static const char *words[] = {"One", " ticket", ",", " flown", " by", " whichever", " carrier", " has", " a", " seat", "."};
    const char *unused = usage ? ",\"usage\":null" : "";
    addHead(s, "200 OK", "text/event-stream; charset=utf-8");
    add(s, "cache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n");
    addEvent(s, STREAM_START "\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null},"
                             "\"logprobs\":null,\"finish_reason\":null}]%s}", unused);
    for (long i = 0; i < chunks; i++) {
        addEvent(s, STREAM_START "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s\"},\"logprobs\":null,\"finish_reason\":null}]%s}",
                 words[i % 11], unused);
    }
    addEvent(s, STREAM_START "\"choices\":[{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}]%s}", unused);
    if (usage) {
        addEvent(s, STREAM_START "\"choices\":[],\"usage\":{\"prompt_tokens\":33,\"completion_tokens\":%ld,\"total_tokens\":%ld," TOKEN_DETAILS "}}",
                 chunks, chunks + 33);
    }
    addEvent(s, "[DONE]");
    add(s, "0\r\n\r\n");
    s->ends[s->events - 1] = s->size;
    return s;
}

static void addNamedEvent(Script *s, const char *name, const char *format, ...)
{
    char data[2048];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(data, sizeof data, format, args);
    va_end(args);
    add(s, "%x\r\nevent: %s\ndata: %s\n\n\r\n", n + 16 + (int)strlen(name), name, data);
    s->ends[s->events++] = s->size;
}

#define MESSAGE_USAGE                                                                                                   \
    "\"usage\":{\"input_tokens\":33,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,"                    \
    "\"cache_creation\":{\"ephemeral_5m_input_tokens\":0,\"ephemeral_1h_input_tokens\":0},\"output_tokens\":%ld,"        \
    "\"service_tier\":\"standard\"}"

static Script *writeMessageStream(void)
{
    Script *s = calloc(1, sizeof *s);
    static const char *words[] = {"One", " ticket", ",", " flown", " by", " whichever", " carrier", " has", " a", " seat", "."};
    addHead(s, "200 OK", "text/event-stream; charset=utf-8");
    add(s, "cache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n");
    addNamedEvent(s, "message_start", "{\"type\":\"message_start\",\"message\":{\"model\":\"claude-sonnet-4-5-20250929\",\"id\":\"msg_01XFDUDYJgAACzvnptvVoYEL\","
                  "\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null," MESSAGE_USAGE "}}", 1L);
    addNamedEvent(s, "content_block_start", "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}");
    for (long i = 0; i < chunks; i++) {
        addNamedEvent(s, "content_block_delta", "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"%s\"}}", words[i % 11]);
    }
    addNamedEvent(s, "content_block_stop", "{\"type\":\"content_block_stop\",\"index\":0}");
    addNamedEvent(s, "message_delta", "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"input_tokens\":33,\"output_tokens\":%ld}}", chunks);
    addNamedEvent(s, "message_stop", "{\"type\":\"message_stop\"}");
    add(s, "0\r\n\r\n");
    s->ends[s->events - 1] = s->size;
    return s;
}

/* What was written before is never freed: a stream on its way still reads from it, and this happens some dozens of times. */
static void writeStreams(void)
{
    stream = writeStream(0);
    streamWithUsage = writeStream(1);
    messageStream = writeMessageStream();
}

static void writeAll(void)
{
    whole(&answer, "200 OK",
          "{\"id\":\"chatcmpl-CmXq2Zt7Rk9sVw4LpNf0Hy6GdJbUa\",\"object\":\"chat.completion\",\"created\":1767605400,"
          "\"model\":\"gpt-4o-mini-2024-07-18\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"
          "\"An interline ticket is one ticket, flown by whichever carrier has a seat. If one cancels, you are rebooked.\","
          "\"refusal\":null,\"annotations\":[]},\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":33,"
          "\"completion_tokens\":26,\"total_tokens\":59," TOKEN_DETAILS "},\"service_tier\":\"default\",\"system_fingerprint\":\"fp_51db84afab\"}");
    whole(&message, "200 OK",
          "{\"model\":\"claude-sonnet-4-5-20250929\",\"id\":\"msg_01XFDUDYJgAACzvnptvVoYEL\",\"type\":\"message\",\"role\":\"assistant\",\"content\":"
          "[{\"type\":\"text\",\"text\":\"An interline ticket is one ticket, flown by whichever carrier has a seat. If one cancels, you are rebooked.\"}],"
          "\"stop_reason\":\"end_turn\",\"stop_sequence\":null,\"usage\":{\"input_tokens\":33,\"cache_creation_input_tokens\":0,"
          "\"cache_read_input_tokens\":0,\"cache_creation\":{\"ephemeral_5m_input_tokens\":0,\"ephemeral_1h_input_tokens\":0},"
          "\"output_tokens\":26,\"service_tier\":\"standard\"}}");
    whole(&models, "200 OK",
          "{\"object\":\"list\",\"data\":[{\"id\":\"gpt-4o-mini-2024-07-18\",\"object\":\"model\",\"created\":1721172717,\"owned_by\":\"system\"},"
          "{\"id\":\"text-embedding-3-small\",\"object\":\"model\",\"created\":1705948997,\"owned_by\":\"system\"}]}");
    whole(&missing, "404 Not Found",
          "{\"error\":{\"message\":\"Unknown request URL.\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"unknown_url\"}}");
    Script vector = {0};
    add(&vector, "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,\"embedding\":[");
    for (int i = 0; i < 1536; i++) {
        add(&vector, "%s%.8f", i ? "," : "", (i * 37 % 101 - 50) / 2000.0);
    }
    add(&vector, "]}],\"model\":\"text-embedding-3-small\",\"usage\":{\"prompt_tokens\":9,\"total_tokens\":9}}");
    whole(&embedding, "200 OK", vector.bytes);
    free(vector.bytes);
    writeStreams();
}

/* ---- Saying it ---- */

typedef struct {
    int fd, event, events, blocked;
    unsigned life; /* a timer of an earlier life of this descriptor is void */
    size_t have, sent, goal;
    const char *bytes; /* the script in progress, or null: then the next request may be taken */
    const size_t *ends;
    char *own; /* bytes of a reply that is no script */
    char input[INPUT];
} Peer;

typedef struct {
    uint64_t due;
    int fd;
    unsigned life;
} Timer;

static Peer *peers[MAX_FD];
static Timer heap[MAX_FD * 4];
static int timers, epollFd;

static uint64_t nanoseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void hangUp(Peer *p)
{
    abandoned += p->bytes != NULL;
    close(p->fd);
    free(p->own);
    p->own = NULL;
    p->bytes = NULL;
    p->fd = -1;
    p->life++;
}

static void wakeIn(Peer *p, long microseconds)
{
    if (timers == MAX_FD * 4) { /* only with thousands of streams given up within one wait */
        hangUp(p);
        return;
    }
    Timer new = {nanoseconds() + (uint64_t)microseconds * 1000u, p->fd, p->life};
    int at = timers++;
    for (; at > 0 && heap[(at - 1) / 2].due > new.due; at = (at - 1) / 2) {
        heap[at] = heap[(at - 1) / 2];
    }
    heap[at] = new;
}

static Timer nextTimer(void)
{
    Timer first = heap[0], last = heap[--timers];
    int at = 0, child;
    while ((child = 2 * at + 1) < timers) {
        child += child + 1 < timers && heap[child + 1].due < heap[child].due;
        if (heap[child].due >= last.due) {
            break;
        }
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = last;
    return first;
}

static void waitFor(Peer *p, uint32_t what)
{
    struct epoll_event e = {.events = what, .data.fd = p->fd};
    epoll_ctl(epollFd, EPOLL_CTL_MOD, p->fd, &e);
}

/* Sends up to the goal; then the reply is over, or its next event waits for its time. */
static void push(Peer *p)
{
    while (p->sent < p->goal) {
        ssize_t n = send(p->fd, p->bytes + p->sent, p->goal - p->sent, MSG_NOSIGNAL);
        if (n < 0) {
            if (errno == EAGAIN) {
                p->blocked = 1;
                waitFor(p, EPOLLIN | EPOLLOUT);
            } else {
                hangUp(p);
            }
            return;
        }
        p->sent += (size_t)n;
    }
    if (p->blocked) {
        p->blocked = 0;
        waitFor(p, EPOLLIN);
    }
    if (p->event < p->events) {
        wakeIn(p, gapUs);
    } else {
        free(p->own);
        p->own = NULL;
        p->bytes = NULL;
    }
}

/* The next stretch of the script: one event where the stream is paced, else all that is left. */
static void proceed(Peer *p)
{
    int to = gapUs ? p->event + 1 : p->events;
    eventsSent += (unsigned long)(to - p->event);
    p->event = to;
    p->goal = p->ends[to - 1];
    push(p);
}

static void say(Peer *p, const Script *s)
{
    p->bytes = s->bytes;
    p->sent = 0;
    p->event = 0;
    p->events = s->events;
    p->ends = s->ends;
    p->goal = s->size;
    if (!s->events) {
        push(p);
    } else if (firstUs) {
        p->goal = 0;
        wakeIn(p, firstUs);
    } else {
        proceed(p);
    }
}

static void report(Peer *p)
{
    char body[256];
    Script s = {0};
    snprintf(body, sizeof body, "{\"served\":%lu,\"streams\":%lu,\"events\":%lu,\"connections\":%lu,\"abandoned\":%lu}",
             served, streams, eventsSent, connections, abandoned);
    whole(&s, "200 OK", body);
    p->own = s.bytes;
    say(p, &s);
}

static void set(const char *query)
{
    sscanf(query, "chunks=%ld&first_us=%ld&gap_us=%ld", &chunks, &firstUs, &gapUs);
    chunks = chunks < 0 ? 0 : chunks > MAX_EVENTS - 4 ? MAX_EVENTS - 4 : chunks;
    writeStreams();
}

/* ---- Listening ---- */

static int says(const char *body, size_t size, const char *name)
{
    const char *at = memmem(body, size, name, strlen(name));
    if (!at) {
        return 0;
    }
    at += strlen(name);
    at += strspn(at, " :");
    return !strncmp(at, "true", 4);
}

static void hear(Peer *p, const char *head, const char *body, size_t size)
{
    char path[512] = "";
    sscanf(head, "%*s %511s", path);
    size_t n = strlen(path);
    #define ENDS(with) (n >= sizeof with - 1 && !strcmp(path + n - (sizeof with - 1), with))
    if (!strncmp(path, "/mock/set?", 10)) {
        set(path + 10);
        report(p);
        return;
    }
    if (!strcmp(path, "/mock/stats")) {
        report(p);
        return;
    }
    served++;
    if (ENDS("/chat/completions")) {
        if (says(body, size, "\"stream\"")) {
            streams++;
            say(p, says(body, size, "\"include_usage\"") ? streamWithUsage : stream);
        } else {
            say(p, &answer);
        }
    } else if (ENDS("/messages")) {
        streams += (unsigned long)says(body, size, "\"stream\"");
        say(p, says(body, size, "\"stream\"") ? messageStream : &message);
    } else {
        say(p, ENDS("/embeddings") ? &embedding : ENDS("/models") ? &models : &missing);
    }
}

/* Where a chunked body ends, or null while it is not all there. Its framing stays in: an edge inside a name that is looked for would hide it. */
static const char *chunkedEnd(const char *at, const char *end)
{
    for (;;) {
        const char *line = memmem(at, (size_t)(end - at), "\r\n", 2);
        size_t size = line ? strtoul(at, NULL, 16) : 0;
        if (!line || (size_t)(end - line) < size + 4) {
            return NULL;
        }
        at = line + 2 + size + 2;
        if (!size) {
            return at;
        }
    }
}

/* Answers what has come in whole, one request at a time. */
static void listenTo(Peer *p)
{
    while (p->fd >= 0 && !p->bytes && p->have) {
        p->input[p->have] = 0;
        char *body = strstr(p->input, "\r\n\r\n");
        if (!body) {
            return;
        }
        body[2] = 0; /* the head alone, for the search in it */
        const char *length = strcasestr(p->input, "\r\ncontent-length:");
        int chunked = strcasestr(p->input, "\r\ntransfer-encoding: chunked") != NULL;
        body[2] = '\r';
        body += 4;
        const char *end = chunked ? chunkedEnd(body, p->input + p->have) : body + (length ? strtoul(length + 17, NULL, 10) : 0);
        if (!end || end > p->input + p->have) {
            return;
        }
        size_t used = (size_t)(end - p->input);
        hear(p, p->input, body, (size_t)(end - body));
        p->have -= used;
        memmove(p->input, p->input + used, p->have);
    }
}

static void receive(Peer *p)
{
    ssize_t n = recv(p->fd, p->input + p->have, INPUT - 1 - p->have, 0);
    if (n > 0) {
        p->have += (size_t)n;
        listenTo(p);
    } else if (n == 0 || errno != EAGAIN) {
        hangUp(p);
    }
}

static void acceptAll(int door)
{
    int fd, on = 1;
    while ((fd = accept4(door, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        if (fd >= MAX_FD) {
            close(fd);
            continue;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (!peers[fd]) {
            peers[fd] = calloc(1, sizeof(Peer));
        }
        peers[fd]->fd = fd;
        peers[fd]->have = 0;
        peers[fd]->blocked = 0;
        struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(epollFd, EPOLL_CTL_ADD, fd, &e);
        connections++;
    }
}

int main(int count, char **args)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
    if (count != 2) {
        fprintf(stderr, "usage: mock PORT\n");
        return 2;
    }
    here.sin_port = htons((uint16_t)atoi(args[1]));
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(door, (struct sockaddr *)&here, sizeof here) || listen(door, 1024)) {
        perror("mock: cannot listen");
        return 1;
    }
    prctl(PR_SET_TIMERSLACK, 1000); /* the default of 50 us would blur the pace */
    writeAll();
    epollFd = epoll_create1(0);
    struct epoll_event first = {.events = EPOLLIN, .data.fd = door}, ready[128];
    epoll_ctl(epollFd, EPOLL_CTL_ADD, door, &first);
    for (;;) {
        struct timespec wait = {0};
        if (timers) {
            uint64_t now = nanoseconds(), left = heap[0].due > now ? heap[0].due - now : 0;
            wait = (struct timespec){(time_t)(left / 1000000000u), (long)(left % 1000000000u)};
        }
        int n = epoll_pwait2(epollFd, ready, 128, timers ? &wait : NULL, NULL);
        for (int i = 0; i < n; i++) {
            Peer *p = ready[i].data.fd == door ? NULL : peers[ready[i].data.fd];
            if (!p) {
                acceptAll(door);
                continue;
            }
            if (p->fd >= 0 && (ready[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))) {
                receive(p);
            }
            if (p->fd >= 0 && p->blocked && (ready[i].events & EPOLLOUT)) {
                push(p);
                listenTo(p);
            }
        }
        for (uint64_t now = nanoseconds(); timers && heap[0].due <= now;) {
            Timer t = nextTimer();
            Peer *p = peers[t.fd];
            if (p->fd >= 0 && p->life == t.life) {
                proceed(p);
                listenTo(p);
            }
        }
    }
}
