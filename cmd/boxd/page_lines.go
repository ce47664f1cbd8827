package main

import (
	"context"

	"callbox/telephony"
	"callbox/telephony/fxo"
)

// analogue is the page's way to the analogue lines.
type analogue struct{ lines fxo.Lines }

func (a analogue) find(id string) (*fxo.Line, error) {
	for _, l := range a.lines {
		if l.ID() == id {
			return l, nil
		}
	}
	return nil, telephony.Errorf(telephony.NotFound, "没有模拟线路 %s", "there is no analogue line %s", id)
}

func (a analogue) TestLine(ctx context.Context, id string) (*telephony.LineReport, error) {
	l, err := a.find(id)
	if err != nil {
		return nil, err
	}
	return l.Test(ctx)
}

func (a analogue) LearnedTone(id string) (telephony.LearnedTone, error) {
	l, err := a.find(id)
	if err != nil {
		return telephony.LearnedTone{}, err
	}
	return l.LearnedTone(), nil
}

func (a analogue) ForgetTone(id string) error {
	l, err := a.find(id)
	if err != nil {
		return err
	}
	l.ForgetTone()
	return nil
}
