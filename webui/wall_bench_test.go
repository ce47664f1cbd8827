package webui

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// BenchmarkWalls is one change of a busy box for 200 wallboards over HTTPS, each on a connection of its own, until all have it.
// The processor time is that of both ends; core-% is what two changes a second, the most that there are, cost of a core.
func BenchmarkWalls(b *testing.B) {
	const boards, rate = 200, 2
	box := newBox()
	busy := demoLive(time.Now(), time.Now())
	busy.Spans = demoSpans(box.Config(), time.Now())
	box.setLive(busy)
	site := httptest.NewUnstartedServer(New(box.options()).Handler())
	site.EnableHTTP2 = true
	site.StartTLS()
	defer site.Close()
	shown := make(chan int, boards) // octets of a picture, from each board
	for range boards {
		defer watchLive(b, site, shown)()
	}
	octets := 0
	for range boards {
		octets = <-shown
	}
	cpu := processorTime()
	for b.Loop() {
		box.setLive(busy)
		for range boards {
			<-shown
		}
	}
	each := (processorTime() - cpu) / time.Duration(b.N)
	b.ReportMetric(float64(octets), "octets/picture")
	b.ReportMetric(float64(each.Microseconds())/1e3, "cpu-ms/change")
	b.ReportMetric(100*rate*each.Seconds(), "core-%")
}

// BenchmarkDesks is one change of a busy box as it is written down for 200 agents, to each of whom the own desk is sent.
func BenchmarkDesks(b *testing.B) {
	const desks, rate = 200, 2
	box := newBox()
	busy := demoLive(time.Now(), time.Now())
	one := busy.Agents[0]
	busy.Agents = nil
	for i := range desks {
		one.ID = fmt.Sprint(1000 + i)
		busy.Agents = append(busy.Agents, one)
	}
	box.setLive(busy)
	s := New(box.options())
	octets := 0
	for b.Loop() {
		now := s.draw()
		for _, a := range busy.Agents {
			octets = len(now.to(Person{Role: Agent, Agent: a.ID}))
		}
	}
	b.ReportMetric(float64(octets), "octets/picture")
	b.ReportMetric(100*rate*b.Elapsed().Seconds()/float64(b.N), "core-%")
}

// watchLive opens a wallboard, which tells the length of each picture that it is sent, and gives what closes it.
func watchLive(b *testing.B, site *httptest.Server, shown chan<- int) func() {
	own := site.Client().Transport.(*http.Transport).Clone()
	r, err := http.NewRequest("GET", site.URL+"/api/live/events", nil)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Authorization", bearer(Supervisor))
	answer, err := own.RoundTrip(r)
	if err != nil || answer.StatusCode != http.StatusOK {
		b.Fatal(answer, err)
	}
	go func() {
		lines := bufio.NewReaderSize(answer.Body, 256<<10)
		for {
			line, err := lines.ReadSlice('\n')
			if err != nil {
				return
			}
			if bytes.HasPrefix(line, []byte(`data: {"time"`)) {
				shown <- len(line)
			}
		}
	}()
	return func() { _ = answer.Body.Close(); own.CloseIdleConnections() }
}

func processorTime() time.Duration {
	var u unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
