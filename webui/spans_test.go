package webui

import (
	"context"
	"slices"
	"strings"
	"testing"

	"callbox/telephony"
)

func spanBox() *memoryBox {
	box := newBox()
	box.config.Spans = []telephony.SpanConfig{{ID: "e1/1"}, {ID: "e1/2", Blocked: []int{7}}}
	return box
}

// TestChannelsAreBlockedByConfiguration (A18.20): each change is a revision; the configuration that others hold stays as it is.
func TestChannelsAreBlockedByConfiguration(t *testing.T) {
	box := spanBox()
	h := New(box.options()).Handler()
	before := box.Config()
	for _, c := range []struct {
		path, body string
		status     int
		want       []int // of e1/2
	}{
		{"/api/spans/e1%2F2/channels/3", `{"blocked":true}`, 200, []int{3, 7}},
		{"/api/spans/e1%2F2/channels/3", `{"blocked":true}`, 200, []int{3, 7}},
		{"/api/spans/e1%2F2/channels/7", `{"blocked":false}`, 200, []int{3}},
		{"/api/spans/e1%2F3/channels/7", `{"blocked":true}`, 404, []int{3}},
		{"/api/spans/e1%2F2/channels/32", `{"blocked":true}`, 422, []int{3}},
		{"/api/spans/e1%2F2/channels/3", `{}`, 422, []int{3}},
	} {
		w := ask(h, "POST", c.path, c.body, "Authorization", bearer(Admin))
		if got := box.Config().Span("e1/2").Blocked; w.Code != c.status || !slices.Equal(got, c.want) {
			t.Errorf("%s %s: %d %s; blocked are %v", c.path, c.body, w.Code, w.Body, got)
		}
		if c.status != 200 {
			refusalOf(t, w)
		}
	}
	if !slices.Equal(before.Spans[1].Blocked, []int{7}) || box.Config().Revision != before.Revision+3 {
		t.Errorf("blocked before are %v, revision %d", before.Spans[1].Blocked, box.Config().Revision)
	}
}

// busyConfigs has somebody change the configuration each time between reading and writing it, so many times.
type busyConfigs struct {
	*memoryBox
	times int
}

func (b *busyConfigs) PutConfig(ctx context.Context, c *telephony.Config, by By) (*telephony.Config, error) {
	if b.times--; b.times >= 0 {
		other := *b.Config()
		other.Site.Name += "!"
		if _, err := b.memoryBox.PutConfig(ctx, &other, By{Who: "other"}); err != nil {
			return nil, err
		}
	}
	return b.memoryBox.PutConfig(ctx, c, by)
}

// TestBlockingLosesNobodysChange: two people change the configuration at once, and both changes are in it.
func TestBlockingLosesNobodysChange(t *testing.T) {
	box := spanBox()
	o := box.options()
	o.Configs = &busyConfigs{box, 3}
	w := ask(New(o).Handler(), "POST", "/api/spans/e1%2F1/channels/31", `{"blocked":true}`, "Authorization", bearer(Admin))
	c := box.Config()
	if w.Code != 200 || !slices.Equal(c.Span("e1/1").Blocked, []int{31}) || !strings.HasSuffix(c.Site.Name, "!!!") {
		t.Errorf("%d %s: %v, %s", w.Code, w.Body, c.Span("e1/1").Blocked, c.Site.Name)
	}
}
