/** The columns, in HAProxy's groups; status and check stand beside the name, where one looks first. */
export const columnsScript: string = `
const plain = (name, title, show, about) => ({ name, title, show, about });
const groups = [
  ['Queue', [plain('qcur', 'Cur', count), plain('qmax', 'Max', count), plain('qlimit', 'Limit', (value, row) => (row.qcur === '' || row.type === 1 ? '' : limit(value)))]],
  ['Session rate', [plain('rate', 'Cur', count), plain('rate_max', 'Max', count), plain('rate_lim', 'Limit', (value) => (value === '' ? '' : limit(value)))]],
  ['Sessions', [
    plain('scur', 'Cur', count),
    plain('smax', 'Max', count),
    plain('slim', 'Limit', limit),
    plain('stot', 'Total', count),
    plain('lbtot', 'LbTot', count, 'Times that balancing has chosen it'),
    plain('lastsess', 'Last', duration, 'How long ago the last one began'),
  ]],
  ['Bytes', [plain('bin', 'In', bytes), plain('bout', 'Out', bytes)]],
  ['Denied', [plain('dreq', 'Req', count, 'Requests'), plain('dresp', 'Resp', count, 'Responses')]],
  ['Errors', [plain('ereq', 'Req', count, 'Requests'), plain('econ', 'Conn', count, 'Connections to servers'), plain('eresp', 'Resp', count, 'Responses')]],
  ['Warnings', [plain('wretr', 'Retr', count, 'Retries'), plain('wredis', 'Redis', count, 'Redispatches')]],
  ['Aborts', [plain('cli_abrt', 'Client', count), plain('srv_abrt', 'Server', count)]],
  ['Average time', [plain('qtime', 'Queue', ms), plain('ctime', 'Connect', ms), plain('ttime', 'Total', ms)]],
  ['Server', [
    plain('weight', 'Wght', count, 'Weight'),
    plain('act', 'Act', count, 'Active'),
    plain('bck', 'Bck', count, 'Backup'),
    plain('chkfail', 'Chk', count, 'Failed checks'),
    plain('chkdown', 'Dwn', count, 'Times it went down'),
    plain('downtime', 'Dwntme', duration, 'How long it was down'),
    plain('throttle', 'Thrtle', (value) => (value === '' ? '' : value + ' %'), 'Slow start'),
  ]],
];
const flat = groups.flatMap((group) => group[1].map((column, index) => ({ column, isFirst: index === 0 })));

const headCell = (text, scope, span, about) => {
  const cell = element('th', '', text);
  cell.scope = scope;
  if (span > 1) cell.colSpan = span;
  if (about) cell.title = about;
  return cell;
};

const tableHead = (canSelect) => {
  const head = element('thead');
  const upper = element('tr', 'groups');
  const lower = element('tr');
  const lead = canSelect ? ['Select', 'Name', 'Status', 'Last check', 'Trend'] : ['Name', 'Status', 'Last check', 'Trend'];
  for (const title of lead) {
    const cell = headCell(title, 'col', 1);
    cell.rowSpan = 2;
    cell.className = title === 'Name' ? 'name' : title === 'Select' ? 'select' : 'left';
    if (title === 'Trend') cell.title = 'Session rate of the last minutes, sessions as an area';
    upper.append(cell);
  }
  for (const [title, columns] of groups) {
    const cell = headCell(title, 'colgroup', columns.length);
    cell.className = 'first';
    upper.append(cell);
  }
  for (const { column, isFirst } of flat) {
    const cell = headCell(column.title, 'col', 1, column.about);
    if (isFirst) cell.className = 'first';
    lower.append(cell);
  }
  head.append(upper, lower);
  return head;
};
`
