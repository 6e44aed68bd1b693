import type { CheckStatus } from './contract.ts'

const descriptions: Readonly<Record<CheckStatus, string>> = {
  UNK: 'Unknown',
  INI: 'Initializing',
  SOCKERR: 'Socket error',
  L4OK: 'Layer4 check passed',
  L4TOUT: 'Layer4 timeout',
  L4CON: 'Layer4 connection problem',
  L6OK: 'Layer6 check passed',
  L6TOUT: 'Layer6 timeout',
  L6RSP: 'Layer6 invalid response',
  L7OK: 'Layer7 check passed',
  L7OKC: 'Layer7 check conditionally passed',
  L7TOUT: 'Layer7 timeout',
  L7RSP: 'Layer7 invalid response',
  L7STS: 'Layer7 wrong status',
  HANA: 'Health analyze',
}

/** The CSV's `check_desc`, and the reason in a log line. */
export function checkDescription(status: CheckStatus): string {
  return descriptions[status]
}
