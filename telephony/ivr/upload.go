package ivr

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"callbox/telephony"
	"callbox/telephony/dsp"
	"callbox/telephony/wav"
)

// unfinished is how the name of an upload begins that is not yet whole.
const unfinished = ".upload-"

// A Sound is one prompt in one language.
type Sound struct {
	ID       string        `json:"id"`
	Language string        `json:"language"` // "zh" or "en"
	Custom   bool          `json:"custom"`   // uploaded; Delete brings back the box's own, if there is one
	Length   time.Duration `json:"length"`   // nanoseconds
}

// Put takes an upload in any common WAV of at most 10 minutes, and plays it from now on in place of what had the id. It
// refuses with an *Error, and then nothing has changed; a power cut leaves the old prompt or the new one, whole.
func (l *Library) Put(language, id string, file io.Reader) error {
	if err := checkName(language, id); err != nil {
		return err
	}
	samples, err := wav.Decode(file)
	if err != nil {
		return refusal(err)
	}
	if len(samples) == 0 {
		return telephony.Errorf(telephony.Invalid, "文件里没有声音，请重新录制", "there is no sound in the file: record it again")
	}
	if len(samples) > maxOctets {
		return telephony.Errorf(telephony.TooLarge, "提示音最长 %.0f 分钟，请剪短", "a prompt may be %.0f minutes long: cut it", maxPrompt.Minutes())
	}
	sound := make([]byte, len(samples))
	dsp.EncodeALaw(sound, samples)
	if err := replace(filepath.Join(l.dir, language, id+".al"), sound); err != nil {
		return telephony.Errorf(telephony.Unavailable, "提示音未能存盘：%v", "the prompt could not be stored: %v", err)
	}
	l.forget(name{language, id})
	return nil
}

// Delete removes an upload.
func (l *Library) Delete(language, id string) error {
	if err := checkName(language, id); err != nil {
		return err
	}
	err := os.Remove(filepath.Join(l.dir, language, id+".al"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return telephony.Errorf(telephony.NotFound, "没有上传过这个提示音", "no such prompt was uploaded")
	case err != nil:
		return telephony.Errorf(telephony.Unavailable, "提示音未能删除：%v", "the prompt could not be deleted: %v", err)
	}
	l.forget(name{language, id})
	return nil
}

// List is every prompt there is, by id and language.
func (l *Library) List() []Sound {
	var list []Sound
	for _, language := range languages {
		custom := map[string]bool{}
		for _, e := range files(os.DirFS(l.dir), language) {
			custom[e.Name()] = true
			list = append(list, sound(language, e, true))
		}
		for _, folder := range [2]string{language, "any"} {
			for _, e := range files(builtin, "prompts/"+folder) {
				if !custom[e.Name()] {
					list = append(list, sound(language, e, false))
				}
			}
		}
	}
	slices.SortFunc(list, func(a, b Sound) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), -cmp.Compare(a.Language, b.Language))
	})
	return list
}

// files are the prompts in a folder; a folder that is not there has none.
func files(tree fs.FS, folder string) []fs.DirEntry {
	all, _ := fs.ReadDir(tree, folder)
	return slices.DeleteFunc(all, func(e fs.DirEntry) bool {
		id, ok := strings.CutSuffix(e.Name(), ".al")
		return !ok || !telephony.ValidID(id)
	})
}

func sound(language string, e fs.DirEntry, custom bool) Sound {
	s := Sound{ID: strings.TrimSuffix(e.Name(), ".al"), Language: language, Custom: custom}
	if info, err := e.Info(); err == nil {
		s.Length = length(min(int(info.Size()), maxOctets))
	}
	return s
}

// forget drops a prompt from the cache, and what others are just reading with it.
func (l *Library) forget(n name) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.change++
	l.octets -= len(l.cache[n])
	delete(l.cache, n)
}

func checkName(language, id string) error {
	switch {
	case !slices.Contains(languages[:], language):
		return telephony.Errorf(telephony.Invalid, "语言请选 zh 或 en", "choose zh or en as the language")
	case !telephony.ValidID(id):
		return telephony.Errorf(telephony.Invalid, "标识请用 1 到 32 个小写字母、数字、- 或 _", "use 1 to 32 lower-case letters, digits, - or _ as the id")
	}
	return nil
}

// refusal says in both languages why a file cannot be used.
func refusal(err error) error {
	code, zh := telephony.Invalid, "请另存为 WAV（PCM，16 位，8000 Hz，单声道）再上传"
	switch {
	case errors.Is(err, wav.ErrTooLarge), errors.Is(err, wav.ErrTooLong):
		code, zh = telephony.TooLarge, "声音文件太大，请剪短后再上传"
	case errors.Is(err, wav.ErrCut):
		zh = "声音文件不完整，请重新保存后再上传"
	}
	return &telephony.Error{Code: code, Message: telephony.Text{ZH: zh, EN: err.Error()}}
}

// replace puts a file in place of another in one step: whoever reads, and whatever fails, finds one of them whole.
func replace(path string, content []byte) error {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(folder, unfinished+"*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncFolder(folder)
}

// syncFolder makes a rename durable.
func syncFolder(folder string) error {
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
