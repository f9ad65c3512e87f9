package report

import (
	"fmt"
	"html"
	"strings"
)

// Bar is a line of a plot.
type Bar struct {
	Label string
	// Ratio is the bar's length, of the one that it is compared with.
	Ratio float64
	// Floor is the least that the bar could be, 0 if that is not known.
	Floor float64
}

// The plot's measures, in pixels.
const (
	plotWidth  = 760
	labelWidth = 190
	scaleWidth = 480 // of the ratio 1
	barHeight  = 16
	lineHeight = 46
	plotTop    = 56
)

// Plot draws, for each bar, the client that it is compared with as 1, and the bar. It can be read on white and on black.
func Plot(title, baseline, subject string, bars []Bar) string {
	var b strings.Builder
	height := plotTop + lineHeight*len(bars) + 34
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" role="img" aria-label="%s">
<style>
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600; font-size: 15px }
.baseline { fill: #afb8c1 } .subject { fill: #0969da } .floor { stroke: #cf222e; stroke-width: 2 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .baseline { fill: #57606a } .subject { fill: #58a6ff } .floor { stroke: #ff7b72 } }
</style>
<text x="0" y="20" class="title">%s</text>
`, plotWidth, height, html.EscapeString(title), html.EscapeString(title))
	x := 0
	for _, k := range []struct{ class, label string }{{"baseline", baseline}, {"subject", subject}} {
		fmt.Fprintf(&b, `<rect x="%d" y="32" width="11" height="11" class="%s"/><text x="%d" y="42">%s</text>`+"\n", x, k.class, x+17, html.EscapeString(k.label))
		x += 40 + 8*len(k.label)
	}
	fmt.Fprintf(&b, `<line x1="%d" y1="32" x2="%[1]d" y2="43" class="floor"/><text x="%d" y="42">the least that any client can do</text>`+"\n", x+5, x+17)
	for i, bar := range bars {
		y := plotTop + lineHeight*i
		length := min(bar.Ratio*scaleWidth, plotWidth-labelWidth-50)
		fmt.Fprintf(&b, `<text x="0" y="%d">%s</text>`+"\n", y+barHeight+5, html.EscapeString(bar.Label))
		fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%d" height="%d" class="baseline"/><text x="%d" y="%d">1</text>`+"\n",
			labelWidth, y, scaleWidth, barHeight, labelWidth+scaleWidth+6, y+barHeight-3)
		fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%.0f" height="%d" class="subject"/><text x="%.0f" y="%d">%s</text>`+"\n",
			labelWidth, y+barHeight, length, barHeight, labelWidth+length+6, y+2*barHeight-3, Ratio(bar.Ratio))
		if bar.Floor > 0 {
			at := labelWidth + bar.Floor*scaleWidth
			fmt.Fprintf(&b, `<line x1="%.0f" y1="%d" x2="%.0f" y2="%d" class="floor"/>`+"\n", at, y, at, y+2*barHeight)
		}
	}
	fmt.Fprintf(&b, `<text x="0" y="%d">Shorter is better. make bench draws this anew; docs/PERFORMANCE.md says how it is measured.</text>`+"\n</svg>\n", height-8)
	return b.String()
}
