package telephony

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Faults light the lamp; what is only told of does not (A14.2).
func TestSeverity(t *testing.T) {
	for name, want := range map[string]Severity{
		"line_fault/fxo/3": Fault, "disk_failing": Fault, "certificate_expired": Fault, "never_heard_of": Fault,
		"answer_rate": Warning, "certificate_expiry": Warning, "webhook_failed/crm": Warning, "recordings_expire/30": Warning,
	} {
		if got := SeverityOf(name); got != want {
			t.Errorf("%s is a %s", name, got)
		}
	}
}

// Each alarm that the table judges is raised somewhere: a name that changes in one place would be a fault for want of a judgement.
func TestSeverityOfAlarmsThatAreThere(t *testing.T) {
	var source strings.Builder
	for _, dir := range []string{"../cmd/boxd", "../storage", "exchange", "mail", "record", "webhook"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(f, "_test.go") {
				source.Write(text)
			}
		}
	}
	names := regexp.MustCompile(`"[a-z]+(_[a-z]+)*/?"`).FindAllString(source.String(), -1)
	for name := range severities {
		name = strings.TrimPrefix(name, "recordings_") // put together
		if !slices.Contains(names, `"`+name+`"`) && !slices.Contains(names, `"`+name+`/"`) {
			t.Errorf("nothing raises %s", name)
		}
	}
}
