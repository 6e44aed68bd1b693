/** A section of the page for each proxy, a row for each line of the statistics. Nodes are made once and then updated. */
export const tableScript: string = `
const sections = new Map();
let made = 0;

const makeRow = (row, canSelect, section) => {
  const line = element('tr', ['front', 'back', 'server'][row.type]);
  const cells = new Map();
  let box;
  if (canSelect) {
    const cell = element('td', 'select');
    if (row.type === 2) {
      box = element('input');
      box.type = 'checkbox';
      box.setAttribute('aria-label', 'Select ' + row.pxname + '/' + row.svname);
      box.addEventListener('change', () => section.count());
      cell.append(box);
    }
    line.append(cell);
  }
  const head = element('th', 'name', row.type === 2 ? row.svname : row.svname.toLowerCase());
  head.scope = 'row';
  const status = element('td', 'left status');
  const shape = element('span', 'shape');
  const word = element('span', 'word');
  const since = element('span', 'since');
  shape.setAttribute('aria-hidden', 'true');
  status.append(shape, ' ', word, ' ', since);
  const check = element('td', 'left check');
  const trend = element('td', 'left trend');
  const rate = spark('rate');
  const sessions = spark('sessions');
  const graphs = element('span', 'graphs');
  graphs.append(sessions.svg, rate.svg);
  trend.append(graphs);
  line.append(head, status, check, trend);
  for (const { column, isFirst } of flat) {
    const cell = element('td', isFirst ? 'first' : '');
    cells.set(column, cell);
    line.append(cell);
  }
  return { line, head, status, shape, word, since, check, rate, sessions, cells, box, name: row.svname, was: undefined };
};

const checkText = (row) => {
  if (row.check_status === '') return '';
  const code = row.check_code === '' ? '' : '/' + row.check_code;
  return row.check_status + code + (row.check_duration === '' ? '' : ' in ' + ms(row.check_duration));
};

/** Writes what has changed. Gives what is worth telling: that a status is another. */
const updateRow = (shown, row) => {
  const kind = kindOf(row.status);
  shown.status.dataset.kind = kind;
  write(shown.shape, kinds[kind]);
  write(shown.word, row.status);
  write(shown.since, row.lastchg === '' ? '' : duration(row.lastchg));
  write(shown.check, checkText(row));
  shown.check.title = [row.check_desc, row.last_chk].filter(Boolean).join(': ');
  if (row.addr) shown.head.title = row.addr;
  for (const [column, cell] of shown.cells) {
    const text = column.show(row[column.name], row);
    write(cell, text);
    cell.classList.toggle('nil', /^(0|0 B|0 ms|0s|–|never)$/.test(text));
  }
  shown.rate.add(row.rate);
  shown.sessions.add(row.scur);
  const was = shown.was;
  shown.was = row.status;
  shown.line.dataset.text = (row.pxname + ' ' + row.svname + ' ' + row.status).toLowerCase();
  return was === undefined || was.split(' ')[0] === row.status.split(' ')[0] ? '' : row.pxname + '/' + row.svname + ' is ' + row.status;
};

const makeSection = (name, about, canSelect, hasServers) => {
  const box = element('section', 'proxy');
  const title = element('h2', '', name);
  const head = element('div', 'title');
  const text = element('p', 'about');
  const kind = element('span', 'kind', about.kind);
  const scroller = element('div', 'scroll');
  const table = element('table');
  const body = element('tbody');
  const shown = new Map();
  const section = { name, box, body, text, shown, canSelect, count: () => {}, told: () => {} };
  section.rows = () => [...shown.values()];
  title.id = 'proxy-' + made;
  made += 1;
  box.setAttribute('aria-labelledby', title.id);
  scroller.tabIndex = 0;
  scroller.setAttribute('role', 'region');
  scroller.setAttribute('aria-label', 'Statistics of ' + name);
  head.append(title, kind, text);
  if (canSelect && hasServers) head.append(toolbar(section));
  table.append(tableHead(canSelect && hasServers), body);
  scroller.append(table);
  box.append(head, scroller);
  section.count();
  return section;
};

const sectionOf = (name, data, rows) => {
  const canSelect = data.token !== undefined;
  const hasServers = rows.some((row) => row.type === 2);
  const known = sections.get(name);
  if (known?.canSelect === canSelect) return known;
  if (known) known.box.remove();
  const section = makeSection(name, data.proxies[name] ?? { kind: '', text: '' }, canSelect, hasServers);
  section.hasBoxes = canSelect && hasServers;
  sections.set(name, section);
  return section;
};

const showProxy = (name, data, rows) => {
  const section = sectionOf(name, data, rows);
  const gone = new Set(section.shown.keys());
  const news = rows.map((row, index) => {
    const key = row.type + ' ' + row.svname;
    gone.delete(key);
    if (!section.shown.has(key)) section.shown.set(key, makeRow(row, section.hasBoxes, section));
    const shown = section.shown.get(key);
    if (section.body.children[index] !== shown.line) section.body.insertBefore(shown.line, section.body.children[index] ?? null);
    return updateRow(shown, row);
  });
  for (const key of gone) {
    section.shown.get(key).line.remove();
    section.shown.delete(key);
  }
  write(section.text, (data.proxies[name] ?? { text: '' }).text);
  if (gone.size > 0) section.count();
  return news.filter(Boolean);
};
`
