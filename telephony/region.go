package telephony

import "strings"

// areas are the cities of the long-distance area codes of China that calls come from most; of the others nothing is told.
var areas = map[string]Text{
	"010": {"北京", "Beijing"}, "020": {"广州", "Guangzhou"}, "021": {"上海", "Shanghai"}, "022": {"天津", "Tianjin"},
	"023": {"重庆", "Chongqing"}, "024": {"沈阳", "Shenyang"}, "025": {"南京", "Nanjing"}, "027": {"武汉", "Wuhan"},
	"028": {"成都", "Chengdu"}, "029": {"西安", "Xi'an"}, "0311": {"石家庄", "Shijiazhuang"}, "0351": {"太原", "Taiyuan"},
	"0371": {"郑州", "Zhengzhou"}, "0411": {"大连", "Dalian"}, "0431": {"长春", "Changchun"}, "0451": {"哈尔滨", "Harbin"},
	"0471": {"呼和浩特", "Hohhot"}, "0510": {"无锡", "Wuxi"}, "0512": {"苏州", "Suzhou"}, "0531": {"济南", "Jinan"},
	"0532": {"青岛", "Qingdao"}, "0551": {"合肥", "Hefei"}, "0571": {"杭州", "Hangzhou"}, "0574": {"宁波", "Ningbo"},
	"0577": {"温州", "Wenzhou"}, "0591": {"福州", "Fuzhou"}, "0592": {"厦门", "Xiamen"}, "0595": {"泉州", "Quanzhou"},
	"0731": {"长沙", "Changsha"}, "0755": {"深圳", "Shenzhen"}, "0756": {"珠海", "Zhuhai"}, "0757": {"佛山", "Foshan"},
	"0760": {"中山", "Zhongshan"}, "0769": {"东莞", "Dongguan"}, "0771": {"南宁", "Nanning"}, "0791": {"南昌", "Nanchang"},
	"0851": {"贵阳", "Guiyang"}, "0871": {"昆明", "Kunming"}, "0891": {"拉萨", "Lhasa"}, "0898": {"海口", "Haikou"},
	"0931": {"兰州", "Lanzhou"}, "0951": {"银川", "Yinchuan"}, "0971": {"西宁", "Xining"}, "0991": {"乌鲁木齐", "Urumqi"},
}

// Region is where a number in national form is from, as far as its area code tells; empty for a mobile number, one without
// an area code, and an area that the box does not know.
func Region(number string) Text {
	number = strings.Replace(number, "+86", "0", 1)
	for _, length := range []int{3, 4} {
		if len(number) > length+6 {
			if area, ok := areas[number[:length]]; ok {
				return area
			}
		}
	}
	return Text{}
}
