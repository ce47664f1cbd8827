// What the files of the peer share.
#define _GNU_SOURCE
#include <libpri.h>

extern struct pri *pri;

// peer.c
void fail(const char *what) __attribute__((noreturn));
void say(const char *format, ...) __attribute__((format(printf, 1, 2))); // a line on stdout
double now(void);                                                         // seconds

// words.c: a line is NAME=VALUE or bare NAMEs, parted by spaces.
extern char *words[];
extern int word_count;
void split(char *line);
char *value(const char *name, char *missing);
int number(const char *name, int missing);
int has(const char *name);
const char *clean(const char *text); // one word of text from outside

// wire.c
int open_wire(const char *local, const char *remote);
void open_frames(const char *local, const char *remote);
extern int frames;
int read_frame(struct pri *p, void *frame, int size);
int write_frame(struct pri *p, void *frame, int length);
int frame_waits(void); // one that is to be read for the second time
void cut_wire(double seconds);
double cut_left(void); // seconds until a cut is over, 0: none; tells the end of one
void spoil_wire(int lose, int twice, int seed);

// calls.c
void handle(pri_event *e);
void place_call(void);
void order_call(const char *verb);
void set_policy(const char *text);

// speech.c
extern int slots;
void open_slots(int span, const char *local, const char *remote);
double speak(void); // sends the blocks that are due, and returns the seconds to the next
void hear_block(void);
void order_speech(const char *verb);
