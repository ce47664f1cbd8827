package main

import (
	"context"

	"callbox/storage"
	"callbox/webui"
)

// OwnReports are those that a user saved.
func (a accounts) OwnReports(user string) ([]webui.OwnReport, error) {
	kept, err := a.Store.OwnReports(user)
	list := make([]webui.OwnReport, 0, len(kept))
	for _, r := range kept {
		list = append(list, webui.OwnReport(r))
	}
	return list, err
}

// PutOwnReport saves one.
func (a accounts) PutOwnReport(ctx context.Context, user string, r webui.OwnReport) error {
	return a.Store.PutOwnReport(ctx, user, storage.OwnReport(r))
}
