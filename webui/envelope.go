package webui

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"

	"callbox/telephony"
)

// Faults that only SOAP has (SOAP 1.1 4.4.1).
const (
	wrongVersion  telephony.Code = "VersionMismatch"
	notUnderstood telephony.Code = "MustUnderstand"
)

// readEnvelope reads which operation an envelope asks for, and its parameters. It is strict: there is neither a document type nor an
// entity of the sender's, and nothing is deeper than a parameter.
func readEnvelope(r io.Reader) (name string, params map[string]string, err error) {
	d := xml.NewDecoder(r)
	d.CharsetReader = chinese
	e := envelope{params: map[string]string{}}
	for err == nil {
		var token xml.Token
		if token, err = d.Token(); err == nil {
			err = e.take(token)
		}
	}
	refused, long := new(telephony.Error), new(http.MaxBytesError)
	switch {
	case errors.Is(err, io.EOF) && e.name != "":
		return e.name, e.params, nil
	case errors.As(err, &refused):
		return "", nil, err
	case errors.As(err, &long):
		return "", nil, telephony.Errorf(telephony.TooLarge, "请求太大，最多 %d 字节。", "The request is too large: %d octets at the most.", maxSOAP)
	}
	return "", nil, badSOAP("不是 SOAP 1.1 信封", "it is no envelope of SOAP 1.1")
}

// chinese reads what old systems in China write.
func chinese(charset string, r io.Reader) (io.Reader, error) {
	switch strings.ToLower(charset) {
	case "gb2312", "gbk", "gb18030":
		return simplifiedchinese.GB18030.NewDecoder().Reader(r), nil
	}
	return nil, badSOAP("请用 UTF-8 或 GB18030 编码", "write it in UTF-8 or GB18030")
}

func badSOAP(zh, en string) error {
	return telephony.Errorf(telephony.Invalid, "看不懂请求：%[1]s。格式见 WSDL。", "The request cannot be read: %[2]s. The WSDL has its form.", zh, en)
}

// An envelope is one that is being read.
type envelope struct {
	path   []xml.Name
	name   string // of the operation
	params map[string]string
}

func (e *envelope) take(token xml.Token) error {
	switch t := token.(type) {
	case xml.StartElement:
		e.path = append(e.path, t.Name)
		return e.start(t)
	case xml.EndElement:
		e.path = e.path[:len(e.path)-1]
	case xml.CharData:
		switch {
		case len(e.path) == 4 && e.inBody():
			e.params[e.path[3].Local] += string(t)
		case strings.TrimSpace(string(t)) != "" && (len(e.path) < 2 || e.inBody()):
			return badSOAP("元素之间有文字", "there is text between its elements")
		}
	case xml.Directive:
		return badSOAP("不允许文档类型", "it has a document type, which is not allowed")
	case xml.ProcInst:
		if t.Target != "xml" {
			return badSOAP("不允许处理指令", "it has a processing instruction, which is not allowed")
		}
	}
	return nil
}

func (e *envelope) inBody() bool { return len(e.path) > 1 && e.path[1].Local == "Body" }

// start is the beginning of an element: an envelope, in it a header and a body, in that an operation, in that its parameters.
func (e *envelope) start(t xml.StartElement) error {
	depth := len(e.path)
	switch {
	case depth == 1 && t.Name == xml.Name{Space: nsSOAP, Local: "Envelope"}:
	case depth == 1 && t.Name.Local == "Envelope":
		return telephony.Errorf(wrongVersion, "请用 SOAP 1.1。", "Use SOAP 1.1.")
	case depth == 2 && t.Name.Space == nsSOAP && (t.Name.Local == "Header" || t.Name.Local == "Body"):
	case depth > maxSOAPDepth:
		return badSOAP("元素嵌套太深", "its elements are too deep in each other")
	case depth > 2 && !e.inBody():
		return understood(t)
	case depth == 3 && t.Name.Space == nsOwn && e.name == "":
		e.name = t.Name.Local
	case depth == 4:
		if _, again := e.params[t.Name.Local]; again {
			return badSOAP("参数重复", "a parameter is there twice")
		}
		e.params[t.Name.Local] = ""
	default:
		return badSOAP("元素不在应有的位置", "an element is not where it belongs")
	}
	return nil
}

// understood refuses a header that must be understood: none is.
func understood(t xml.StartElement) error {
	for _, a := range t.Attr {
		if a.Name == (xml.Name{Space: nsSOAP, Local: "mustUnderstand"}) && a.Value == "1" {
			return telephony.Errorf(notUnderstood, "不支持信封头 %.64s。", "The header %.64s is not supported.", t.Name.Local)
		}
	}
	return nil
}
