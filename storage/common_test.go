package storage

import "testing"

// TestCommonPasswords (ASVS 6.2.4, 6.2.11): what guessers try first is refused, and what people think up is not.
func TestCommonPasswords(t *testing.T) {
	for _, p := range []string{
		"password123", "Password2026!", "P@ssw0rd2026", "passwordpassword", "1234567890", "0987654321", "qwertyuiop", "1qaz2wsx3edc", "1q2w3e4r5t",
		"abcabcabcabc", "121212121212", "woaini1314520", "administrator", "Welcome2026", "iloveyou1234", "callbox2026", "Callcenter!", "asdfghjkl1",
		"zhongguo2026", "abcdefghij", "test123456", "qwerty123456", "a123456789", "qq123456789", "5201314aini",
	} {
		if !common(p) {
			t.Errorf("%q is taken", p)
		}
		if checkPassword("lihua", p) == nil {
			t.Errorf("%q passes", p)
		}
	}
	for _, p := range []string{"correct horse battery", "four green paper kites", "another-good-secret", "海棠家电服务热线好", "Xk7#pQ2mVz", "passwords are boring"} {
		if common(p) {
			t.Errorf("%q is refused", p)
		}
	}
}
