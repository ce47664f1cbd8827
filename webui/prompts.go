package webui

import (
	"context"

	"github.com/danielgtaylor/huma/v2"
)

// maxPrompt is the largest sound that may be uploaded, in octets.
const maxPrompt = 32 << 20

type promptsAnswer struct {
	Body struct {
		Prompts []PromptSounds `json:"prompts"`
	}
}

func (s *Server) getPrompts(context.Context, *struct{}) (*promptsAnswer, error) {
	list, err := s.Prompts.Prompts()
	answer := &promptsAnswer{}
	answer.Body.Prompts = list
	return answer, err
}

// A PromptPath names a prompt in one language.
type PromptPath struct {
	ID       string `path:"id" pattern:"^[a-z0-9_-]{1,64}$"`
	Language string `path:"language" enum:"zh,en"`
}

func (s *Server) getPrompt(_ context.Context, in *PromptPath) (*huma.StreamResponse, error) {
	file, changed, err := s.Prompts.OpenPrompt(in.ID, in.Language)
	if err != nil {
		return nil, err
	}
	return sound("", changed, file), nil
}

type putPromptInput struct {
	PromptPath
	RawBody []byte `contentType:"audio/wav"`
}

func (s *Server) putPrompt(ctx context.Context, in *putPromptInput) (*struct{}, error) {
	return nil, s.Prompts.PutPrompt(in.ID, in.Language, in.RawBody, by(ctx))
}

type speechInput struct {
	PromptPath
	Body struct {
		Text string `json:"text" minLength:"1" maxLength:"1000" doc:"What it says"`
	}
}

func (s *Server) postSpeech(ctx context.Context, in *speechInput) (*struct{}, error) {
	return nil, s.Prompts.SpeakPrompt(ctx, in.ID, in.Language, in.Body.Text, by(ctx))
}

func (s *Server) deletePrompt(ctx context.Context, in *PromptPath) (*struct{}, error) {
	return nil, s.Prompts.DeletePrompt(in.ID, in.Language, by(ctx))
}
