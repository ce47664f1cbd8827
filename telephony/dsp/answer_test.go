package dsp

import (
	"math"
	"slices"
	"strconv"
	"testing"
	"time"

	"callbox/telephony"
)

// An answered is a finding and when it came.
type answered struct {
	AnswerFinding
	at time.Duration
}

// answers returns all that a detector finds, the last being its word.
func answers(s sound) (all []answered) {
	d := NewAnswerDetector()
	for i, f := range s.frames() {
		if finding, ok := d.Frame(&f); ok {
			all = append(all, answered{finding, time.Duration(i+1) * telephony.Tick})
		}
	}
	return all
}

// ans is the answering tone of a modem: V.25 with reversals of phase every 450 ms, V.8 with 20 % of amplitude modulation.
func ans(hz, dBm0 float64, reversed, modulated bool) sound {
	s := sine(hz, dBm0, 3300*ms)
	for i := range s {
		if reversed && i/samplesIn(450*ms)%2 == 1 {
			s[i] = -s[i]
		}
		if modulated {
			s[i] *= 1 + 0.2*math.Sin(2*math.Pi*15*float64(i)/sampleRate)
		}
	}
	return s
}

// sit is a special information tone.
func sit(first, second, third float64, d1, d2, d3 time.Duration) sound {
	gap := silence(15 * ms)
	return sine(first, -24, d1).then(gap, sine(second, -24, d2), gap, sine(third, -24, d3))
}

func TestAnswer(t *testing.T) {
	cng := sine(1100, -12, 500*ms).then(silence(3*time.Second), sine(1100, -12, 500*ms), silence(3*time.Second))
	hello, greeting := speech(7, 700*ms), speech(8, 6*time.Second)
	beep, pause := sine(1000, -14, 400*ms), silence(3*time.Second)
	busy := play(NewCadence(PlanOf("cn").Tone(Busy)), 2500*ms)
	for _, c := range []struct {
		name   string
		sound  sound
		want   Answer
		signal string
		by     time.Duration // the finding must be there, counted from the beginning
	}{
		{"T.30 4.1 CNG", cng, AnswerFax, "CNG", 700 * ms},
		{"T.30 4.1 CNG +38 Hz, 425 ms", sine(1138, -20, 425*ms).then(pause), AnswerFax, "CNG", 700 * ms},
		{"T.30 4.1 CNG -38 Hz, 575 ms", sine(1062, -20, 575*ms).then(pause), AnswerFax, "CNG", 800 * ms},
		{"T.30 4.2 CED", ans(2100, -13, false, false), AnswerFax, "CED", 800 * ms},
		{"T.30 4.2 CED +15 Hz, -40 dBm0", ans(2115, -40, false, false), AnswerFax, "CED", 800 * ms},
		{"V.25 ANS with reversals", ans(2100, -13, true, false), AnswerModem, "ANS with reversals", 1300 * ms},
		{"V.25 ANS with reversals, -15 Hz", ans(2085, -20, true, false), AnswerModem, "ANS with reversals", 1300 * ms},
		{"V.8 ANSam", ans(2100, -13, false, true), AnswerModem, "ANSam", 800 * ms},
		{"V.8 ANSam with reversals", ans(2100, -13, true, true), AnswerModem, "ANSam with reversals", 1300 * ms},
		{"V.25 calling tone", sine(1300, -12, 600*ms).then(pause), AnswerModem, "V.25 calling tone", time.Second},
		{"Bell 103", sine(2225, -12, 3*time.Second), AnswerModem, "2225 Hz", 1200 * ms},
		{"T.30 5.3.1 flags", wire{baud: 1, pitch: 1}.send(preamble(37, false), v21High).to(-13), AnswerFax, "V.21 flags", 300 * ms},
		{"nothing", silence(5 * time.Second), AnswerSilence, "no sound", 2600 * ms},
		{"a word and a wait", hello.then(pause), AnswerVoice, "a short greeting and a wait", 1700 * ms},
		{"a greeting that goes on", greeting, AnswerMachine, "a long greeting", 4 * time.Second},
		{"a greeting and a beep", greeting.then(silence(200*ms), beep, pause), AnswerMachine, "a beep after a greeting", 8 * time.Second},
		{"a greeting and a busy tone: nobody's beep", greeting.then(silence(200*ms), busy), AnswerMachine, "a long greeting", 4 * time.Second},
		{"a tone of another kind", sine(600, -15, 3*time.Second), AnswerTone, "a tone", 700 * ms},
		{"E.180 special information tone", sit(950, 1400, 1800, 330*ms, 330*ms, 330*ms), AnswerNotice, sitAny, 1200 * ms},
		{"E.180 as short as it may be", sit(1000, 1350, 1850, 260*ms, 260*ms, 300*ms), AnswerNotice, sitVacant, 1200 * ms},
		{"E.180 as long as it may be", sit(910, 1360, 1776, 400*ms, 400*ms, 400*ms), AnswerNotice, sitIntercept, 1300 * ms},
		{"Bellcore intercept", sit(913.8, 1370.6, 1776.7, 274*ms, 274*ms, 380*ms), AnswerNotice, sitIntercept, 1200 * ms},
		{"Bellcore vacant code", sit(985.2, 1370.6, 1776.7, 380*ms, 274*ms, 380*ms), AnswerNotice, sitVacant, 1200 * ms},
		{"Bellcore reorder", sit(913.8, 1428.5, 1776.7, 274*ms, 380*ms, 380*ms), AnswerNotice, sitReorder, 1200 * ms},
		{"Bellcore no circuit", sit(985.2, 1428.5, 1776.7, 380*ms, 380*ms, 380*ms), AnswerNotice, sitNoCircuit, 1300 * ms},
		{"falling tones are none", sit(1800, 1400, 950, 330*ms, 330*ms, 330*ms).then(pause), AnswerTone, "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, snr := range []float64{60, 20} {
				level := c.sound.level()
				s := silence(113*ms).then(c.sound, silence(60*ms)).noise(max(level-snr, -75), 5)
				if c.want == AnswerSilence {
					s = c.sound.noise(-60, 5)
				}
				all := answers(s)
				if c.by == 0 { // nothing surer than a guess
					for _, a := range all {
						if a.Answer == AnswerNotice {
							t.Errorf("found %+v", a)
						}
					}
					continue
				}
				if len(all) == 0 {
					t.Fatalf("%v dB of noise: nothing found", snr)
				}
				last := all[len(all)-1]
				first := last
				for i := len(all) - 1; i >= 0 && all[i].Signal == c.signal; i-- {
					first = all[i]
				}
				if last.Answer != c.want || last.Signal != c.signal || first.at > c.by+113*ms {
					t.Errorf("%v dB of noise: found %+v", snr, all)
				}
			}
		})
	}
}

// In talk and music there is no machine's tone and no special information tone.
func TestAnswerNotInSpeech(t *testing.T) {
	for seed := range uint64(4) {
		for _, a := range answers(speech(seed, time.Minute).then(music(seed, time.Minute))) {
			if a.Answer == AnswerFax || a.Answer == AnswerModem || a.Answer == AnswerNotice {
				t.Errorf("seed %d: found %+v", seed, a)
			}
		}
	}
}

// An announcement is the same recording again and again; a conversation is never.
func TestAnswerNotice(t *testing.T) {
	for seed := range uint64(4) {
		length := 5*time.Second + time.Duration(seed)*1700*ms
		phrase := speech(seed, length).then(silence(900*ms + time.Duration(seed)*37*ms))
		notice := phrase.then(phrase, phrase).noise(-55, seed)
		if at, ok := noticed(notice); !ok || at > length+12*time.Second {
			t.Errorf("%v long: found %v at %v", length, ok, at)
		}
		talk := sound{}
		for turn := range uint64(20) {
			talk = talk.then(speech(seed*100+turn, time.Duration(800+turn*131%3000)*ms), silence(time.Duration(400+turn*77%1500)*ms))
		}
		if at, ok := noticed(talk.noise(-55, seed)); ok {
			t.Errorf("talk %d is taken for a notice at %v", seed, at)
		}
	}
}

// The notices of China's networks, and people who talk.
func TestAnswerNoticeOfSpokenWords(t *testing.T) {
	for i, text := range []string{
		"您好,您拨打的号码是空号,请核对后再拨。 Sorry, the number you dialed does not exist, please check it and dial later.",
		"您好,您拨打的用户已关机。 Sorry, the subscriber you dialed is power off.",
		"您好,您拨打的电话正在通话中,请稍后再拨。 Sorry, the subscriber you dialed is busy now, please redial later.",
		"您好,您拨打的用户暂时无法接通,请稍后再拨。",
		"您好,您拨打的号码已停机。",
	} {
		phrase := said(t, text, "-v", "cmn").to([]float64{-10, -16, -28}[i%3])
		for _, gap := range []time.Duration{600 * ms, 1434 * ms} {
			notice := phrase.then(silence(gap), phrase, silence(gap), phrase, silence(gap), phrase).noise(-50, 1)
			period := time.Duration(len(phrase))*time.Second/telephony.SampleRate + gap
			if at, ok := noticed(notice); !ok || at > 2*period+10*time.Second {
				t.Errorf("%s, %v apart: found %v at %v", text, gap, ok, at)
			}
		}
	}
	lines := []string{
		"喂,你好,请问您找哪位?", "我是上海公司的王小明,想问一下合同的事情。", "哦,王先生,您好,合同我们昨天已经寄出去了,您今天应该能收到。",
		"那就好,谢谢。还有一件事情,我们下个星期要开会,您能不能参加?", "下个星期几?我星期三下午有空,别的时间恐怕不行。",
		"星期三下午可以,两点钟,在我们公司的三楼会议室。", "好的,我记下来了。需要带什么材料吗?", "请带上去年的报表和今年的计划,如果方便的话,再带两份样品。",
		"没有问题。还有别的吗?", "没有了,那我们星期三见。", "好,星期三见,再见。", "对不起,我刚才没有听清楚,您能再说一遍吗?",
		"我的电话号码是一三八零零一三八零零零,请您记一下。", "一三八,零零一三,八零零零,对吗?", "对,没错,麻烦您了。",
	}
	for k, voice := range []string{"cmn", "cmn+f2"} {
		var talk sound
		for i := range lines {
			line := said(t, lines[i*(2*k+2)%len(lines)], "-v", voice, "-s", []string{"150", "175", "200", "160"}[i%4])
			talk = talk.then(line, silence(time.Duration(900+(i*577+k*211)%2500)*ms))
		}
		for _, a := range answers(talk.noise(-55, 2)) {
			if a.Answer != AnswerVoice && a.Confidence > sureOfGreeting {
				t.Errorf("talk of %s is taken for %+v", voice, a)
			}
		}
	}
}

// People who answer, and machines that do.
func TestAnswerOfSpokenWords(t *testing.T) {
	for _, c := range []struct {
		voice, text string
		want        Answer
		least, most float64
	}{
		{"cmn", "喂?", AnswerVoice, 0.8, 1},
		{"cmn+f2", "喂,你好。", AnswerVoice, 0.8, 1},
		{"cmn", "你好,上海公司。", AnswerVoice, 0.6, 1},
		{"en", "Hello?", AnswerVoice, 0.8, 1},
		{"en+f3", "Smith and Sons, good morning.", AnswerVoice, 0.6, 1},
		{"en", "Smith and Sons, good morning, this is Helen speaking, how can I help you?", AnswerMachine, 0.5, 0.6}, // not sure, and wrong
		{"cmn", "您好,我现在不在家,请在嘀声后留言,我会尽快给您回电话,谢谢。", AnswerMachine, 0.6, 0.75},
		{"en+f3", "Hello, I cannot take your call right now. Please leave your name and your number after the tone.", AnswerMachine, 0.6, 0.75},
	} {
		call := silence(500*ms).then(said(t, c.text, "-v", c.voice), silence(2*time.Second))
		all := answers(slices.Clone(call).noise(-55, 1))
		if last := all[len(all)-1]; last.Answer != c.want || last.Confidence < c.least || last.Confidence > c.most {
			t.Errorf("%s: found %+v", c.text, all)
		}
		if c.least != 0.6 || c.want != AnswerMachine {
			continue
		}
		all = answers(call.then(sine(1000, -14, 400*ms), silence(2*time.Second)).noise(-55, 1))
		if last := all[len(all)-1]; last.Answer != AnswerMachine || last.Confidence != sureOfBeep {
			t.Errorf("%s and a beep: found %+v", c.text, all)
		}
	}
}

// noticed tells when a notice was found.
func noticed(s sound) (at time.Duration, ok bool) {
	for _, a := range answers(s) {
		if a.Answer == AnswerNotice {
			return a.at, true
		}
	}
	return 0, false
}

// What libspandsp sends of the tones of V.25, V.8 and T.30, we name.
func TestAnswerWithSpanDSP(t *testing.T) {
	program := spanDSP(t, "far_answer")
	for number, want := range map[int]string{
		1: "CNG", 2: "CED", 3: "ANS with reversals", 4: "ANSam", 5: "ANSam with reversals", 8: "2225 Hz", 9: "V.25 calling tone",
	} {
		all := answers(spanDSPSends(t, program, strconv.Itoa(number)))
		if len(all) == 0 || all[len(all)-1].Signal != want {
			t.Errorf("%s: found %+v", want, all)
		}
	}
	if all := answers(spanDSPSends(t, program, "flags")); len(all) == 0 || all[0].Signal != "V.21 flags" {
		t.Errorf("flags: found %+v", all)
	}
}

// The media tick allows no allocation, whatever is heard.
func TestListenersAllocateNothing(t *testing.T) {
	frames := speech(1, time.Second).then(ans(2100, -13, true, true), sit(950, 1400, 1800, 330*ms, 330*ms, 330*ms),
		play(NewCallerIDAlert(), time.Second), wire{baud: 1, pitch: 1}.send(preamble(37, false), v21High).to(-13)).frames()
	answer, flags, alert, echo := NewAnswerDetector(), NewV21Receiver(), NewCallerIDAlertReceiver(), NewEchoCanceller()
	if n := testing.AllocsPerRun(5, func() {
		for i := range frames {
			heard := frames[i]
			answer.Frame(&heard)
			flags.Frame(&heard)
			alert.Frame(&heard)
			echo.Cancel(&heard, &frames[len(frames)-1-i])
		}
	}); n != 0 {
		t.Errorf("%v allocations in %d frames", n, len(frames))
	}
}

func BenchmarkAnswerDetector(b *testing.B) {
	frames, d := speech(1, 30*time.Second).frames(), NewAnswerDetector()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		d.Frame(&frames[i%len(frames)])
	}
}
