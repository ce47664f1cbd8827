package telephony

import "slices"

// A Function is a part of the box that a company may not want (A14.1). All are there unless the configuration says that they are off.
type Function string

// The functions that can be switched off.
const (
	FunctionRooms         Function = "rooms"          // conference rooms
	FunctionMailboxes     Function = "mailboxes"      // messages of callers
	FunctionRecording     Function = "recording"      // of calls
	FunctionWebsites      Function = "websites"       // calls from a company's web site
	FunctionBrowserPhones Function = "browser_phones" // browsers as telephones
	FunctionForwarding    Function = "forwarding"     // calls sent to outside numbers by the configuration
	FunctionPrograms      Function = "programs"       // tokens and webhooks
)

// Functions are all of them.
var Functions = []Function{
	FunctionRooms, FunctionMailboxes, FunctionRecording, FunctionWebsites, FunctionBrowserPhones, FunctionForwarding, FunctionPrograms,
}

// Has reports whether a function is switched on.
func (c *Config) Has(f Function) bool { return !slices.Contains(c.Off, f) }

// Effective is the configuration as the box lives by it: the sections of what is switched off are empty, so that nobody else has to
// ask. They are kept as they are for when it is switched on again.
func (c *Config) Effective() *Config {
	if len(c.Off) == 0 {
		return c
	}
	e := *c
	if !c.Has(FunctionRooms) {
		e.Rooms = nil
	}
	if !c.Has(FunctionMailboxes) {
		e.Mailboxes = nil
	}
	if !c.Has(FunctionWebsites) {
		e.Websites = nil
	}
	if !c.Has(FunctionPrograms) {
		e.Webhooks = nil
	}
	if !c.Has(FunctionRecording) {
		e.Recording.Record, e.Queues = "never", slices.Clone(c.Queues)
		for i := range e.Queues {
			e.Queues[i].Record, e.Queues[i].NoticePrompt = "", ""
		}
	}
	return &e
}

// OffError says that a function is switched off, and where it is switched on.
func OffError() *Error {
	return Errorf(Conflict, "此功能已停用。管理员可在“设置 → 功能开关”中启用。",
		"This function is switched off. An administrator can switch it on under Settings > Functions.")
}

func (k *check) functions() {
	if k.size("off", len(k.config.Off), len(Functions)) {
		for i, f := range k.config.Off {
			oneOf(k, at("off", i), f, Functions...)
			k.unique(at("off", i), "off", string(f))
		}
	}
}

// cuts notes that what may be referred to by a name belongs to a function, which may be off.
func (k *check) cuts(f Function, name string) {
	if k.config.Has(f) {
		k.known[name] = true
	} else {
		k.cut[name] = true
	}
}

// where runs a check of what belongs to a function, if that is on. What is off is checked when it is switched on.
func (k *check) where(f Function, check func()) {
	if k.config.Has(f) {
		check()
	}
}
