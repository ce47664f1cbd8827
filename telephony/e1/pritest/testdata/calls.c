// Calls, and what libpri tells of them.
#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CALLS = 256, CHANNEL = 0xff, REFERENCE = 0x7fff }; // the rest of a call reference says who chose it

static struct call {
	int id; // 0: free
	q931_call *q;
	int channel;
	char more[64]; // digits to send once the far end asks for them
	char got[64];  // digits that came up to now
	int asked;     // SETUP ACKNOWLEDGE went out by the policy
	int taken;     // the policy for incoming calls was carried out
} calls[CALLS];

static int born;

static struct call *call_by_id(int id)
{
	for (struct call *c = calls; c < calls + CALLS; c++)
		if (c->id == id && id)
			return c;
	return NULL;
}

static struct call *call_of(q931_call *q)
{
	for (struct call *c = calls; c < calls + CALLS; c++)
		if (c->id && c->q == q)
			return c;
	return NULL;
}

static struct call *new_call(q931_call *q, int channel)
{
	for (struct call *c = calls; c < calls + CALLS; c++)
		if (!c->id) {
			*c = (struct call){.id = ++born, .q = q, .channel = channel};
			return c;
		}
	return NULL;
}

static char policy[256]; // what becomes of incoming calls: see take

void set_policy(const char *text) { snprintf(policy, sizeof policy, "%s", text); }

// act carries out one step of a call.
static int act(struct call *c, const char *verb, int inband, int cause)
{
	if (!strcmp(verb, "ack"))
		return pri_setup_ack(pri, c->q, c->channel, 0, inband);
	if (!strcmp(verb, "proceed"))
		return pri_proceeding(pri, c->q, c->channel, inband);
	if (!strcmp(verb, "progress"))
		return pri_progress(pri, c->q, c->channel, inband);
	if (!strcmp(verb, "alert"))
		return pri_acknowledge(pri, c->q, c->channel, inband);
	if (!strcmp(verb, "answer"))
		return pri_answer(pri, c->q, c->channel, 0);
	if (!strcmp(verb, "hangup"))
		return pri_hangup(pri, c->q, cause);
	return -1;
}

// take does with an incoming call what the policy says. "digits=N" asks for digits until there are N of them or the far end
// says that the number is complete; then the verbs of act follow in their order.
static void take(struct call *c, int complete)
{
	char line[sizeof policy];
	strcpy(line, policy);
	split(line);
	if (c->taken || !word_count)
		return;
	if (!complete && (int)strlen(c->got) < number("digits", 0)) {
		if (!c->asked)
			act(c, "ack", 0, 0);
		c->asked = 1;
		return;
	}
	c->taken = 1;
	int inband = has("inband"), cause = number("cause", 16);
	for (int i = 0; i < word_count; i++)
		act(c, words[i], inband, cause);
}

static void ring(pri_event_ring *r)
{
	struct call *c = new_call(r->call, r->channel);
	if (!c) {
		pri_hangup(pri, r->call, PRI_CAUSE_SWITCH_CONGESTION);
		return;
	}
	snprintf(c->got, sizeof c->got, "%.63s", r->callednum);
	say("ring %d ref=%d channel=%d exclusive=%d called=%s calledplan=%d complete=%d calling=%s plan=%d pres=%d name=%s "
	    "redirecting=%s reason=%d progress=%d",
	    c->id, r->cref & REFERENCE, r->channel & CHANNEL, !r->flexible, clean(r->callednum), r->calledplan, r->complete,
	    clean(r->callingnum), r->callingplan, r->callingpres, clean(r->callingname), clean(r->redirectingnum),
	    r->redirectingreason, r->progressmask);
	take(c, r->complete);
}

static void digits(pri_event_ring *r)
{
	struct call *c = call_of(r->call);
	if (!c)
		return;
	strncat(c->got, r->callednum, sizeof c->got - strlen(c->got) - 1);
	say("digits %d called=%s complete=%d", c->id, clean(r->callednum), r->complete);
	take(c, r->complete);
}

static void setup_ack(pri_event_setup_ack *s)
{
	struct call *c = call_of(s->call);
	if (!c)
		return;
	say("setup_ack %d channel=%d progress=%d", c->id, s->channel & CHANNEL, s->progressmask);
	for (char *d = c->more; *d; d++)
		pri_information(pri, c->q, *d);
	c->more[0] = 0;
}

// hangup goes on with a clearing: a DISCONNECT is answered by RELEASE, a RELEASE by RELEASE COMPLETE, and that, in whatever
// way it came, lets go of the call. libpri wants to be told each time; on its acknowledgement it has let go by itself.
static void hangup(pri_event_hangup *h)
{
	struct call *c = call_of(h->call);
	if (!c)
		return;
	say("%s %d ref=%d channel=%d cause=%d",
	    h->e == PRI_EVENT_HANGUP_REQ ? "disconnect" : h->e == PRI_EVENT_HANGUP ? "hangup" : "hangup_ack",
	    c->id, h->cref & REFERENCE, h->channel & CHANNEL, h->cause);
	if (h->e != PRI_EVENT_HANGUP_ACK)
		pri_hangup(pri, h->call, h->cause);
	if (h->e != PRI_EVENT_HANGUP_REQ)
		c->id = 0;
}

static void tell(const char *what, q931_call *q, int ref, int channel, int progress)
{
	struct call *c = call_of(q);
	if (c)
		say("%s %d ref=%d channel=%d progress=%d", what, c->id, ref & REFERENCE, channel & CHANNEL, progress);
}

void handle(pri_event *e)
{
	switch (e->e) {
	case PRI_EVENT_DCHAN_UP:
		say("dchan up");
		break;
	case PRI_EVENT_DCHAN_DOWN:
		say("dchan down");
		break;
	case PRI_EVENT_RESTART:
		say("restart channel=%d", e->restart.channel < 0 ? 0 : e->restart.channel & CHANNEL);
		break;
	case PRI_EVENT_RESTART_ACK:
		say("restart_ack channel=%d", e->restartack.channel < 0 ? 0 : e->restartack.channel & CHANNEL);
		break;
	case PRI_EVENT_RING:
		ring(&e->ring);
		break;
	case PRI_EVENT_INFO_RECEIVED:
		digits(&e->ring);
		break;
	case PRI_EVENT_SETUP_ACK:
		setup_ack(&e->setup_ack);
		break;
	case PRI_EVENT_PROCEEDING:
	case PRI_EVENT_PROGRESS: // their cause is not set where the message has none
		tell(e->e == PRI_EVENT_PROGRESS ? "progress" : "proceeding", e->proceeding.call, e->proceeding.cref,
		     e->proceeding.channel, e->proceeding.progressmask);
		break;
	case PRI_EVENT_RINGING:
		tell("alerting", e->ringing.call, e->ringing.cref, e->ringing.channel, e->ringing.progressmask);
		break;
	case PRI_EVENT_ANSWER:
		tell("answer", e->answer.call, e->answer.cref, e->answer.channel, e->answer.progressmask);
		break;
	case PRI_EVENT_HANGUP_REQ:
	case PRI_EVENT_HANGUP:
	case PRI_EVENT_HANGUP_ACK:
		hangup(&e->hangup);
		break;
	case PRI_EVENT_CONFIG_ERR:
		say("config_error %s", clean(e->err.err));
		break;
	default:
		say("other %s", clean(pri_event2str(e->e)));
	}
}

void place_call(void)
{
	int channel = number("channel", 1);
	char *more = value("more", NULL);
	struct call *c = new_call(pri_new_call(pri), channel);
	struct pri_sr *sr = pri_sr_new();
	if (!c || !c->q || !sr)
		fail("call");
	snprintf(c->more, sizeof c->more, "%s", more ? more : "");
	pri_sr_set_bearer(sr, PRI_TRANS_CAP_SPEECH, PRI_LAYER_1_ALAW);
	pri_sr_set_channel(sr, channel, has("exclusive"), 0);
	pri_sr_set_called(sr, value("called", ""), number("calledplan", PRI_UNKNOWN), !more);
	pri_sr_set_caller(sr, value("calling", ""), value("name", NULL), number("plan", PRI_UNKNOWN), number("pres", PRI_PRES_ALLOWED));
	if (value("redirecting", NULL))
		pri_sr_set_redirecting(sr, value("redirecting", ""), PRI_UNKNOWN, 0, number("reason", PRI_REDIR_UNCONDITIONAL));
	say("calling %d channel=%d", c->id, channel);
	if (pri_setup(pri, c->q, sr))
		say("failed %d", c->id);
	pri_sr_free(sr);
}

void order_call(const char *verb)
{
	struct call *c = word_count > 1 ? call_by_id(atoi(words[1])) : NULL;
	if (!c) {
		say("no_call %s", verb);
		return;
	}
	if (number("channel", 0))
		c->channel = number("channel", 0);
	if (!strcmp(verb, "digits"))
		for (char *d = value("called", ""); *d; d++)
			pri_information(pri, c->q, *d);
	else if (act(c, verb, has("inband"), number("cause", 16)))
		say("failed %d", c->id);
}
