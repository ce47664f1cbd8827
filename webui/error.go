package webui

import (
	"errors"
	"net/http"
	"strings"

	"callbox/telephony"

	"github.com/danielgtaylor/huma/v2"
)

// Error is a telephony.Error on its way to the browser: the one form of every refusal, whoever refuses.
type Error telephony.Error

// Error is the sentence in English.
func (e *Error) Error() string { return (*telephony.Error)(e).Error() }

// GetStatus is the HTTP status of the error's code.
func (e *Error) GetStatus() int {
	if status, ok := statusOf[e.Code]; ok {
		return status
	}
	return http.StatusInternalServerError
}

var statusOf = map[telephony.Code]int{
	telephony.Invalid:     http.StatusUnprocessableEntity,
	telephony.NotFound:    http.StatusNotFound,
	telephony.Conflict:    http.StatusConflict,
	telephony.Forbidden:   http.StatusForbidden,
	telephony.Unsigned:    http.StatusUnauthorized,
	telephony.Busy:        http.StatusServiceUnavailable,
	telephony.Unavailable: http.StatusServiceUnavailable,
	telephony.TooLarge:    http.StatusRequestEntityTooLarge,
	telephony.TooMany:     http.StatusTooManyRequests,
	telephony.Internal:    http.StatusInternalServerError,
}

// What huma itself refuses, and what no route takes, in our words.
var refusals = map[int]*telephony.Error{
	http.StatusNotFound:             telephony.Errorf(telephony.NotFound, "没有这个地址。请查阅 /api/openapi.json。", "There is nothing at this address. See /api/openapi.json."),
	http.StatusRequestTimeout:       telephony.Errorf(telephony.Invalid, "数据到得太慢，请重试。", "The data came too slowly. Try again."),
	http.StatusUnsupportedMediaType: telephony.Errorf(telephony.Invalid, "请以 application/json 发送。", "Send it as application/json."),
	http.StatusRequestEntityTooLarge: telephony.Errorf(telephony.TooLarge,
		"发送的内容超过了此处允许的大小。", "What was sent is larger than is allowed here."),
	http.StatusUnprocessableEntity: telephony.Errorf(telephony.Invalid,
		"有字段填写不正确，请按提示修改。", "Some fields are wrong. Mend them as told beside each."),
	http.StatusBadRequest: telephony.Errorf(telephony.Invalid,
		"无法读懂发送的内容，请检查格式。", "What was sent cannot be read. Check its form."),
}

// fault is all that a stranger learns of an error that was not meant for people; the log has the rest.
var fault = telephony.Errorf(telephony.Internal,
	"设备内部出错，已写入日志。请重试；若仍出错，请联系维护人员。",
	"The box made a mistake and has logged it. Try again; if it stays, tell whoever maintains the box.")

// huma's constructors of errors are package variables; every error of its own making takes our form here.
func init() {
	huma.NewError = newError
	huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
		e := newError(status, msg, errs...)
		if log := connOf(ctx.Context()).log; log != nil && e.GetStatus() == http.StatusInternalServerError {
			log.Error("a request failed", "method", ctx.Method(), "path", ctx.Operation().Path, "err", errors.Join(errs...))
		}
		return e
	}
}

func newError(status int, _ string, errs ...error) huma.StatusError {
	for _, err := range errs {
		var e *telephony.Error
		if errors.As(err, &e) {
			return (*Error)(e)
		}
	}
	refusal, ok := refusals[status]
	if !ok {
		refusal = fault
	}
	answer := Error(*refusal)
	if refusal.Code == telephony.Invalid {
		answer.Problems = problems(errs)
	}
	return &answer
}

// problems names each field that huma's validation found wrong. Its sentences are English only.
func problems(errs []error) []telephony.Problem {
	var list []telephony.Problem
	for _, err := range errs {
		var d *huma.ErrorDetail
		if !errors.As(err, &d) {
			if err != nil {
				list = append(list, telephony.Problem{Message: telephony.Text{ZH: err.Error(), EN: err.Error()}})
			}
			continue
		}
		path := strings.TrimPrefix(strings.TrimPrefix(d.Location, "body"), ".")
		message := inBoth(d.Message)
		if field, missing := missingField(d.Message); missing {
			path = strings.TrimPrefix(path+"."+field, ".")
			message = telephony.Text{ZH: "请填写", EN: "is required"}
		}
		list = append(list, telephony.Problem{Path: path, Message: message})
	}
	return list
}

// missingField names the field that huma misses; it tells of it at the object that should have it.
func missingField(message string) (field string, missing bool) {
	field, missing = strings.CutPrefix(message, "expected required property ")
	return strings.TrimSuffix(field, " to be present"), missing
}

// inBoth puts what huma says of a field into both languages; the words that people meet most have a translation.
func inBoth(message string) telephony.Text {
	for _, w := range validationWords {
		if rest, ok := strings.CutPrefix(message, w.begins); ok {
			return telephony.Text{ZH: w.zh + rest, EN: message}
		}
	}
	return telephony.Text{ZH: message, EN: message}
}

var validationWords = []struct{ begins, zh string }{
	{"unexpected property", "没有这个字段"},
	{"unknown query parameter", "没有这个参数"},
	{"expected length >= ", "长度至少为 "},
	{"expected length <= ", "长度至多为 "},
	{"expected number >= ", "数值至少为 "},
	{"expected number <= ", "数值至多为 "},
	{"expected value to be one of ", "只能是其中之一："},
	{"expected string to match pattern ", "格式应为 "},
	{"expected string to be RFC 3339", "时间应为 RFC 3339 格式"},
	{"expected ", "类型不对，应为 "},
	{"required query parameter is missing", "缺少该参数"},
	{"invalid ", "无效："},
}
