package rtp

import (
	"math"
	"time"
)

const (
	bestRating = 93.2 // R with every other parameter at its default (ITU-T G.107 7.7)
	robustness = 25.1 // Bpl in percent of G.711 with the concealment of Appendix I, whose Ie is 0 (ITU-T G.113 table I.4)
)

// rating is R of the E-model (ITU-T G.107): how good a conversation is in which this share of the packets is missing, in
// runs that are burst times as long as chance would make them, and speech takes so long from mouth to ear.
func rating(loss, burst float64, delay time.Duration) float64 {
	return bestRating - delayed(delay) - impaired(loss, burst)
}

// impaired is Ie-eff (G.107 7-29).
func impaired(loss, burst float64) float64 {
	percent := 100 * loss
	return 95 * percent / (percent/max(burst, 1) + robustness)
}

// delayed is Idd (G.107 7-27, 7-28): up to 100 ms nobody minds.
func delayed(d time.Duration) float64 {
	x := math.Log2(max(d.Seconds()/0.1, 1))
	return 25 * (math.Pow(1+math.Pow(x, 6), 1./6) - 3*math.Pow(1+math.Pow(x/3, 6), 1./6) + 2)
}

// meanOpinion is the mean opinion score that listeners would give for a rating, from 1 to 4.5 (G.107 annex B).
func meanOpinion(r float64) float64 {
	r = max(0, min(r, 100))
	return 1 + 0.035*r + 7e-6*r*(r-60)*(100-r)
}
