/*
 * The load under which bench/broker.ts measures a broker: one thread, epoll, packets encoded beforehand, so that the
 * generator is not what is measured.
 *
 *     load PORT PID flow PUBLISHERS SUBSCRIBERS QOS WINDOW AHEAD WARM_MS RUN_MS
 *         publishes 64-byte payloads; prints deliveries a second, the broker's processor time and whether it stalled
 *     load PORT PID connects CONCURRENCY 0 0 0 0 WARM_MS RUN_MS
 *         CONNECT, CONNACK, DISCONNECT, again; prints connections a second
 *     load PORT PID hold COUNT
 *         opens COUNT connections, prints how many were accepted, and holds them until standard input ends
 *
 * WINDOW is how many QoS 1 and 2 messages a publisher leaves unacknowledged. AHEAD bounds what all of them together have
 * published and no subscriber has received yet, at every QoS: a broker is measured by what it delivers, and a queue that
 * overflows would count as speed. MQTT 3.1.1.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PAYLOAD_SIZE 64
#define MAX_WINDOW 64
#define IN_SIZE (1 << 18)
#define OUT_SIZE (1 << 17)

enum role { PUBLISHER, SUBSCRIBER, CALLER };

struct peer {
    int fd, role, is_ready, is_writing;
    uint32_t in_flight, next_id;
    size_t in_size, out_start, out_end;
    unsigned char *in, *out;
    unsigned char packet[128];
    size_t packet_size, id_at;
};

static int port, pid, epoll, qos, window;
static long ahead;
static struct peer *peers;
static int peer_count, publisher_count, subscriber_count, ready_count;
/** Published, delivered, connections accepted. */
static long published, delivered, accepted;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

/** Processor time of the broker, seconds, all of its threads. */
static double cpu(void) {
    char path[64], line[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL || fgets(line, sizeof line, file) == NULL) fail(path);
    fclose(file);
    unsigned long user = 0, system = 0;
    char *after = strrchr(line, ')');
    sscanf(after + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    return (double)(user + system) / sysconf(_SC_CLK_TCK);
}

static void watch(struct peer *peer, int operation) {
    struct epoll_event event = {.events = EPOLLIN | (peer->is_writing ? EPOLLOUT : 0), .data.ptr = peer};
    if (epoll_ctl(epoll, operation, peer->fd, &event) != 0) fail("epoll_ctl");
}

static void append(struct peer *peer, const void *bytes, size_t size) {
    if (peer->out_end + size > OUT_SIZE) {
        fprintf(stderr, "a broker that does not read\n");
        exit(1);
    }
    memcpy(peer->out + peer->out_end, bytes, size);
    peer->out_end += size;
}

static void flush(struct peer *peer) {
    while (peer->out_start < peer->out_end) {
        ssize_t sent = send(peer->fd, peer->out + peer->out_start, peer->out_end - peer->out_start, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) break;
        if (sent < 0) fail("send");
        peer->out_start += sent;
    }
    int is_writing = peer->out_start < peer->out_end;
    if (!is_writing) peer->out_start = peer->out_end = 0;
    if (is_writing == peer->is_writing) return;
    peer->is_writing = is_writing;
    watch(peer, EPOLL_CTL_MOD);
}

static void open_peer(struct peer *peer, int index) {
    static long call_count;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1;
    peer->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (peer->fd < 0) fail("socket");
    /* Thousands of connections a second would leave no port free in TIME_WAIT: they end with a reset instead. */
    struct linger linger = {1, 0};
    if (peer->role == CALLER) setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(peer->fd, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
    fcntl(peer->fd, F_SETFL, O_NONBLOCK);
    peer->in_size = peer->out_start = peer->out_end = 0;
    peer->is_ready = peer->is_writing = 0;
    watch(peer, EPOLL_CTL_ADD);
    unsigned char packet[64] = {0x10, 0, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0};
    int size = snprintf((char *)packet + 14, 40, "load-%d-%d-%ld", getpid(), index, call_count++);
    packet[1] = 12 + size;
    packet[13] = size;
    append(peer, packet, 14 + size);
    flush(peer);
}

static void subscribe(struct peer *peer) {
    unsigned char packet[] = {0x82, 12, 0, 1, 0, 7, 'b', 'e', 'n', 'c', 'h', '/', '#', qos};
    append(peer, packet, sizeof packet);
}

/** The PUBLISH of a publisher, to which only the identifier changes. */
static void prepare(struct peer *peer, int index) {
    unsigned char *at = peer->packet;
    int topic_size = snprintf((char *)at + 4, 32, "bench/sensor/%04d", index);
    *at++ = 0x30 | qos << 1;
    *at++ = 2 + topic_size + (qos > 0 ? 2 : 0) + PAYLOAD_SIZE;
    *at++ = 0;
    *at++ = topic_size;
    at += topic_size;
    peer->id_at = qos > 0 ? at - peer->packet : 0;
    if (qos > 0) at += 2;
    memset(at, 'x', PAYLOAD_SIZE);
    peer->packet_size = at + PAYLOAD_SIZE - peer->packet;
}

/** One PUBLISH, if window and bound allow it. */
static int publish(struct peer *peer) {
    if (published * subscriber_count - delivered >= ahead * subscriber_count) return 0;
    if (qos > 0 && peer->in_flight >= (uint32_t)window) return 0;
    if (peer->out_end + sizeof peer->packet > OUT_SIZE) return 0;
    if (qos > 0) {
        peer->next_id = peer->next_id % 0xffff + 1;
        peer->packet[peer->id_at] = peer->next_id >> 8;
        peer->packet[peer->id_at + 1] = peer->next_id & 0xff;
        peer->in_flight++;
    }
    append(peer, peer->packet, peer->packet_size);
    published++;
    return 1;
}

static void answer(struct peer *peer, int first, const unsigned char *id) {
    unsigned char packet[] = {first, 2, id[0], id[1]};
    append(peer, packet, 4);
}

static void handle(struct peer *peer, const unsigned char *packet, const unsigned char *body, const unsigned char *end) {
    switch (packet[0] >> 4) {
    case 2:
        if (body[1] != 0) {
            fprintf(stderr, "CONNACK %d\n", body[1]);
            exit(1);
        }
        accepted++;
        peer->is_ready = 1;
        if (peer->role == SUBSCRIBER) subscribe(peer);
        else ready_count++;
        break;
    case 9:
        ready_count++;
        break;
    case 3: {
        int packet_qos = packet[0] >> 1 & 3;
        const unsigned char *id = body + 2 + (body[0] << 8 | body[1]);
        if (end - id != PAYLOAD_SIZE + (packet_qos > 0 ? 2 : 0)) {
            fprintf(stderr, "a PUBLISH of the wrong size\n");
            exit(1);
        }
        if (packet_qos == 1) answer(peer, 0x40, id);
        if (packet_qos == 2) answer(peer, 0x50, id);
        delivered++;
        break;
    }
    case 4: case 7: peer->in_flight--; break;
    case 5: answer(peer, 0x62, body); break;
    case 6: answer(peer, 0x70, body); break;
    }
}

/** Reads all there is. False when the connection has ended. */
static int receive(struct peer *peer) {
    ssize_t size = recv(peer->fd, peer->in + peer->in_size, IN_SIZE - peer->in_size, 0);
    if (size < 0 && errno == EAGAIN) return 1;
    if (size <= 0) return 0;
    peer->in_size += size;
    const unsigned char *at = peer->in, *limit = peer->in + peer->in_size;
    while (limit - at >= 2) {
        size_t length = at[1] & 0x7f;
        const unsigned char *body = at + 2;
        if (at[1] >= 0x80) {
            if (limit - at < 3) break;
            length |= at[2] << 7;
            body++;
        }
        if ((size_t)(limit - body) < length) break;
        handle(peer, at, body, body + length);
        at = body + length;
    }
    peer->in_size = limit - at;
    memmove(peer->in, at, peer->in_size);
    return 1;
}

/** One turn: what the broker has sent, then what may be published, then one send for each. */
static void turn(int timeout_ms) {
    static struct epoll_event events[512];
    static int first;
    int count = epoll_wait(epoll, events, 512, timeout_ms);
    for (int index = 0; index < count; index++) {
        struct peer *peer = events[index].data.ptr;
        if ((events[index].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) && !receive(peer)) {
            fprintf(stderr, "the broker closed a connection\n");
            exit(1);
        }
        if (peer->role == CALLER && peer->is_ready) {
            static const unsigned char disconnect[] = {0xe0, 0};
            send(peer->fd, disconnect, 2, MSG_NOSIGNAL);
            close(peer->fd);
            open_peer(peer, peer - peers);
        } else {
            flush(peer);
        }
    }
    if (publisher_count == 0 || ready_count < publisher_count + subscriber_count) return;
    /* In turn: whoever comes first must not always take what the bound leaves. */
    for (int round = 0, is_any = 1; is_any && round < 1024; round++) {
        is_any = 0;
        for (int index = 0; index < publisher_count; index++) is_any |= publish(&peers[(first + index) % publisher_count]);
        first = (first + 1) % publisher_count;
    }
    for (int index = 0; index < publisher_count; index++) flush(&peers[index]);
}

static void add(int role, int index) {
    struct peer *peer = &peers[peer_count++];
    peer->role = role;
    peer->in = malloc(IN_SIZE);
    peer->out = malloc(OUT_SIZE);
    if (role == PUBLISHER) prepare(peer, index);
    open_peer(peer, index);
}

static void measure(double warm_s, double run_s) {
    double start = now(), change = start;
    long *count = publisher_count > 0 ? &delivered : &accepted;
    long last = *count;
    double from = 0, from_cpu = 0;
    long from_count = 0;
    int is_stalled = 0;
    for (;;) {
        turn(50);
        double time = now();
        if (*count != last) {
            last = *count;
            change = time;
        }
        if (from == 0 && time - start >= warm_s) {
            from = time;
            from_cpu = cpu();
            from_count = *count;
        }
        is_stalled = time - change > 1.0;
        if (is_stalled || (from > 0 && time - from >= run_s)) break;
    }
    /* A stall is not counted as time: the rate is that of the broker while it delivered. */
    double end = is_stalled ? change : now();
    if (from == 0 || end <= from) from = start, from_count = 0, from_cpu = 0;
    printf("{\"perSecond\": %.1f, \"cpuUs\": %.3f, \"isStalled\": %s, \"count\": %ld}\n", (last - from_count) / (end - from),
           last > from_count ? (cpu() - from_cpu) * 1e6 / (last - from_count) : 0, is_stalled ? "true" : "false", last);
}

static long argument(int argc, char **argv, int index) {
    return index < argc ? atol(argv[index]) : 0;
}

int main(int argc, char **argv) {
    if (argc < 5) return 2;
    port = atoi(argv[1]);
    pid = atoi(argv[2]);
    epoll = epoll_create1(0);
    int count = argument(argc, argv, 4);
    if (strcmp(argv[3], "hold") == 0) {
        peers = calloc(count, sizeof *peers);
        static unsigned char in[IN_SIZE], out[OUT_SIZE];
        for (; peer_count < count; peer_count++) {
            struct peer *peer = &peers[peer_count];
            /* One at a time, so all of them can use the same two buffers. */
            peer->in = in, peer->out = out, peer->role = PUBLISHER;
            open_peer(peer, peer_count);
            for (long before = accepted; accepted == before;) turn(-1);
        }
        printf("{\"held\": %ld}\n", accepted);
        fflush(stdout);
        while (getchar() != EOF) {}
        return 0;
    }
    int is_flow = strcmp(argv[3], "flow") == 0;
    publisher_count = is_flow ? count : 0;
    subscriber_count = argument(argc, argv, 5);
    qos = argument(argc, argv, 6);
    window = argument(argc, argv, 7);
    ahead = argument(argc, argv, 8);
    int total = count + subscriber_count;
    peers = calloc(total, sizeof *peers);
    for (int index = 0; index < count; index++) add(is_flow ? PUBLISHER : CALLER, index);
    for (int index = 0; index < subscriber_count; index++) add(SUBSCRIBER, index);
    while (is_flow && ready_count < total) turn(-1);
    measure(argument(argc, argv, 9) / 1e3, argument(argc, argv, 10) / 1e3);
    return 0;
}
