# SPDX-License-Identifier: MIT
"""Draws horizontal stacked bars as SVG."""

from xml.sax.saxutils import escape

COLORS = ["#3465a4", "#75507b", "#8f5902", "#c4a000", "#4e9a06", "#06989a", "#f57900"]
WIDTH, LABEL_WIDTH, BAR_HEIGHT, GAP, TOP = 860, 190, 26, 14, 46
LEGEND_LINE = 20


def text(x: float, y: float, content: str, anchor: str = "start", size: int = 13) -> str:
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
            f'fill="currentColor">{escape(content)}</text>')


def bar(y: float, label: str, parts: list[tuple[str, float]], scale: float, colors: dict[str, str]) -> list[str]:
    total = sum(value for _, value in parts)
    lines = [text(LABEL_WIDTH - 10, y + BAR_HEIGHT * 0.68, label, "end")]
    x = float(LABEL_WIDTH)
    for name, value in parts:
        lines.append(f'<rect x="{x:.1f}" y="{y}" width="{max(value * scale, 0.5):.1f}" height="{BAR_HEIGHT}" '
                     f'fill="{colors[name]}"><title>{escape(name)}: {value:.0f} ms</title></rect>')
        x += value * scale
    return lines + [text(x + 6, y + BAR_HEIGHT * 0.68, f"{total / 1000:.2f} s")]


def stacked_bars(title: str, bars: list[tuple[str, list[tuple[str, float]]]], legend: dict[str, str]) -> str:
    """`bars` are (label, [(part, milliseconds), …]); `legend` says what each part is, in order."""
    colors = dict(zip(legend, COLORS))
    longest = max(sum(value for _, value in parts) for _, parts in bars)
    scale = (WIDTH - LABEL_WIDTH - 70) / longest
    bottom = TOP + len(bars) * (BAR_HEIGHT + GAP)
    height = bottom + len(legend) * LEGEND_LINE + 12
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
             f'height="{height}" font-family="sans-serif" color="#555753">',
             f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>', text(12, 26, title, size=16)]
    for index, (label, parts) in enumerate(bars):
        lines += bar(TOP + index * (BAR_HEIGHT + GAP), label, parts, scale, colors)
    for index, (name, meaning) in enumerate(legend.items()):
        y = bottom + 8 + index * LEGEND_LINE
        lines.append(f'<rect x="{LABEL_WIDTH}" y="{y}" width="12" height="12" fill="{colors[name]}"/>')
        lines.append(text(LABEL_WIDTH + 20, y + 11, f"{name}: {meaning}", size=12))
    return "\n".join(lines) + "\n</svg>\n"
