/** The picture beside a table of the desk: it draws, with uPlot, the rows of it that ask for it, and knows no other numbers. */

const TALL = 240, AXIS = 44, BAR = [0.36, 44], LETTERS = '13px system-ui, sans-serif';
// Told apart by filled and hollow, and by colour only then.
const COLOURS = [['--accent', '--accent'], ['--canal', '--canal-soft']];

class CountsPicture extends HTMLElement {
  connectedCallback() {
    this.dark = matchMedia('(prefers-color-scheme: dark)');
    this.again = () => this.draw();
    this.dark.addEventListener('change', this.again);
    this.width = new ResizeObserver(() => this.plot?.setSize({width: this.clientWidth, height: TALL}));
    this.width.observe(this);
    this.draw();
  }

  disconnectedCallback() {
    this.dark.removeEventListener('change', this.again);
    this.width.disconnect();
    this.plot?.destroy();
    this.plot = null;
  }

  draw() {
    this.plot?.destroy();
    const table = document.getElementById(this.getAttribute('table'));
    const heads = this.told(table.tHead.rows[0]).map((text) => text.split(' ', 2).join('\n'));
    const rows = [...table.querySelectorAll('tr[data-drawn]')];
    const places = heads.map((_, i) => i);
    const [text, border] = [this.colour('--text'), this.colour('--border')];
    const series = rows.map((row, i) => this.bars(row.cells[0].textContent, i));
    this.plot = new uPlot({
      width: this.clientWidth, height: TALL, series: [{}, ...series], cursor: {show: false}, legend: {live: false},
      scales: {x: {time: false, range: [-0.5, heads.length - 0.5]}, y: {range: (_, least, most) => [0, Math.max(most, 1)]}},
      axes: [
        {splits: places, values: () => heads, size: AXIS, font: LETTERS, stroke: text, grid: {show: false}, ticks: {show: false}},
        {font: LETTERS, size: AXIS, stroke: text, grid: {stroke: border}, ticks: {show: false}, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500]},
      ],
    }, [places, ...rows.map((row) => this.told(row).map((text) => Number(text) || null))], this);
  }

  /** What the cells of a row say, after what it is called and, where a table has one, its sum. */
  told(row) {
    return [...row.cells].slice(this.hasAttribute('sums') ? 2 : 1).map((cell) => cell.textContent);
  }

  bars(label, i) {
    const [stroke, fill] = COLOURS[i].map((name) => this.colour(name));
    return {label, stroke, fill, width: 2, points: {show: false}, paths: uPlot.paths.bars({size: BAR, align: i ? 1 : -1})};
  }

  colour(name) {
    return getComputedStyle(this).getPropertyValue(name);
  }
}

customElements.define('counts-picture', CountsPicture);
