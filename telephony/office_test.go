package telephony

import "time"

// office is a small business with one of everything: it is valid, and each row of the tables breaks one thing of it.
func office() *Config {
	c := DefaultConfig()
	c.Site.Name, c.Site.AreaCode, c.Site.CustomerURL = "阳光家电", "021", "http://crm.example.cn/customers?phone={number}&call={call}"
	c.Lines = []LineConfig{
		{ID: "fxo/1", Name: "总机", Way: BothWays, Numbers: []string{"62345678"}},
		{ID: "fxo/2", Way: OutOnly, Language: "en"},
	}
	c.Spans = []SpanConfig{{
		ID: "e1/1", Name: "电信 E1", Way: BothWays, Side: "user", Numbers: []string{"62340000", "62340001"}, Select: "descending", Exclusive: true,
		CalledType: "unknown", CallingType: "national", Blocked: []int{17, 31},
	}}
	c.Trunks = []Trunk{{
		ID: "ctc", Name: "电信", Way: BothWays, Host: "sip.example.cn:5060", Transport: "udp", User: "02160001000", Password: "carrier",
		Register: true, Expires: 600, Sources: []string{"203.0.113.0/24", "2001:db8::1"}, Numbers: []string{"02160001000"},
		DTMF: "auto", Codecs: []string{"pcma", "pcmu"}, MaxCalls: 30,
	}}
	c.Groups = []Group{
		{ID: "city", Lines: []string{"fxo/1", "fxo/2"}, Select: "ascending", Backup: "carrier"},
		{ID: "carrier", Lines: []string{"trunk/ctc"}, Select: "round_robin"},
	}
	c.Phones = []Phone{
		{Extension: "801", Name: "前台", Password: "Gk7-wq2p", Permit: PermitNational, RingSeconds: 20, NoAnswer: "phone:802", Busy: "voicemail:front", Caller: "02160001000"},
		{Extension: "802", Name: "仓库", Password: "tR5_mm81", Permit: PermitLocal, RingSeconds: 20},
	}
	c.Agents = []Agent{
		{ID: "1001", Name: "王芳", PIN: "5821", Phone: "phone:801"},
		{ID: "1002", Name: "李强", PIN: "7390", Phone: "outside:13800138000"},
	}
	c.Queues = []Queue{{
		ID: "sales", Name: "销售", Number: "700", Strategy: LongestIdle, Members: []Member{{"1001", 1}, {"1002", 2}}, Priority: 3,
		Greeting: "queue_greeting", Music: "hold_music", SayPosition: true, SayWait: true, SayEverySeconds: 30, MaxWaiting: 10, MaxWaitSeconds: 300,
		OnFull: "busy", OnTimeout: "voicemail:front", OnNobody: "menu:main", LeaveKey: "#", OnLeave: "return", RingSeconds: 15,
		WrapUpSeconds: 10, Record: "always", NoticePrompt: "recording_notice", AnswerSeconds: 30,
	}}
	c.Menus = []Menu{
		{
			ID: "main", Name: "总菜单", Hours: "office", Collect: CollectSingle, FirstSeconds: 5, NextSeconds: 3, Tries: 3, Extensions: true,
			Greetings: []Greeting{{Lines: []string{"fxo/1"}, Period: PeriodWork, Prompt: "main_menu"}, {Prompt: "tea"}},
			Keys:      []Key{{"1", "queue:sales"}, {"2", "menu:orders"}, {"*", "return"}, {"0", "phone:801"}},
			Shortcuts: []Key{{"29", "prompt:goodbye"}}, InvalidPrompt: "invalid", OnFail: "queue:sales",
		},
		{
			ID: "orders", Collect: CollectMany, Digits: 4, FirstSeconds: 8, NextSeconds: 4, Tries: 2,
			Keys: []Key{{"8XXX", "extension"}, {"1234", "menu:main"}}, OnFail: "hangup",
		},
	}
	c.Hours[0].Holidays = []SpecialDay{{Name: "国庆", From: "2026-10-01", To: "2026-10-07"}, {Name: "调休", From: "2026-10-10", To: "2026-10-10", Workday: true}}
	c.Routes = []Route{
		{ID: "night", Lines: []string{"fxo/1", "e1/1", "carrier", "trunk/ctc"}, Hours: "office", Periods: []string{PeriodOff, PeriodHoliday}, To: "outside:13800138000"},
		{ID: "day", Called: "0216000XXXX", Caller: "1[3-9].", To: "menu:main", Priority: 1},
	}
	c.Outbound = []OutboundRule{{ID: "mobile", Number: "1[3-9]XXXXXXXXX", Permit: PermitLocal, Prepend: "0", Groups: []string{"city", "carrier"}, Caller: "62345678"}}
	c.Blacklist = []ListedNumber{{Number: "02188888888", Note: "骚扰", Until: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)}}
	c.VIPs = []ListedNumber{{Number: "1390000.", To: "agent:1001", Priority: 9}}
	c.Websites = []Website{{ID: "shop", Name: "官网", Origins: []string{"https://www.example.cn", "http://localhost:5173"}, To: "queue:sales", MaxCalls: 10}}
	c.Rooms = []Room{{ID: "board", Name: "会议室", Number: "790", PIN: "5829", MaxParties: 16}}
	c.Mailboxes = []Mailbox{{ID: "front", Name: "前台", Greeting: "voicemail_greeting", MaxSeconds: 120, PIN: "4907"}}
	c.Mail = Mail{
		Server: "smtp.example.cn", User: "box@example.cn", Password: "a-mail-secret", From: "box@example.cn", Alarms: []string{"it@example.cn"},
		Reports: []ReportMail{{ID: "day", Name: "日报", Report: "queues", Every: "day", At: "07:00", To: []string{"boss@example.cn"}}},
	}
	c.Webhooks = []Webhook{{
		ID: "crm", Name: "客户系统", URL: "https://crm.example.cn/callbox", Events: []string{"call.offered", "call.ended"},
		Secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
	}}
	c.Prompts = []Prompt{{ID: "tea", Name: "新茶", Text: Text{ZH: "新茶上市", EN: "New tea is here"}}}
	return c
}
