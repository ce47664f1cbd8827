package hwtest

import (
	"fmt"
	"testing"

	"callbox/hal"
	"callbox/hal/dahdi"
	"callbox/hal/haltest"
)

// spanSuite runs haltest on a span whose kernel blocks have 20 and 10 ms.
func spanSuite(t *testing.T) {
	for _, blockMS := range []int{20, 10} {
		t.Run(fmt.Sprintf("blocks of %d ms", blockMS), func(t *testing.T) {
			haltest.Span(t, haltest.RealTime, func(t *testing.T) (hal.Span, haltest.FarSpan, hal.Clock) {
				far := farSpans(t, 1)
				d := open(t, 1, blockMS)
				return d.Spans()[0], far[0], d.Clock()
			})
		})
	}
}

// open opens the first spans of the carrier.
func open(t *testing.T, spans, blockMS int) *dahdi.Driver {
	t.Helper()
	o := dahdi.Options{BlockMS: blockMS}
	for n := 1; n <= spans; n++ {
		o.Spans = append(o.Spans, dahdi.SpanOptions{Card: hardwareID(n), Port: 1, Timing: n})
	}
	d, err := dahdi.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}
