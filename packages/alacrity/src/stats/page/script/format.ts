/** How values are written. */
export const formatScript: string = String.raw`
const byId = (id) => document.getElementById(id);

/** An element with text: the only way a value comes into the page. */
const element = (name, className, text) => {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
};

const write = (node, text) => {
  if (node.textContent !== text) node.textContent = text;
};

const grouped = new Intl.NumberFormat('en-US');
const count = (value) => (value === '' ? '' : grouped.format(Number(value)));
const limit = (value) => (value === '' || Number(value) === 0 ? '–' : count(value));

const bytes = (value) => {
  if (value === '') return '';
  let size = Number(value);
  let unit = 0;
  while (size >= 1000 && unit < 5) {
    size /= 1000;
    unit += 1;
  }
  return (unit === 0 ? String(size) : size.toFixed(size < 10 ? 2 : size < 100 ? 1 : 0)) + ' ' + ['B', 'kB', 'MB', 'GB', 'TB', 'PB'][unit];
};

const ms = (value) => (value === '' ? '' : count(value) + ' ms');

const duration = (value) => {
  if (value === '' || Number(value) < 0) return value === '' ? '' : 'never';
  const seconds = Math.floor(Number(value));
  const parts = [
    [Math.floor(seconds / 86400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ].filter((part) => part[0] > 0);
  return parts.length === 0 ? '0s' : parts.slice(0, 2).map((part) => part[0] + part[1]).join(' ');
};

/** Status: its colour and its shape. */
const kinds = {
  good: '●',
  warn: '◐',
  bad: '✕',
  drain: '◆',
  maint: '■',
  none: '○',
};
const kindOf = (status) => {
  if (/^(UP|DOWN) \d/.test(status) || status.startsWith('NOLB')) return 'warn';
  if (/^(UP|OPEN)/.test(status)) return 'good';
  if (status.startsWith('DOWN')) return 'bad';
  if (status.startsWith('DRAIN')) return 'drain';
  if (/^(MAINT|STOP|PAUSED|FULL)/.test(status)) return 'maint';
  return 'none';
};
`
