/* The far end of our caller identity: libspandsp sends what we receive and receives what we send.
 *
 *   far_callerid make STANDARD MESSAGE [alert] FIELD...   16-bit samples on standard output
 *   far_callerid hear STANDARD                            16-bit samples on standard input, "kind value" lines out
 *
 * STANDARD is class, clip, aclip or dtmf. MESSAGE and the kind of a field are numbers; a field is KIND=TEXT. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SPANDSP_EXPOSE_INTERNAL_STRUCTURES
#include <spandsp.h>

enum { BLOCK = 160, RATE = 8000 };

static int standard_of(const char *name)
{
	if (!strcmp(name, "class"))
		return ADSI_STANDARD_CLASS;
	if (!strcmp(name, "clip"))
		return ADSI_STANDARD_CLIP;
	if (!strcmp(name, "aclip"))
		return ADSI_STANDARD_ACLIP;
	if (!strcmp(name, "dtmf"))
		return ADSI_STANDARD_CLIP_DTMF;
	exit(2);
}

static void make(int standard, int fields, char **field)
{
	adsi_tx_state_t *s = adsi_tx_init(NULL, standard);
	int16_t amp[BLOCK];
	uint8_t message[256];
	int length = adsi_add_field(s, message, -1, strtol(field[0], NULL, 0), NULL, 0), quiet = 0;

	for (int i = 1; i < fields; i++) {
		char *value = strchr(field[i], '=');
		if (value == NULL) {
			adsi_tx_send_alert_tone(s);
			continue;
		}
		length = adsi_add_field(s, message, length, strtol(field[i], NULL, 0), (uint8_t *)value + 1, strlen(value + 1));
	}
	if (adsi_tx_put_message(s, message, length) < 0)
		exit(3);
	while (quiet < RATE / 5) {
		int n = adsi_tx(s, amp, BLOCK);
		memset(amp + n, 0, (BLOCK - n) * sizeof(int16_t));
		quiet = n == BLOCK ? 0 : quiet + BLOCK - n;
		fwrite(amp, sizeof(int16_t), BLOCK, stdout);
	}
}

static adsi_rx_state_t *receiver;

static void heard(void *user, const uint8_t *message, int length)
{
	uint8_t kind;
	const uint8_t *value;
	int size, at = -1;

	while ((at = adsi_next_field(receiver, message, length, at, &kind, &value, &size)) > 0) {
		if (value == NULL) {
			printf("message %d\n", kind);
			continue;
		}
		printf("%d %.*s\n", kind, size, value);
	}
	(void)user;
}

static void hear(int standard)
{
	int16_t amp[BLOCK];
	size_t n;

	receiver = adsi_rx_init(NULL, standard, heard, NULL);
	while ((n = fread(amp, sizeof(int16_t), BLOCK, stdin)) > 0)
		adsi_rx(receiver, amp, n);
}

int main(int argc, char **argv)
{
	if (argc > 3 && !strcmp(argv[1], "make"))
		make(standard_of(argv[2]), argc - 3, argv + 3);
	else if (argc == 3 && !strcmp(argv[1], "hear"))
		hear(standard_of(argv[2]));
	else
		return 2;
	return 0;
}
