/* The far end of our digits, register signals and tones: libspandsp sends what we receive and receives what we send.
 *
 *   far make dtmf DIGITS LEVEL TWIST ON OFF     16-bit samples on standard output; levels in dBm0, times in ms
 *   far make r2 forward|backward CODES LEVEL    each code for 100 ms, with 100 ms of silence after it
 *   far make tone F1 F2 MODULATION LEVEL CADENCE SECONDS   F2 and MODULATION may be 0; CADENCE is on/off/on/off or -
 *   far hear dtmf                               16-bit samples on standard input, the digits out
 *   far hear r2 forward|backward                the codes out
 *   far hear tone F1 F2                         a line "F1 F2 ms" for each burst that has ended
 *
 * The codes of R2 are 1-9, 0 for ten, and B-F for eleven to fifteen. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SPANDSP_EXPOSE_INTERNAL_STRUCTURES
#include <spandsp.h>

enum { BLOCK = 160, RATE = 8000 };

static void put(int16_t *amp, int n)
{
	memset(amp + n, 0, (BLOCK - n) * sizeof(int16_t));
	fwrite(amp, sizeof(int16_t), BLOCK, stdout);
}

static void make_dtmf(char **arg)
{
	dtmf_tx_state_t *s = dtmf_tx_init(NULL);
	int16_t amp[BLOCK];
	int n;

	dtmf_tx_set_level(s, atoi(arg[1]), atoi(arg[2]));
	dtmf_tx_set_timing(s, atoi(arg[3]), atoi(arg[4]));
	dtmf_tx_put(s, arg[0], -1);
	while ((n = dtmf_tx(s, amp, BLOCK)) > 0)
		put(amp, n);
}

static int forward(const char *direction) { return !strcmp(direction, "forward"); }

/* The level of libspandsp's R2 sender is fixed at -11 dBm0 a frequency: its samples are brought to ours. */
static void make_r2(char **arg)
{
	r2_mf_tx_state_t *s = r2_mf_tx_init(NULL, forward(arg[0]));
	float gain = powf(10.0f, (atof(arg[2]) + 11.0f) / 20.0f);
	int16_t amp[BLOCK];

	for (const char *code = arg[1]; *code; code++) {
		r2_mf_tx_put(s, *code);
		for (int block = 0; block < 10; block++) {
			int n = block < 5 ? r2_mf_tx(s, amp, BLOCK) : 0;

			for (int i = 0; i < n; i++)
				amp[i] = (int16_t)(amp[i] * gain);
			put(amp, n);
		}
	}
}

/* step is a burst or a gap; -f1 is how libspandsp tells that f2 modulates it. */
static super_tone_tx_step_t *step(char **arg, int on, int length)
{
	float f1 = atof(arg[0]), f2 = atof(arg[1]), modulation = atof(arg[2]), level = atof(arg[3]);
	super_tone_tx_step_t *s;

	if (!on)
		return super_tone_tx_make_step(NULL, 0, 0, 0, 0, length, 1);
	s = super_tone_tx_make_step(NULL, f1, level, f2, level, length, 1);
	if (modulation > 0) {
		s->tone[0].phase_rate = -s->tone[0].phase_rate;
		s->tone[1].phase_rate = dds_phase_ratef(modulation);
		s->tone[1].gain = 0.9f;
	}
	return s;
}

static void make_tone(char **arg)
{
	super_tone_tx_step_t *root = super_tone_tx_make_step(NULL, 0, 0, 0, 0, 0, 0), **next = &root->nest;
	super_tone_tx_state_t *s;
	int16_t amp[BLOCK];
	int on = 1;

	for (char *part = strtok(arg[4], "/"); part; part = strtok(NULL, "/"), on = !on, next = &(*next)->next)
		*next = step(arg, on, atoi(part)); /* of "-", 0: for ever */
	s = super_tone_tx_init(NULL, root);
	for (int blocks = atoi(arg[5]) * RATE / BLOCK; blocks > 0; blocks--)
		put(amp, super_tone_tx(s, amp, BLOCK));
}

static void digits(void *user, const char *heard, int n)
{
	printf("%.*s", n, heard);
	(void)user;
}

static void hear_dtmf(void)
{
	dtmf_rx_state_t *s = dtmf_rx_init(NULL, digits, NULL);
	int16_t amp[BLOCK];
	size_t n;

	while ((n = fread(amp, sizeof(int16_t), BLOCK, stdin)) > 0)
		dtmf_rx(s, amp, n);
}

static void code(void *user, int heard, int level, int delay)
{
	if (heard)
		putchar(heard);
	(void)user, (void)level, (void)delay;
}

static void hear_r2(char **arg)
{
	r2_mf_rx_state_t *s = r2_mf_rx_init(NULL, forward(arg[0]), code, NULL);
	int16_t amp[BLOCK];
	size_t n;

	while ((n = fread(amp, sizeof(int16_t), BLOCK, stdin)) > 0)
		r2_mf_rx(s, amp, n);
}

static void segment(void *user, int f1, int f2, int ms)
{
	if (f1 >= 0)
		printf("%d %d %d\n", f1, f2, ms);
	(void)user;
}

static void ignore(void *user, int heard, int level, int delay) { (void)user, (void)heard, (void)level, (void)delay; }

/* hear_tone prints the place of each frequency among those that it listens for: 0, 1, or -1 for none. */
static void hear_tone(char **arg)
{
	super_tone_rx_descriptor_t *d = super_tone_rx_make_descriptor(NULL);
	int tone = super_tone_rx_add_tone(d);
	super_tone_rx_state_t *s;
	int16_t amp[BLOCK];
	size_t n;

	super_tone_rx_add_element(d, tone, atoi(arg[0]), atoi(arg[1]), 0, 0);
	s = super_tone_rx_init(NULL, d, ignore, NULL);
	super_tone_rx_segment_callback(s, segment);
	while ((n = fread(amp, sizeof(int16_t), BLOCK, stdin)) > 0)
		super_tone_rx(s, amp, n);
}

int main(int argc, char **argv)
{
	const char *verb = argc > 2 ? argv[1] : "", *what = argc > 2 ? argv[2] : "";
	char **arg = argv + 3;

	if (!strcmp(verb, "make") && !strcmp(what, "dtmf") && argc == 8)
		make_dtmf(arg);
	else if (!strcmp(verb, "make") && !strcmp(what, "r2") && argc == 6)
		make_r2(arg);
	else if (!strcmp(verb, "make") && !strcmp(what, "tone") && argc == 9)
		make_tone(arg);
	else if (!strcmp(verb, "hear") && !strcmp(what, "dtmf") && argc == 3)
		hear_dtmf();
	else if (!strcmp(verb, "hear") && !strcmp(what, "r2") && argc == 4)
		hear_r2(arg);
	else if (!strcmp(verb, "hear") && !strcmp(what, "tone") && argc == 5)
		hear_tone(arg);
	else
		return 2;
	return 0;
}
