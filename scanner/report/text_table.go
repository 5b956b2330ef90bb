package report

import (
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"
)

// A cell of a table.
type cell struct {
	text  string
	style style
	right bool // flush right: numbers
	flex  bool // may be shortened where the terminal is too narrow
	below bool // may go to a line of its own where even that does not help; only in the last column
}

const (
	columnGap = 2
	minColumn = 12 // a column is not shortened below this
	readable  = 16 // and not below this to make room for a column that could go below
)

// table writes rows in aligned columns. Columns of flexible cells give way, widest first, when the terminal is too narrow for
// all; without a terminal nothing is shortened. A column that is empty in all rows is left out.
func (p *page) table(indent int, rows [][]cell) {
	if len(rows) == 0 {
		return
	}
	widths, flexible := make([]int, len(rows[0])), make([]bool, len(rows[0]))
	for _, row := range rows {
		for i := range row {
			row[i].text = clean(row[i].text)
			widths[i] = max(widths[i], text.StringWidth(row[i].text))
			flexible[i] = flexible[i] || row[i].flex
		}
	}
	last := len(widths) - 1
	below := 0 // the width of what goes to a line of its own
	if p.width > 0 && rows[0][last].below && least(indent, widths, flexible) > p.width {
		below, widths[last] = widths[last], 0
	}
	p.fit(indent, widths, flexible)
	for _, row := range rows {
		p.row(indent, row, widths)
		if below > 0 && row[last].text != "" {
			p.line(indent+lead(widths), span{row[last].text, row[last].style})
		}
	}
}

func (p *page) row(indent int, row []cell, widths []int) {
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", indent))
	written := 0
	for i, c := range row {
		if widths[i] == 0 {
			continue
		}
		if written++; written > 1 {
			b.WriteString(strings.Repeat(" ", columnGap))
		}
		s := shorten(c.text, widths[i])
		fill := strings.Repeat(" ", max(0, widths[i]-text.StringWidth(s)))
		if c.right {
			b.WriteString(fill + p.paint(s, c.style))
		} else {
			b.WriteString(p.paint(s, c.style) + fill)
		}
	}
	p.raw(b.String())
}

// lead is where the second column begins.
func lead(widths []int) int {
	if widths[0] == 0 {
		return 0
	}
	return widths[0] + columnGap
}

// least is the width of a row whose flexible columns are as narrow as they are still read well.
func least(indent int, widths []int, flexible []bool) int {
	total := indent - columnGap
	for i, w := range widths {
		if flexible[i] {
			w = min(w, readable)
		}
		if w > 0 {
			total += w + columnGap
		}
	}
	return total
}

// fit takes columns away from the widest flexible one until the row fits or none can give more.
func (p *page) fit(indent int, widths []int, flexible []bool) {
	if p.width == 0 {
		return
	}
	total := indent - columnGap
	for _, w := range widths {
		if w > 0 {
			total += w + columnGap
		}
	}
	for total > p.width {
		widest := -1
		for i := range widths {
			if flexible[i] && widths[i] > minColumn && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return
		}
		widths[widest]--
		total--
	}
}
