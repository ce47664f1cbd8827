// The wire between processes, and what befalls the frames on it.
#include "peer.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { FCS = 2 }; // libpri expects the octets of the FCS behind each frame and looks at none of them

int frames = -1;

static double cut_until; // no frame passes until then, 0: all do
static int lose, twice;  // percent of the frames, either way
static struct random_data dice;
static char dice_state[64];

int open_wire(const char *local, const char *remote)
{
	const char *ends[2] = {local, remote};
	struct sockaddr_in a[2] = {{.sin_family = AF_INET}, {.sin_family = AF_INET}};
	for (int i = 0; i < 2; i++) {
		char ip[16];
		unsigned short port;
		if (sscanf(ends[i], "%15[0-9.]:%hu", ip, &port) != 2 || !inet_aton(ip, &a[i].sin_addr))
			fail(ends[i]);
		a[i].sin_port = htons(port);
	}
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind(fd, (void *)&a[0], sizeof a[0]) || connect(fd, (void *)&a[1], sizeof a[1]))
		fail(local);
	return fd;
}

void open_frames(const char *local, const char *remote)
{
	frames = open_wire(local, remote);
	initstate_r(1, dice_state, sizeof dice_state, &dice);
}

void cut_wire(double seconds) { cut_until = now() + seconds; }

double cut_left(void)
{
	if (cut_until && cut_until <= now()) {
		cut_until = 0;
		say("cut over");
	}
	return cut_until ? cut_until - now() : 0;
}

void spoil_wire(int lost, int doubled, int seed)
{
	lose = lost;
	twice = doubled;
	srandom_r(seed, &dice);
}

// copies is how often the next frame passes.
static int copies(void)
{
	int32_t n;
	if (cut_until)
		return 0;
	random_r(&dice, &n);
	n %= 100;
	return n < lose ? 0 : n < lose + twice ? 2 : 1;
}

int write_frame(struct pri *p, void *frame, int length)
{
	for (int n = copies(); n > 0; n--)
		send(frames, frame, length - FCS, 0); // a far end that is not there yet refuses: the frame is lost
	return length;
}

static unsigned char again[1024]; // the frame that is to be read for the second time
static int again_length;

int frame_waits(void) { return again_length > 0; }

int read_frame(struct pri *p, void *frame, int size)
{
	int length = again_length;
	if (length) {
		memcpy(frame, again, length);
		again_length = 0;
		return length + FCS;
	}
	length = recv(frames, frame, size - FCS, 0);
	if (length <= 0 || length > (int)sizeof again)
		return 0;
	int n = copies();
	if (n == 2) {
		memcpy(again, frame, length);
		again_length = length;
	}
	return n ? length + FCS : 0;
}
