package main

import (
	"cmp"
	"context"
	"time"

	"callbox/storage"
	"callbox/telephony"
	"callbox/telephony/exchange"
	"callbox/webui"
)

// configs joins the page to the configuration in storage.
type configs struct{ *storage.Store }

// DiffConfig validates a configuration and says what it would change.
func (c configs) DiffConfig(next *telephony.Config) ([]webui.Difference, error) {
	whole := next.Unmasked(c.Configured())
	whole.Format = telephony.ConfigFormat
	if err := whole.Validate(); err != nil {
		return nil, err
	}
	if err := c.CheckTeams(whole); err != nil {
		return nil, err
	}
	return differences(storage.Diff(c.Configured(), whole)), nil
}

// PutConfig keeps a configuration made from the revision it carries.
func (c configs) PutConfig(ctx context.Context, next *telephony.Config, by webui.By) (*telephony.Config, error) {
	return c.Put(ctx, next, storage.Change{Base: next.Revision, Who: by.Who, Why: by.Why, Source: by.Source})
}

// Revisions lists who changed the configuration and when.
func (c configs) Revisions() ([]webui.Revision, error) {
	kept, err := c.Store.Revisions()
	list := make([]webui.Revision, 0, len(kept))
	for _, r := range kept {
		list = append(list, webui.Revision(r))
	}
	return list, err
}

// RevisionChanges is what one revision changed.
func (c configs) RevisionChanges(revision uint64) ([]webui.Difference, error) {
	before, err := c.ConfigBefore(revision)
	if err != nil {
		return nil, err
	}
	after, err := c.ConfigAt(revision)
	if err != nil {
		return nil, err
	}
	return differences(storage.Diff(before, after)), nil
}

// ConfigBefore is what was before the given revision.
func (c configs) ConfigBefore(revision uint64) (*telephony.Config, error) {
	return c.ConfigAt(revision - 1)
}

// UndoConfig goes back to what was before the given revision.
func (c configs) UndoConfig(ctx context.Context, revision, base uint64, by webui.By) (*telephony.Config, error) {
	return c.Undo(ctx, revision, storage.Change{Base: cmp.Or(base, c.Config().Revision), Who: by.Who, Source: by.Source})
}

// ProveAudit checks that no line was changed or taken out, and the same of the journal.
func (c configs) ProveAudit(ctx context.Context, until uint64) (webui.AuditProof, error) {
	p, err := c.Store.ProveAudit()
	if err != nil {
		return webui.AuditProof{}, err
	}
	j, err := c.ProveJournal(ctx, until)
	journal := webui.JournalProof{
		Entries: j.Entries, First: j.First, From: j.From, Last: j.Last, To: j.To, Damaged: j.Damaged, Hash: j.Hash, Broken: j.Broken,
	}
	for _, s := range j.Segments {
		journal.Segments = append(journal.Segments, webui.SegmentProof(s))
	}
	for _, h := range j.Gaps {
		journal.Gaps = append(journal.Gaps, webui.JournalHole(h))
	}
	return webui.AuditProof{
		Lines: p.Lines, First: p.First.Seq, From: p.First.Time, Last: p.Last.Seq, To: p.Last.Time, Hash: p.Last.Hash, Broken: p.Broken, Journal: journal,
	}, err
}

// Audit lists what people did.
func (c configs) Audit(before uint64, limit int) ([]webui.AuditLine, error) {
	kept, err := c.AuditLines(before, limit)
	list := make([]webui.AuditLine, 0, len(kept))
	for _, l := range kept {
		list = append(list, webui.AuditLine(l))
	}
	return list, err
}

// Note writes one line of the audit.
func (c configs) Note(ctx context.Context, by webui.By, action, on, detail string) error {
	return c.Store.Audit(ctx, storage.AuditLine{Who: by.Who, Source: by.Source, Action: action, On: on, Detail: detail})
}

// routing joins the page to the exchange's decisions.
type routing struct{}

// Arrival says where a call from outside would go.
func (routing) Arrival(c *telephony.Config, a telephony.Arrival, at time.Time) (telephony.Routed, int) {
	return exchange.TryArrival(c, a, at)
}

// Dialled says what would come of a number that a phone dials.
func (routing) Dialled(c *telephony.Config, extension, number string) webui.Leaving {
	return webui.Leaving(exchange.TryDialled(c, extension, number))
}

func differences(list []storage.Difference) []webui.Difference {
	out := make([]webui.Difference, 0, len(list))
	for _, d := range list {
		out = append(out, webui.Difference(d))
	}
	return out
}
