package webui

import (
	"testing"
)

// TestOrderIsChecked: the terms are agreed to, the name is one that an authority can look for, and the directory is asked over TLS alone.
func TestOrderIsChecked(t *testing.T) {
	for body, want := range map[string]int{
		`{"name":"pbx.example.cn","agreed":true}`:                                               200,
		`{"name":"pbx.example.cn","agreed":true,"directory":"https://ca.example.cn/directory"}`: 200,
		`{"name":"pbx.example.cn","agreed":false}`:                                              422,
		`{"name":"pbx","agreed":true}`:                                                          422,
		`{"name":"192.168.1.10","agreed":true}`:                                                 422,
		`{"name":"*.example.cn","agreed":true}`:                                                 422,
		`{"name":"pbx.example.cn/..","agreed":true}`:                                            422,
		`{"name":"pbx.example.cn","agreed":true,"directory":"http://ca.example.cn"}`:            422,
	} {
		box := newBox()
		w := ask(New(box.options()).Handler(), "PUT", "/api/certificate/order", body, "Authorization", bearer(Admin))
		if w.Code != want || (want == 200) != (len(box.asked) == 1) {
			t.Errorf("%s: %d %s, asked %v", body, w.Code, w.Body, box.asked)
		}
	}
}
