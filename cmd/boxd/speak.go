package main

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os/exec"
	"strings"
	"time"

	"callbox/telephony"
	"callbox/telephony/wav"
	"callbox/webui"
)

// The box's voice is that of its own prompts (telephony/ivr/prompts/make.sh): espeak-ng, a program of its own that reads the
// text from its input and runs for one text.
const (
	speakTime = 20 * time.Second
	loudness  = 0.0708 // of full scale, RMS: 23 dB below it, as the box's own prompts are
)

var voices = map[string][]string{
	"zh": {"-v", "cmn", "-s", "165"},
	"en": {"-v", "en-us", "-s", "155"},
}

// SpeakPrompt makes the customer's own sound of a text.
func (p prompts) SpeakPrompt(ctx context.Context, id, language, text string, by webui.By) error {
	sound, err := speak(ctx, language, text)
	if err != nil {
		return err
	}
	return p.PutPrompt(id, language, sound, by)
}

// speak says a text and gives it as WAV.
func speak(ctx context.Context, language, text string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, speakTime)
	defer cancel()
	program := exec.CommandContext(ctx, "espeak-ng", append(voices[language], "--stdin", "--stdout")...)
	program.Stdin = strings.NewReader(text)
	var said bytes.Buffer
	program.Stdout = &said
	switch err := program.Run(); {
	case errors.Is(err, exec.ErrNotFound):
		return nil, telephony.Errorf(telephony.Unavailable, "这台设备没有语音合成。请录制或上传。", "This box has no voice. Record the prompt or upload it.")
	case err != nil:
		return nil, telephony.Errorf(telephony.Unavailable, "语音合成失败：%v。请录制或上传。", "The text could not be spoken: %v. Record the prompt or upload it.", err)
	}
	samples, err := wav.Decode(&said)
	if err != nil {
		return nil, telephony.Errorf(telephony.Invalid, "这段文字没有声音，请换一种写法。", "The text makes no sound: write it in another way.")
	}
	level(samples)
	var file bytes.Buffer
	err = wav.Encode(&file, samples)
	return file.Bytes(), err
}

// level gives speech the loudness of the box's own prompts.
func level(samples []int16) {
	energy := 0.0
	for _, s := range samples {
		energy += float64(s) * float64(s)
	}
	if energy == 0 {
		return
	}
	gain := loudness * math.MaxInt16 / math.Sqrt(energy/float64(len(samples)))
	for i, s := range samples {
		samples[i] = int16(max(math.MinInt16, min(math.MaxInt16, gain*float64(s))))
	}
}
