package webhook

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"callbox/telephony"
)

// TestTheGuideVerifies: the shell lines of docs/API.md, with openssl, take what the box signs and nothing else.
func TestTheGuideVerifies(t *testing.T) {
	if os.Getenv("CALLBOX_REAL") == "" {
		t.Skip("needs openssl; set CALLBOX_REAL=1")
	}
	guide, err := os.ReadFile("../../docs/API.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile("(?s)```sh\n(# The body on standard input.*?)```").FindSubmatch(guide)
	if lines == nil {
		t.Fatal("docs/API.md has no lines that verify")
	}
	hook, body := telephony.Webhook{Secret: secret}, `{"type":"call.ended","data":{"call":"3-42"}}`
	sign := signature(hook.Key(), "msg_7", 1763888400, []byte(body))
	verify := func(body string) error {
		c := exec.Command("sh", "-c", string(lines[1]))
		c.Stdin = strings.NewReader(body)
		c.Env = append(os.Environ(), "SECRET="+secret, "WEBHOOK_ID=msg_7", "WEBHOOK_TIMESTAMP=1763888400", "WEBHOOK_SIGNATURE="+sign)
		return c.Run()
	}
	if err := verify(body); err != nil {
		t.Errorf("what the box signed is refused: %v", err)
	}
	if verify(strings.Replace(body, "42", "43", 1)) == nil {
		t.Error("what was changed is taken")
	}
}
