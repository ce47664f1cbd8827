/* What answers a call, by libspandsp: far_answer TONE writes five seconds of 16-bit samples to standard output. TONE is a
 * number of modem_connect_tones.h, or "flags" for the preamble of a fax machine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SPANDSP_EXPOSE_INTERNAL_STRUCTURES
#include <spandsp.h>

enum { BLOCK = 160, BLOCKS = 250 };

static int flag_bit(void *user)
{
	int *at = user;

	return 0x7e >> (*at)++ % 8 & 1;
}

int main(int argc, char **argv)
{
	modem_connect_tones_tx_state_t *tones = NULL;
	fsk_tx_state_t *flags = NULL;
	int16_t amp[BLOCK];
	int at = 0;

	if (argc != 2)
		return 2;
	if (!strcmp(argv[1], "flags"))
		flags = fsk_tx_init(NULL, &preset_fsk_specs[FSK_V21CH2], flag_bit, &at);
	else
		tones = modem_connect_tones_tx_init(NULL, atoi(argv[1]));
	for (int i = 0; i < BLOCKS; i++) {
		int n = flags ? fsk_tx(flags, amp, BLOCK) : modem_connect_tones_tx(tones, amp, BLOCK);
		memset(amp + n, 0, (BLOCK - n) * sizeof(int16_t));
		fwrite(amp, sizeof(int16_t), BLOCK, stdout);
	}
	return 0;
}
