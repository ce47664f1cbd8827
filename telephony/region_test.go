package telephony

import "testing"

func TestRegion(t *testing.T) {
	for number, want := range map[string]string{
		"02162345678": "Shanghai", "+862162345678": "Shanghai", "057187654321": "Hangzhou", "01088221199": "Beijing",
		"13800138000": "", "8613800138000": "", "62345678": "", "021": "", "": "", "+14155550100": "",
	} {
		if got := Region(number).EN; got != want {
			t.Errorf("%q is from %q, want %q", number, got, want)
		}
	}
}
