package main

import (
	"bytes"
	"context"
	"io"
	"time"

	"callbox/storage"
	"callbox/telephony"
	"callbox/webui"
)

// prompts joins the page to the library of prompts.
type prompts struct{ *Box }

// Prompts lists every sound, with what it says.
func (p prompts) Prompts() ([]webui.PromptSounds, error) {
	at := map[string]int{}
	list := []webui.PromptSounds{}
	add := func(pr telephony.Prompt) {
		at[pr.ID] = len(list)
		list = append(list, webui.PromptSounds{ID: pr.ID, Name: pr.Name, Text: pr.Text, Sounds: []webui.Sound{}})
	}
	for _, pr := range p.Store.Config().Prompts {
		add(pr)
	}
	for _, pr := range telephony.BuiltinPrompts {
		if _, own := at[pr.ID]; !own {
			add(pr)
		}
	}
	for _, s := range p.Box.Prompts.List() {
		if _, named := at[s.ID]; !named && s.Custom { // made for a prompt that is still a draft
			add(telephony.Prompt{ID: s.ID})
		}
		if i, named := at[s.ID]; named {
			list[i].Sounds = append(list[i].Sounds, webui.Sound{
				Language: s.Language, Own: s.Custom, LengthMS: s.Length.Milliseconds(),
			})
		}
	}
	return list, nil
}

// OpenPrompt gives a sound as WAV.
func (p prompts) OpenPrompt(id, language string) (io.ReadSeekCloser, time.Time, error) {
	sound, err := p.Box.Prompts.WAV(language, id)
	if err != nil {
		return nil, time.Time{}, err
	}
	return memoryFile{bytes.NewReader(sound)}, time.Time{}, nil
}

// PutPrompt keeps an upload as the customer's own sound.
func (p prompts) PutPrompt(id, language string, wav []byte, by webui.By) error {
	if err := p.Box.Prompts.Put(language, id, bytes.NewReader(wav)); err != nil {
		return err
	}
	return p.note(by, "prompt.put", id+"/"+language)
}

// DeletePrompt goes back to the box's own sound.
func (p prompts) DeletePrompt(id, language string, by webui.By) error {
	if err := p.Box.Prompts.Delete(language, id); err != nil {
		return err
	}
	return p.note(by, "prompt.delete", id+"/"+language)
}

func (b *Box) note(by webui.By, action, on string) error {
	return b.Store.Audit(context.Background(), storage.AuditLine{Who: by.Who, Source: by.Source, Action: action, On: on})
}

// memoryFile is a sound in memory that can be sought in as a file can.
type memoryFile struct{ *bytes.Reader }

// Close does nothing: there is no file.
func (memoryFile) Close() error { return nil }
