// Speech on the bearers: a tone to send, and a level to measure.
#include "peer.h"

#include <math.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

enum { SLOTS = 32, SIGNALLING = 16, HEADER = 8, BLOCK = 160, IDLE = 0xD5, LISTEN_BLOCKS = 10 };

int slots = -1;
static int span;
static double due; // when the next blocks go out

static struct slot {
	double tone, phase;    // Hz to send, 0: idle
	double listen, s1, s2; // Hz to listen for, 0: nothing; the states of Goertzel's filter
	int blocks;            // heard in a row up to now
	uint16_t sent, heard;  // sequence numbers
} line[SLOTS];

// The levels of A-law: a sine that just fills its range of 4096 has 3.14 dBm0 (G.711).
static const double full_scale = 4096, full_dBm0 = 3.14, tone_dBm0 = -10;

static int alaw_decode(unsigned char a)
{
	a ^= 0x55;
	int segment = a >> 4 & 7, v = (a & 15) * 2 + 1;
	v = segment ? (v + 32) << (segment - 1) : v;
	return a & 0x80 ? v : -v;
}

static unsigned char alaw_encode(double sample)
{
	int sign = sample >= 0 ? 0x80 : 0, v = fabs(sample), segment = 0;
	if (v > 4095)
		v = 4095;
	while (v >> segment >= 64)
		segment++;
	unsigned char a = v >> segment >= 32 ? (segment + 1) << 4 | (v >> segment & 31) >> 1 : v >> 1;
	return (a | sign) ^ 0x55;
}

static int is_bearer(int n) { return n > 0 && n < SLOTS && n != SIGNALLING; }

void open_slots(int number, const char *local, const char *remote)
{
	span = number;
	slots = open_wire(local, remote);
	due = now();
}

// send_blocks sends 20 ms of each bearer, idle or not.
static void send_blocks(void)
{
	double amplitude = full_scale * pow(10, (tone_dBm0 - full_dBm0) / 20);
	for (int n = 1; n < SLOTS; n++) {
		struct slot *l = &line[n];
		unsigned char b[HEADER + BLOCK] = {0xE1, 1, span, n, l->sent >> 8, l->sent & 255};
		if (!is_bearer(n))
			continue;
		l->sent++;
		memset(b + HEADER, IDLE, BLOCK);
		for (int i = 0; l->tone && i < BLOCK; i++, l->phase += 2 * M_PI * l->tone / 8000)
			b[HEADER + i] = alaw_encode(amplitude * sin(l->phase));
		send(slots, b, sizeof b, 0);
	}
}

double speak(void)
{
	for (; due <= now(); due += BLOCK / 8000.0)
		send_blocks();
	return due - now();
}

void hear_block(void)
{
	unsigned char b[HEADER + BLOCK];
	if (recv(slots, b, sizeof b, 0) != sizeof b || b[0] != 0xE1 || b[1] != 1 || !is_bearer(b[3]))
		return;
	struct slot *l = &line[b[3]];
	uint16_t sequence = b[4] << 8 | b[5];
	if (sequence != (uint16_t)(l->heard + 1)) // a gap shifts the phase
		l->s1 = l->s2 = l->blocks = 0;
	l->heard = sequence;
	if (!l->listen)
		return;
	double k = 2 * cos(2 * M_PI * l->listen / 8000);
	for (int i = 0; i < BLOCK; i++) {
		double s = alaw_decode(b[HEADER + i]) + k * l->s1 - l->s2;
		l->s2 = l->s1;
		l->s1 = s;
	}
	if (++l->blocks < LISTEN_BLOCKS)
		return;
	double power = l->s1 * l->s1 + l->s2 * l->s2 - k * l->s1 * l->s2;
	double amplitude = 2 * sqrt(power > 0 ? power : 0) / (LISTEN_BLOCKS * BLOCK);
	say("level channel=%d hz=%g dBm0=%.1f", b[3], l->listen, full_dBm0 + 20 * log10(amplitude / full_scale + 1e-6));
	l->listen = 0;
}

void order_speech(const char *verb)
{
	int channel = number("channel", 0);
	if (!is_bearer(channel))
		return;
	struct slot *l = &line[channel];
	if (!strcmp(verb, "tone")) {
		l->tone = number("hz", 0);
	} else {
		l->listen = number("hz", 0);
		l->s1 = l->s2 = l->blocks = 0;
	}
}
