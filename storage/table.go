package storage

import (
	"bufio"
	"encoding/csv"
	"io"
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"callbox/telephony"
)

// maxSheetRows is what a sheet of Excel holds; more are refused rather than left out unseen.
const maxSheetRows = 1_048_576

// writeTable writes rows, the headings first, as "csv" or "xlsx". A cell is a string, an int64 or a float64.
func writeTable(w io.Writer, form string, rows iter.Seq2[[]any, error]) error {
	rows = guarded(rows)
	switch form {
	case "csv":
		return writeCSV(w, rows)
	case "xlsx":
		return writeXLSX(w, rows)
	}
	return telephony.Errorf(telephony.Invalid, "导出格式应为 csv 或 xlsx。", "The form of an export is csv or xlsx.")
}

// guarded makes text that a spreadsheet would take for a formula into text, for every format: callers choose their own names.
func guarded(rows iter.Seq2[[]any, error]) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for row, err := range rows {
			for i := range row {
				if text, ok := row[i].(string); ok {
					row[i] = guardFormula(text)
				}
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// guardFormula puts an apostrophe before what a spreadsheet would calculate (OWASP, CSV injection; ASVS 1.2.10). Chinese and
// Japanese Excel takes the wide forms, too.
func guardFormula(text string) string {
	if first, size := utf8.DecodeRuneInString(text); size > 0 && strings.ContainsRune("=+-@＝＋－＠\t\r\n\x00", first) {
		return "'" + text
	}
	return text
}

// writeCSV writes CSV with the mark by which Excel knows UTF-8.
func writeCSV(w io.Writer, rows iter.Seq2[[]any, error]) error {
	b := bufio.NewWriter(w)
	b.WriteString("\uFEFF")
	out := csv.NewWriter(b)
	out.UseCRLF = true
	for row, err := range rows {
		if err != nil {
			return err
		}
		fields := make([]string, len(row))
		for i, cell := range row {
			fields[i] = cellText(cell)
		}
		if err := out.Write(fields); err != nil {
			return err
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return err
	}
	return b.Flush()
}

// writeXLSX writes a sheet of Excel.
func writeXLSX(w io.Writer, rows iter.Seq2[[]any, error]) error {
	book := excelize.NewFile()
	defer book.Close()
	sheet, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	n := 0
	for row, err := range rows {
		if err != nil {
			return err
		}
		if n++; n > maxSheetRows {
			return telephony.Errorf(telephony.TooLarge, "超过 Excel 一张表的 %d 行，请缩短时间范围或导出 CSV。",
				"More than the %d rows of a sheet of Excel: choose a shorter time, or export CSV.", maxSheetRows)
		}
		cell, err := excelize.CoordinatesToCellName(1, n)
		if err != nil {
			return err
		}
		if err := sheet.SetRow(cell, row); err != nil {
			return err
		}
	}
	if err := sheet.Flush(); err != nil {
		return err
	}
	return book.Write(w)
}

func cellText(cell any) string {
	switch n := cell.(type) {
	case int64:
		return strconv.FormatInt(n, 10)
	case float64:
		return strconv.FormatFloat(n, 'f', 1, 64)
	}
	return cell.(string)
}
