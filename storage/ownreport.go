package storage

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"callbox/telephony"
)

const (
	maxOwnReports    = 20 // of one user
	maxOwnReportName = 64 // characters
	maxOwnReportSize = 64 // columns, and characters of each other part
)

var ownReportsBucket = []byte("own_reports")

// An OwnReport is a report as somebody chose it, under a name (A11.10).
type OwnReport struct {
	Name   string   `json:"name"`
	By     string   `json:"by"`               // its kind
	Period string   `json:"period,omitempty"` // a stretch up to the day on which it is opened; empty: From and To
	From   string   `json:"from,omitempty"`
	To     string   `json:"to,omitempty"`
	Queue  string   `json:"queue,omitempty"`
	Agent  string   `json:"agent,omitempty"`
	Line   string   `json:"line,omitempty"`
	Hidden []string `json:"hidden,omitempty"` // columns
}

// OwnReports are a user's, in the order in which they were saved first.
func (s *Store) OwnReports(user string) ([]OwnReport, error) {
	k, err := s.kept(ownReportsBucket, user)
	return k.Reports, err
}

// PutOwnReport saves a report for a user, in the place of the one with its name.
func (s *Store) PutOwnReport(ctx context.Context, user string, r OwnReport) error {
	r.Name = strings.TrimSpace(r.Name)
	if err := r.check(); err != nil {
		return err
	}
	return s.changeKept(ctx, ownReportsBucket, user, func(k *keptOwn) error {
		i := slices.IndexFunc(k.Reports, func(have OwnReport) bool { return have.Name == r.Name })
		switch {
		case i >= 0:
			k.Reports[i] = r
			return nil
		case len(k.Reports) >= maxOwnReports:
			return telephony.Errorf(telephony.Conflict,
				"每个账号最多保存 %d 个报表，请先删除不用的。", "An account has at most %d saved reports. Delete one first.", maxOwnReports)
		}
		k.Reports = append(k.Reports, r)
		return nil
	})
}

func (r *OwnReport) check() error {
	switch {
	case r.Name == "":
		return telephony.Errorf(telephony.Invalid, "请填写报表名称。", "Give the report a name.").At("name")
	case utf8.RuneCountInString(r.Name) > maxOwnReportName:
		return telephony.Errorf(telephony.Invalid, "名称最多 %d 个字。", "A name has at most %d characters.", maxOwnReportName).At("name")
	case len(r.Hidden) > maxOwnReportSize:
		return telephony.Errorf(telephony.Invalid, "最多隐藏 %d 列。", "A report hides at most %d columns.", maxOwnReportSize).At("hidden")
	}
	for _, part := range append([]string{r.By, r.Period, r.From, r.To, r.Queue, r.Agent, r.Line}, r.Hidden...) {
		if utf8.RuneCountInString(part) > maxOwnReportSize {
			return telephony.Errorf(telephony.Invalid, "“%s”过长，最多 %d 个字。", "“%s” is too long: at most %d characters.", bounded(part, 20), maxOwnReportSize)
		}
	}
	return nil
}

// DeleteOwnReport takes the one with a name away from a user's.
func (s *Store) DeleteOwnReport(ctx context.Context, user, name string) error {
	return s.changeKept(ctx, ownReportsBucket, user, func(k *keptOwn) error {
		i := slices.IndexFunc(k.Reports, func(r OwnReport) bool { return r.Name == name })
		if i < 0 {
			return telephony.Errorf(telephony.NotFound, "没有这个名称的报表。", "There is no saved report of this name.")
		}
		k.Reports = slices.Delete(k.Reports, i, i+1)
		return nil
	})
}
