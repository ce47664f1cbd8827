package telephony

import (
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// mandatoryEmergency are the numbers of China that must be reachable from every phone at any time.
var mandatoryEmergency = []string{"110", "119", "120", "122"}

// TonePlans are the countries whose tones the box knows, by their two letters (ISO 3166); package dsp has the tones.
var TonePlans = []string{
	"ae", "ar", "at", "au", "be", "br", "ca", "ch", "cl", "cn", "cz", "de", "dk", "es", "fi", "fr", "gb", "gr", "hk", "hu", "id", "ie", "il",
	"in", "it", "jp", "kr", "mo", "mx", "my", "nl", "no", "nz", "ph", "pl", "pt", "ru", "sa", "se", "sg", "th", "tr", "tw", "us", "za",
}

var (
	areaForm      = regexp.MustCompile(`^(0[0-9]{2,3})?$`)
	emergencyForm = regexp.MustCompile(`^[0-9]{3,6}$`)
	fromForm      = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)
	toForm        = regexp.MustCompile(`^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$`)
)

func (k *check) site() {
	s := k.config.Site
	if k.config.Format != ConfigFormat {
		k.bad("format", "本机只认格式 %d，请用本机导出的配置", "this box reads format %d: use a configuration that it exported", ConfigFormat)
	}
	k.name("site.name", s.Name)
	oneOf(k, "site.language", s.Language, "zh", "en")
	if !zoneLoads(s.TimeZone) {
		k.bad("site.time_zone", "时区名有误，请填如 Asia/Shanghai", "no such time zone: give a name such as Asia/Shanghai")
	}
	if !areaForm.MatchString(s.AreaCode) {
		k.bad("site.area_code", "请填区号，如 021", "give an area code such as 021")
	}
	oneOf(k, "site.tones", s.Tones, TonePlans...)
	k.between("site.max_breaks", s.MaxBreaks, 0, 1000)
	if s.QuietHour != "" && !fromForm.MatchString(s.QuietHour) {
		k.bad("site.quiet_hour", "请填 00:00 到 23:59 的时间", "give a time from 00:00 to 23:59")
	}
	k.optional("site.hot_celsius", s.HotCelsius, 50, 105)
	k.between("site.answer_rate", s.AnswerRate, 0, 100)
	if len(s.Codes) > 40 {
		k.bad("site.codes", "最多 40 个", "40 at the most")
	}
	for i, code := range s.Codes {
		k.name(at("site.codes", i), code)
		k.unique(at("site.codes", i), "code", code)
	}
	for i, code := range s.Complaints {
		if !slices.Contains(s.Codes, code) {
			k.bad("site.complaints", "没有业务代码 %s，请取消勾选或添加", "there is no code %s: add it, or do not choose it", code)
		}
		k.unique(at("site.complaints", i), "complaint", code)
	}
	if len([]rune(s.Notice)) > 500 {
		k.bad("site.notice", "最多 500 字", "500 characters at the most")
	}
	if k.size("site.proxies", len(s.Proxies), 10) {
		for i, p := range s.Proxies {
			k.proxy(at("site.proxies", i), p)
		}
	}
	if s.CustomerURL != "" && !validCustomerURL(s.CustomerURL) {
		k.bad("site.customer_url", "请填 https:// 或 http:// 开头的地址，号码处写 {number}，最长 500 个字符",
			"give an address that begins with https:// or http://, with {number} where the number goes, of 500 characters at the most")
	}
	for i, a := range k.config.FAQ {
		k.answer(at("faq", i), a)
	}
	k.optional("site.max_calls", s.MaxCalls, 1, 1000)
	for i, n := range s.Emergency {
		if !emergencyForm.MatchString(n) || slices.Contains(s.Emergency[:i], n) {
			k.bad(at("site.emergency", i), "请填 3 到 6 位数字，不能重复", "give 3 to 6 digits, each number once")
		}
	}
	for _, n := range mandatoryEmergency {
		if !slices.Contains(s.Emergency, n) {
			k.bad("site.emergency", "必须包含紧急号码 %s，请加上", "the emergency number %s must be listed: add it", n)
			break
		}
	}
}

// targets checks what reports are held to.
func (k *check) targets() {
	t := k.config.Targets
	k.between("targets.service_level", t.ServiceLevel, 0, 100)
	k.between("targets.satisfaction", t.Satisfaction, 0, 100)
	k.between("targets.connection", t.Connection, 0, 100)
	k.between("targets.founded_complaints", t.FoundedComplaints, 0, 10000)
	k.optional("targets.handling_seconds", t.HandlingSeconds, 10, 7200)
}

// proxy takes an address alone: a network has people in it who may write whatever they like.
func (k *check) proxy(p, s string) {
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" || a.IsUnspecified() {
		k.bad(p, "请填反向代理的地址，如 192.168.1.5", "give the address of a reverse proxy, such as 192.168.1.5")
		return
	}
	k.unique(p, "proxy", a.Unmap().String()) // however it is written
}

// validCustomerURL holds the host apart from what stands for the caller: a caller does not choose where the link leads.
func validCustomerURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= 500 && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil &&
		!strings.ContainsAny(u.Host, "{}") && strings.Contains(s, "{number}")
}

// zoneLoads refuses "" and "Local" too, which mean whatever the host means.
func zoneLoads(name string) bool {
	_, err := time.LoadLocation(name)
	return err == nil && name != "" && name != "Local" && len(name) <= 64
}

func (k *check) hours() {
	for i := range k.config.Hours {
		h, p := &k.config.Hours[i], at("hours", i)
		k.id(p+".id", h.ID)
		k.unique(p+".id", "hours", h.ID)
		k.name(p+".name", h.Name)
		if k.size(p+".week", len(h.Week), 50) {
			for j, s := range h.Week {
				k.daySpan(at(p+".week", j), s)
			}
		}
		if k.size(p+".holidays", len(h.Holidays), 500) {
			for j, d := range h.Holidays {
				k.specialDay(at(p+".holidays", j), d)
			}
		}
	}
}

func (k *check) daySpan(p string, s DaySpan) {
	if len(s.Days) == 0 || len(s.Days) > 7 {
		k.bad(p+".days", "请选择 1 到 7 天", "choose 1 to 7 days")
		return
	}
	for i, d := range s.Days {
		if d < 1 || d > 7 || slices.Contains(s.Days[:i], d) {
			k.bad(at(p+".days", i), "请用 1（周一）到 7（周日），不能重复", "use 1 (Monday) to 7 (Sunday), each once")
		}
	}
	if !fromForm.MatchString(s.From) {
		k.bad(p+".from", "请填如 09:00 的时间", "give a time such as 09:00")
	}
	if !toForm.MatchString(s.To) {
		k.bad(p+".to", "请填如 18:00 的时间，最晚 24:00", "give a time such as 18:00, at most 24:00")
	}
}

func (k *check) specialDay(p string, d SpecialDay) {
	k.name(p+".name", d.Name)
	from, errFrom := time.Parse(time.DateOnly, d.From)
	to, errTo := time.Parse(time.DateOnly, d.To)
	switch {
	case errFrom != nil:
		k.bad(p+".from", "请填如 2026-10-01 的日期", "give a date such as 2026-10-01")
	case errTo != nil:
		k.bad(p+".to", "请填如 2026-10-07 的日期", "give a date such as 2026-10-07")
	case to.Before(from):
		k.bad(p+".to", "结束日期不能早于开始日期", "the last day must not be before the first")
	}
}

// sounds checks the customer's prompts and the recording policy.
func (k *check) sounds() {
	for i := range k.config.Prompts {
		t, p := &k.config.Prompts[i], at("prompts", i)
		k.id(p+".id", t.ID)
		k.unique(p+".id", "prompt", t.ID)
		k.name(p+".name", t.Name)
		k.text(p+".text.zh", t.Text.ZH, 1000)
		k.text(p+".text.en", t.Text.EN, 1000)
	}
	r := k.config.Recording
	oneOf(k, "recording.record", r.Record, "always", "never", "on_demand")
	k.between("recording.keep_days", r.KeepDays, 0, 3650)
	k.between("recording.min_free_mb", r.MinFreeMB, 1, 10_000_000)
	k.between("recording.stop_free_mb", r.StopFreeMB, 1, 10_000_000)
	if r.StopFreeMB > r.MinFreeMB {
		k.bad("recording.stop_free_mb", "不能大于 min_free_mb：应先报警删除，最后才停录", "must not exceed min_free_mb: the alarm comes first and stopping last")
	}
}

func (k *check) answer(p string, a Answer) {
	k.text(p+".question", a.Question, 200)
	k.text(p+".answer", strings.ReplaceAll(a.Answer, "\n", " "), 2000)
	if strings.TrimSpace(a.Question) == "" {
		k.bad(p+".question", "请填写问题", "give the question")
	}
	if strings.TrimSpace(a.Answer) == "" {
		k.bad(p+".answer", "请填写回答", "give the answer")
	}
}
