#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 64 };

char *words[WORDS];
int word_count;

void split(char *line)
{
	word_count = 0;
	for (char *w = strtok(line, " \r\n"); w && word_count < WORDS; w = strtok(NULL, " \r\n"))
		words[word_count++] = w;
}

char *value(const char *name, char *missing)
{
	size_t n = strlen(name);
	for (int i = 0; i < word_count; i++)
		if (!strncmp(words[i], name, n) && words[i][n] == '=')
			return words[i] + n + 1;
	return missing;
}

int number(const char *name, int missing)
{
	char *v = value(name, NULL);
	return v ? (int)strtol(v, NULL, 0) : missing;
}

int has(const char *name)
{
	for (int i = 0; i < word_count; i++)
		if (!strcmp(words[i], name))
			return 1;
	return 0;
}

const char *clean(const char *text)
{
	static char buffers[8][256]; // as many as one line needs at once
	static int next;
	char *b = buffers[next++ % 8];
	snprintf(b, sizeof buffers[0], "%s", text);
	for (char *c = b; *c; c++)
		if (*c <= ' ' || *c > '~')
			*c = '_';
	return b;
}
