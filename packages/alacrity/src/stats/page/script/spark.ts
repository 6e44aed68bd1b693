/** Small graphs of the last minutes. What they show is also there as a number, so they are hidden from screen readers. */
export const sparkScript: string = `
const kept = 60;
const svgName = 'http://www.w3.org/2000/svg';

const spark = (className) => {
  const svg = document.createElementNS(svgName, 'svg');
  const area = document.createElementNS(svgName, 'polygon');
  const line = document.createElementNS(svgName, 'polyline');
  svg.setAttribute('viewBox', '0 0 118 24');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', 'spark ' + className);
  svg.append(area, line);
  const values = [];
  const add = (value) => {
    values.push(Number(value) || 0);
    if (values.length > kept) values.shift();
    const most = Math.max(1, ...values);
    const points = values.map((each, index) => (118 - (values.length - 1 - index) * 2) + ',' + (22 - (each / most) * 20).toFixed(1));
    const first = 118 - (values.length - 1) * 2;
    line.setAttribute('points', points.join(' '));
    area.setAttribute('points', first + ',23 ' + points.join(' ') + ' 118,23');
  };
  return { svg, add };
};
`
