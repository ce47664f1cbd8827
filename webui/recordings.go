package webui

import (
	"context"
	"strings"

	"callbox/telephony"

	"github.com/danielgtaylor/huma/v2"
)

type recordingsInput struct {
	Stretch
	Call    telephony.CallID `query:"call" maxLength:"32"`
	Agent   string           `query:"agent" maxLength:"64"`
	Purpose string           `query:"purpose" enum:"call,on_demand,voicemail"`
	Mailbox string           `query:"mailbox" maxLength:"64"`
	Before  string           `query:"before" maxLength:"128" doc:"The page after this recording"`
	Limit   int              `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

type recordingsAnswer struct{ Body RecordingPage }

func (s *Server) getRecordings(ctx context.Context, in *recordingsInput) (*recordingsAnswer, error) {
	if err := s.mayChoose(ctx, "", in.Agent); err != nil {
		return nil, err
	}
	from, to, err := in.stretch(s.Configs.Config().Location())
	if err != nil {
		return nil, err
	}
	page, err := s.Recordings.Recordings(ctx, RecordingQuery{
		From: from, To: to, Call: in.Call, Agent: in.Agent, Purpose: in.Purpose,
		Mailbox: in.Mailbox, Team: s.team(ctx), Before: in.Before, Limit: in.Limit,
	})
	return &recordingsAnswer{page}, err
}

type voicemailsInput struct {
	Stretch
	Mailbox string `query:"mailbox" maxLength:"64"`
	Before  string `query:"before" maxLength:"128" doc:"The page after this message"`
	Limit   int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

func (s *Server) getVoicemails(ctx context.Context, in *voicemailsInput) (*recordingsAnswer, error) {
	return s.getRecordings(ctx, &recordingsInput{
		Stretch: in.Stretch, Purpose: "voicemail", Mailbox: in.Mailbox, Before: in.Before, Limit: in.Limit,
	})
}

type markInput struct {
	RecordingPath
	Body struct {
		Heard bool `json:"heard" doc:"False: it is new again"`
	}
}

func (s *Server) putVoicemailHeard(ctx context.Context, in *markInput) (*struct{}, error) {
	if _, err := s.recorded(ctx, in.ID); err != nil {
		return nil, err
	}
	return nil, s.Recordings.MarkMessage(ctx, in.ID, in.Body.Heard, by(ctx))
}

func (s *Server) deleteVoicemail(ctx context.Context, in *RecordingPath) (*struct{}, error) {
	if _, err := s.recorded(ctx, in.ID); err != nil {
		return nil, err
	}
	return nil, s.Recordings.DeleteMessage(ctx, in.ID, by(ctx))
}

// A RecordingPath names a recording.
type RecordingPath struct {
	ID string `path:"id" maxLength:"128"`
}

type recordingAnswer struct{ Body Recording }

func (s *Server) getRecording(ctx context.Context, in *RecordingPath) (*recordingAnswer, error) {
	r, err := s.recorded(ctx, in.ID)
	return &recordingAnswer{r}, err
}

// recorded is a recording of the asker's team.
func (s *Server) recorded(ctx context.Context, id string) (Recording, error) {
	r, err := s.Recordings.Recording(ctx, id)
	if err != nil || s.ofRecording(ctx, r) {
		return r, err
	}
	return Recording{}, errTeam
}

// ofRecording says that a recording is of a call of the asker's team.
func (s *Server) ofRecording(ctx context.Context, r Recording) bool {
	team := s.team(ctx)
	return team.HasAgent(r.Agent) || s.maySee(ctx, r.Call) == nil
}

type audioInput struct {
	RecordingPath
	Range    string `header:"Range" doc:"Octets of the file, as browsers ask when they seek"`
	Download bool   `query:"download" doc:"Keep it as a file"`
}

// getRecordingAudio plays a recording. Who hears it is noted first: what cannot be noted is not heard (A18.20). A range
// that does not begin at the beginning is the same hearing going on.
func (s *Server) getRecordingAudio(ctx context.Context, in *audioInput) (*huma.StreamResponse, error) {
	r, err := s.Recordings.Recording(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if !s.mayHear(ctx, r) || in.Download && !asker(ctx).Role.Reaches(Supervisor) {
		return nil, errRights
	}
	name, action := "", "recording.heard"
	if in.Download {
		name, action = "call-"+string(r.Call)+".wav", "recording.downloaded"
	}
	if in.Range == "" || strings.HasPrefix(in.Range, "bytes=0-") {
		if err := s.Configs.Note(ctx, by(ctx), action, in.ID, "call "+string(r.Call)); err != nil {
			return nil, err
		}
	}
	file, err := s.Recordings.OpenRecording(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return sound(name, r.Started, file), nil
}

// mayHear: a supervisor hears every recording of the team, an agent those of the own calls where that is policy (A5.14).
func (s *Server) mayHear(ctx context.Context, r Recording) bool {
	p := asker(ctx)
	own := p.Agent != "" && r.Agent == p.Agent && r.Purpose != "voicemail"
	return p.Role.Reaches(Supervisor) && s.ofRecording(ctx, r) || own && s.Configs.Config().Recording.AgentsHear
}

func (s *Server) deleteRecording(ctx context.Context, in *RecordingPath) (*struct{}, error) {
	return nil, s.Recordings.DeleteRecording(ctx, in.ID, by(ctx))
}
