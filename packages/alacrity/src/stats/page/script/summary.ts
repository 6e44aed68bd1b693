/** What stands above the tables: of the whole process. */
export const summaryScript: string = `
const tiles = new Map();

const tile = (title) => {
  const known = tiles.get(title);
  if (known) return known;
  const box = element('div', 'tile');
  const value = element('span', 'value');
  const small = element('span', 'small');
  const term = element('dt', '', title);
  const data = element('dd');
  const graph = spark('wide');
  data.append(value, small, graph.svg);
  box.append(term, data);
  byId('summary').append(box);
  const made = { value, small, graph, box };
  tiles.set(title, made);
  return made;
};

const showTile = (title, value, small, measured) => {
  const { value: valueNode, small: smallNode, graph, box } = tile(title);
  write(valueNode, value);
  write(smallNode, small);
  if (measured === undefined) box.classList.add('flat');
  else graph.add(measured);
};

let lastBytes;

/** Bytes in a second, of all frontends, from one look to the next. */
const byteRate = (rows) => {
  const fronts = rows.filter((row) => row.type === 0);
  const now = { at: performance.now(), sum: fronts.reduce((sum, row) => sum + Number(row.bin) + Number(row.bout), 0) };
  const before = lastBytes;
  lastBytes = now;
  return before && now.at > before.at ? Math.max(0, ((now.sum - before.sum) * 1000) / (now.at - before.at)) : 0;
};

const summarise = (data, rows) => {
  const info = data.info;
  const servers = rows.filter((row) => row.type === 2);
  const well = servers.filter((row) => /^(UP|no check)/.test(row.status)).length;
  const rate = byteRate(rows);
  showTile('Connections', count(info.CurrConns ?? 0), 'of ' + count(info.Maxconn ?? 0), info.CurrConns ?? 0);
  showTile('Connection rate', count(info.ConnRate ?? 0) + ' /s', 'max ' + count(info.MaxConnRate ?? 0), info.ConnRate ?? 0);
  showTile('Session rate', count(info.SessRate ?? 0) + ' /s', 'max ' + count(info.MaxSessRate ?? 0), info.SessRate ?? 0);
  showTile('Throughput', bytes(Math.round(rate)) + '/s', 'in and out', rate);
  showTile('Servers', well + ' / ' + servers.length, 'take connections');
  showTile('Uptime', duration(info.Uptime_sec ?? 0), 'pid ' + (info.Pid ?? '?') + ', ' + (info.Nbthread ?? 1) + ' threads');
  showTile('Limits', count(info.Maxconn ?? 0), 'connections, ' + count(info['Ulimit-n'] ?? 0) + ' files');
  const about = [info.Version, data.node && 'on ' + data.node, data.description].filter(Boolean).join(' ');
  write(byId('name'), String(info.Name ?? 'alacrity'));
  write(byId('about'), about);
  document.title = (info.Name ?? 'alacrity') + ': statistics' + (data.node ? ' of ' + data.node : '');
};
`
