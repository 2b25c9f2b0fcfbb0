package optimizing

// A switch over constants is code: comparisons that the compiler has put into an
// order, or a jump table. A map is data, which is built at start and searched by
// hash.

// switchmapMethods has the cases of switchmapSwitch.
var switchmapMethods = map[string]int{
	"GET": 1, "PUT": 2, "POST": 3, "HEAD": 4, "PATCH": 5, "TRACE": 6, "DELETE": 7, "OPTIONS": 8, "CONNECT": 9,
}

//go:noinline
func switchmapMap(methods []string) (sum int) {
	for _, method := range methods {
		sum += switchmapMethods[method]
	}
	return sum
}

//go:noinline
func switchmapSwitch(methods []string) (sum int) {
	for _, method := range methods {
		switch method {
		case "GET":
			sum += 1
		case "PUT":
			sum += 2
		case "POST":
			sum += 3
		case "HEAD":
			sum += 4
		case "PATCH":
			sum += 5
		case "TRACE":
			sum += 6
		case "DELETE":
			sum += 7
		case "OPTIONS":
			sum += 8
		case "CONNECT":
			sum += 9
		}
	}
	return sum
}

// switchmapDays says how many days a month has, in three ways.
var (
	switchmapDaysMap = map[int]int{
		1: 31, 2: 28, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31, 9: 30, 10: 31, 11: 30, 12: 31,
	}
	switchmapDaysArray = [13]uint8{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
)

//go:noinline
func switchmapSumMap(months []int) (days int) {
	for _, month := range months {
		days += switchmapDaysMap[month]
	}
	return days
}

//go:noinline
func switchmapSumArray(months []int) (days int) {
	for _, month := range months {
		if uint(month) < uint(len(switchmapDaysArray)) {
			days += int(switchmapDaysArray[month])
		}
	}
	return days
}

//go:noinline
func switchmapSumSwitch(months []int) (days int) {
	for _, month := range months {
		switch month {
		case 1, 3, 5, 7, 8, 10, 12:
			days += 31
		case 4, 6, 9, 11:
			days += 30
		case 2:
			days += 28
		}
	}
	return days
}

// switchmapNames are variables, so the compiler knows nothing of their values.
type switchmapNames [16]string

//go:noinline
func (n *switchmapNames) variables(name string) int {
	switch name {
	case n[0]:
		return 0
	case n[1]:
		return 1
	case n[2]:
		return 2
	case n[3]:
		return 3
	case n[4]:
		return 4
	case n[5]:
		return 5
	case n[6]:
		return 6
	case n[7]:
		return 7
	case n[8]:
		return 8
	case n[9]:
		return 9
	case n[10]:
		return 10
	case n[11]:
		return 11
	case n[12]:
		return 12
	case n[13]:
		return 13
	case n[14]:
		return 14
	case n[15]:
		return 15
	}
	return -1
}

// constants has constants where variables has variables.
//
//go:noinline
func (*switchmapNames) constants(name string) int {
	switch name {
	case "step-00":
		return 0
	case "step-01":
		return 1
	case "step-02":
		return 2
	case "step-03":
		return 3
	case "step-04":
		return 4
	case "step-05":
		return 5
	case "step-06":
		return 6
	case "step-07":
		return 7
	case "step-08":
		return 8
	case "step-09":
		return 9
	case "step-10":
		return 10
	case "step-11":
		return 11
	case "step-12":
		return 12
	case "step-13":
		return 13
	case "step-14":
		return 14
	case "step-15":
		return 15
	}
	return -1
}

func switchmapRepeat(f func(string) int, name string) (sum int) {
	for range 100 {
		sum += f(name)
	}
	return sum
}
