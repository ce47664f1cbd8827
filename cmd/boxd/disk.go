package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"callbox/telephony"
)

// What an image tells of the disk that the box runs from.
const (
	smartFile = "/run/callbox/smart.json" // what smartctl said within the last hour (image/files, callbox-disk.service)
	wholeDisk = "/run/callbox/disk/whole" // a link to its device file
	wornUsed  = 80                        // percent of its life, from which it is to be replaced
	spentUsed = 100                       // percent, from which its maker promises nothing
)

// How a disk fares, in the order of getting worse. Unknown is a disk that tells nothing, as most sticks and virtual ones.
const (
	diskUnknown = ""
	diskGood    = "good"
	diskWorn    = "worn"
	diskFailing = "failing"
)

// A diskState is what a disk says of itself.
type diskState struct {
	State string
	Used  int // percent of the life that its maker gives it; 0 where it does not tell
}

// smart is the part of smartctl's report that every maker means in the same way: NVMe Base Specification 2.0, 5.16.1.3, and
// ATA ACS-4 9.5. Attributes of ATA are each maker's own, but for sectors that wait to be replaced (197).
type smart struct {
	Status *struct {
		Passed bool `json:"passed"`
	} `json:"smart_status"`
	NVMe *struct {
		Warning int `json:"critical_warning"`
		Used    int `json:"percentage_used"`
	} `json:"nvme_smart_health_information_log"`
	Statistics struct {
		Pages []struct {
			Table []struct {
				Name  string `json:"name"`
				Value int    `json:"value"`
			} `json:"table"`
		} `json:"pages"`
	} `json:"ata_device_statistics"`
	Attributes struct {
		Table []struct {
			ID  int `json:"id"`
			Raw struct {
				Value int `json:"value"`
			} `json:"raw"`
		} `json:"table"`
	} `json:"ata_smart_attributes"`
}

// readSMART judges a report of smartctl --json.
func readSMART(text []byte) (d diskState) {
	var s smart
	if json.Unmarshal(text, &s) != nil || s.Status == nil {
		return d
	}
	warning, waiting := 0, 0
	if s.NVMe != nil {
		warning, d.Used = s.NVMe.Warning, s.NVMe.Used
	}
	for _, page := range s.Statistics.Pages {
		for _, entry := range page.Table {
			if entry.Name == "Percentage Used Endurance Indicator" {
				d.Used = entry.Value
			}
		}
	}
	for _, a := range s.Attributes.Table {
		if a.ID == 197 {
			waiting = a.Raw.Value
		}
	}
	d.State = judge(d.Used, waiting > 0, !s.Status.Passed || warning != 0)
	return d
}

// readEMMC judges what the kernel shows of an eMMC (JEDEC JESD84-B51 7.4.45 and 7.4.46): life in tenths, 11 is beyond it, and the
// spare blocks, 2 when 80 % of them are used and 3 when 90 % are.
func readEMMC(life, spare string) (d diskState) {
	var a, b, left int
	if _, err := fmt.Sscanf(life, "0x%x 0x%x", &a, &b); err != nil {
		return d
	}
	_, _ = fmt.Sscanf(spare, "0x%x", &left)
	d.Used = max(a, b, 1)*10 - 10
	d.State = judge(d.Used, left == 2, left == 3)
	return d
}

func judge(used int, worn, failing bool) string {
	switch {
	case failing || used >= spentUsed:
		return diskFailing
	case worn || used >= wornUsed:
		return diskWorn
	}
	return diskGood
}

// disk is how the disk fares that the box runs from.
func disk() diskState {
	if device, err := os.Readlink(wholeDisk); err == nil {
		folder := filepath.Join("/sys/block", filepath.Base(device), "device")
		if d := readEMMC(line(filepath.Join(folder, "life_time")), line(filepath.Join(folder, "pre_eol_info"))); d.State != diskUnknown {
			return d
		}
	}
	text, _ := os.ReadFile(smartFile)
	return readSMART(text)
}

// worn is the alarm before the disk ends, which another disk in its place takes back.
func worn(look func() diskState) func(telephony.Alarm) telephony.Alarm {
	return func(telephony.Alarm) telephony.Alarm {
		switch look().State {
		case diskWorn:
			return telephony.Alarm{Name: "disk_worn", On: true, Message: telephony.Text{ZH: "磁盘寿命将尽，请备份并尽快更换。", EN: "The disk is near the end of its life. Back up, and replace it soon."}}
		case diskFailing:
			return telephony.Alarm{Name: "disk_failing", On: true, Message: telephony.Text{ZH: "磁盘即将损坏，请立即备份并更换。", EN: "The disk is about to fail. Back up and replace it now."}}
		}
		return telephony.Alarm{}
	}
}
