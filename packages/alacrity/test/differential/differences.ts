/** What alacrity does not do as HAProxy does, and why. */
export interface Difference {
  /** Of `show stat`. The comparison leaves these out, and no others. */
  readonly columns?: readonly (string | RegExp)[]
  /** In which rows. Default: all. */
  readonly rows?: readonly ('frontend' | 'server' | 'backend')[]
  readonly what: string
  readonly why: string
}

export const differences: readonly Difference[] = [
  {
    columns: [/^(-|h1_.*|h2_.*|ssl_.*)$/],
    what: 'the columns of the HTTP and TLS modules are missing',
    why: 'there is no HTTP and no TLS to count; HAProxy marks where its own columns end with a "-"',
  },
  {
    columns: ['need_conn_est'],
    what: 'always 0',
    why: 'HAProxy estimates how many idle HTTP connections to keep; nothing is kept idle here',
  },
  {
    what: 'bytes are counted each second, not only when a connection ends',
    why: 'a graph of long connections shows what they do; HAProxy does so with `option contstats`',
  },
  {
    what: 'a reset of one side reaches the other as a reset; HAProxy ends a client whose server resets in an orderly way, and a server that had ended before its client reset',
    why: 'half an answer must not look like a whole one',
  },
  {
    what: 'a time-out of one side ends both; HAProxy ends one and waits for the other to end, or for its time-out',
    why: 'a session that is over holds nothing any more',
  },
  {
    what: 'a client that ends its side while it waits for a server keeps waiting; HAProxy gives it up',
    why: 'it is not read before there is a server, so that nothing of it is lost; a reset ends the wait in both',
  },
  {
    what: 'a PROXY header may come in pieces, say UNKNOWN with addresses, UNSPEC, UDP or UNIX; HAProxy refuses those',
    why: "the protocol's specification allows them",
  },
  {
    what: 'a PROXY header of version 1 with a port above 65535 or half an address is refused; HAProxy takes what it can read of it',
    why: 'a wrong address in a log or an acl is worse than none',
  },
  {
    what: 'a connection with a malformed PROXY header is logged in the format of the section with `PR`; HAProxy has a line of its own for it',
    why: 'one format is easier to read by a program',
  },
  {
    what: 'round-robin begins its turns anew where HAProxy goes on, after a weight has changed: the shares are the same, the order is not',
    why: 'the smooth order is computed from the weights, and kept nowhere',
  },
  {
    what: 'the default of `maxconn` is lower by a few',
    why: 'it follows from the limit of open files, of which Node needs some for itself',
  },
]
