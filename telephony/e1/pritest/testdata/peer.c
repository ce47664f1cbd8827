// peer is one end of an ISDN primary rate interface in a process of its own: libpri's stack (EuroISDN) on the E1 wire between
// processes. Lines on stdin drive it, and it tells each event in a line on stdout; package pritest has the words.
//
//	peer user|network SPAN LOCAL REMOTE [LOCAL REMOTE]
//
// The first two addresses (a.b.c.d:port) are the wire "frames": a datagram is a Q.921 frame from the address octet on, without
// FCS. The other two are "slots": a datagram is 8 octets of header and 20 ms of A-law of one timeslot.
#include "peer.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct pri *pri;

void fail(const char *what)
{
	fprintf(stderr, "peer: %s: %s\n", what, strerror(errno));
	exit(1);
}

void say(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void order(char *text)
{
	if (!strncmp(text, "incoming", 8)) {
		set_policy(text + 8);
		return;
	}
	split(text);
	const char *verb = word_count ? words[0] : "";
	if (!strcmp(verb, "call"))
		place_call();
	else if (!strcmp(verb, "restart"))
		pri_reset(pri, number("channel", 1));
	else if (!strcmp(verb, "cut"))
		cut_wire(number("seconds", 0));
	else if (!strcmp(verb, "lossy"))
		spoil_wire(number("lose", 0), number("twice", 0), number("seed", 1));
	else if (!strcmp(verb, "debug"))
		pri_set_debug(pri, PRI_DEBUG_Q921_DUMP | PRI_DEBUG_Q921_STATE | PRI_DEBUG_Q931_DUMP | PRI_DEBUG_Q931_STATE);
	else if (!strcmp(verb, "tone") || !strcmp(verb, "listen"))
		order_speech(verb);
	else
		order_call(verb);
}

// read_orders takes whole lines from stdin; its end ends the peer.
static void read_orders(void)
{
	static char buffer[4096];
	static size_t used;
	ssize_t n = read(0, buffer + used, sizeof buffer - 1 - used);
	if (n <= 0)
		exit(0);
	used += n;
	buffer[used] = 0;
	char *end, *start = buffer;
	for (; (end = strchr(start, '\n')); start = end + 1) {
		*end = 0;
		order(start);
	}
	used -= start - buffer;
	memmove(buffer, start, used);
}

// run_timers runs libpri's timers that are due, and returns the seconds to the next.
static double run_timers(void)
{
	pri_event *e;
	while ((e = pri_schedule_run(pri)))
		handle(e);
	struct timeval *next = pri_schedule_next(pri), t;
	if (!next)
		return 1;
	gettimeofday(&t, NULL);
	return (next->tv_sec - t.tv_sec) + (next->tv_usec - t.tv_usec) / 1e6;
}

static void print_message(struct pri *p, char *text) { fputs(text, stderr); }

static void open_pri(int side)
{
	pri_set_message(print_message);
	pri_set_error(print_message);
	pri = pri_new_cb(frames, side, PRI_SWITCH_EUROISDN_E1, read_frame, write_frame, NULL);
	if (!pri)
		fail("libpri");
	pri_set_overlapdial(pri, 1);   // "sending complete" goes out only with a number that is complete
	pri_hangup_fix_enable(pri, 1); // Q.931 5.3.2
}

int main(int argc, char **argv)
{
	if (argc != 5 && argc != 7) {
		fprintf(stderr, "usage: peer user|network SPAN LOCAL REMOTE [LOCAL REMOTE]\n");
		return 2;
	}
	open_frames(argv[3], argv[4]);
	if (argc == 7)
		open_slots(atoi(argv[2]), argv[5], argv[6]);
	open_pri(!strcmp(argv[1], "network") ? PRI_NETWORK : PRI_CPE);
	for (;;) {
		double wait = run_timers(), cut = cut_left();
		if (cut)
			wait = fmin(wait, cut);
		if (slots >= 0)
			wait = fmin(wait, speak());
		struct pollfd p[3] = {{0, POLLIN, 0}, {frames, POLLIN, 0}, {slots, POLLIN, 0}};
		poll(p, 3, frame_waits() || wait <= 0 ? 0 : wait * 1000 + 1);
		if (p[0].revents)
			read_orders();
		if (p[1].revents || frame_waits()) {
			pri_event *e = pri_check_event(pri);
			if (e)
				handle(e);
		}
		if (p[2].revents)
			hear_block();
	}
}
