package main

import (
	"fmt"

	"callbox/telephony"
)

// testConfig is a small company: eight lines, two spans, eight phones, two of them ordinary ones, four agents, two queues, a menu in two languages, a mailbox.
func testConfig() *telephony.Config {
	cfg := telephony.DefaultConfig()
	cfg.Site.Name, cfg.Site.AreaCode, cfg.Site.Language = "测试公司", "021", "zh"
	group := telephony.Group{ID: "pstn", Select: "ascending"}
	cfg.Lines = nil
	for i := 1; i <= 8; i++ {
		id, echo := fmt.Sprintf("fxo/%d", i), "off" // eight cancellers would take most of a test's time
		if i == 8 {
			echo = "auto"
		}
		cfg.Lines = append(cfg.Lines, telephony.LineConfig{
			ID: id, Name: id, Way: telephony.BothWays, Numbers: []string{fmt.Sprintf("6234000%d", i)}, Echo: echo,
		})
		group.Lines = append(group.Lines, id)
	}
	cfg.Groups = []telephony.Group{group}
	for i, numbers := range [][]string{{"62345600", "62345601"}, {"62345700"}} {
		id := fmt.Sprintf("e1/%d", i+1)
		cfg.Spans = append(cfg.Spans, telephony.SpanConfig{
			ID: id, Name: id, Way: telephony.BothWays, Side: "user", Numbers: numbers, Select: "descending", Exclusive: true, Overlap: i == 1,
			CalledType: "unknown", CallingType: "unknown",
		})
	}
	cfg.Phones, cfg.Agents = nil, nil
	for i := 1; i <= 6; i++ {
		ext := fmt.Sprint(800 + i)
		cfg.Phones = append(cfg.Phones, telephony.Phone{
			Extension: ext, Name: "分机 " + ext, Password: phonePassword(ext), Permit: telephony.PermitNational, RingSeconds: 20,
		})
	}
	for i := 1; i <= 2; i++ {
		ext := fmt.Sprint(810 + i)
		cfg.Phones = append(cfg.Phones, telephony.Phone{
			Extension: ext, Name: "话机 " + ext, Port: fmt.Sprintf("fxs/%d", i), Permit: telephony.PermitNational, RingSeconds: 20,
		})
	}
	for i := 1; i <= 4; i++ {
		cfg.Agents = append(cfg.Agents, telephony.Agent{
			ID: fmt.Sprint(1000 + i), Name: fmt.Sprintf("坐席 %d", i), PIN: fmt.Sprint(7350 + i),
			Phone: telephony.NewTarget(telephony.ToPhone, fmt.Sprint(800+i)),
		})
	}
	members := []telephony.Member{{Agent: "1001", Level: 1}, {Agent: "1002", Level: 1}, {Agent: "1003", Level: 1}}
	cfg.Queues = []telephony.Queue{
		{
			ID: "sales", Name: "销售", Number: "700", Strategy: telephony.LongestIdle, Members: members, RingSeconds: 15,
			AnswerSeconds: 30, Record: "always",
		},
		{
			ID: "service", Name: "服务", Number: "701", Strategy: telephony.LongestIdle, RingSeconds: 15,
			Members: []telephony.Member{{Agent: "1004", Level: 1}}, AnswerSeconds: 30, Record: "always",
		},
	}
	cfg.Mailboxes = []telephony.Mailbox{{ID: "office", Name: "公司", MaxSeconds: 60, PIN: "7359"}}
	cfg.Menus = []telephony.Menu{
		{
			ID: "main", Name: "主菜单", Greetings: []telephony.Greeting{{Prompt: "main_menu"}}, Collect: telephony.CollectSingle,
			FirstSeconds: 5, NextSeconds: 3, Tries: 3, Extensions: true,
			Keys:   []telephony.Key{{Keys: "1", To: "queue:sales"}, {Keys: "2", To: "queue:service"}, {Keys: "9", To: "menu:english"}},
			OnFail: "prompt:goodbye",
		},
		{
			ID: "english", Name: "English", Language: "en", Greetings: []telephony.Greeting{{Prompt: "english_menu"}},
			Collect: telephony.CollectSingle, FirstSeconds: 5, NextSeconds: 3, Tries: 3,
			Keys:   []telephony.Key{{Keys: "1", To: "queue:sales"}, {Keys: "0", To: "return"}},
			OnFail: "prompt:goodbye",
		},
	}
	cfg.Routes = []telephony.Route{{ID: "all", To: "menu:main"}}
	cfg.Outbound = []telephony.OutboundRule{
		{ID: "local", Number: "9NXXXXXXX", Permit: telephony.PermitLocal, Strip: 1, Groups: []string{"pstn"}},
		{ID: "mobile", Number: "91[3-9]XXXXXXXXX", Permit: telephony.PermitLocal, Strip: 1, Groups: []string{"pstn"}},
		{ID: "national", Number: "90ZXXXXXXXX.", Permit: telephony.PermitNational, Strip: 1, Groups: []string{"pstn"}},
		{ID: "international", Number: "900.", Permit: telephony.PermitInternational, Strip: 1, Groups: []string{"pstn"}},
		{ID: "duty", Number: "1[3-9]XXXXXXXXX", Permit: telephony.PermitLocal, Groups: []string{"pstn"}},
	}
	cfg.Recording.Record = "always"
	return cfg
}
