package telephony

// A Quality is how the speech of one leg over a network fares, from its beginning to now.
type Quality struct {
	MOS         float64     `json:"mos"`           // of what is heard from the far end: 1 (bad) to 4.41 (E-model, ITU-T G.107)
	Worst       float64     `json:"worst_mos"`     // of the worst ten seconds
	Loss        float64     `json:"loss"`          // share of the packets that never came or came too late, 0 to 1
	JitterMS    int         `json:"jitter_ms"`     // RFC 3550 6.4.1, seen in steps of a tick of 20 ms
	DelayMS     int         `json:"delay_ms"`      // of what is heard: packet and jitter buffer, and half the round trip
	RoundTripMS int         `json:"round_trip_ms"` // of the network, as RTCP tells; 0: not known
	FarLoss     float64     `json:"far_loss"`      // of what the far end hears, as it reports
	FarJitterMS int         `json:"far_jitter_ms"`
	Fault       SpeechFault `json:"fault,omitempty"` // now, or as the leg ended
}

// A SpeechFault is why a leg that should carry speech both ways does not.
type SpeechFault string

// The faults of speech, the worst first. Empty means none.
const (
	SpeechNoPackets SpeechFault = "no_packets" // nothing comes from the far end
	SpeechUnheard   SpeechFault = "unheard"    // the far end hears us not
	SpeechSilence   SpeechFault = "silence"    // packets come, and all they hold is digital silence
)

var speechTexts = map[SpeechFault]Text{
	"":              {ZH: "双向语音正常", EN: "speech goes both ways"},
	SpeechNoPackets: {ZH: "收不到对方的语音包：请检查对方和防火墙是否放行 RTP 端口", EN: "no speech packets come from the far end: check that it and the firewall let the RTP ports through"},
	SpeechUnheard:   {ZH: "对方收不到我方的语音包：请检查本机对外公布的地址和防火墙", EN: "the far end receives none of our speech packets: check the address that the box tells it, and the firewall"},
	SpeechSilence:   {ZH: "对方只发来静音：请检查对方的话筒或静音键", EN: "the far end sends nothing but silence: check its microphone and its mute key"},
}

// Text says what is wrong and what to look at.
func (f SpeechFault) Text() Text { return speechTexts[f] }
